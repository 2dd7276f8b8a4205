-- SPDX-License-Identifier: MIT
--
-- The calls of the sandbox beyond those of projects, which sandbox_spec has.

local cjson = require "cjson"
local http = require "spec.support.http"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local API = "/api/odin/v3"
local SESSIONS = "/api/v2/sessions"

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

-- ---- every call ----

--- A body that has all required fields of a documented call, and no more.
local samples = {
  string = "x", integer = 1, number = 1, boolean = true, object = {}, ["object|null"] = cjson.null,
}

local function smallest_body(endpoint, without)
  local body = {}
  for _, field in ipairs(endpoint.fields) do
    local is_top = field.at == "body" and not field.key:find "[%.%[]"
    if is_top and field.required and field.key ~= without then
      body[field.key] = field.enum and field.enum[1] or samples[field.type] or { "x" }
    end
  end
  return next(body) and body or "{}"
end

local function headers_for(endpoint)
  local credentials = { appId = server.app_id, userKey = server.user_key }
  if endpoint.auth == "session_bearer" then
    return { Authorization =
      "Bearer " .. post(SESSIONS .. "/token", credentials).data.session_token }
  elseif endpoint.auth == "studio_api_key" then
    return { ["STUDIO-API-KEY"] = server.user_key }
  end
end

describe("every documented call", function()
  for _, endpoint in ipairs(dofile "spec/fixtures/endpoints.lua") do
    local path = endpoint.path:gsub("{.-}", "65fa6b07dca2e367461a2925")

    it(endpoint.name .. " is there, and is refused without credentials", function()
      local body = endpoint.method ~= "GET" and smallest_body(endpoint) or nil
      local answer = caller:ask(endpoint.method, path, body,
        { Authorization = "", ["STUDIO-API-KEY"] = "nonsense" })
      assert.equal(endpoint.name, server:requests()[2].endpoint)
      assert.equal(401, answer.status)
    end)

    if endpoint.body == "json" then
      it(endpoint.name .. " names a required field that is missing", function()
        for _, field in ipairs(endpoint.fields) do
          if field.required and field.at == "body" and not field.key:find "[%.%[]" then
            local answer = caller:ask(endpoint.method, path, smallest_body(endpoint, field.key),
              headers_for(endpoint))
            local text = endpoint.host == "app" and message_of(answer) or answer.json.message
            assert.equal(400, answer.status)
            assert.truthy(text:find(field.key .. " is required", 1, true), text)
          end
        end
      end)
    end
  end
end)

-- ---- lists ----

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

-- ---- projects from elsewhere ----

