-- The C core alone, over real sockets: every ending of a transfer, where the
-- bytes go, what is left behind. Policy (repeats, envelopes) is not here.
local core = require "aistudios.core"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local function new_client(server, config)
  config = config or {}
  config.app_id = config.app_id or server.app_id
  config.user_key = config.user_key or server.user_key
  config.token_url = config.token_url
    or server.url .. "/api/odin/v3/auth/token"
  return core.client(config)
end

-- The next completion, within ten seconds.
local function take(handle)
  local deadline = core.now() + 10
  while true do
    local id, response = support.take(handle)
    if id then return response, id end
    assert(core.now() < deadline, "no completion within 10 s")
    handle:wait(1)
  end
end

local function call(handle, request)
  assert(handle:submit(1, request))
  return take(handle)
end

local function post(server, value, more)
  local request = {
    method = "POST", url = server.url .. "/api/odin/v3/editor/project",
    auth = "token", replayable = false,
    headers = { "Content-Type: application/json" },
    body = assert(core.marshal(value)),
  }
  for k, v in pairs(more or {}) do request[k] = v end
  return request
end

local function get(server, path, more)
  local request = { method = "GET", url = server.url .. path }
  for k, v in pairs(more or {}) do request[k] = v end
  return request
end

local PROJECTS = "/api/odin/v3/editor/project"

