-- SPDX-License-Identifier: MIT
--
-- Videos and voices from one text.

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

before_each(function() begin() end)
after_each(function() server:close() end)

describe("simple calls", function()
  local fields = { language = "en", text = "Hello.", model = "M1", clothes = "B1" }

  it("render a video unless they are told not to, as the vendor's samples assume", function()
    local id = post(API .. "/simple/video", fields).data.projectId
    assert.equal(100, get(API .. "/editor/progress/" .. id).data.progress)
    fields.isExport = false
    id = post(API .. "/simple/video", fields).data.projectId
    assert.equal(0, get(API .. "/editor/progress/" .. id).data.progress)
    fields.isExport = nil
    assert.equal(1, #server:ledger())
  end)

  it("render a video only when they are told to, where the table is followed", function()
    server:set { simple_video_exports = false }
    local id = post(API .. "/simple/video", fields).data.projectId
    assert.equal(0, get(API .. "/editor/progress/" .. id).data.progress)
  end)

  it("render a custom avatar unless they are told not to", function()
    local data = post(API .. "/simple/custom", { language = "en", text = "Hi", model = "x" }).data
    assert.truthy(data.taskId)
    assert.equal(1, #server:ledger())
  end)

  it("speak at once", function()
    local data = post(API .. "/simple/audio", fields).data
    assert.truthy(data.fileName and data.metaList)
    local file = http.ask(server.port, "GET", data.downloadUrl:match "^http://[^/]+(.*)$")
    assert.equal("audio/wav", file.headers["content-type"])
    assert.equal("RIFF", file.body:sub(1, 4))
  end)
end)
