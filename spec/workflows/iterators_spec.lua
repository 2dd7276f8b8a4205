-- Going through lists, and the catalogue of avatars.
local aistudios = require "aistudios"
local errors = require "aistudios.error"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, client

before_each(function()
  server = sandbox.start { render_seconds = 0.1 }
  client = support.client(server)
end)

after_each(function()
  client:close()
  server:close()
end)

describe("a loop over projects", function()
  it("sees each of them, or those that fit", function()
    for i = 1, 3 do
      local project = support.project()
      project.name = "number " .. i
      local id = assert(client:create_project(project)).project_id
      assert(client:wait_for_video(id, { interval = 0.05 }))
    end
    local names = {}
    for project in client:projects() do names[#names + 1] = project.name end
    table.sort(names)
    assert.same({ "number 1", "number 2", "number 3" }, names)
    local count = 0
    for project in client:projects { name = "number 2" } do
      count = count + 1
      assert.equal("exported", project.state)
      assert.equal("string", type(project.project_id))
    end
    assert.equal(1, count)
  end)

  it("of a wrong filter raises where it is begun", function()
    for said, begin in pairs {
      ["projects: a table"] = function() client:projects "exported" end,
      ["sessions: options must be a table"] = function() client:sessions "active" end,
      ["did you mean 'page_size'"] = function() client:sessions { pagesize = 3 } end,
      ["'type' must be \"active\""] = function() client:sessions { type = "old" } end,
    } do
      local ok, message = pcall(begin)
      assert.is_false(ok)
      assert.truthy(message:find("^[^\n]*iterators_spec%.lua:%d+: "), message)
      assert.truthy(message:find(said, 1, true), message)
    end
  end)

  it("over none is over at once", function()
    for _ in client:projects() do error "there is none" end
  end)

  it("raises the error object, for a loop has nowhere to return it to", function()
    server:fault { on = "list_projects", kind = "success_false" }
    local ok, err = pcall(function() for _ in client:projects() do error "none" end end)
    assert.is_false(ok)
    assert.is_true(errors.is(err))
    assert.equal("api", err.kind)
  end)
end)

describe("a loop over sessions", function()
  it("fetches pages as it needs them", function()
    local open = {}
    for i = 1, 7 do open[i] = assert(client:session { avatar_id = "avatar" }) end
    local seen = {}
    for session in client:sessions { type = "active", page_size = 3 } do
      seen[session.session_id] = true
    end
    for _, session in ipairs(open) do assert.is_true(seen[session.id]) end
    assert.equal(3, #support.requests(server, "list_sessions"))
    local first = client:sessions { page_size = 3 }
    first()
    assert.equal(4, #support.requests(server, "list_sessions"))
    for _, session in ipairs(open) do session:close() end
    for _ in client:sessions { type = "active" } do error "all are closed" end
  end)
end)

describe("the catalogue", function()
  it("is fetched once an hour", function()
    local models = assert(client:models())
    assert.is_true(#models > 0)
    assert.equal(models, client:models())
    assert.equal(1, #support.requests(server, "list_models"))
    local job = client.async:models()
    assert.is_true(job:wait(5))
    assert.equal(models, job:result())
  end)

  it("finds by id or label, and suggests", function()
    local models = assert(client:models())
    local one = models[1]
    assert.equal(one, models:find(one.id or one.modelId))
    assert.equal(one, models:find(tostring(one.label):upper()))
    local id = one.id or one.modelId
    local found, err = models:find(id:sub(1, -2))
    assert.is_nil(found)
    assert.equal("invalid", err.kind)
    assert.truthy(err.message:find("did you mean '" .. id:sub(1, 4), 1, true))
  end)
end)

describe("lists of the service", function()
  it("read as lists, in whatever shape they come", function()
    for _, name in ipairs { "list_models", "list_models_detailed", "list_business_templates",
      "list_workspaces" } do
      local result = assert(client[name](client))
      assert.is_true(#result > 0, name)
      assert.equal(result[1], result[aistudios.api[name].answer.list][1])
    end
    assert.is_true(#assert(client:list_automation_templates { category = "business" }) > 0)
  end)

  it("are asked for as GET when POST is refused", function()
    server:fault { on = "list_automation_templates", kind = "status", status = 405 }
    assert.is_true(#assert(client:list_automation_templates { category = "social",
      fileBackground = false }) > 0)
    local seen = support.requests(server, "list_automation_templates")
    assert.equal("POST", seen[1].method)
    assert.equal("GET", seen[2].method)
    assert.equal("false", seen[2].query.fileBackground)
  end)
end)