describe("a transfer", function()
  local server, handle, project

  before_each(function()
    server = sandbox.start {}
    handle = new_client(server)
    project = support.project()
  end)

  after_each(function()
    handle:close()
    server:close()
  end)

  it("brings status, body and headers of the answer", function()
    local r = call(handle, get(server, PROJECTS, { auth = "token" }))
    assert.is_nil(r.failure)
    assert.equal(200, r.status)
    assert.truthy(r.body:find('"success"', 1, true))
    assert.truthy(r.headers["content-type"]:find("json", 1, true))
    assert.is_true(r.sent)
    assert.is_true(r.timing.total > 0)
  end)

  it("sends the marshalled bytes as they are", function()
    local r = call(handle, post(server, project))
    assert.equal(200, r.status)
    local last
    for _, request in ipairs(server:requests()) do
      if request.endpoint == "create_project" then last = request end
    end
    assert.equal(core.encode(project), last.body)
    assert.is_nil(last.headers.expect)
  end)

  it("is made as its own client says, whoever called the same address before", function()
    local other <close> = new_client(server, { user_agent = "other" })
    local own <close> = new_client(server, { user_agent = "own" })
    for _, one in ipairs { other, own, other, own } do
      assert.equal(200, call(one, get(server, PROJECTS, { auth = "token" })).status)
    end
    local agents = {}
    for _, request in ipairs(server:requests "list_projects") do
      agents[#agents + 1] = request.headers["user-agent"]
    end
    assert.same({ "other", "own", "other", "own" }, agents)
  end)

  it("sends a body with DELETE", function()
    local r = call(handle, {
      method = "DELETE", url = server.url .. PROJECTS, auth = "token",
      headers = { "Content-Type: application/json" },
      body = core.marshal { ids = { "65fa6b07dca2e367461a2925" } },
    })
    assert.equal(200, r.status)
    assert.truthy(r.body:find("deletedCount", 1, true))
  end)

  it("keeps the token's request out of the way of the host", function()
    server:fault { on = "get_token", kind = "slow", seconds = 0.5 }
    local before = core.now()
    handle:submit(1, get(server, PROJECTS, { auth = "token" }))
    assert.is_nil((support.take(handle)))
    assert.is_true(core.now() - before < 0.45)
    assert.equal(200, take(handle).status)
  end)

  it("refuses a name that does not resolve, unsent", function()
    local r = call(handle, { method = "GET",
      url = "http://no-such-host.invalid/", connect_timeout = 8 })
    assert.equal("resolve", r.failure)
    assert.is_false(r.sent)
  end)

  it("reports a closed port as unsent", function()
    local r = call(handle, { method = "GET",
      url = ("http://127.0.0.1:%d/"):format(support.free_port()) })
    assert.equal("connect", r.failure)
    assert.is_false(r.sent)
  end)

  it("reports a dropped connection as sent", function()
    server:fault { on = "create_project", kind = "drop_after_read" }
    local r = call(handle, post(server, project))
    assert.equal("network", r.failure)
    assert.is_true(r.sent)
    assert.equal(1, #server:ledger())
  end)

  it("reports an answer that is cut off, by a reset or by an end", function()
    for _, kind in ipairs { "reset_mid_body", "truncated" } do
      server:fault { on = "create_project", kind = kind }
      local r = call(handle, post(server, project))
      assert.equal("network", r.failure, kind)
      assert.is_true(r.sent)
    end
  end)

  it("ends at its total timeout, sent", function()
    server:fault { on = "create_project", kind = "slow", seconds = 5 }
    local r = call(handle, post(server, project, { total_timeout = 0.3 }))
    assert.equal("timeout", r.failure)
    assert.is_true(r.sent)
    assert.truthy(r.message:find("0.3", 1, true))
  end)

  it("ends at its stall timeout when no byte comes", function()
    server:fault { on = "list_projects", kind = "slow", seconds = 8 }
    local began = core.now()
    local r = call(handle,
      get(server, PROJECTS, { auth = "token", stall_timeout = 1 }))
    assert.equal("stall", r.failure)
    assert.is_true(r.sent)
    assert.is_true(core.now() - began < 4, "libcurl's own limit is that late")
  end)

  it("ends at its stall timeout in the middle of an answer, and of a file", function()
    for _, file in ipairs { false, support.directory "core" .. "/stalled.mp4" } do
      server:fault { on = "list_projects", kind = "stall", seconds = 8 }
      local r = call(handle, get(server, PROJECTS,
        { auth = "token", stall_timeout = 0.4, path = file or nil }))
      assert.equal("stall", r.failure)
      assert.equal(200, r.status)
    end
  end)

  it("does not stall while bytes trickle in", function()
    local listener <close> = setmetatable({ tcp = assert(require "socket".bind("127.0.0.1", 0)) },
      { __close = function(self) self.tcp:close() end })
    local _, port = listener.tcp:getsockname()
    assert(handle:submit(1, { method = "GET", url = "http://127.0.0.1:" .. port .. "/",
      stall_timeout = 0.5 }))
    local peer = assert(listener.tcp:accept())
    while peer:receive "*l" ~= "" do end
    local answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n|X-Late: 1\r\n\r\n|a|b|c|d"
    for piece in answer:gmatch "[^|]+" do
      support.sleep(0.25)
      assert(peer:send(piece))
    end
    local r = take(handle)
    peer:close()
    assert.is_nil(r.failure)
    assert.equal("abcd", r.body)
  end)

  it("ends a token fetch that stalls, unsent itself", function()
    handle:close()
    handle = new_client(server, { stall_timeout = 0.3, retries = 0 })
    server:fault { on = "get_token", kind = "stall", seconds = 8, times = 9 }
    local r = call(handle, post(server, project))
    assert.equal("auth", r.failure)
    assert.is_false(r.sent)
    assert.equal(0, #server:ledger())
  end)

  it("times out while it is still parked for a token, unsent", function()
    server:fault { on = "get_token", kind = "slow", seconds = 5 }
    local before = core.now()
    local r = call(handle, post(server, project, { total_timeout = 0.3 }))
    assert.equal("timeout", r.failure)
    assert.is_false(r.sent)
    assert.is_true(core.now() - before < 3)
    assert.equal(0, #server:ledger())
  end)

  it("refuses an answer above its bound", function()
    local r = call(handle,
      get(server, PROJECTS, { auth = "token", max_response_bytes = 4 }))
    assert.equal("too_large", r.failure)
    assert.truthy(r.message:find("max_response_bytes", 1, true))
  end)

  it("follows no redirect unless asked to", function()
    for follow, status in pairs { [0] = 302, [1] = 401 } do
      server:fault { on = "list_models", kind = "status", status = 302,
        headers = { Location = server.url .. "/api/odin/v3/editor/project" } }
      server:clear_requests()
      local r = call(handle, { method = "GET", url = server.url .. "/api/odin/v3/dropdown/models",
        follow = follow })
      assert.equal(status, r.status)
      assert.equal(1 + follow, #server:requests())
    end
  end)

  it("is cancelled before it is sent, and then is not sent", function()
    server:fault { on = "get_token", kind = "slow", seconds = 5 }
    local transfer = handle:submit(1, post(server, project))
    transfer:cancel()
    transfer:cancel()
    local r = take(handle)
    assert.equal("cancelled", r.failure)
    assert.is_false(r.sent)
    assert.is_nil((support.take(handle)))
    assert.equal(0, #server:ledger())
  end)

  it("is cancelled after it was sent, and says so", function()
    server:fault { on = "create_project", kind = "slow", seconds = 5 }
    local transfer = handle:submit(1, post(server, project))
    support.wait_until(function() return #server:ledger() == 1 end)
    transfer:cancel()
    local r = take(handle)
    assert.equal("cancelled", r.failure)
    assert.is_true(r.sent)
  end)

  it("waits for a place when max_in_flight are on their way", function()
    local narrow <close> = new_client(server, { max_in_flight = 2 })
    for i = 1, 12 do
      narrow:submit(i, get(server, PROJECTS, { auth = "token" }))
    end
    assert.is_true(narrow:stats().running <= 2)
    local seen = {}
    for _ = 1, 12 do
      local r, id = take(narrow)
      assert.equal(200, r.status)
      seen[#seen + 1] = id
    end
    assert.equal(12, #seen)
    assert.is_nil((support.take(narrow)))
    assert.equal(12, narrow:stats().completed)
  end)

  it("completes everything as closed when the client closes", function()
    server:fault { on = "any", kind = "slow", seconds = 5, times = 100 }
    for i = 1, 20 do handle:submit(i, post(server, project)) end
    local before = core.now()
    handle:close()
    assert.is_true(core.now() - before < 1)
    local count = 0
    while true do
      local id, r = support.take(handle)
      if not id then break end
      assert.equal("closed", r.failure)
      count = count + 1
    end
    assert.equal(20, count)
    local again, why = handle:submit(1, post(server, project))
    assert.is_nil(again)
    assert.truthy(why:find("closed", 1, true))
  end)

  it("makes its descriptor readable as long as something is there",
    function()
      local fd = handle:fd()
      assert.equal("number", math.type(fd) and "number")
      assert.is_false(handle:wait(0))
      handle:submit(1, get(server, PROJECTS, { auth = "token" }))
      handle:submit(2, get(server, PROJECTS, { auth = "token" }))
      take(handle)
      take(handle)
      assert.is_nil((support.take(handle)))
      assert.is_false(handle:wait(0))
    end)

  it("refuses more than CLIENT_MAX_QUEUED requests by name", function()
    server:fault { on = "get_token", kind = "slow", seconds = 20 }
    local request = post(server, { a = 1 })
    local count = 0
    local ok, why = handle:submit(0, request)
    while ok do
      count = count + 1
      ok, why = handle:submit(count, request)
    end
    assert.equal(65536, count)
    assert.truthy(why:find("CLIENT_MAX_QUEUED", 1, true))
  end)

  it("counts progress while it runs", function()
    local transfer = handle:submit(1,
      get(server, PROJECTS, { auth = "token" }))
    local r = take(handle)
    local received = transfer:progress()
    assert.equal(#r.body, received)
  end)
end)

describe("the trial of a file", function()
  local handle, at

  local function try(path, overwrite)
    return call(handle, { try_file = true, to = path, resume = true, overwrite = overwrite })
  end

  before_each(function()
    handle = core.client {}
    at = support.directory "try-file"
  end)

  after_each(function() handle:close() end)

  it("says that it can be written, sends nothing and leaves nothing", function()
    assert.same({ sent = false, headers = {}, bytes_sent = 0, bytes_received = 0,
      reused = false, timing = { dns = 0, connect = 0, tls = 0, first_byte = 0, total = 0 } },
      try(at .. "/film.mp4"))
    assert.equal("", support.run(("ls -A '%s'"):format(at)))
    local stats = handle:stats()
    assert.same({ 0, 0, 1 }, { stats.queued, stats.running, stats.completed })
  end)

  it("says why it cannot", function()
    support.write_file(at .. "/there", "x")
    for path, why in pairs {
      [at .. "/nowhere/film.mp4"] = "No such file",
      [at] = "Is a directory",
      [at .. "/there"] = "is there already",
    } do
      local response = try(path, false)
      assert.same({ "file", false }, { response.failure, response.sent })
      assert.truthy(response.message:find(why, 1, true), response.message)
    end
  end)

  it("leaves a part that can be continued, and the file that it would replace", function()
    local path = at .. "/film.mp4"
    support.write_file(path, "old")
    support.write_file(path .. ".part", "begun")
    support.write_file(path .. ".part.etag", '"1"')
    assert.is_nil(try(path).failure)
    assert.same({ "old", "begun", '"1"' }, { support.read_file(path),
      support.read_file(path .. ".part"), support.read_file(path .. ".part.etag") })
  end)

  it("ends once, cancelled or closed over it or not", function()
    local transfer = assert(handle:submit(7, { try_file = true, to = at .. "/film.mp4" }))
    transfer:cancel()
    handle:close()
    local response, id = take(handle)
    assert.equal(7, id)
    assert.truthy(response.failure == nil or response.failure == "cancelled", response.failure)
    assert.is_nil(support.take(handle))
  end)

  it("needs a path", function()
    assert.has_error(function() handle:submit(1, { try_file = true }) end,
      "try_file: needs to")
  end)
end)

describe("a wrong request", function()
  local handle

  before_each(function() handle = core.client { token = "t0ken" } end)
  after_each(function() handle:close() end)

  it("raises and names the field", function()
    local function raises(text, request)
      local ok, why = pcall(handle.submit, handle, 1, request)
      assert.is_false(ok)
      assert.truthy(tostring(why):find(text, 1, true), why)
    end
    raises("method and url", {})
    raises("url", { method = "GET", url = 1 })
    raises("not replayable", { method = "POST", url = "http://127.0.0.1/",
      replayable = false })
    raises("not replayable", { method = "POST", url = "http://127.0.0.1/" })
    for _, label in ipairs { "name", "filename", "type" } do
      for _, bad in ipairs { "a\r\nb", "a\0b", "a\127" } do
        local part = { name = "n", path = "/nowhere", filename = "f", type = "text/plain" }
        part[label] = bad
        raises(label .. ": has a control character or a line end at byte 2",
          { method = "POST", url = "http://127.0.0.1/", parts = { part } })
      end
    end
    raises("headers[1]", { method = "GET", url = "http://127.0.0.1/",
      headers = { "A: b\r\nC: d" } })
    raises("total_timeout", { method = "GET", url = "http://127.0.0.1/",
      total_timeout = -1 })
    raises("zero byte", { method = "GET", url = "http://a\0b/" })
  end)

  it("never gives out an address that is no http", function()
    for _, url in ipairs { "file:///etc/passwd", "gopher://127.0.0.1/",
      "nonsense" } do
      local r = call(handle, { method = "GET", url = url })
      assert.is_not_nil(r.failure)
      assert.is_nil(r.body)
    end
  end)
end)

describe("an upload", function()
  it("tells how much there is to send, and how much was sent", function()
    local server = sandbox.start {}
    local handle = new_client(server)
    local path = support.directory "upload" .. "/notes.txt"
    support.write_file(path, ("x"):rep(100000))
    server:fault { on = "upload_docs", kind = "slow", seconds = 1 }
    local transfer = assert(handle:submit(1, {
      method = "POST", auth = "token",
      url = server.url .. "/api/odin/v3/automation/docs-to-video/upload-files",
      parts = { { name = "files", path = path, filename = "notes.txt" } },
    }))
    local sent, to_send
    support.wait_until(function()
      sent, to_send = select(3, transfer:progress())
      return sent == 100000
    end)
    assert.equal(100000, to_send)
    take(handle)
    handle:close()
    server:close()
  end)
end)

describe("client:answer", function()
  it("decodes a good answer to a brief request, and leaves all others to peek", function()
    local server <close> = assert(sandbox.start {})
    local handle = new_client(server)
    local function answer(more)
      assert(handle:submit(1, post(server, support.project(), more)))
      support.wait_until(function () return handle:peek(true) == 1 end)
      local raw, data = handle:answer()
      local id, response = handle:peek()
      assert.equal(1, id)
      handle:drop(1)
      return raw, data, response
    end
    local raw, data, response = answer { brief = true }
    assert.same(core.decode(response.body, true), raw)
    assert.same(core.without_nulls(raw.data), data)
    data.projectId = "mine"
    assert.are_not.equal("mine", raw.data.projectId)
    assert.is_nil(answer {})
    assert.is_nil(answer { brief = true, url = server.url .. "/api/odin/v3/editor/nothing" })
    assert.is_nil(handle:answer())
    handle:close()
  end)
end)

describe("with_memory_limit", function()
  local MIB = 1 << 20

  it("ends what takes more, and leaves the state as it was", function()
    local function grow(bytes)
      return core.with_memory_limit(MIB, function() return #("x"):rep(bytes) end)
    end
    assert.same({ true, 1000 }, { grow(1000) })
    assert.same({ false, "not enough memory" }, { grow(2 * MIB) })
    assert.equal(2 * MIB, #("x"):rep(2 * MIB))
  end)

  it("gives back what the function raises", function()
    local thrown = {}
    assert.same({ false, thrown }, { core.with_memory_limit(MIB, function() error(thrown) end) })
    assert.is_false(pcall(core.with_memory_limit, -1, print))
    assert.is_false(pcall(core.with_memory_limit, 1))
  end)
end)
