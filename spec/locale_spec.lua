-- No locale of the host changes a number that is sent or read, whenever the
-- host sets it. (make deps makes one with a decimal comma.)
local aistudios = require "aistudios"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"
local url = require "aistudios.util.url"

local COMMA = "de_DE.UTF-8"

-- Some of them need more than one rounding, so that the C library reads them.
local NUMBERS = { [0.5] = "0.5", [66.7] = "66.7", [1e-7] = "1e-7",
  [12345678901234567.5] = "12345678901234568", [66.66666666666667] = "66.66666666666667",
  [1.7976931348623157e308] = "1.7976931348623157e308" }

local function check_numbers()
  assert.same({ 1920, 1080 }, aistudios.decode "[1920,1080]")
  assert.same({ 1, 5 }, aistudios.decode "[1,5]")
  for value, text in pairs(NUMBERS) do
    assert.equal(value, aistudios.decode(text), text)
    assert.equal(text, aistudios.encode(value), text)
  end
  assert.same({ progress = 66.7, state = "x" },
    aistudios.decode '{"progress":66.7,"state":"x"}')
  assert.equal("?speed=1%2E5", url.query { speed = 1.5 })
end

describe("a locale with a decimal comma", function()
  after_each(function() os.setlocale "C" end)

  it("is there for these tests", function()
    assert.truthy(os.setlocale(COMMA), "no locale " .. COMMA .. ": make deps")
    assert.equal("1,5", ("%.1f"):format(1.5))
  end)

  it("changes no number, set before and after the first text", function()
    for _, locale in ipairs { "C", COMMA, "C" } do
      assert(os.setlocale(locale))
      check_numbers()
    end
  end)

  it("changes no number when it is set before the module is loaded", function()
    local said = support.run(([[%s - 2>&1 <<'END'
      assert(os.setlocale "%s")
      local aistudios = require "aistudios"
      local list = aistudios.decode "[1920,1080,66.7,12345678901234.5678]"
      print(#list, aistudios.encode(list))
END]]):format(support.lua, COMMA))
    assert.equal("4\t[1920,1080,66.7,12345678901234.568]", said)
  end)

  it("changes nothing that is sent, in a body, a form or a query", function()
    local server <close> = sandbox.start {}
    local client <close> = support.client(server)
    assert(os.setlocale(COMMA))
    local project = support.project()
    project.scenes[1].clips[1].left = 12.5
    assert(client:create_project(project))
    local path = support.directory "locale" .. "/a.pdf"
    support.write_file(path, "content")
    client:create_from_document { file = path, scale = 1.5 }
    client:create_from_template("65fa6b07dca2e367461a2925", { scale = 1.5 })
    os.setlocale "C"
    local sent = support.requests(server, "create_project")[1].body
    assert.truthy(sent:find('"left":12.5', 1, true))
    for _, part in ipairs(support.requests(server, "create_from_document")[1].parts) do
      if part.name == "scale" then assert.equal("1.5", part.data) end
    end
    assert.equal("1.5", support.requests(server, "create_from_template")[1].query.scale)
  end)

  it("changes no limit that an error tells", function ()
    local server <close> = sandbox.start {}
    local client <close> = support.client(server, { timeout = { total = 0.25 }, retries = 0 })
    server:fault { on = "list_projects", kind = "slow", seconds = 2 }
    assert(os.setlocale(COMMA))
    local _, err = client:list_projects()
    os.setlocale "C"
    assert.truthy(err.message:find("within 0.25 s", 1, true), err.message)
  end)

  it("changes nothing in the sandbox, whatever bytes a request has", function()
    local server <close> = sandbox.start { render_seconds = 30 }
    assert(os.setlocale(COMMA))
    local json = require "aistudios.sandbox.json"
    local value, message = json.decode '{"a":[1,5,66.7],"b":"\xFF"}'
    assert.same({ a = { 1, 5, 66.7 }, b = "\u{FFFD}" }, value)
    assert.is_string(message)
    assert.equal('{"a":[1,66.7],"b":"x\u{FFFD}\u{FFFD}y"}',
      json.encode { a = { 1, 66.7 }, b = "x\xFF\xFEy" })
    assert.is_nil(json.decode '{"a":NaN}')
    assert.equal(404, select(2, support.client(server):get_progress "nobody").status)
  end)

  it("changes nothing that is drawn or said of a project", function()
    local function uneven(value, name) -- fractions wherever a clip has numbers
      if math.type(value) == "float" or name == "left" or name == "top" or name == "rotate" then
        return value + 0.25
      end
      if type(value) ~= "table" then return value end
      local out = setmetatable({}, getmetatable(value))
      for key, inner in pairs(value) do out[key] = uneven(inner, key) end
      return out
    end
    local function all_of(project)
      local _, found = aistudios.check(project)
      local drawn = { aistudios.storyboard(project),
        aistudios.storyboard { support.project(), project } }
      if project.scenes and project.scenes[1] then
        drawn[3] = aistudios.storyboard.svg(project, 1, { at = 0.35 })
      end
      for _, problem in ipairs(found.problems or found) do drawn[#drawn + 1] = problem.message end
      return drawn
    end
    local count = 0
    for _, file in ipairs { "good", "storyboards" } do
      for name, make in pairs(require("spec.fixtures.projects." .. file)) do
        local project = uneven(type(make) == "function" and make() or make)
        local expected = all_of(project)
        assert(os.setlocale(COMMA))
        local drawn = all_of(project)
        os.setlocale "C"
        assert.same(expected, drawn, file .. " " .. name)
        count = count + 1
      end
    end
    assert.is_true(count > 6)
    local rows = { rows = { { name = "A" }, { name = "A longer one" } } }
    local template = uneven(support.project())
    template.name = "{{name}}"
    local expected = aistudios.storyboard(template, rows)
    assert(os.setlocale(COMMA))
    assert.equal(expected, aistudios.storyboard(template, rows))
  end)

  it("changes nothing that an error says, and no name of a film", function ()
    local refusal = require "aistudios.endpoints.refusal"
    local film_names = require "aistudios.batch.film_names"
    local server <close> = sandbox.start { render_seconds = 30 }
    local client <close> = support.client(server)
    local id = assert(client:create_project(support.project())).project_id
    local function texts()
      local all = { film_names.path("{x}", { x = 1.5 }), film_names.text(1.5), film_names.text(7),
        select(2, refusal.read { success = false, error = { message = 1.5 } }),
        select(2, pcall(aistudios.new, { max_in_flight = 0.5 })),
        select(2, pcall(aistudios.new, { timeout = { total = -0.5 } })) }
      all[#all + 1] = select(2, aistudios.check { name = 1.5 }).message
      all[#all + 1] = select(2, client:wait_for_video(id, { deadline = 0.25, interval = 0.1 }))
        .message:gsub("at %d+%.?%d* %%", "at some %%")
      return all
    end
    local expected = texts()
    assert(os.setlocale(COMMA))
    assert.same(expected, texts())
  end)

  it("does not change what an answer says", function()
    local server <close> = sandbox.start { render_seconds = 30 }
    local client <close> = support.client(server)
    local id = assert(client:create_project(support.project())).project_id
    server:fault { on = "get_progress", kind = "status", status = 200,
      body = '{"success":true,"data":{"progress":66.7,"state":"x"}}' }
    assert(os.setlocale(COMMA))
    assert.equal(66.7, assert(client:get_progress(id)).progress)
  end)
end)
