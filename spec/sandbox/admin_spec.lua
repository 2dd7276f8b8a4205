-- SPDX-License-Identifier: MIT
--
-- The admin interface over HTTP.

local cjson = require "cjson"
local core = require "aistudios.core"
local http = require "spec.support.http"
local operations = require "aistudios.sandbox.admin.operations"
local receivers = require "spec.support.webhook_receiver"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local EDITOR = "/api/odin/v3/editor"
local hello = support.read_file "spec/fixtures/hello-project.json"

local server, caller, port

local function begin(options)
  options = options or {}
  options.admin_port, options.render_seconds = 0, options.render_seconds or 0
  server = assert(sandbox.start(options))
  port = math.tointeger(tonumber(server.admin:match ":(%d+)$"))
  caller = http.caller(server)
end

-- One request to the admin interface; its answer with `json`.
local function ask(method, target, body, headers)
  local text = body and (type(body) == "string" and body or cjson.encode(body))
  local answer = assert(http.ask(port, method, target, { body = text, headers = headers }))
  if answer.headers["content-type"]:find "json;" then answer.json = cjson.decode(answer.body) end
  return answer
end

local function get(target) return ask("GET", target).json end

local function create(webhook)
  local project = cjson.decode(hello)
  project.webhookUrl = webhook
  return caller:ask("POST", EDITOR .. "/project", project).data.projectId
end

before_each(function() begin() end)
after_each(function() server:close() end)

