-- SPDX-License-Identifier: MIT
--
-- Projects are created, rendered, edited, listed and deleted.

local calls = require "spec.support.sandbox_calls"
local cjson = require "cjson"
local small_project = require "spec.support.small_project"
local support = require "spec.support"

local EDITOR = "/api/odin/v3/editor"
local hello = support.read_file "spec/fixtures/hello-project.json"

local ask, create, file_of = calls.ask, calls.create, calls.file_of

before_each(function() calls.begin() end)
after_each(calls.finish)

describe("a project", function()
  it("is created, rendered with time, and read as it was written", function()
    calls.begin { render_seconds = 100 }
    local id = create(hello)
    local answer = ask("GET", EDITOR .. "/progress/" .. id)
    assert.is_true(answer.data.progress < 1)
    assert.equal("exporting", answer.data.state)
    assert.is_nil(answer.data.downloadUrl)
    calls.server:advance(50)
    answer = ask("GET", EDITOR .. "/progress/" .. id)
    assert.is_true(answer.data.progress >= 50 and answer.data.progress < 51)
    calls.server:advance(50)
    answer = ask("GET", EDITOR .. "/progress/" .. id)
    assert.equal(100, answer.data.progress)
    assert.equal("exported", answer.data.state)
    assert.equal(calls.server.url .. file_of(id), answer.data.downloadUrl)
    answer = ask("GET", EDITOR .. "/project/" .. id)
    local seen = answer.data.project
    assert.equal(id, seen._id)
    assert.equal("exported", seen.state)
    assert.equal(calls.server.url .. file_of(id), seen.download_url)
    assert.same(cjson.decode(hello).scenes, seen.scenes)
    assert.truthy(answer.body:find("367.33333333333337", 1, true))
  end)

  -- Such a name was taken for an empty list, or for the scenes of a project.
  it("has the name that was given, control characters included", function()
    for _, name in ipairs { "\1list\1", "\1r1\1" } do
      local id = create(small_project(function(whole) whole.name = name end))
      assert.equal(name, ask("GET", EDITOR .. "/project/" .. id).data.project.name)
    end
    assert.equal("\1list\1", ask("GET", EDITOR .. "/project").data[1].name)
  end)

  it("that is not exported is not rendered, listed or billed", function()
    local id = create(small_project(function(whole) whole.isExport = false end))
    local answer = ask("GET", EDITOR .. "/progress/" .. id)
    assert.equal(0, answer.data.progress)
    assert.is_nil(answer.data.downloadUrl)
    assert.same({}, ask("GET", EDITOR .. "/project").data)
    assert.equal(0, #calls.server:ledger())
    assert.equal(404, ask("GET", file_of(id)).status)
  end)

  it("is exported as another, which is to be followed", function()
    local id = create(small_project(function(whole) whole.isExport = false end))
    local export = ask("POST", EDITOR .. "/project/export", { projectId = id }).data.projectId
    assert.not_equal(id, export)
    assert.equal(100, ask("GET", EDITOR .. "/progress/" .. export).data.progress)
    assert.equal(1, #calls.server:ledger())
    assert.equal("export_project", calls.server:ledger()[1].endpoint)
  end)

  it("is edited: scripts, clips and the background", function()
    local id = create()
    local edited = ask("POST", EDITOR .. "/project/" .. id, { updates = { value = {
      { sceneIdx = 0, type = "aiModel", values = { script = "changed", left = 5 } },
      { sceneIdx = 0, type = "background", values = { source_color = "red" } },
    } } }).data.projectId
    local scene = ask("GET", EDITOR .. "/project/" .. edited).data.project.scenes[1]
    assert.equal("changed", scene.scripts[1].org)
    assert.equal(5, scene.clips[1].left)
    assert.equal("red", scene.background.source_color)
    assert.equal(2, #calls.server:ledger())
    local answer = ask("POST", EDITOR .. "/project/" .. id, { updates = { value = {
      { sceneIdx = 7, type = "aiModel", values = { left = 5 } } } } })
    assert.equal(400, answer.status)
    assert.equal("updates.value[0].sceneIdx: the project has no such scene",
      answer.json.error.msg)
    assert.equal(2, #calls.server:ledger())
  end)

  it("is listed with its state and its address, in an array", function()
    assert.truthy(ask("GET", EDITOR .. "/project").body:find('"data":[]', 1, true))
    local id = create()
    local created = ask("GET", EDITOR .. "/project/" .. id).data.project.createdAt
    assert.truthy(created:find "^%d+%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d+Z$")
    assert.same({ { id = id, name = "small", state = "exported", createdAt = created,
      download_url = calls.server.url .. file_of(id) } }, ask("GET", EDITOR .. "/project").data)
  end)

  it("is listed only after list_lag, though its progress is known at once", function()
    calls.begin { render_seconds = 0, list_lag = 30 }
    local id = create()
    assert.equal(100, ask("GET", EDITOR .. "/progress/" .. id).data.progress)
    calls.server:advance(29)
    assert.same({}, ask("GET", EDITOR .. "/project").data)
    calls.server:advance(1)
    assert.equal(id, ask("GET", EDITOR .. "/project").data[1].id)
  end)

  it("is deleted by a DELETE with a body, and counted", function()
    local id = create()
    local answer = ask("DELETE", EDITOR .. "/project", { ids = { id, "unknown" } })
    assert.equal(1, answer.data.deletedCount)
    assert.equal(404, ask("GET", EDITOR .. "/project/" .. id).status)
    assert.equal(404, ask("GET", EDITOR .. "/progress/" .. id).status)
    assert.equal(404, ask("GET", file_of(id)).status)
  end)
end)
