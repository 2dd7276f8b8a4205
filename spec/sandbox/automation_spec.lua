-- SPDX-License-Identifier: MIT
--
-- Projects that tools build.

local cjson = require "cjson"
local calls = require "spec.support.sandbox_calls"

local get, post, post_form, message_of = calls.get, calls.post, calls.post_form, calls.message_of

before_each(function() calls.begin() end)
after_each(calls.finish)

describe("a project that a tool builds", function()
  it("is built with time, exported when it is built, and billed once", function()
    calls.begin { build_seconds = 100, render_seconds = 0 }
    local data = post("/automation/topic_to_video",
      { topic = "tea", options = { duration = 60, speed = 1.5 } }).data
    assert.truthy(data.automationJobId)
    local progress = "/automation/progress?projectId=" .. data.projectId
    assert.equal("building", get(progress).data.state)
    local answer = post("/editor/project/export", { projectId = data.projectId })
    assert.equal(409, answer.status)
    calls.server:advance(100)
    assert.same({ state = "finish", progress = 100 }, get(progress).data)
    for _, path in ipairs { "/?projectId=", "/" } do
      local done = get("/automation/progress" .. path .. data.projectId).data
      assert.equal("finish", done.state)
    end
    assert.equal(404, get("/automation/progress/unknown").status)
    answer = post("/editor/project/export", { projectId = data.projectId })
    assert.equal(100, get("/editor/progress/" .. answer.data.projectId).data.progress)
    assert.equal(1, #calls.server:ledger())
    assert.equal(1, #calls.server:ledger().builds)
  end)

  it("comes from documents that were uploaded, and from no others", function()
    local uploads = post_form("/automation/docs-to-video/upload-files",
      { "files", "one", "a.pptx" }, { "files", "two", "b.pdf" }).data.uploadResults
    assert.equal("a.pptx", uploads[1].fileName)
    assert.truthy(uploads[2].uri:find "%.pdf$")
    local path = "/automation/docs-to-video"
    local id = post(path, { files = uploads, options = { speed = 1 } }).data.projectId
    assert.equal(200, get("/editor/project/" .. id).status)
    uploads[2].uri = "other.pdf"
    assert.truthy(message_of(post(path, { files = uploads })):find("files[1].uri", 1, true))
    assert.truthy(message_of(post_form(path .. "/upload-files", { "files", "x", "x.exe" }))
      :find("files must be a file of one of", 1, true))
  end)

  it("comes from a page or a script, with options that are checked", function()
    assert.truthy(post("/automation/url_to_video", { url = "https://example.com" })
      .data.projectId)
    assert.truthy(post("/automation/scripts_to_video", { scripts = "One.\nTwo.",
      options = { scriptOption = "original" } }).data.projectId)
    assert.truthy(post("/automation/topic_to_video", { topic = "x",
      options = cjson.null }).data.projectId)
    for expected, options in pairs {
      ["options.speed must be from 0.5 to 1.5"] = { speed = 2 },
      ["options.duration must be one of: 30, 60"] = { duration = 45 },
      ["options.media must be one of"] = { media = "auto" },
      ["options.style must be one of"] = { style = "manga" },
    } do
      local answer = post("/automation/topic_to_video", { topic = "x", options = options })
      assert.truthy(message_of(answer):find(expected, 1, true), message_of(answer))
    end
  end)
end)
