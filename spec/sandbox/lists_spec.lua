-- SPDX-License-Identifier: MIT
--
-- What there is to choose from, and the shapes of answers.

local http = require "spec.support.http"
local sandbox = require "aistudios.sandbox"

local API = "/api/odin/v3"

local server, caller

local function begin(options)
  server = assert(sandbox.start(options or { render_seconds = 0 }))
  caller = http.caller(server)
end

local function get(path, headers) return caller:ask("GET", path, nil, headers) end

local function post(path, body, headers) return caller:ask("POST", path, body, headers) end

local function message_of(answer)
  assert.is_false(answer.json.success)
  return answer.json.error.msg
end

before_each(function() begin() end)
after_each(function() server:close() end)

describe("lists", function()
  it("come in the envelope as the pages' tables have them", function()
    assert.equal("M000045058", get(API .. "/dropdown/models").data[1].id)
    local model = get(API .. "/model").data.models[1]
    assert.equal("Jonathan", model.label.en)
    assert.equal("BG00002320", model.clothes[1].id)
    assert.truthy(get(API .. "/dropdown/templates_business").data[1].name)
    assert.truthy(get(API .. "/dropdown/workspaces").data[1].workspaceName)
  end)

  it("of automation templates are asked for with POST or GET", function()
    local path = API .. "/dropdown/templates_automation"
    local by_post = post(path, { category = "social", fileBackground = false })
    local by_get = get(path .. "?category=social&fileBackground=false")
    assert.truthy(by_post.data[1].thumbnailUrl)
    assert.same(by_post.data, by_get.data)
    assert.truthy(message_of(get(path .. "?category=news")):find "category must be one of")
    assert.equal("category is required", message_of(get(path)))
  end)

  it("and other answers come as clients have met them, on demand", function()
    local id = post(API .. "/simple/custom", { language = "en", text = "Hi", model = "M" })
      .data.projectId
    server:set_shape "observed"
    assert.equal("M000045058", get(API .. "/dropdown/models").json[1].id)
    assert.truthy(get(API .. "/dropdown/workspaces").json[1].workspaceId)
    assert.truthy(post(API .. "/dropdown/templates_automation", { category = "social" })
      .data["0"].name)
    assert.equal(id, get(API .. "/editor/project").data.projects[1].id)
    assert.equal(id, get(API .. "/editor/project/" .. id).data._id)
    assert.is_true(get(API .. "/auth").json.isAuthenticated)
    local answer = get(API .. "/editor/project/unknown")
    assert.equal("no such project", answer.json.error)
    server:set_shape "documented"
    assert.equal(id, get(API .. "/editor/project/" .. id).data.project._id)
    assert.has_error(function() server:set_shape "other" end)
  end)
end)
