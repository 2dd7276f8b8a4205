-- The promise that a request which the server may have acted on is never sent
-- again, by no layer. libcurl does so by itself when a reused connection dies
-- before the first byte of the answer; the control below shows that it would.
local core = require "aistudios.core"
local http = require "spec.support.http"
local sandbox = require "aistudios.sandbox"
local slow_system = require "spec.support.slow_system"
local socket = require "socket"
local support = require "spec.support"

local PROJECT = "/api/odin/v3/editor/project"

local function new_client(server, more)
  local config = {
    app_id = server.app_id, user_key = server.user_key,
    token_url = (more and more.base or server.url)
      .. "/api/odin/v3/auth/token",
    ca_file = more and more.ca_file,
  }
  return core.client(config)
end

local function take(handle)
  local deadline = core.now() + 20
  while true do
    local id, response = support.take(handle)
    if id then return response end
    assert(core.now() < deadline, "no completion within 20 s")
    handle:wait(1)
  end
end

local function post(url, project, replayable)
  return {
    method = "POST", url = url .. PROJECT, auth = "token",
    headers = { "Content-Type: application/json" },
    body = assert(core.marshal(project)), replayable = replayable,
  }
end

local function count(server, endpoint)
  local n = 0
  for _, request in ipairs(server:requests()) do
    if request.endpoint == endpoint then n = n + 1 end
  end
  return n
end

-- Connections that have served, of both kinds: the next request of each goes
-- over one of them.
local function warm_up(handle, url)
  assert(handle:submit(1, { method = "GET", url = url .. PROJECT,
    auth = "token" }))
  assert.equal(200, take(handle).status)
  assert(handle:submit(1, { method = "POST", url = url .. "/nowhere",
    body = assert(core.marshal {}), replayable = false }))
  assert.equal(404, take(handle).status)
end

