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

  it("passes over what is no project", function()
    server:fault { on = "list_projects", kind = "status", status = 200, times = 2,
      body = [[{"success":true,"data":{"projects":[1,false,"x",{"projectId":"a","state":"s"}]}}]] }
    for _, filter in ipairs { {}, { state = "s" } } do
      local ids = {}
      for project in client:projects(filter) do ids[#ids + 1] = project.project_id end
      assert.same({ "a" }, ids)
    end
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
  it("reads a count that is a text", function()
    server:fault { on = "list_sessions", kind = "status", status = 200,
      body = [[{"code":1000,"data":{"results":[{"id":"a"}],"count":"1","next":"x"}}]] }
    local count = 0
    for _ in client:sessions() do count = count + 1 end
    assert.equal(1, count)
  end)

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
    assert.same(models, client:models())
    assert.equal(1, #support.requests(server, "list_models"))
    local job = client.async:models()
    assert.is_true(job:wait(5))
    assert.same(models, job:result())
  end)

  it("is the caller's own", function()
    local models = assert(client:models())
    models[1].label, models[1].clothes[1].id = "mine", "mine"
    models[2] = nil
    local again = assert(client:models())
    assert.equal(3, #again)
    assert.are_not.equal("mine", again[1].label)
    assert.are_not.equal("mine", again[1].clothes[1].id)
    assert.equal(1, #support.requests(server, "list_models"))
  end)

  it("knows clothes and languages, and can be encoded", function()
    local models = assert(client:models())
    assert.equal("BG00002320", models:find "Jonathan".clothes[1].id)
    assert.same({ "en", "ko" }, models[1].languages)
    for code, count in pairs { en = 3, ko = 3, ["en-US"] = 3, EN = 3, de = 0, e = 0 } do
      assert.equal(count, #models:by_language(code), code)
    end
    assert.truthy(models:by_language "en":find "Ian")
    assert.equal("[", assert(aistudios.encode(models)):sub(1, 1))
  end)

  it("tells the one language that the service tells", function()
    server:fault { on = "list_models_detailed", kind = "status", status = 200, act = true,
      body = [[{"success":true,"data":{"models":[{"id":"A","language":"en-US"},
        {"id":"B","language":["ko","ja"]},{"id":"C","label":{"zh":"x"}},{"id":"D"}]}}]] }
    local models = assert(client:models())
    assert.equal("en-US", models:find "A".language)
    assert.equal("zh", models:find "C".language)
    assert.is_nil(models:find "D".language)
    assert.equal("A", models:by_language "en"[1].id)
    assert.equal("B", models:by_language "ja"[1].id)
  end)

  it("is not kept while one of the lists is missing", function()
    server:fault { on = "list_models_detailed", kind = "status", status = 400 }
    assert.is_nil(assert(client:models()):find "Jonathan".clothes)
    assert.truthy(assert(client:models()):find "Jonathan".clothes)
    assert.equal(2, #support.requests(server, "list_models"))
    assert(client:models())
    assert.equal(2, #support.requests(server, "list_models"))
  end)

  it("passes over what is no avatar", function()
    server:fault { on = "list_models", kind = "status", status = 200,
      body = [[{"success":true,"data":{"models":[1,true,{"id":"A"},{"id":["x"]},{"label":5}]}}]] }
    local models = assert(client:models())
    assert.equal("A", models:find "A".id)
    assert.is_nil((models:find "Nobody"))
  end)

  it("needs only one of the API's two lists", function()
    for _, on in ipairs { "list_models", "list_models_detailed" } do
      server:fault { on = on, kind = "status", status = 404 }
      local own <close> = support.client(server)
      assert.equal(3, #assert(own:models()))
    end
    server:fault { on = "list_models", kind = "status", status = 404 }
    server:fault { on = "list_models_detailed", kind = "status", status = 404 }
    assert.equal(404, select(2, client:models()).status)
  end)

  it("fits the builder", function()
    local project = aistudios.project { name = "x" }
    project:scene { background = "#000000" }
      :avatar { model = assert(client:models())[1], say = "Hi" }
    assert(aistudios.check(project))
    assert(client:create_project(project))
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
  it("are the caller's own, and can be encoded", function()
    for _, name in ipairs { "list_models", "list_projects", "list_models_detailed",
      "list_workspaces" } do
      local result = assert(client[name](client))
      local text = assert(aistudios.encode(result), name)
      assert.same(#result, #aistudios.decode(text))
      assert.is_not_nil(result.raw)
    end
  end)

  it("have no null items", function()
    server:fault { on = "list_models", kind = "status", status = 200, act = true,
      body = '{"success":true,"data":[null,{"id":"A"},null,{"id":"B"}]}' }
    local result = assert(client:list_models())
    assert.equal(2, #result)
    assert.equal("B", result[2].id)
  end)

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
