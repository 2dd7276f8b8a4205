-- SPDX-License-Identifier: MIT
--
-- What there is to choose from, and the shapes of answers.

local calls = require "spec.support.sandbox_calls"

local API = "/api/odin/v3"

local get, post, message_of = calls.get, calls.post, calls.message_of

before_each(function() calls.begin() end)
after_each(calls.finish)

describe("lists", function()
  it("come in the envelope as the pages' tables have them", function()
    assert.equal("M000045058", get("/dropdown/models").data[1].id)
    local model = get("/model").data.models[1]
    assert.equal("Jonathan", model.label.en)
    assert.equal("BG00002320", model.clothes[1].id)
    assert.truthy(get("/dropdown/templates_business").data[1].name)
    assert.truthy(get("/dropdown/workspaces").data[1].workspaceName)
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
    local id = post("/simple/custom", { language = "en", text = "Hi", model = "M" })
      .data.projectId
    calls.server:set_shape "observed"
    assert.equal("M000045058", get("/dropdown/models").json[1].id)
    assert.truthy(get("/dropdown/workspaces").json[1].workspaceId)
    assert.truthy(post("/dropdown/templates_automation", { category = "social" })
      .data["0"].name)
    assert.equal(id, get("/editor/project").data.projects[1].id)
    assert.equal(id, get("/editor/project/" .. id).data._id)
    assert.is_true(get("/auth").json.isAuthenticated)
    local answer = get("/editor/project/unknown")
    assert.equal("no such project", answer.json.error)
    calls.server:set_shape "documented"
    assert.equal(id, get("/editor/project/" .. id).data.project._id)
    assert.has_error(function() calls.server:set_shape "other" end)
  end)
end)
