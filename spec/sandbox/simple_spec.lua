-- SPDX-License-Identifier: MIT
--
-- Videos and voices from one text.

local calls = require "spec.support.sandbox_calls"
local http = require "spec.support.http"


local get, post = calls.get, calls.post

before_each(function() calls.begin() end)
after_each(calls.finish)

describe("simple calls", function()
  local fields = { language = "en", text = "Hello.", model = "M1", clothes = "B1" }

  it("render a video unless they are told not to, as the vendor's samples assume", function()
    local id = post("/simple/video", fields).data.projectId
    assert.equal(100, get("/editor/progress/" .. id).data.progress)
    fields.isExport = false
    id = post("/simple/video", fields).data.projectId
    assert.equal(0, get("/editor/progress/" .. id).data.progress)
    fields.isExport = nil
    assert.equal(1, #calls.server:ledger())
  end)

  it("render a video only when they are told to, where the table is followed", function()
    calls.server:set { simple_video_exports = false }
    local id = post("/simple/video", fields).data.projectId
    assert.equal(0, get("/editor/progress/" .. id).data.progress)
  end)

  it("render a custom avatar unless they are told not to", function()
    local data = post("/simple/custom", { language = "en", text = "Hi", model = "x" }).data
    assert.truthy(data.taskId)
    assert.equal(1, #calls.server:ledger())
  end)

  it("speak at once", function()
    local data = post("/simple/audio", fields).data
    assert.truthy(data.fileName and data.metaList)
    local file = http.ask(calls.server.port, "GET", data.downloadUrl:match "^http://[^/]+(.*)$")
    assert.equal("audio/wav", file.headers["content-type"])
    assert.equal("RIFF", file.body:sub(1, 4))
  end)
end)