describe("a reused HTTP/1.1 connection that dies after the request", function ()
  local server, handle

  before_each(function ()
    server = assert(sandbox.start { render_seconds = 0 })
    handle = new_client(server)
    warm_up(handle, server.url)
    server:fault { on = "create_project", kind = "drop_after_read" }
  end)

  after_each(function ()
    handle:close()
    server:close()
  end)

  it("makes libcurl send a body that it can rewind again (the trap)",
    function ()
      handle:submit(2, post(server.url, support.project(), true))
      local response = take(handle)
      assert.equal(200, response.status)
      assert.equal(2, count(server, "create_project"))
      assert.equal(2, #server:ledger())
    end)

  for what, name in pairs { ["a body that goes out with the head"] = "short",
    ["a body too large for that"] = ("long "):rep(20000) } do
    it("ends as unknown, and the server saw the request once: " .. what, function ()
      local project = support.project()
      project.name = name
      handle:submit(2, post(server.url, project, false))
      local response = take(handle)
      assert.equal("network", response.failure)
      assert.is_true(response.sent)
      assert.equal(1, count(server, "create_project"))
      assert.equal(1, #server:ledger())
    end)
  end

  it("ends as unknown for an upload in parts", function ()
    handle:submit(2, {
      method = "POST", url = server.url .. PROJECT, auth = "token",
      parts = { { name = "a", value = "b" } },
    })
    local response = take(handle)
    assert.equal("network", response.failure)
    assert.is_true(response.sent)
    assert.equal(1, count(server, "create_project"))
  end)
end)

-- Such an answer ends as unknown; the token was renewed all the same, and the call sent again.
describe("an answer of 401 that breaks off", function ()
  local TOKEN = '{"success":true,"data":{"token":"a-token"}}'

  local function requests_of(answer)
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    listener:settimeout(0)
    local client <close> = assert(require "aistudios".new { app_id = "an-id", user_key = "a-key",
      base_url = "http://127.0.0.1:" .. math.tointeger(tonumber(port)) })
    local job, seen = client.async:create_project(support.project()), 0
    support.wait_until(function ()
      client:step(0.005)
      local peer = listener:accept()
      if peer then
        peer:settimeout(10)
        local is_token = http.read_request(peer):find("/auth/token", 1, true)
        if not is_token then seen = seen + 1 end
        peer:send(is_token and ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s")
          :format(#TOKEN, TOKEN) or answer)
        peer:close()
      end
      return job:done()
    end)
    listener:close()
    return seen, select(2, job:result())
  end

  it("is unknown, and the call is not sent again", function ()
    for _, answer in ipairs { "HTTP/1.1 401 No\r\nContent-", "HTTP/1.1 401 No\r\n",
      "HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\n{}" } do
      local seen, err = requests_of(answer)
      assert.equal(1, seen)
      assert.equal("unknown", err.outcome)
    end
    assert.equal(2, (requests_of "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\n{}"))
  end)
end)

describe("a server that goes away after it has read the request", function ()
  it("is unknown, not a connection that failed", function ()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local url = "http://127.0.0.1:" .. port
    local handle = core.client { token = "a-token" }
    local peer

    local function read_request()
      local length = 0
      for line in function () return assert(peer:receive "*l") end do
        if line == "" then break end
        length = tonumber(line:match "^Content%-Length: (%d+)") or length
      end
      return length > 0 and peer:receive(length) or ""
    end

    handle:submit(1, post(url, support.project(), false))
    peer = assert(listener:accept())
    peer:settimeout(10)
    read_request()
    peer:send "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    assert.equal(200, take(handle).status)
    handle:submit(2, post(url, support.project(), false))
    assert.truthy(read_request():find('"scenes"', 1, true))
    listener:close()
    peer:close()
    local response = take(handle)
    handle:close()
    assert.equal("network", response.failure)
    assert.is_true(response.sent)
    assert.truthy(response.message:find("not sent again", 1, true), response.message)
  end)
end)

describe("a TLS connection that dies after the request", function ()
  local server, proxy, handle

  before_each(function ()
    server = assert(sandbox.start { render_seconds = 0 })
    proxy = support.nginx { upstream = server.url }
    handle = new_client(server, { base = proxy.url, ca_file = proxy.ca_file })
    warm_up(handle, proxy.url)
  end)

  after_each(function ()
    handle:close()
    proxy:close()
    server:close()
  end)

  it("ends as unknown, and the server saw the request once", function ()
    server:fault { on = "create_project", kind = "slow", seconds = 5 }
    handle:submit(2, post(proxy.url, support.project(), false))
    support.wait_until(function ()
      return count(server, "create_project") == 1
    end)
    proxy:kill_workers() -- the master starts new ones at once
    local response = take(handle)
    assert.equal("network", response.failure)
    assert.is_true(response.sent)
    support.sleep(0.3) -- a second request would have come by now
    assert.equal(1, count(server, "create_project"))
    assert.equal(1, #server:ledger())
  end)
end)

describe("a call that is cancelled while its connection comes up", function ()
  it("is not sent", function ()
    assert.equal("nil cancelled not_sent 1", slow_system.run("SLOW_CONNECT=0.5", [[
local aistudios = require "aistudios"
local now = require "aistudios.core".now
local sandbox <close> = require "aistudios.sandbox".start { render_seconds = 0 }
local client <close> = assert(aistudios.new { base_url = sandbox.url, app_id = sandbox.app_id,
  user_key = sandbox.user_key })
local function step(seconds)
  local deadline = now() + seconds
  while now() < deadline do client:step(0.01) end
end
local project = dofile(arg[1])
assert(client:create_project(project))
step(1.3) -- after that a call that costs takes a connection of its own
local job = client.async:create_project(project)
step(0.25)
job:cancel()
job:wait(10)
local result, err = job:result()
print(result, err and err.kind, err and err.outcome, #sandbox:requests "create_project")]],
      support.run "pwd" .. "/spec/fixtures/hello.lua"))
  end)
end)
