-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local core = require "aistudios.sandbox.core"
local http = require "spec.support.http"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local EDITOR = "/api/odin/v3/editor"
local hello = support.read_file "spec/fixtures/hello-project.json"

local server, caller, token

local function ask(...) return caller:ask(...) end

local function get_token()
  caller:renew()
  token = caller.token
end

local function begin(options)
  server = assert(sandbox.start(options or { render_seconds = 0 }))
  caller = http.caller(server)
  token = caller.token
end

-- A small project that is complete; `change` may spoil it.
local function project(change)
  local clip = { id = "a", type = "aiModel", layer = 1, left = 0, top = 0, width = 10,
    height = 10, model = { ai_name = "M1", emotion = "B1" } }
  local script = { org = "Hello.", isTTS = false, tts = cjson.null, modelId = "M1",
    clothId = "B1" }
  local scene = { sceneIdx = 0, background = { type = "background" },
    scripts = { script }, clips = { clip } }
  local whole = { name = "small", scenes = { scene } }
  if change then change(whole, scene, clip, script) end
  return whole
end

local function create(body)
  return ask("POST", EDITOR .. "/project", body or project()).data.projectId
end

local function file_of(id) return "/files/" .. id .. ".mp4" end

before_each(function() begin() end)
after_each(function() server:close() end)

describe("starting a sandbox", function()
  it("says where it is and who may ask", function()
    assert.equal(("http://127.0.0.1:%d"):format(server.port), server.url)
    assert.equal("127.0.0.1", server.host)
    assert.truthy(server.app_id ~= "" and server.user_key ~= "")
    assert.truthy(tostring(server):find(server.url, 1, true))
    assert.is_nil(tostring(server):find(server.user_key, 1, true))
  end)

  it("takes the host, the port and the credentials that it is given", function()
    local port = support.free_port()
    local other <close> = sandbox.start { port = port, host = "127.0.0.1", app_id = "me",
      user_key = "mine" }
    assert.equal(port, other.port)
    assert.equal("me", other.app_id)
    local answer = http.ask(port, "POST", "/api/odin/v3/auth/token", {
      headers = { ["Content-Type"] = "application/json" },
      body = '{"appId":"me","userKey":"mine"}' })
    assert.equal(200, answer.status)
  end)

  it("fails with a message where the port is taken or the certificate is none", function()
    local other, message = sandbox.start { port = server.port }
    assert.is_nil(other)
    assert.truthy(message:find("in use", 1, true))
    other, message = sandbox.start { tls = { cert = "/nonexistent", key = "/nonexistent" } }
    assert.is_nil(other)
    assert.truthy(message:find("/nonexistent", 1, true))
    local text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    other, message = sandbox.start { tls = { cert = text, key = text } }
    assert.is_nil(other)
    assert.truthy(message:find("certificate", 1, true))
  end)

  it("raises for options that it does not know or cannot mean", function()
    for _, case in ipairs {
      { { prot = 1 }, "did you mean 'port'" }, { { port = "80" }, "'port' must be" },
      { { port = 65536 }, "'port' must be" }, { { render_seconds = -1 }, "render_seconds" },
      { { token_seconds = 0 / 0 }, "token_seconds" }, { { app_id = "" }, "app_id" },
      { { tls = { cert = "x" } }, "tls.key" }, { { tls = { crt = "x" } }, "mean 'cert'" },
      { { jwt = 1 }, "'jwt' must be" }, { "x", "a table" },
    } do
      local ok, message = pcall(sandbox.start, case[1])
      assert.is_false(ok)
      assert.truthy(message:find(case[2], 1, true), message)
    end
    local _, message = pcall(function() sandbox.start { prot = 1 } end)
    assert.truthy(message:find "^[^:]*sandbox_spec.lua:%d+: ")
  end)
end)

describe("a client of a sandbox", function()
  it("has the addresses and credentials of the sandbox, and other options on demand", function()
    local client <close> = assert(server:client())
    assert.truthy(client:confirm_auth())
    assert.truthy(client:start_session { avatar_id = "a" })
    local other <close> = assert(server:client { user_key = "another", retries = 0 })
    assert.equal("auth", select(2, other:confirm_auth()).kind)
    assert.has_error(function() server:client "x" end, "client: options must be a table")
  end)
end)

