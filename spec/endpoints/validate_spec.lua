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
