-- From a caller's table to the one that is sent.
local aistudios = require "aistudios"
local api = require "aistudios.endpoints"
local fields = require "aistudios.endpoints.validate"

local function problems(name, given)
  local row = api[name]
  local list = {}
  for i, problem in ipairs(fields.check(row, fields.body(row, given)) or {}) do
    list[i] = problem.path .. ": " .. problem.message
  end
  return list
end

describe("the fields of a request", function()
  it("leave the caller's table as it is", function()
    local updates = { { sceneIdx = 0, type = "textImage", values = {} } }
    local given = { updates = updates }
    local body = fields.body(api.edit_project, given)
    assert.same({ updates = updates }, given)
    assert.is_true(rawequal(given.updates, updates))
    assert.is_true(rawequal(body.updates.value, updates))
  end)

  it("always say whether to export", function()
    assert.is_true(fields.body(api.create_project, {}).isExport)
    assert.is_false(fields.body(api.create_project, { isExport = false }).isExport)
    assert.is_true(fields.body(api.edit_project, {}).isExport)
  end)

  it("wrap a list of updates and leave an object as it is", function()
    local wrapped = { value = {} }
    assert.is_true(rawequal(wrapped, fields.body(api.edit_project, { updates = wrapped }).updates))
    assert.same({ value = {} }, fields.body(api.edit_project, { updates = {} }).updates)
  end)

  it("are read through __pairs", function()
    local proxy = setmetatable({}, { __pairs = function() return next, { name = "shown" } end })
    assert.equal("shown", fields.body(api.create_project, proxy).name)
  end)

  it("that the API does not document pass", function()
    assert.same({}, problems("export_project", { whatever = { 1, 2 } }))
  end)

  it("holds what is written over clips to the ranges of their fields", function()
    local sandbox, support = require "aistudios.sandbox", require "spec.support"
    local server <close> = assert(sandbox.start { render_seconds = 0 })
    local client <close> = support.client(server)
    local unchecked <close> = support.client(server, { check = false })
    local id = assert(client:create_project(support.project())).project_id
    for _, case in ipairs {
      { "textImage", { opacity = 150 }, "opacity" },
      { "textImage", { fontSize = "big" }, "fontSize" },
      { "image", { source_url = "/tmp/a.png" }, "source_url" },
      { "videoImage", { volume = 1.5 }, "volume" }, { "shape", { width = -1 }, "width" },
      { "aiModel", { model = { ai_name = 3 } }, "model.ai_name" },
      { "background", { source_color = 3 }, "source_color" },
      { "textImage", { shadow = { blur = 99 } }, "shadow.blur" },
    } do
      local updates = { { sceneIdx = 0, type = case[1], values = case[2] } }
      local _, err = client:edit_project(id, { updates = updates })
      assert.equal("invalid", err and err.kind, case[3])
      assert.equal("updates.value[1].values." .. case[3], err.problems[1].path)
      _, err = unchecked:edit_project(id, { updates = updates })
      assert.equal(400, err.status, case[3])
      assert.truthy(err.message:find("updates.value[0].values." .. case[3], 1, true), err.message)
    end
    for _, case in ipairs { { "textImage", { text = "New", opacity = 50 } },
      { "aiModel", { script = "Hello again." } },
      { "aiModel", { model = { ai_name = "M000004017" } } },
      { "background", { source_color = "#102030" } } } do
      assert(client:edit_project(id, {
        updates = { { sceneIdx = 0, type = case[1], values = case[2] } } }))
    end
    assert.equal(4, #support.requests(server, "edit_project") - 8)
  end)

  it("are named when they are missing, of a wrong type or not allowed", function()
    assert.same({ "updates: is required: a table of fields" }, problems("edit_project", {}))
    assert.same({ 'updates: must be a table of fields, not "x"' },
      problems("edit_project", { updates = "x" }))
    assert.same({
      [[resolution: "8k" is not one of "4k", "1080", "720", "480"; did you mean '4k'?]] },
      problems("export_project", { resolution = "8k" }))
    assert.same({ 'resolution: must be a string, not 1080; write "1080"' },
      problems("export_project", { resolution = 1080 }))
    assert.same({ "updates.value[1].sceneIdx: is required: an integer",
      'updates.value[1].type: "text" is not one of "aiModel", "shape", "image", "textImage", '
        .. '"videoImage", "audio", "background"',
      "updates.value[1].values: must be a table of fields, not 3" },
      problems("edit_project", { updates = { { type = "text", values = 3 } } }))
    assert.same({ "webhookUrl: must be a string, not a table" },
      problems("export_project", { webhookUrl = { "x" } }))
  end)

  it("that are null count as absent", function()
    assert.same({ "updates: is required: a table of fields" },
      problems("edit_project", { updates = aistudios.null }))
    assert.same({}, problems("export_project", { workspaceId = aistudios.null }))
  end)

  it("that are secret are never shown in a problem", function()
    local list = fields.check(api.get_token, { appId = 1, userKey = { "secret" } })
    assert.equal(2, #list)
    assert.equal(1, list[1].value)
    assert.is_nil(list[2].value)
    list = fields.check(api.get_token, { appId = "a", userKey = 12345678 })
    assert.equal("must be a string, not a number", list[1].message)
  end)

  it("that are lists must be written as such", function()
    assert.same({ "files: must not be empty" }, problems("docs_to_video", { files = {} }))
    assert.same({ "options: must be a table of fields, not a list" },
      problems("topic_to_video", { topic = "t", options = { "x" } }))
  end)
end)

describe("a list that says what is to be deleted", function()
  it("must not be empty", function()
    local rule = api.delete_projects.fields.ids
    assert.equal("must not be empty", fields.check_identity(rule, {}, "ids")[1].message)
    assert.is_nil(fields.check_identity(rule, { "p1" }, "ids"))
  end)
end)

describe("an id", function()
  local function check(id)
    local list = fields.check_identity(api.get_project.fields.projectId, id, "projectId")
    return list and list[1].message
  end

  it("is any string that is no word of the API's paths", function()
    assert.is_nil(check("abcdefg"))
    assert.is_nil(check("a/b ü"))
    for _, id in ipairs { "export", "modify", "pptpdf", "", ".", ".." } do
      assert.truthy(check(id), id)
    end
  end)
end)

-- An empty topic, and an address that is none, were sent, and built something.
describe("a text that a call works from", function()
  it("must not be empty, and an address must be one that the service can reach", function()
    for _, call in ipairs {
      { "topic_to_video", { topic = " " }, "topic: must not be empty" },
      { "scripts_to_video", { scripts = "\u{3000}\n" }, "scripts: must not be empty" },
      { "generate_text", { topic = "" }, "topic: must not be empty" },
      { "create_simple_audio", { text = "", model = "m", language = "en" },
        "text: must not be empty" },
      { "url_to_video", { url = "" }, "url: is empty" },
      { "url_to_video", { url = "example.com/page" },
        "url: is not an address that starts with https:// or http://" },
      { "url_to_video", { url = "http://localhost/" },
        "url: the service cannot fetch it: localhost is this machine's own name" },
      { "create_voice_clone", { url = "ftp://example.com/a.wav", name = "n", gender = "MALE" },
        "url: is not an address that starts with https:// or http://" },
    } do
      assert.same({ call[3] }, problems(call[1], call[2]), call[1])
    end
    assert.same({}, problems("url_to_video", { url = "https://example.com/page?a=b#c" }))
  end)
end)
