-- SPDX-License-Identifier: MIT
--
-- Generators, dubbing, avatars and voices.

local calls = require "spec.support.sandbox_calls"
local http = require "spec.support.http"

local API = "/api/odin/v3"

local get, post, post_form, message_of =
  calls.get, calls.post, calls.post_form, calls.message_of

before_each(function() calls.begin() end)
after_each(calls.finish)

describe("generators", function()
  local function file_of(answer)
    return answer.data.downloadUrl:match "^http://[^/]+(.*)$"
  end

  it("answer with text, an image, a video and a voice that are real", function()
    assert.truthy(post("/tools/text-generator", { topic = "tea" }).data.script:find "tea")
    local image = file_of(post("/tools/image-generator", { topic = "tea", style = "3D" }))
    assert.equal("\137PNG", http.ask(calls.server.port, "GET", image).body:sub(1, 4))
    local video = file_of(post("/tools/video-generator", { topic = "tea" }))
    assert.equal("ftyp", http.ask(calls.server.port, "GET", video).body:sub(5, 8))
    local voice = file_of(post("/tools/voice-generator",
      { script = "Hi", model = "v", type = "google", language = "en" }))
    local part = http.ask(calls.server.port, "GET", voice, { headers = { Range = "bytes=0-3" } })
    assert.equal(206, part.status)
    assert.equal("RIFF", part.body)
    assert.equal(4, #calls.server:ledger())
  end)

  it("answer with files that vanish", function()
    local path = file_of(post("/tools/image-generator", { topic = "tea" }))
    calls.server:advance(3601)
    assert.equal(410, http.ask(calls.server.port, "GET", path).status)
    calls.caller:renew()
    local answer = post("/tools/image-generator", { topic = "tea", size = "BIG" })
    assert.truthy(message_of(answer):find("size must be one of", 1, true))
  end)
end)

describe("dubbing", function()
  local path = API .. "/automation/translatevideos"

  it("makes one video for each target, and bills each", function()
    local id = post_form(path, { "file", "film", "film.mp4" }, { "target_0", "en-US" },
      { "target_1", "ko-KR" }, { "isDubbingOnly", "true" }).data.folderId
    local list = get(path .. "?folderId=" .. id).data
    assert.equal(2, #list)
    assert.equal(100, list[2].progress)
    assert.truthy(list[2].name:find("ko-KR", 1, true))
    local video = list[1].download_url:match "^http://[^/]+(.*)$"
    assert.equal(200, http.ask(calls.server.port, "GET", video).status)
    assert.equal(2, #calls.server:ledger())
    assert.equal(0, calls.server:ledger().duplicates)
  end)

  it("finds an upload that came twice, whatever its boundary", function()
    for i = 1, 2 do
      local boundary = "b" .. i
      local body = http.form { { "url", "https://youtu.be/x" }, { "target_0", "en-US" } }
      body = body:gsub("a%-line%-that%-is%-in%-no%-file", boundary)
      post(path, body, { ["Content-Type"] = "multipart/form-data; boundary=" .. boundary })
    end
    assert.equal(1, calls.server:ledger().duplicates)
  end)

  it("shows one target as an object, as clients have met it", function()
    calls.server:set_shape "observed"
    local id = post_form(path, { "url", "https://youtu.be/x" }, { "target_0", "en-US" })
      .data.folderId
    assert.truthy(get(path .. "?folderId=" .. id).data.projectId)
  end)

  it("names what is wrong", function()
    for expected, parts in pairs {
      ["target_0 is required"] = { { "url", "https://youtu.be/x" } },
      ["file or url is required"] = { { "target_0", "en-US" } },
      ["target_1 must be one of"] = { { "url", "https://a.io" }, { "target_0", "en-US" },
        { "target_1", "en" } },
      ["numberOfSpeakers must be"] = { { "url", "https://a.io" }, { "target_0", "en-US" },
        { "numberOfSpeakers", "6" } },
      ["isRemoveBGM must be one of: true, false"] = { { "url", "https://a.io" },
        { "target_0", "en-US" }, { "isRemoveBGM", "1" } },
      ["url is there more than once"] = { { "url", "https://a.io" }, { "url", "https://a.io" } },
    } do
      assert.truthy(message_of(calls.caller:send(path, parts)):find(expected, 1, true), expected)
    end
    assert.equal("folderId is required", message_of(get(path)))
    assert.equal(404, get(path .. "?folderId=x").status)
  end)
end)

describe("avatars and voices", function()
  it("have ids at once", function()
    local fields = { url = "https://example.com/a.mp4", name = "Ian", gender = "MALE" }
    local data = post("/avatars/customavatar", fields).data
    assert.truthy(data.avatarId and data.voiceId)
    assert.truthy(post("/avatars/dreamavatar", fields).data.avatarId)
    assert.truthy(post("/avatars/voiceclone", fields).data.voiceId)
    fields.gender = "male"
    assert.truthy(message_of(post("/avatars/voiceclone", fields)):find "gender must be")
    fields.gender, fields.url = "MALE", "a.mp4"
    assert.truthy(message_of(post("/avatars/voiceclone", fields)):find "url is not an address")
  end)
end)