describe("the admin interface", function()
  it("describes itself", function()
    local described = {}
    for _, row in ipairs(get "/".operations) do
      described[row.name] = row
      assert.is_true(#row.about > 5)
    end
    for _, row in ipairs(operations.rows) do
      assert.equal(row.path, described[row.name] and described[row.name].path)
    end
    assert.equal("/events", described.events.path)
    assert.equal(server.url, get "/".url)
  end)

  it("sends a browser to the console, a page that loads nothing from elsewhere", function()
    local answer = assert(http.ask(port, "GET", "/", { headers = { Accept = "text/html,*/*" } }))
    assert.same({ 302, "/console" }, { answer.status, answer.headers.location })
    answer = ask("GET", "/console")
    assert.equal(200, answer.status)
    assert.truthy(answer.headers["content-type"]:find("text/html", 1, true))
    assert.truthy(answer.headers["content-security-policy"]:find("default-src 'none'", 1, true))
    assert.truthy(answer.body:find("</html>", 1, true))
  end)

  it("answers while every call of the API fails", function()
    server:fault { on = "any", kind = "drop_before_read", times = "always" }
    assert.is_nil((caller:ask("GET", EDITOR .. "/project")))
    assert.equal(200, ask("GET", "/state").status)
    assert.equal(2, get "/state".stats.requests)
  end)

  it("is not there unless it was asked for", function()
    local other <close> = assert(sandbox.start())
    assert.is_nil(other.admin)
    assert.is_nil(other.console)
  end)

  it("says what is wrong with a request", function()
    for _, case in ipairs {
      { 404, "GET", "/stat", "did you mean '/state'" },
      { 405, "PUT", "/faults", "takes DELETE, GET, POST" },
      { 400, "GET", "/requests?statu=5", "did you mean 'status'" },
      { 400, "GET", "/requests?status=x", "must be an integer" },
      { 400, "GET", "/wait?endpont=create_project", "did you mean 'endpoint'" },
      { 400, "GET", "/wait?endpoint=create_projekt", "did you mean 'create_project'" },
      { 400, "GET", "/requests?endpoint=any", "no endpoint" },
      { 400, "POST", "/clock/advance", "year 5138", '{"seconds":1e300}' },
      { 400, "POST", "/faults", "JSON object", "[1]" },
      { 400, "POST", "/faults", "JSON object", "{" },
      { 400, "POST", "/faults", "did you mean 'slow'", '{"on":"any","kind":"slwo"}' },
      { 400, "POST", "/clock/advance", "seconds is required" },
      { 404, "GET", "/state?world=x", "no such world" },
      { 404, "GET", "/projects/x", "no such project" },
      { 413, "POST", "/faults", "too large", (" "):rep(5 << 20) },
    } do
      local answer = ask(case[2], case[3], case[5])
      assert.equal(case[1], answer.status, case[3])
      assert.truthy(answer.json.error:find(case[4], 1, true), answer.json.error)
    end
    assert.equal(403, ask("POST", "/reset", nil, { Origin = "https://evil.example" }).status)
    assert.equal(200, ask("POST", "/reset", nil, { Origin = "http://localhost" }).status)
  end)
end)

describe("requests, over HTTP,", function()
  it("are filtered, and exported as lines and as an archive", function()
    create()
    caller:ask("GET", EDITOR .. "/project/unknown?a=b%20c")
    assert.equal(3, #get "/requests")
    assert.equal(hello:len() > 100, #get "/requests?endpoint=create_project"[1].body > 100)
    assert.equal(404, get "/requests?status=404"[1].status)
    assert.is_nil(get "/requests?limit=1&brief=true"[1].headers)
    local lines = {}
    for line in ask("GET", "/requests?format=jsonl").body:gmatch "[^\n]+" do
      lines[#lines + 1] = cjson.decode(line)
    end
    assert.equal(3, #lines)
    assert.truthy(lines[2].answer.body:find("projectId", 1, true))
    local log = cjson.decode(ask("GET", "/requests?format=har").body).log
    assert.equal("1.2", log.version)
    local entry = log.entries[3]
    assert.equal(server.url .. EDITOR .. "/project/unknown?a=b%20c", entry.request.url)
    assert.equal("b c", entry.request.queryString[1].value)
    assert.equal(404, entry.response.status)
    assert.truthy(entry.response.content.text:find("no such project", 1, true))
    assert.truthy(entry.startedDateTime:find "^20%d%d%-.*Z$")
    assert.equal("POST", log.entries[2].request.method)
    assert.equal("application/json", log.entries[2].request.postData.mimeType)
    assert.equal(400, ask("GET", "/requests?format=xml").status)
    assert.equal(200, get "/requests/2".status)
    ask("DELETE", "/requests")
    assert.equal("[]\n", ask("GET", "/requests").body)
  end)

  it("may hold bytes that are no text", function()
    caller:send(EDITOR .. "/project/pptpdf", { { "file", "\xFF\0\1", "deck.pdf" } })
    local entry = get "/requests?endpoint=create_from_document"[1]
    assert.is_nil(entry.body)
    assert.equal("/wAB", entry.parts[1].data_base64)
    assert.truthy(entry.body_base64)
    assert.truthy(cjson.decode(ask("GET", "/requests?format=har").body))
  end)

  it("are waited for", function()
    assert.equal(1, get "/wait?endpoint=get_token".count)
    local answer = ask("GET", "/wait?endpoint=create_project&count=1&timeout=0.05")
    assert.equal(408, answer.status)
    local waiting <close> = http.connect(port)
    waiting:send("GET", "/wait?endpoint=create_project&count=2&timeout=5")
    create()
    create()
    assert.equal(2, cjson.decode(waiting:receive().body).count)
  end)
end)

describe("what was made, over HTTP,", function()
  it("is told: ledger, projects, storyboards, sessions, webhooks", function()
    local id = create()
    create()
    local ledger = get "/ledger"
    assert.equal(2, ledger.count)
    assert.equal(1, ledger.duplicates)
    assert.equal(id, ledger.entries[2].duplicate_of)
    assert.equal(2, ledger.entries[1].request)
    assert.equal(id, get "/projects?offset=1".projects[1].id)
    assert.equal(2, get "/projects?limit=1".count)
    assert.equal(1, #get("/projects/" .. id).scenes)
    for _, path in ipairs { "/projects/" .. id, "/requests/2" } do
      local page = ask("GET", path .. "/storyboard")
      assert.equal("text/html; charset=utf-8", page.headers["content-type"])
      assert.truthy(page.body:find("<svg", 1, true))
    end
    assert.equal(404, ask("GET", "/requests/1/storyboard").status)
    assert.equal("[]\n", ask("GET", "/sessions").body)
    assert.equal("[]\n", ask("GET", "/webhooks").body)
  end)

  it("can be sent again: a webhook", function()
    local receiver = receivers.start(2)
    create(receiver.url)
    assert.equal(200, ask("POST", "/clock/advance", { seconds = 1 }).status)
    assert.equal(200, ask("POST", "/webhooks/1/send").status)
    receiver.bodies()
    support.wait_until(function() return (get "/webhooks"[2] or {}).status == 204 end)
    assert.same({ get "/webhooks"[2] }, get "/webhooks?limit=1")
    assert.equal(404, ask("POST", "/webhooks/77/send").status)
  end)
end)

describe("control, over HTTP,", function()
  it("arms faults, lists and removes them", function()
    ask("POST", "/faults", { on = "list_projects", kind = "status", status = 503, times = 2 })
    assert.equal(503, caller:ask("GET", EDITOR .. "/project").status)
    local fault = get "/faults"[1]
    assert.equal(1, fault.left)
    assert.equal(1, fault.seen)
    ask("DELETE", "/faults")
    assert.equal("[]\n", ask("GET", "/faults").body)
    local stall = get "/faults/kinds".kinds.stall
    assert.same({ "kind", "nth", "on", "probability", "seconds", "times" }, stall.options)
    assert.truthy(stall.about)
  end)

  it("applies scenarios and settings", function()
    assert.equal(8, #get "/scenarios")
    assert.equal("list-lag", ask("POST", "/scenarios", { name = "list-lag" }).json.name)
    assert.equal(30, get "/state".settings.list_lag)
    assert.equal(0, ask("POST", "/settings", { list_lag = 0 }).json.list_lag)
    assert.equal(400, ask("POST", "/settings", { list_lagg = 0 }).status)
  end)

  it("moves the clock, and answers when webhooks were answered", function()
    ask("POST", "/clock", { mode = "frozen", time = "2026-01-31T12:00:00Z" })
    ask("POST", "/settings", { render_seconds = 100 })
    caller:renew()
    local receiver = receivers.start(4)
    create(receiver.url)
    local clock = ask("POST", "/clock/advance", { seconds = 100 }).json
    assert.equal("2026-01-31T12:01:40.000Z", clock.time)
    local sent = get "/webhooks"
    assert.equal(4, #sent)
    for _, report in ipairs(sent) do assert.equal(204, report.status) end
    receiver.bodies()
  end)

  it("makes worlds, which the query names", function()
    local made = ask("POST", "/worlds", { app_id = "w2" }).json
    assert.truthy(made.user_key)
    local theirs = http.caller { port = server.port, app_id = "w2", user_key = made.user_key }
    theirs:ask("GET", EDITOR .. "/project")
    assert.equal(2, #get "/requests?world=w2")
    assert.equal(1, #get "/requests")
    assert.equal(2, #get "/worlds")
    ask("POST", "/faults?world=w2", { on = "any", kind = "status" })
    assert.equal(200, caller:ask("GET", EDITOR .. "/project").status)
    assert.equal(500, theirs:ask("GET", EDITOR .. "/project").status)
    ask("DELETE", "/worlds/w2")
    assert.equal(404, ask("GET", "/requests?world=w2").status)
    assert.equal(400, ask("POST", "/worlds", { app_id = server.app_id }).status)
  end)

  it("resets", function()
    create()
    ask("POST", "/reset")
    assert.equal(0, get "/state".stats.projects)
    assert.equal(0, get "/ledger".count)
  end)
end)

describe("events", function()
  -- Reads from an event stream until `text` was there.
  local function read_until(connection, text)
    local seen = ""
    while not seen:find(text, 1, true) do
      local piece, problem, rest = connection.tcp:receive "*l"
      seen = seen .. (piece or rest) .. "\n"
      assert(piece, problem)
    end
    return seen
  end

  it("come as they happen, and from one on", function()
    local stream <close> = http.connect(port)
    stream:send("GET", "/events")
    assert.truthy(read_until(stream, "text/event-stream"))
    local id = create()
    local seen = read_until(stream, '"endpoint":"create_project","fault"' and "event: request")
    assert.truthy(seen:find("event: project", 1, true))
    assert.truthy(seen:find(id, 1, true))
    assert.truthy(seen:find("event: ledger", 1, true))
    local again <close> = http.connect(port)
    again:send("GET", "/events?after=0")
    assert.truthy(read_until(again, "event: project"):find("get_token", 1, true))
    local resumed <close> = http.connect(port)
    resumed:send("GET", "/events", { headers = { ["Last-Event-ID"] = "1" } })
    assert.is_nil(read_until(resumed, "event: project"):find("get_token", 1, true))
  end)

  it("leave no connection silent", function()
    local stream <close> = http.connect(port, 30)
    stream:send("GET", "/events")
    assert.truthy(read_until(stream, ": nothing new"))
    create()
    assert.truthy(read_until(stream, "event: project"))
  end)

  it("do not hold up the end, nor do those who wait", function()
    local stream <close> = http.connect(port)
    stream:send("GET", "/events")
    read_until(stream, "text/event-stream")
    local waiting <close> = http.connect(port)
    waiting:send("GET", "/wait?endpoint=talk&timeout=60")
    support.sleep(0.05)
    local before = core.now()
    server:close()
    assert.is_true(core.now() - before < 5) -- not 60
  end)
end)