describe("a project from a template", function()
  local TEMPLATE = "655c744d2b4d3b4051400be0"

  local function scenes_of(id) return get(API .. "/editor/project/" .. id).data.project.scenes end

  it("is created, changed by tags, and rendered only on demand", function()
    local id = post(API .. "/editor/template/" .. TEMPLATE, { name = "N", aiName = "M7" })
      .data.projectId
    assert.equal("M7", scenes_of(id)[1].scripts[1].modelId)
    assert.equal(0, #server:ledger())
    local changed = post(API .. "/editor/project/modify", { projectId = id, isExport = true,
      updates = { title = "first", title_2 = "third", subtitles_1 = "sub", scripts_3 = "said" } })
      .data.projectId
    local scenes = scenes_of(changed)
    assert.equal("first", scenes[1].clips[2].text)
    assert.equal("third", scenes[3].clips[2].text)
    assert.equal("sub", scenes[2].clips[3].text)
    assert.equal("said", scenes[4].scripts[1].org)
    assert.equal(1, #server:ledger())
  end)

  it("is created as the vendor's samples do: GET, a query with POST, a web form", function()
    local path = API .. "/editor/template/" .. TEMPLATE
    local id = get(path .. "?name=By%20GET&model=M8&clothes=B8").data.projectId
    assert.equal("By GET", get(API .. "/editor/project/" .. id).data.project.name)
    assert.equal("M8", scenes_of(id)[1].scripts[1].modelId)
    id = caller:ask("POST", path .. "?aiName=M9").data.projectId
    assert.equal("M9", scenes_of(id)[1].scripts[1].modelId)
    id = post(path .. "?name=query", "name=form&clothId=B7",
      { ["Content-Type"] = "application/x-www-form-urlencoded" }).data.projectId
    assert.equal("form", get(API .. "/editor/project/" .. id).data.project.name)
    assert.equal("B7", scenes_of(id)[1].scripts[1].clothId)
    assert.truthy(message_of(post(path, { name = 1 })):find("name must be a string", 1, true))
  end)

  it("is created and changed in one call", function()
    local id = post(API .. "/editor/template/modify", { templateId = TEMPLATE,
      updates = { scripts = "said" } }).data.projectId
    assert.equal("said", scenes_of(id)[1].scripts[1].org)
    assert.equal(0, #server:ledger())
    local answer = post(API .. "/editor/template/modify", { templateId = TEMPLATE,
      updates = { headline = "x" } })
    assert.truthy(message_of(answer):find("updates.headline", 1, true))
  end)

  it("is made of a document, whose kind is checked", function()
    local path = API .. "/editor/project/pptpdf"
    local id = post_form(path, { "name", "My deck" }, { "file", "%PDF-1.4", "deck.PDF" })
      .data.projectId
    assert.equal("My deck", get(API .. "/editor/project/" .. id).data.project.name)
    assert.truthy(message_of(post_form(path, { "file", "x", "deck.txt" })):find("pdf, pptx, ppt"))
    assert.equal("file is required", message_of(post_form(path, { "name", "x" })))
    assert.equal("file must be a file", message_of(post_form(path, { "file", "x" })))
    assert.truthy(message_of(post(path, "{}")):find("multipart", 1, true))
  end)
end)

describe("simple calls", function()
  local fields = { language = "en", text = "Hello.", model = "M1", clothes = "B1" }

  it("render a video only when they are told to", function()
    local id = post(API .. "/simple/video", fields).data.projectId
    assert.equal(0, get(API .. "/editor/progress/" .. id).data.progress)
    assert.equal(0, #server:ledger())
    fields.isExport = true
    id = post(API .. "/simple/video", fields).data.projectId
    assert.equal(100, get(API .. "/editor/progress/" .. id).data.progress)
  end)

  it("render a video without being told to, where the sandbox follows the tutorial", function()
    server:close()
    begin { render_seconds = 0, simple_video_exports = true }
    local id = post(API .. "/simple/video",
      { language = "en", text = "Hi", model = "M", clothes = "B" }).data.projectId
    assert.equal(100, get(API .. "/editor/progress/" .. id).data.progress)
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

-- ---- tools ----

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

describe("a project that a tool builds", function()
  it("is built with time, exported when it is built, and billed once", function()
    server:close()
    begin { build_seconds = 100, render_seconds = 0 }
    local data = post(API .. "/automation/topic_to_video",
      { topic = "tea", options = { duration = 60, speed = 1.5 } }).data
    assert.truthy(data.automationJobId)
    local progress = API .. "/automation/progress?projectId=" .. data.projectId
    assert.equal("building", get(progress).data.state)
    local answer = post(API .. "/editor/project/export", { projectId = data.projectId })
    assert.equal(409, answer.status)
    server:advance(100)
    assert.same({ state = "finish", progress = 100 }, get(progress).data)
    for _, path in ipairs { "/?projectId=", "/" } do
      local done = get(API .. "/automation/progress" .. path .. data.projectId).data
      assert.equal("finish", done.state)
    end
    assert.equal(404, get(API .. "/automation/progress/unknown").status)
    answer = post(API .. "/editor/project/export", { projectId = data.projectId })
    assert.equal(100, get(API .. "/editor/progress/" .. answer.data.projectId).data.progress)
    assert.equal(1, #server:ledger())
    assert.equal(1, #server:ledger().builds)
  end)

  it("comes from documents that were uploaded, and from no others", function()
    local uploads = post_form(API .. "/automation/docs-to-video/upload-files",
      { "files", "one", "a.pptx" }, { "files", "two", "b.pdf" }).data.uploadResults
    assert.equal("a.pptx", uploads[1].fileName)
    assert.truthy(uploads[2].uri:find "%.pdf$")
    local path = API .. "/automation/docs-to-video"
    local id = post(path, { files = uploads, options = { speed = 1 } }).data.projectId
    assert.equal(200, get(API .. "/editor/project/" .. id).status)
    uploads[2].uri = "other.pdf"
    assert.truthy(message_of(post(path, { files = uploads })):find("files[1].uri", 1, true))
    assert.truthy(message_of(post_form(path .. "/upload-files", { "files", "x", "x.exe" }))
      :find("files must be a file of one of", 1, true))
  end)

  it("comes from a page or a script, with options that are checked", function()
    assert.truthy(post(API .. "/automation/url_to_video", { url = "https://example.com" })
      .data.projectId)
    assert.truthy(post(API .. "/automation/scripts_to_video", { scripts = "One.\nTwo.",
      options = { scriptOption = "original" } }).data.projectId)
    assert.truthy(post(API .. "/automation/topic_to_video", { topic = "x",
      options = cjson.null }).data.projectId)
    for expected, options in pairs {
      ["options.speed must be from 0.5 to 1.5"] = { speed = 2 },
      ["options.duration must be one of: 30, 60"] = { duration = 45 },
      ["options.media must be one of"] = { media = "auto" },
      ["options.style must be one of"] = { style = "manga" },
    } do
      local answer = post(API .. "/automation/topic_to_video", { topic = "x", options = options })
      assert.truthy(message_of(answer):find(expected, 1, true), message_of(answer))
    end
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

-- ---- live sessions ----

describe("a live session", function()
  local bearer, key

  before_each(function()
    local answer = post(SESSIONS .. "/token",
      { appId = server.app_id, userKey = server.user_key })
    assert.equal(1000, answer.json.code)
    bearer = { Authorization = "Bearer " .. answer.data.session_token }
    key = { ["STUDIO-API-KEY"] = server.user_key }
  end)

  local function start(fields)
    return post(SESSIONS .. "/start", fields or { avatar_id = "a" }, bearer)
  end

  local function stop(id, reason)
    return post(SESSIONS .. "/stop", { session_id = id, reason = reason }, key)
  end

  it("starts, talks, and is billed until it is stopped", function()
    local data = start({ avatar_id = "a", greeting_text = "Welcome" }).data
    assert.truthy(data.livekit.url:find "^wss://")
    assert.truthy(data.livekit.token and data.livekit.room_name)
    local answer = post(SESSIONS .. "/" .. data.session_id .. "/talk", { message = "Hi" }, bearer)
    assert.same({ code = 1000, data = cjson.null, message = cjson.null }, answer.json)
    server:advance(120)
    assert.equal(1, server:stats().active_sessions)
    answer = stop(data.session_id, "USER_CLOSED")
    assert.equal(1000, answer.json.code)
    server:advance(600)
    local session = server:sessions()[1]
    assert.is_false(session.is_active)
    assert.equal("USER_CLOSED", session.end_reason)
    assert.is_true(session.duration >= 120 and session.duration < 125)
    assert.equal(1.0, session.credits)
    assert.equal("first_message", session.talks[1].type)
    assert.equal("Hi", session.talks[2].message)
    local shown = get(SESSIONS .. "/" .. data.session_id, key).data
    assert.equal("USER_CLOSED", shown.end_reason)
    assert.truthy(shown.end_at)
  end)

  it("ends by itself when its time is over", function()
    local data = start({ avatar_id = "a", max_session_duration = 2 }).data
    server:advance(121)
    assert.equal("TIMEOUT", server:sessions()[1].end_reason)
    assert.equal(120, server:sessions()[1].duration)
    local answer = stop(data.session_id, "ERROR")
    assert.equal(404, answer.status)
    assert.equal(4040, answer.json.code)
  end)

  it("is one of at most ten", function()
    for _ = 1, 10 do assert.equal(200, start().status) end
    local answer = start()
    assert.equal(429, answer.status)
    assert.equal(4290, answer.json.code)
  end)

  it("needs a bearer for talking and the key for stopping", function()
    local answer = start()
    local path = SESSIONS .. "/" .. answer.data.session_id
    answer = post(path .. "/talk", { message = "x" })
    assert.equal(401, answer.status)
    assert.equal(4010, answer.json.code)
    assert.equal(401, post(SESSIONS .. "/stop", { session_id = "x", reason = "ERROR" }).status)
    assert.equal(401, get(path, { ["STUDIO-API-KEY"] = "other" }).status)
    assert.equal(400, post(path .. "/talk", { text = "x" }, bearer).status)
    answer = stop("x", "BORED")
    assert.equal(4000, answer.json.code)
    server:expire_tokens()
    assert.equal(401, start().status)
  end)

  it("is listed by pages, newest first, active or historic", function()
    local ids = {}
    for i = 1, 5 do ids[i] = start().data.session_id end
    stop(ids[1], "ERROR")
    local data = get(SESSIONS .. "?page=2&page_size=2", key).data
    assert.equal(5, data.count)
    assert.equal(ids[3], data.results[1].sessionId)
    assert.truthy(data.next:find "page=3")
    assert.truthy(data.previous:find "page=1")
    assert.equal(4, get(SESSIONS .. "?type=active", key).data.count)
    assert.equal(ids[1], get(SESSIONS .. "?type=historic", key).data.results[1].sessionId)
    local last = get(SESSIONS .. "?page=9", key)
    assert.truthy(last.body:find('"results":[]', 1, true))
    assert.equal(cjson.null, last.data.next)
    for _, query in ipairs { "page=0", "page_size=101", "type=old", "page=x" } do
      assert.equal(400, get(SESSIONS .. "?" .. query, key).status)
    end
  end)
end)

-- ---- uploads and webhooks ----

describe("an upload", function()
  it("is logged by its parts", function()
    post_form(API .. "/editor/project/pptpdf", { "file", "a\0b\r\nc", "deck.pdf" }, { "name", "" })
    local parts = server:requests "create_from_document"[1].parts
    assert.equal(2, #parts)
    assert.equal("file", parts[1].name)
    assert.equal("deck.pdf", parts[1].filename)
    assert.equal("application/octet-stream", parts[1].type)
    assert.equal("a\0b\r\nc", parts[1].data)
    assert.equal(6, parts[1].size)
    assert.equal("", parts[2].data)
    assert.is_nil(parts[2].filename)
  end)

  it("of any size is read without being kept", function()
    local size = support.is_slow and 4 << 20 or 32 << 20
    local body, kind = http.form { { "file", ("0123456789abcdef"):rep(size // 16), "a.pdf" } }
    local answer = post(API .. "/editor/project/pptpdf", body, { ["Content-Type"] = kind })
    assert.equal(200, answer.status)
    local request = server:requests "create_from_document"[1]
    assert.equal(size, request.parts[1].size)
    assert.equal(65536, #request.parts[1].data)
    assert.equal(#body, request.body_size)
    assert.is_true(#request.body <= 1 << 20)
  end)

  it("that is cut off is refused", function()
    local body, kind = http.form { { "file", "x", "a.pdf" } }
    local answer = post(API .. "/editor/project/pptpdf", body:sub(1, -20),
      { ["Content-Type"] = kind })
    assert.truthy(message_of(answer):find("not whole", 1, true))
  end)
end)

describe("a webhook", function()
  local socket = require "socket"

  local function take(listener)
    listener:settimeout(5)
    local peer = assert(listener:accept())
    peer:settimeout(5)
    local head = {}
    for line in function() return peer:receive "*l" end do
      if line == "" then break end
      head[#head + 1] = line
    end
    local length = table.concat(head, "\n"):match "Content%-Length: (%d+)"
    local body = cjson.decode((peer:receive(tonumber(length))))
    peer:send "HTTP/1.1 204 No Content\r\n\r\n"
    peer:close()
    return head[1], body
  end

  local function create(url)
    return post(API .. "/simple/custom", { language = "en", text = "Hi", model = "M",
      webhookUrl = url }).data.projectId
  end

  local listener, url

  before_each(function()
    listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    url = ("http://127.0.0.1:%d/hook?job=1&secret=x"):format(port)
  end)

  after_each(function() listener:close() end)

  it("tells how a render gets on, and at its end where the video is", function()
    server:close()
    begin { render_seconds = 100 }
    local id = create(url)
    server:advance(60, { wait = false }) -- this thread takes them
    for _, progress in ipairs { 25, 50 } do
      local line, event = take(listener)
      assert.equal("POST /hook?job=1&secret=x HTTP/1.1", line)
      assert.equal(progress, event.progress)
      assert.is_nil(event.download_url)
    end
    server:advance(40, { wait = false })
    take(listener)
    local _, event = take(listener)
    assert.equal(100, event.progress)
    assert.equal(1, event.credit)
    local project = get(API .. "/editor/project/" .. id).data.project
    assert.equal(project.backendTaskId, event.backendTaskId)
    assert.equal(project.download_url, event.download_url)
    support.wait_until(function() return server:webhooks()[4].status == 204 end)
    assert.equal(id, server:webhooks()[4].project_id)
  end)

  it("comes as time goes by, without being asked for", function()
    server:close()
    begin { render_seconds = 0.2 }
    create(url)
    local seen = {}
    repeat
      local _, event = take(listener)
      seen[#seen + 1] = event.progress
    until event.progress == 100
    assert.is_true(#seen >= 2)
    for i = 2, #seen do assert.is_true(seen[i] > seen[i - 1]) end
    support.wait_until(function()
      local sent = server:webhooks()
      return sent[#sent].status == 204
    end)
  end)

  it("is sent to this machine only, and says what became of it", function()
    create "https://example.com/hook"
    create "http://10.1.2.3/hook"
    create(("http://127.0.0.1:%d/"):format(support.free_port()))
    support.wait_until(function()
      local sent = server:webhooks()
      return #sent == 3 and sent[3].problem
    end)
    for i = 1, 2 do
      assert.truthy(server:webhooks()[i].problem:find("this machine", 1, true))
    end
  end)

  it("that nobody takes does not hold up the end", function()
    create(url)
    support.wait_until(function() return #server:webhooks() == 1 end)
    local before = socket.gettime()
    server:close()
    assert.is_true(socket.gettime() - before < 0.1)
  end)
end)
