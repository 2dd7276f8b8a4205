-- SPDX-License-Identifier: MIT
--
-- What is wrong with a call is named.

local calls = require "spec.support.sandbox_calls"
local small_project = require "spec.support.small_project"
local support = require "spec.support"

local EDITOR = "/api/odin/v3/editor"
local hello = support.read_file "spec/fixtures/hello-project.json"

local ask, create = calls.ask, calls.create

before_each(function() calls.begin() end)
after_each(calls.finish)

describe("what is wrong with a call", function()
  it("is named: a field of a project that is missing or not what it must be", function()
    for expected, change in pairs {
      ["scenes is required"] = function(p) p.scenes = nil end,
      ["scenes must be a list"] = function(p) p.scenes = "x" end,
      ['orientation "up" is not one of'] = function(p) p.orientation = "up" end,
      ['resolution "1081" is not one of'] = function(p) p.resolution = "1081" end,
      ["resolution must be a string"] = function(p) p.resolution = 1080 end,
      ["scenes[0].sceneIdx is required"] = function(_, s) s.sceneIdx = nil end,
      ["scenes[0].sceneIdx must be an integer"] = function(_, s) s.sceneIdx = 0.5 end,
      ["scenes[0].background is required"] = function(_, s) s.background = nil end,
      ["scenes[0].clips is required"] = function(_, s) s.clips = nil end,
      ["scenes[0].scripts is required"] = function(_, s) s.scripts = nil end,
      ["scenes[0].scripts[0].org is required"] = function(_, _, _, t) t.org = nil end,
      ["scenes[0].scripts[0].tts is required"] = function(_, _, _, t) t.tts = nil end,
      ["scenes[0].scripts[0].modelId no avatar"] = function(_, _, _, t) t.modelId = "M2" end,
      ["scenes[0].scripts[0].clothId"] = function(_, _, _, t) t.clothId = "B2" end,
      ["scenes[0].clips[0].width is required"] = function(_, _, c) c.width = nil end,
      ["scenes[0].clips[0].layer must be an integer"] = function(_, _, c) c.layer = 1.5 end,
      ['scenes[0].clips[0].type "film" is not a clip type'] = function(_, _, c) c.type = "film" end,
      ["scenes[0].clips[0].model.ai_name is required"] = function(_, _, c)
        c.model.ai_name = nil
      end,
      ["scenes[0].clips[0].opacity must be an integer from 1 to 100"] = function(_, s, c)
        s.clips[1] = { id = "b", type = "image", layer = 1, left = 0, top = 0, width = 1,
          height = 1, source_url = "https://example.com/a.png", opacity = 101 }
        s.clips[2] = c
      end,
    } do
      local answer = ask("POST", EDITOR .. "/project", small_project(change))
      assert.equal(400, answer.status)
      assert.is_false(answer.json.success)
      assert.truthy(answer.json.error.msg:find(expected, 1, true),
        expected .. " <> " .. answer.json.error.msg)
    end
    assert.equal(0, calls.server:stats().projects)
  end)

  it("is named: a required field of every other call", function()
    local id = create()
    for path, case in pairs {
      ["/api/odin/v3/auth/token"] = { { appId = "x" }, "userKey is required" },
      [EDITOR .. "/project/export"] = { { name = "x" }, "projectId is required" },
      ["/api/odin/v3/auth/token?"] = { { appId = " ", userKey = "x" }, "appId must not be empty" },
      [EDITOR .. "/project/" .. id] = { { updates = { x = 1 } }, "updates.value is required" },
    } do
      local answer = ask("POST", path, case[1])
      assert.equal(400, answer.status)
      assert.equal(case[2], answer.json.error.msg)
    end
    local answer = ask("DELETE", EDITOR .. "/project", { id = id })
    assert.truthy(answer.json.error.msg:find "^ids is required; .*'id' is not known")
  end)

  it("is named: no JSON, no object, no such content type, no such call", function()
    local message = ask("POST", EDITOR .. "/project", "{").json.error.msg
    assert.truthy(message:find("must be a JSON object", 1, true))
    assert.equal(400, ask("POST", EDITOR .. "/project", "[1]").status)
    local answer = ask("POST", EDITOR .. "/project", "{}", { ["Content-Type"] = "text/plain" })
    assert.truthy(answer.json.error.msg:find("Content-Type", 1, true))
    answer = ask("GET", "/api/odin/v3/nothing")
    assert.equal(404, answer.status)
    assert.truthy(answer.json.error.msg:find("/api/odin/v3/nothing", 1, true))
  end)

  it("is a body above max_body", function()
    calls.begin { max_body = 1000 }
    local answer = ask("POST", EDITOR .. "/project", hello)
    assert.equal(413, answer.status)
    assert.equal(0, #calls.server:ledger())
  end)

  it("may not be that fields are there which nobody documents", function()
    assert.truthy(create(small_project(function(whole, scene) whole.x, scene.y = 1, {} end)))
  end)
end)