describe("closing a sandbox", function()
  it("is prompt with open connections and slow answers, and may be repeated", function()
    local connections = {}
    for i = 1, 20 do connections[i] = http.connect(server.port) end
    assert.equal(404, connections[1]:ask("GET", "/x").status)
    server:fault { on = "list_projects", kind = "slow", seconds = 60, times = 2 }
    connections[2]:send("GET", EDITOR .. "/project", { headers = { Authorization = token } })
    support.wait_until(function() return server:stats().by_endpoint.list_projects == 1 end)
    local before = core.now()
    server:close()
    assert.is_true(core.now() - before < 0.1)
    server:close()
    for _, connection in ipairs(connections) do
      assert.is_nil(connection:receive())
      connection:close()
    end
  end)

  it("happens at the end of a block and when it is forgotten", function()
    local port
    do
      local other <close> = sandbox.start()
      port = other.port
    end
    assert.is_nil((require "socket".connect("127.0.0.1", port)))
    port = sandbox.start().port
    collectgarbage()
    collectgarbage()
    assert.is_nil((require "socket".connect("127.0.0.1", port)))
  end)

  it("leaves an object that says that it is closed", function()
    server:close()
    local ok, message = pcall(function() server:requests() end)
    assert.is_false(ok)
    assert.truthy(message:find "sandbox_spec.lua:%d+: this sandbox is closed")
    assert.truthy(tostring(server):find("closed", 1, true))
  end)
end)

