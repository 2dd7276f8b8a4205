-- aistudios projects, models, templates, delete, api: what is in the account.
local aistudios = require "aistudios"
local command = require "spec.support.command"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, world

before_each(function ()
  server = assert(sandbox.start { render_seconds = 0.2 })
  world = command.world(server)
end)

after_each(function () server:close() end)

local function create(name)
  local client <close> = support.client(server)
  local project = dofile "spec/examples/project.lua"
  project.name = name
  return client:create_project(project).project_id
end

describe("aistudios projects", function ()
  it("lists a line each, as JSON and as text that cannot drive a terminal", function ()
    local id = create "\27]0;title\7 \u{202E}evil\u{61C}\u{9B}31m"
    create "second"
    server:advance(5)
    local ended = command.run(world, { "projects" })
    assert.equal(0, ended.code, ended.err)
    assert.equal(2, #ended.lines)
    ended = command.run(world, { "projects", "--text" })
    assert.is_nil(ended.out:find "[\27\7\x9B]", ended.out)
    assert.is_nil(ended.out:find("\u{202E}", 1, true))
    assert.is_nil(ended.out:find("\u{61C}", 1, true))
    assert.truthy(ended.out:find(id, 1, true))
    ended = command.run(world, { "projects", "--state", "no-such-state" })
    assert.same({ 0, "" }, { ended.code, ended.out })
  end)
end)

describe("aistudios models and templates", function ()
  it("list what can be chosen from", function ()
    local models = command.run(world, { "models" })
    assert.equal(0, models.code, models.err)
    assert.equal("M000045058", models.lines[1].id)
    local text = command.run(world, { "models", "--text", "--language", "en" })
    assert.truthy(text.out:find("M000045058  Jonathan  en ko", 1, true), text.out)
    server:fault { on = "list_models", kind = "status", status = 400 }
    text = command.run(world, { "models", "--text", "--language", "ko" })
    assert.truthy(text.out:find("M000045058  Jonathan  en ko", 1, true), text.out)
    text = command.run(world, { "models", "--language", "xx" })
    assert.same({ 0, "" }, { text.code, text.out })
    local templates = command.run(world, { "templates" })
    assert.equal("Business 1", templates.lines[1].name)
    templates = command.run(world, { "templates", "--category", "social" })
    assert.equal("social 1", templates.lines[1].name)
    assert.equal(2, command.run(world, { "templates", "--category", "nonsense" }).code)
  end)
end)

describe("aistudios delete", function ()
  it("ends with 0 only when all are gone", function ()
    local a, b = create "a", create "b"
    local ended = command.run(world, { "delete", a })
    assert.equal(0, ended.code, ended.err)
    assert.equal(1, ended.lines[1].deleted)
    ended = command.run(world, { "delete", a, b })
    assert.equal(8, ended.code, ended.err)
    assert.equal(2, command.run(world, { "delete" }).code)
  end)
end)

describe("aistudios api", function ()
  it("prints an empty list as one, also within an answer", function ()
    world.environment.AISTUDIOS_STREAMING_URL = server.url
    for _, form in ipairs { "--text", "--json" } do
      for _, name in ipairs { "list_projects", "list_sessions" } do
        assert.equal("[]\n", command.run(world, { "api", name, form }).out)
      end
    end
    local web <close> = setmetatable({ nginx = support.nginx { tls = false, server = [[
      location = /api/odin/v3/auth/token { return 200 '{"success":true,"data":{"token":"t"}}'; }
      location / { return 200 '{"success":true,"data":[{"_id":"a","tags":[],"more":[{"none":[],
        "object":{}}]}]}'; }]] } }, { __close = function (web) web.nginx:close() end })
    world.environment.AISTUDIOS_BASE_URL = web.nginx.url
    local item = '{"_id":"a","more":[{"none":[],"object":{}}],"project_id":"a","tags":[]}'
    assert.equal("[" .. item .. "]\n", command.run(world, { "api", "list_projects" }).out)
    assert.equal(item .. "\n", command.run(world, { "projects" }).out)
    local ended = command.run(world, { "api", "list_projects", "--text" })
    assert.equal(item, aistudios.encode(aistudios.decode(ended.out)[1], { sort_keys = true }))
  end)

  it("lists every call", function ()
    local ended = command.run(world, { "api" })
    assert.equal(0, ended.code)
    assert.equal(42, #ended.lines)
  end)

  it("makes a call from fields, typed as the call has them", function ()
    local ended = command.run(world, { "api", "topic_to_video", "topic=Tea = good",
      "options.duration=30", "options.voiceOnly=true", "options.style=anime" })
    assert.equal(0, ended.code, ended.err)
    assert.truthy(ended.lines[1].project_id)
    local body = aistudios.decode(server:requests "topic_to_video"[1].body)
    assert.same({ topic = "Tea = good",
      options = { duration = 30, voiceOnly = true, style = "anime" } }, body)
  end)

  it("takes an identity, and JSON from text, file and standard input", function ()
    local id = create "a"
    local ended = command.run(world, { "api", "get_project", "projectId=" .. id })
    assert.equal(id, ended.lines[1].project_id, ended.err)
    ended = command.run(world, { "api", "generate_text", "-d", '{"topic": "Tea"}' })
    assert.equal(0, ended.code, ended.err)
    support.write_file(world.at .. "/f.json", '{"topic": "File"}')
    assert.equal(0, command.run(world, { "api", "generate_text", "-d", "@f.json" }).code)
    ended = command.run(world, { "api", "generate_text", "-d", "@-", "topic=Over" },
      '{"topic": "Input"}')
    assert.equal(0, ended.code, ended.err)
    local last = server:requests "generate_text"[3]
    assert.equal("Over", aistudios.decode(last.body).topic)
    ended = command.run(world, { "api", "delete_projects", "ids[]=" .. id, "ids[]=x" })
    assert.equal(1, ended.lines[1].deletedCount, ended.err)
  end)

  it("takes fields besides the identity, and JSON for a field", function ()
    local id = create "a"
    local ended = command.run(world, { "api", "export_project", "projectId=" .. id,
      "resolution=720" })
    assert.equal(0, ended.code, ended.err)
    assert.equal("720", aistudios.decode(server:requests "export_project"[1].body).resolution)
    ended = command.run(world, { "api", "topic_to_video", "topic:=5" })
    assert.equal(2, ended.code, ended.err)
    ended = command.run(world, { "api", "topic_to_video", "topic:=\"Tea\"",
      'options={"duration": 30}' })
    assert.equal(0, ended.code, ended.err)
    assert.same({ topic = "Tea", options = { duration = 30 } },
      aistudios.decode(server:requests "topic_to_video"[1].body))
  end)

  it("uploads files and brings files home", function ()
    support.write_file(world.at .. "/a.pdf", "%PDF-1.4")
    local ended = command.run(world, { "api", "create_from_document", "file=@a.pdf" })
    assert.equal(0, ended.code, ended.err)
    ended = command.run(world, { "api", "generate_image", "topic=Tea", "--to", "a.png" })
    assert.equal(0, ended.code, ended.err)
    assert.is_true(support.exists(world.at .. "/a.png"))
  end)

  it("refuses like the method, before anything is sent", function ()
    for wanted, arguments in pairs {
      ["did you mean 'get_project'"] = { "get_projekt" },
      ["projectId"] = { "get_project" },
      ["topic"] = { "generate_text" },
      ["must be a number"] = { "topic_to_video", "topic=a", "options.speed=fast" },
      ["must be JSON"] = { "create_project", "scenes={" },
      ["topic must be JSON"] = { "generate_text", "topic:={" },
      ["is no field"] = { "get_project", "nonsense" },
      ["JSON object"] = { "generate_text", "-d", "5" },
    } do
      local ended = command.run(world, { "api", table.unpack(arguments) })
      assert.equal(2, ended.code, wanted)
      assert.equal(2, ended.notes[1].code)
      assert.truthy(ended.notes[1].message:find(wanted, 1, true), ended.err)
    end
    assert.equal(0, #server:requests())
  end)
end)
