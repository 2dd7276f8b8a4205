-- SPDX-License-Identifier: MIT
--
-- Generators, dubbing, avatars and voices.

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

local function post_form(path, ...) return caller:send(path, { ... }) end

local function message_of(answer)
  assert.is_false(answer.json.success)
  return answer.json.error.msg
end

before_each(function() begin() end)
after_each(function() server:close() end)

describe("generators", function()
  local function file_of(answer)
    return answer.data.downloadUrl:match "^http://[^/]+(.*)$"
  end

  it("answer with text, an image, a video and a voice that are real", function()
    assert.truthy(post(API .. "/tools/text-generator", { topic = "tea" }).data.script:find "tea")
    local image = file_of(post(API .. "/tools/image-generator", { topic = "tea", style = "3D" }))
    assert.equal("\137PNG", http.ask(server.port, "GET", image).body:sub(1, 4))
    local video = file_of(post(API .. "/tools/video-generator", { topic = "tea" }))
    assert.equal("ftyp", http.ask(server.port, "GET", video).body:sub(5, 8))
    local voice = file_of(post(API .. "/tools/voice-generator",
      { script = "Hi", model = "v", type = "google", language = "en" }))
    local part = http.ask(server.port, "GET", voice, { headers = { Range = "bytes=0-3" } })
    assert.equal(206, part.status)
    assert.equal("RIFF", part.body)
    assert.equal(4, #server:ledger())
  end)

  it("answer with files that vanish", function()
    local path = file_of(post(API .. "/tools/image-generator", { topic = "tea" }))
    server:advance(3601)
    assert.equal(410, http.ask(server.port, "GET", path).status)
    caller:renew()
    local answer = post(API .. "/tools/image-generator", { topic = "tea", size = "BIG" })
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
    assert.equal(200, http.ask(server.port, "GET", video).status)
    assert.equal(2, #server:ledger())
    assert.equal(0, server:ledger().duplicates)
  end)

  it("finds an upload that came twice, whatever its boundary", function()
    for i = 1, 2 do
      local boundary = "b" .. i
      local body = http.form { { "url", "https://youtu.be/x" }, { "target_0", "en-US" } }
      body = body:gsub("a%-line%-that%-is%-in%-no%-file", boundary)
      post(path, body, { ["Content-Type"] = "multipart/form-data; boundary=" .. boundary })
    end
    assert.equal(1, server:ledger().duplicates)
  end)

  it("shows one target as an object, as clients have met it", function()
    server:set_shape "observed"
    local id = post_form(path, { "url", "https://youtu.be/x" }, { "target_0", "en-US" })
      .data.folderId
    assert.truthy(get(path .. "?folderId=" .. id).data.projectId)
  end)

  it("names what is wrong", function()
    for expected, parts in pairs {
      ["target_0 is required"] = { { "url", "https://youtu.be/x" } },
      ["file or url is required"] = { { "target_0", "en-US" } },
      ["target_1 must be one of"] = { { "url", "u" }, { "target_0", "en-US" },
        { "target_1", "en" } },
      ["numberOfSpeakers must be"] = { { "url", "u" }, { "target_0", "en-US" },
        { "numberOfSpeakers", "6" } },
      ["isRemoveBGM must be one of: true, false"] = { { "url", "u" }, { "target_0", "en-US" },
        { "isRemoveBGM", "1" } },
      ["url is there more than once"] = { { "url", "u" }, { "url", "u" } },
    } do
      assert.truthy(message_of(caller:send(path, parts)):find(expected, 1, true), expected)
    end
    assert.equal("folderId is required", message_of(get(path)))
    assert.equal(404, get(path .. "?folderId=x").status)
  end)
end)

describe("avatars and voices", function()
  it("have ids at once", function()
    local fields = { url = "https://example.com/a.mp4", name = "Ian", gender = "MALE" }
    local data = post(API .. "/avatars/customavatar", fields).data
    assert.truthy(data.avatarId and data.voiceId)
    assert.truthy(post(API .. "/avatars/dreamavatar", fields).data.avatarId)
    assert.truthy(post(API .. "/avatars/voiceclone", fields).data.voiceId)
    fields.gender = "male"
    assert.truthy(message_of(post(API .. "/avatars/voiceclone", fields)):find "gender must be")
    fields.gender, fields.url = "MALE", "a.mp4"
    assert.truthy(message_of(post(API .. "/avatars/voiceclone", fields)):find "url must be")
  end)
end)