describe("a token", function()
  it("is given for the right credentials and for no others", function()
    assert.truthy(token)
    local answer = ask("POST", "/api/odin/v3/auth/token",
      { appId = server.app_id, userKey = "other" })
    assert.equal(401, answer.status)
    assert.is_false(answer.json.success)
  end)

  it("opens the calls, bare", function()
    local answer = ask("GET", "/api/odin/v3/auth")
    assert.same({ success = true, data = { isAuthenticated = true } }, answer.json)
  end)

  it("is refused when it is missing, wrong, or has a prefix", function()
    for header, expected in pairs { [""] = "missing", nonsense = "not valid",
      ["Bearer " .. token] = "Bearer" } do
      local answer = ask("GET", "/api/odin/v3/auth", nil, { Authorization = header })
      assert.equal(401, answer.status)
      assert.is_false(answer.json.success)
      assert.truthy(answer.json.error.msg:find(expected, 1, true))
    end
  end)

  it("ends after token_seconds, or on demand", function()
    server:advance(86399)
    assert.equal(200, ask("GET", "/api/odin/v3/auth").status)
    server:advance(2)
    local answer = ask("GET", "/api/odin/v3/auth")
    assert.equal(401, answer.status)
    assert.truthy(answer.json.error.msg:find("expired", 1, true))
    get_token()
    assert.equal(1, server:expire_tokens())
    assert.equal(401, ask("GET", "/api/odin/v3/auth").status)
  end)

  it("can be a JWT that says when it ends", function()
    server:close()
    begin { jwt = true, token_seconds = 100 }
    local payload = token:match "^[%w_-]+%.([%w_-]+)%.[%w_-]+$"
    local text = require "mime".unb64((payload:gsub("-", "+"):gsub("_", "/"))
      .. ("="):rep(-#payload % 4))
    local left = cjson.decode(text).exp - os.time()
    assert.is_true(left >= 99 and left <= 101)
    assert.equal(200, ask("GET", "/api/odin/v3/auth").status)
  end)
end)

describe("a project", function()
  it("is created, rendered with time, and read as it was written", function()
    server:close()
    begin { render_seconds = 100 }
    local id = create(hello)
    local answer = ask("GET", EDITOR .. "/progress/" .. id)
    assert.is_true(answer.data.progress < 1)
    assert.equal("exporting", answer.data.state)
    assert.is_nil(answer.data.downloadUrl)
    server:advance(50)
    answer = ask("GET", EDITOR .. "/progress/" .. id)
    assert.is_true(answer.data.progress >= 50 and answer.data.progress < 51)
    server:advance(50)
    answer = ask("GET", EDITOR .. "/progress/" .. id)
    assert.equal(100, answer.data.progress)
    assert.equal("exported", answer.data.state)
    assert.equal(server.url .. file_of(id), answer.data.downloadUrl)
    answer = ask("GET", EDITOR .. "/project/" .. id)
    local seen = answer.data.project
    assert.equal(id, seen._id)
    assert.equal("exported", seen.state)
    assert.equal(server.url .. file_of(id), seen.download_url)
    assert.same(cjson.decode(hello).scenes, seen.scenes)
    assert.truthy(answer.body:find("367.33333333333337", 1, true))
  end)

  it("that is not exported is not rendered, listed or billed", function()
    local id = create(project(function(whole) whole.isExport = false end))
    local answer = ask("GET", EDITOR .. "/progress/" .. id)
    assert.equal(0, answer.data.progress)
    assert.is_nil(answer.data.downloadUrl)
    assert.same({}, ask("GET", EDITOR .. "/project").data)
    assert.equal(0, #server:ledger())
    assert.equal(404, ask("GET", file_of(id)).status)
  end)

  it("is exported as another, which is to be followed", function()
    local id = create(project(function(whole) whole.isExport = false end))
    local export = ask("POST", EDITOR .. "/project/export", { projectId = id }).data.projectId
    assert.not_equal(id, export)
    assert.equal(100, ask("GET", EDITOR .. "/progress/" .. export).data.progress)
    assert.equal(1, #server:ledger())
    assert.equal("export_project", server:ledger()[1].endpoint)
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
    assert.equal(2, #server:ledger())
  end)

  it("is listed with its state and its address, in an array", function()
    assert.truthy(ask("GET", EDITOR .. "/project").body:find('"data":[]', 1, true))
    local id = create()
    local created = ask("GET", EDITOR .. "/project/" .. id).data.project.createdAt
    assert.truthy(created:find "^%d+%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d+Z$")
    assert.same({ { id = id, name = "small", state = "exported", createdAt = created,
      download_url = server.url .. file_of(id) } }, ask("GET", EDITOR .. "/project").data)
  end)

  it("is listed only after list_lag, though its progress is known at once", function()
    server:close()
    begin { render_seconds = 0, list_lag = 30 }
    local id = create()
    assert.equal(100, ask("GET", EDITOR .. "/progress/" .. id).data.progress)
    server:advance(29)
    assert.same({}, ask("GET", EDITOR .. "/project").data)
    server:advance(1)
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
      local answer = ask("POST", EDITOR .. "/project", project(change))
      assert.equal(400, answer.status)
      assert.is_false(answer.json.success)
      assert.truthy(answer.json.error.msg:find(expected, 1, true),
        expected .. " <> " .. answer.json.error.msg)
    end
    assert.equal(0, server:stats().projects)
  end)

  it("is named: a required field of every other call", function()
    local id = create()
    for path, case in pairs {
      ["/api/odin/v3/auth/token"] = { { appId = "x" }, "userKey is required" },
      [EDITOR .. "/project/export"] = { { name = "x" }, "projectId is required" },
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
    server:close()
    begin { max_body = 1000 }
    local answer = ask("POST", EDITOR .. "/project", hello)
    assert.equal(413, answer.status)
    assert.equal(0, #server:ledger())
  end)

  it("may not be that fields are there which nobody documents", function()
    assert.truthy(create(project(function(whole, scene) whole.x, scene.y = 1, {} end)))
  end)
end)

describe("a video", function()
  local id, path
  local function get(headers)
    return http.ask(server.port, "GET", path, { headers = headers })
  end

  before_each(function()
    id = create()
    path = file_of(id)
  end)

  it("is served whole, without credentials, and is an MP4", function()
    local answer = get()
    assert.equal(200, answer.status)
    assert.equal("video/mp4", answer.headers["content-type"])
    assert.equal("bytes", answer.headers["accept-ranges"])
    assert.equal("ftyp", answer.body:sub(5, 8))
    assert.truthy(answer.body:find("moov", 1, true))
    assert.equal("download", server:requests "download"[1].endpoint)
  end)

  it("is served in ranges", function()
    local whole = get().body
    for range, part in pairs {
      ["bytes=0-99"] = { 1, 100 }, ["bytes=100-"] = { 101, #whole },
      ["bytes=-10"] = { #whole - 9, #whole }, ["bytes=11000-99999"] = { 11001, #whole },
    } do
      local answer = get { Range = range }
      assert.equal(206, answer.status)
      assert.equal(whole:sub(part[1], part[2]), answer.body)
      assert.equal(("bytes %d-%d/%d"):format(part[1] - 1, part[2] - 1, #whole),
        answer.headers["content-range"])
    end
  end)

  it("is not served beyond its end, and whole for ranges that mean nothing", function()
    local size = #get().body
    local answer = get { Range = "bytes=" .. size .. "-" }
    assert.equal(416, answer.status)
    assert.equal("bytes */" .. size, answer.headers["content-range"])
    assert.equal(416, get({ Range = "bytes=-0" }).status)
    for _, range in ipairs { "bytes=5-2", "bytes=-", "lines=1-2", "bytes=0-1,3-4" } do
      assert.equal(200, get({ Range = range }).status)
    end
  end)

  it("has a tag, by which a range goes on only with the same video", function()
    local etag = get().headers.etag
    assert.truthy(etag:find '^".+"$')
    assert.equal(206, get({ Range = "bytes=5-", ["If-Range"] = etag }).status)
    assert.equal(200, get({ Range = "bytes=5-", ["If-Range"] = '"other"' }).status)
    assert.equal(304, get({ ["If-None-Match"] = etag }).status)
    server:replace_video(id)
    local answer = get { Range = "bytes=5-", ["If-Range"] = etag }
    assert.equal(200, answer.status)
    assert.not_equal(etag, answer.headers.etag)
  end)

  it("answers HEAD with its size and nothing else", function()
    local answer = http.ask(server.port, "HEAD", path)
    assert.equal(200, answer.status)
    assert.equal(#get().body, tonumber(answer.headers["content-length"]))
  end)

  it("of any size is generated, equal from every offset, a video at its start", function()
    local video = get().body
    server:close()
    begin { render_seconds = 0, download_bytes = 1000000 }
    path = file_of(create())
    local whole = get().body
    assert.equal(1000000, #whole)
    assert.equal(video, whole:sub(1, #video))
    assert.equal("free", whole:sub(#video + 5, #video + 8))
    for _ = 1, 20 do
      local from = math.random(0, 999998)
      local to = math.random(from, 999999)
      local answer = get { Range = ("bytes=%d-%d"):format(from, to) }
      assert.is_true(whole:sub(from + 1, to + 1) == answer.body)
    end
  end)

  it("can be larger than what is kept in memory", function()
    server:close()
    begin { render_seconds = 0, download_bytes = 1 << 40 }
    path = file_of(create())
    local answer = get { Range = ("bytes=%d-%d"):format((1 << 40) - 10, 1 << 40) }
    assert.equal(206, answer.status)
    assert.equal(10, #answer.body)
    assert.equal(1 << 40, tonumber(http.ask(server.port, "HEAD", path).headers["content-length"]))
  end)

  it("comes at the speed that it is given", function()
    server:close()
    begin { render_seconds = 0, download_bytes = 100000, download_rate = 400000 }
    path = file_of(create())
    local before = core.now()
    assert.equal(100000, #get().body)
    local seconds = core.now() - before
    assert.is_true(seconds > 0.2 and seconds < 1, seconds)
  end)
end)

-- ---- faults ----

local function is_done(answer) assert.is_true(answer.json.success) return 1 end

local expectations = {
  drop_before_read = function(answer) assert.is_nil(answer) return 0 end,
  drop_after_read = function(answer, problem)
    assert.is_nil(answer)
    assert.equal("closed", problem)
    return 1
  end,
  reset_mid_body = function(answer)
    assert.equal(200, answer.status)
    assert.truthy(answer.problem)
    assert.truthy(#answer.body > 0 and #answer.body < 64)
    return 1
  end,
  truncated = function(answer)
    assert.equal(200, answer.status)
    assert.equal("closed", answer.problem)
    assert.equal(32, #answer.body)
    return 1
  end,
  stall = function(answer)
    assert.equal("closed", answer.problem)
    assert.equal(32, #answer.body)
    return 1
  end,
  slow = is_done,
  status = function(answer)
    assert.equal(500, answer.status)
    assert.is_false(answer.json.success)
    return 0
  end,
  not_json = function(answer)
    assert.equal(200, answer.status)
    assert.equal("text/html; charset=utf-8", answer.headers["content-type"])
    assert.equal("<", answer.body:sub(1, 1))
    return 1
  end,
  success_false = function(answer)
    assert.equal(200, answer.status)
    assert.is_false(answer.json.success)
    return 0
  end,
  expired_token = function(answer)
    assert.equal(401, answer.status)
    assert.truthy(answer.json.error.msg:find("expired", 1, true))
    assert.equal(401, ask("GET", "/api/odin/v3/auth").status)
    get_token()
    return 0
  end,
  bare_list = function(answer)
    assert.is_nil(answer.json.success)
    assert.truthy(answer.json.projectId)
    return 1
  end,
  unknown_state = function(answer)
    assert.equal("hibernating", answer.data.state)
    return 1
  end,
  done_without_url = function(answer) assert.truthy(answer.data.projectId) return 1 end,
  expired_url = function(answer) assert.equal(403, answer.status) return 0 end,
  webhook_twice = is_done, webhook_out_of_order = is_done, webhook_lost = is_done,
  webhook_before_answer = is_done,
  huge = function(answer)
    assert.equal("1000", answer.headers["content-length"])
    return 1
  end,
}

local extras = { slow = { seconds = 0.01 }, stall = { seconds = 0.05 }, huge = { bytes = 1000 } }

local function fault(kind, on, more)
  local whole = { kind = kind, on = on }
  for _, some in ipairs { extras[kind] or {}, more or {} } do
    for name, value in pairs(some) do whole[name] = value end
  end
  server:fault(whole)
end

describe("a fault", function()
  for kind in pairs(require "aistudios.sandbox.fault_kinds".rows) do
    it("of the kind " .. kind .. " does what it says, once, and bills what was done", function()
      fault(kind, "create_project")
      local billed = expectations[kind](ask("POST", EDITOR .. "/project", project()))
      assert.equal(billed, #server:ledger())
      local seen = server:requests "create_project"
      assert.equal(kind, seen[#seen].fault)
      assert.truthy(create(project(function(whole) whole.name = "next" end)))
      assert.equal(billed + 1, #server:ledger())
      assert.equal(0, server:ledger().duplicates)
    end)
  end

  it("hits the nth call from then on, and as many as it says", function()
    server:fault { on = "list_projects", kind = "status", status = 503, nth = 2, times = 2 }
    local seen = {}
    for i = 1, 5 do seen[i] = ask("GET", EDITOR .. "/project").status end
    assert.same({ 200, 503, 503, 200, 200 }, seen)
  end)

  it("hits any call, or only those it is for", function()
    server:fault { on = "get_progress", kind = "status" }
    assert.equal(200, ask("GET", EDITOR .. "/project").status)
    server:fault { on = "any", kind = "status", status = 418 }
    assert.equal(418, ask("GET", EDITOR .. "/project").status)
    server:clear_faults()
    assert.equal(404, ask("GET", EDITOR .. "/progress/x").status)
  end)

  it("of a status says when to come back, has headers, a body, and may act", function()
    server:fault { on = "create_project", kind = "status", status = 503, retry_after = 7,
      act = true, headers = { Location = "http://127.0.0.1:1/" }, body = "[1,2]" }
    local answer = ask("POST", EDITOR .. "/project", project())
    assert.equal(503, answer.status)
    assert.equal("7", answer.headers["retry-after"])
    assert.equal("http://127.0.0.1:1/", answer.headers.location)
    assert.same({ 1, 2 }, answer.json)
    assert.equal(1, #server:ledger())
  end)

  it("of a status can be a gateway's, without the API's envelope", function()
    server:fault { on = "create_project", kind = "status", from = "gateway", act = true }
    local answer = ask("POST", EDITOR .. "/project", project())
    assert.equal(503, answer.status)
    assert.equal("5", answer.headers["retry-after"])
    assert.equal("text/html; charset=utf-8", answer.headers["content-type"])
    assert.truthy(answer.body:find("Varnish cache server", 1, true))
    assert.equal(1, #server:ledger())
    server:fault { on = "create_project", kind = "status", from = "gateway", status = 502,
      retry_after = false, body = "<p>x</p>" }
    answer = ask("POST", EDITOR .. "/project", project())
    assert.equal(502, answer.status)
    assert.is_nil(answer.headers["retry-after"])
    assert.equal("<p>x</p>", answer.body)
    assert.equal(1, #server:ledger())
  end)

  it("that is early leaves a body unread, a late one does not", function()
    fault("drop_before_read", "create_project")
    fault("drop_after_read", "create_project", { nth = 2 })
    ask("POST", EDITOR .. "/project", project())
    ask("POST", EDITOR .. "/project", project())
    local seen = server:requests "create_project"
    assert.is_nil(seen[1].body)
    assert.truthy(seen[2].body)
    assert.is_nil(seen[1].status or seen[2].status)
  end)

  it("resets a connection, where another only ends it", function()
    local connection <close> = http.connect(server.port)
    fault("reset_mid_body", "list_projects")
    connection:ask("GET", EDITOR .. "/project", { headers = { Authorization = token } })
    local sent = connection.tcp:send "x"
    local again = connection.tcp:send "x"
    assert.is_nil(sent and again)
  end)

  it("holds up its own connection and no other", function()
    fault("slow", "list_projects", { seconds = 60 })
    local slow <close> = http.connect(server.port)
    slow:send("GET", EDITOR .. "/project", { headers = { Authorization = token } })
    support.wait_until(function() return #server:requests "list_projects" == 1 end)
    local before = core.now()
    assert.equal(200, ask("GET", EDITOR .. "/project").status)
    assert.is_true(core.now() - before < 1)
  end)

  it("lets 100 per cent come without an address, and the address later", function()
    server:close()
    begin { render_seconds = 1000 }
    local id = create()
    server:fault { on = "get_progress", kind = "done_without_url", times = 2 }
    for _ = 1, 2 do
      local data = ask("GET", EDITOR .. "/progress/" .. id).data
      assert.equal(100, data.progress)
      assert.is_nil(data.downloadUrl)
    end
    assert.truthy(ask("GET", EDITOR .. "/progress/" .. id).data.downloadUrl)
  end)

  it("sends lists without an envelope, and states that nobody documented", function()
    local id = create()
    fault("bare_list", "list_projects")
    assert.equal(id, ask("GET", EDITOR .. "/project").json[1].id)
    fault("unknown_state", "list_projects")
    assert.equal("hibernating", ask("GET", EDITOR .. "/project").data[1].state)
    fault("unknown_state", "get_project", { state = "failed" })
    assert.equal("failed", ask("GET", EDITOR .. "/project/" .. id).data.project.state)
    fault("unknown_state", "get_progress")
    assert.equal("hibernating", ask("GET", EDITOR .. "/progress/" .. id).data.state)
  end)

  it("hits downloads too", function()
    local path = file_of(create())
    local whole = http.ask(server.port, "GET", path).body
    for _, kind in ipairs { "truncated", "reset_mid_body" } do
      fault(kind, "download")
      local answer = http.ask(server.port, "GET", path)
      assert.equal(whole:sub(1, #whole // 2), answer.body)
      assert.truthy(answer.problem)
    end
    fault("status", "download", { status = 403 })
    local answer = http.ask(server.port, "GET", path)
    assert.equal(403, answer.status)
    assert.is_nil(answer.headers["content-type"]:find "json")
  end)

  it("raises where it is armed when it is not known or not complete", function()
    for _, case in ipairs {
      { { on = "create_projekt", kind = "slow" }, "did you mean 'create_project'" },
      { { on = "create_project", kind = "slwo" }, "did you mean 'slow'" },
      { { kind = "slow" }, "no endpoint" }, { { on = "any" }, "no fault" },
      { { on = "any", kind = "slow", status = 500 }, "slow takes no 'status'" },
      { { on = "any", kind = "status", status = 99 }, "'status' must be" },
      { { on = "any", kind = "status", from = "proxy" }, "'from' must be" },
      { { on = "any", kind = "slow", nth = 0 }, "'nth' must be" },
      { { on = "any", kind = "slow", times = 1.5 }, "'times' must be" },
    } do
      local ok, message = pcall(function() server:fault(case[1]) end)
      assert.is_false(ok)
      assert.truthy(message:find "sandbox_spec.lua:%d+: fault: ")
      assert.truthy(message:find(case[2], 1, true), message)
    end
  end)
end)

-- ---- what it remembers ----

describe("the ledger", function()
  it("has every render, and finds those that were asked for twice", function()
    local first = create()
    local second = create()
    local third = create(project(function(whole) whole.name = "other" end))
    local ledger = server:ledger()
    assert.equal(3, #ledger)
    assert.equal(3, ledger.count)
    assert.equal(1, ledger.duplicates)
    assert.equal(first, ledger[1].project_id)
    assert.equal("small", ledger[1].name)
    assert.equal("create_project", ledger[1].endpoint)
    assert.is_nil(ledger[1].duplicate_of)
    assert.equal(second, ledger[2].project_id)
    assert.equal(first, ledger[2].duplicate_of)
    assert.equal(third, ledger[3].project_id)
    assert.is_true(math.abs(ledger[3].time - os.time()) < 5)
  end)

  it("has no work that was refused", function()
    ask("POST", EDITOR .. "/project", { name = "x" })
    server:expire_tokens()
    ask("POST", EDITOR .. "/project", project())
    assert.equal(0, #server:ledger())
  end)
end)

describe("the log", function()
  it("has what came, byte for byte", function()
    server:clear_requests()
    ask("POST", EDITOR .. "/project?a=1%202&b=%26", hello, { ["X-Odd"] = "value" })
    local seen = server:requests()
    assert.equal(1, #seen)
    local entry = seen[1]
    assert.equal("create_project", entry.endpoint)
    assert.equal("POST", entry.method)
    assert.equal(EDITOR .. "/project", entry.path)
    assert.same({ a = "1 2", b = "&" }, entry.query)
    assert.equal(token, entry.headers.authorization)
    assert.equal("value", entry.headers["x-odd"])
    assert.equal(hello, entry.body)
    assert.equal(200, entry.status)
  end)

  it("tells connections apart and counts from 1", function()
    server:clear_requests()
    local connection <close> = http.connect(server.port)
    connection:ask("GET", "/x")
    connection:ask("GET", "/x")
    ask("GET", "/x")
    local seen = server:requests()
    assert.equal(seen[1].connection, seen[2].connection)
    assert.not_equal(seen[1].connection, seen[3].connection)
    assert.equal(seen[1].id + 1, seen[2].id)
    support.wait_until(function() return server:stats().open_connections == 1 end)
  end)

  it("keeps the last 10,000, and counts them all", function()
    local connection <close> = http.connect(server.port)
    for _ = 1, 100 do
      connection.tcp:send(("GET /x HTTP/1.1\r\nHost: x\r\n\r\n"):rep(101))
      for _ = 1, 101 do assert.equal(404, connection:receive().status) end
    end
    assert.equal(10000, #server:requests())
    assert.equal(10101, server:stats().requests)
  end)

  it("cuts bodies that are very long, and says how long they were", function()
    ask("POST", EDITOR .. "/project", ("x"):rep(5000000))
    local entry = server:requests "create_project"[1]
    assert.equal(5000000, entry.body_size)
    assert.equal(4 * 1024 * 1024, #entry.body)
  end)
end)

describe("asking a sandbox", function()
  it("never waits for a finalizer that asks it, too", function()
    local asked = 0
    local pause = collectgarbage("setpause", 0)
    for _ = 1, 200 do
      setmetatable({}, { __gc = function() asked = asked + #server:requests() end })
      ask("GET", "/x")
      server:requests()
    end
    collectgarbage("setpause", pause)
    collectgarbage()
    assert.is_true(asked >= 200)
    assert.is_true(collectgarbage "isrunning")
  end)
end)

describe("a sandbox with TLS", function()
  local function get(tls)
    local files = support.certificates()
    local other <close> = assert(sandbox.start { render_seconds = 0, tls = tls })
    assert.truthy(other.url:find "^https://127.0.0.1:%d+$")
    local client <close> = require "aistudios".new { base_url = other.url,
      app_id = other.app_id, user_key = other.user_key, ca_file = files.ca_cert }
    assert.truthy(client:confirm_auth())
  end

  it("takes its certificate as a file and as text", function()
    local files = support.certificates()
    get { cert = files.server_cert, key = files.server_key }
    get { cert = support.read_file(files.server_cert), key = support.read_file(files.server_key) }
  end)
end)

describe("a sandbox of the parent", function()
  it("raises in a child after fork, and is left alone there", function()
    local native = require "spec.support.native"
    local child = native.fork(function()
      local ok, message = pcall(function() server:requests() end)
      server:close()
      return not ok and message:find("before fork", 1, true) ~= nil
    end)
    assert.equal(0, native.wait(child))
    assert.equal(200, ask("GET", EDITOR .. "/project").status)
  end)
end)
