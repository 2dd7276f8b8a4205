-- Which connection a request goes over. A dead one was taken again for ever;
-- calls that may not be repeated ended as unknown because they rode on idle
-- connections that the server was about to end.
local core = require "aistudios.core"
local hostile_peer = require "spec.support.hostile_peer"
local sandbox = require "aistudios.sandbox"
local socket = require "socket"
local support = require "spec.support"

local function take(handle)
  local deadline = core.now() + 20
  while true do
    local id, response = support.take(handle)
    if id then return response, id end
    assert(core.now() < deadline, "no completion within 20 s")
    handle:wait(0.2)
  end
end

local BODY = assert(core.marshal { a = 1 })

local function post(url)
  return { method = "POST", url = url, body = BODY, replayable = false }
end

local function get(url, more)
  local request = { method = "GET", url = url }
  for name, value in pairs(more or {}) do request[name] = value end
  return request
end

local function call(handle, request)
  assert(handle:submit(1, request))
  return take(handle)
end

describe("an HTTP/2 connection that is dead", function ()
  local peer, handle

  before_each(function ()
    peer = hostile_peer.start "h2_once"
    handle = core.client { token = "a-token", ca_file = peer.ca_file }
    assert.is_nil(call(handle, get(peer.url)).failure)
  end)

  after_each(function ()
    handle:close()
    peer:close()
  end)

  local function assert_next_succeeds()
    local response = call(handle, get(peer.url, { total_timeout = 5 }))
    assert.is_nil(response.failure)
    assert.is_false(response.reused)
  end

  it("is not used again after a stall", function ()
    local r = call(handle, get(peer.url, { stall_timeout = 0.2 }))
    assert.equal("stall", r.failure)
    assert_next_succeeds()
  end)

  it("is not used again after the end of total", function ()
    local r = call(handle, get(peer.url, { total_timeout = 0.2 }))
    assert.equal("timeout", r.failure)
    assert_next_succeeds()
  end)

  it("is not used again after a cancel", function ()
    local transfer = assert(handle:submit(1, get(peer.url)))
    support.sleep(0.2)
    transfer:cancel()
    assert.equal("cancelled", take(handle).failure)
    assert_next_succeeds()
  end)

  it("is not used again while others still wait for it", function ()
    assert(handle:submit(2, get(peer.url, { total_timeout = 2 })))
    support.sleep(0.1)
    local r = call(handle, get(peer.url, { total_timeout = 0.2 }))
    assert.equal("timeout", r.failure)
    assert_next_succeeds()
    assert.equal("timeout", take(handle).failure) -- the other had its whole time
  end)

  it("is no reason to leave those to other services", function ()
    local nginx = support.nginx { server = "location / { return 200 '{}'; }" }
    local _ <close> = setmetatable({}, { __close = function () nginx:close() end })
    assert.is_nil(call(handle, get(nginx.url)).failure)
    assert(handle:submit(2, get(peer.url, { total_timeout = 2 })))
    support.sleep(0.1)
    assert.equal("timeout", call(handle, get(peer.url, { total_timeout = 0.2 })).failure)
    assert.is_true(call(handle, get(nginx.url)).reused)
  end)
end)

describe("a connection that brings bytes for others", function ()
  it("is not used again, but those after it are", function ()
    local other <close> = hostile_peer.start "h2_ignore_second"
    local own <close> = core.client { token = "a-token", ca_file = other.ca_file }
    assert.is_nil(call(own, get(other.url)).failure)
    support.sleep(0.3) -- nothing more comes
    local ignored = assert(own:submit(1, get(other.url)))
    support.sleep(0.2)
    assert(own:submit(2, get(other.url)))
    support.sleep(0.2)
    ignored:cancel()
    assert.equal("cancelled", take(own).failure)
    local late = take(own)
    assert.is_nil(late.failure)
    assert.is_true(late.reused)
    assert.is_nil(call(own, get(other.url)).failure) -- over a new one
    for _ = 1, 3 do assert.is_true(call(own, get(other.url)).reused) end
  end)

  it("is no sign of life of a transfer that gets none of them", function ()
    local peer <close> = hostile_peer.start "h2_trickle"
    local handle <close> = core.client { token = "a-token", ca_file = peer.ca_file }
    assert(handle:submit(1, get(peer.url)))
    support.sleep(0.3)
    assert(handle:submit(2, get(peer.url, { stall_timeout = 0.5, total_timeout = 3 })))
    local response, id = take(handle)
    assert.equal(2, id)
    assert.equal("stall", response.failure)
  end)

  it("goes on when one of its transfers ends early", function ()
    local at = support.directory "shared"
    support.write_file(at .. "/film", ("x"):rep(400000))
    local server <close> = setmetatable({ nginx = support.nginx {
      server = ("location / { alias \"%s/\"; limit_rate 200k; }")
        :format(support.run("realpath '" .. at .. "'")) } },
      { __close = function (s) s.nginx:close() end })
    local nginx = server.nginx
    local handle <close> = core.client { token = "a-token", ca_file = nginx.ca_file }
    assert(handle:submit(1, get(nginx.url .. "/film")))
    support.sleep(0.5)
    local transfer = assert(handle:submit(2, get(nginx.url .. "/film")))
    support.sleep(0.5)
    transfer:cancel()
    local r, id = take(handle)
    assert.equal(2, id)
    assert.equal("cancelled", r.failure)
    assert(handle:submit(3, get(nginx.url .. "/film", { total_timeout = 10 })))
    for _ = 1, 2 do
      r, id = take(handle)
      assert.is_nil(r.failure)
      assert.equal(id == 3, r.reused)
    end
  end)
end)

describe("descriptor 0", function ()
  it("is that of a connection like any other, where a host has none of its own there", function ()
    if support.is_slow then return end -- the thread sanitizer uses descriptors too
    local server <close> = sandbox.start()
    assert.equal("404 socket", support.run(([[exec <&-; %s -e '
      local place = io.open "/dev/null" -- takes 0
      local handle <close> = require "aistudios.core".client { token = "a-token" }
      handle:wait(0.1) -- what it needs for itself it has
      place:close()
      handle:submit(1, { method = "GET", url = "%s" })
      while not handle:peek() do handle:wait(1) end
      local link = io.popen("readlink /proc/" .. require "spec.support.native".pid() .. "/fd/0")
      io.write(select(2, handle:peek()).status, " ", link:read "a":match "^%%a+")
    ']]):format(support.lua, server.url)))
  end)
end)

describe("connections that are idle", function ()
  it("are kept for as many calls as ran at once", function ()
    local CALLS = 24
    local server <close> = sandbox.start()
    server:fault { on = "any", kind = "slow", seconds = 1, times = "always" }
    local handle <close> = core.client { token = "a-token", max_in_flight = CALLS }
    for _, is_reused in ipairs { false, true } do
      for i = 1, CALLS do assert(handle:submit(i, get(server.url))) end
      for _ = 1, CALLS do assert.equal(is_reused, take(handle).reused) end
    end
  end)

  it("are 256 at most", function ()
    local CALLS, MOST = 280, 256
    local function sockets()
      return tonumber(support.run(("ls -l /proc/%d/fd | grep -c socket: || true")
        :format(require "spec.support.native".pid())))
    end
    local peer <close> = hostile_peer.start "slow_header" -- no answer before all are asked for
    local handle <close> = core.client { token = "a-token", max_in_flight = CALLS }
    local before = sockets()
    for i = 1, CALLS do assert(handle:submit(i, get(peer.url))) end
    local reused = 0
    for _ = 1, CALLS do reused = reused + (take(handle).reused and 1 or 0) end
    assert.equal(0, reused)
    support.wait_until(function () return sockets() - before <= MOST end)
  end)
end)

describe("a call that may not be repeated", function ()
  local nginx

  local function start(options)
    nginx = support.nginx(options)
    return core.client { token = "a-token", ca_file = nginx.ca_file }
  end

  after_each(function ()
    if nginx then nginx:close() end
    nginx = nil
  end)

  local OK = "location / { return 200 '{}'; }"

  it("goes over HTTP/1.1, all others over HTTP/2", function ()
    local handle <close> = start { server = OK }
    for _ = 1, 2 do
      assert.equal("2", call(handle, get(nginx.url)).http_version)
      assert.equal("1.1", call(handle, post(nginx.url)).http_version)
    end
  end)

  it("takes a connection that ended an exchange just now, and no older one", function ()
    local handle <close> = start { server = OK }
    assert.is_false(call(handle, post(nginx.url)).reused)
    assert.is_true(call(handle, post(nginx.url)).reused)
    support.sleep(1.1)
    local r = call(handle, post(nginx.url))
    assert.is_nil(r.failure)
    assert.is_false(r.reused)
  end)

  -- 3 of 6 were unknown; none had arrived.
  it("arrives although the server ends idle connections after a second", function ()
    local handle <close> = start { server = "keepalive_timeout 1s; " .. OK,
      http2 = false }
    for _, pause in ipairs { 0.9, 0.96, 1, 1.04, 2, 2 } do
      assert.is_nil(call(handle, post(nginx.url)).failure, pause)
      support.sleep(pause)
    end
  end)

  it("is not answered by what came on an idle connection", function ()
    local peer <close> = hostile_peer.start "late_408"
    local handle <close> = core.client { token = "a-token" }
    for _ = 1, 2 do
      assert.equal(200, call(handle, post(peer.url)).status)
      support.sleep(0.3)
    end
  end)

  it("is not answered by what came on an idle connection, also where it may be repeated",
    function ()
      local peer <close> = hostile_peer.start "late_408"
      local handle <close> = core.client { token = "a-token" }
      for _ = 1, 3 do
        local r = call(handle, get(peer.url))
        assert.equal(200, r.status)
        assert.is_false(r.reused)
        support.sleep(0.3)
      end
    end)

  -- Over a shared HTTP/2 connection 21 of 100 ended as unknown.
  it("arrives although the server ends connections by count", function ()
    local handle <close> = start { server = "keepalive_requests 5; " .. OK }
    for i = 1, 100 do
      handle:submit(i, post(nginx.url))
      if i % 4 == 0 then
        for _ = 1, 4 do assert.is_nil(take(handle).failure) end
      end
    end
  end)
end)

describe("an HTTP/2 stream that the server refuses", function ()
  it("was sent; only a call that may be repeated can have one", function ()
    local peer <close> = hostile_peer.start "h2_refuse"
    local handle <close> = core.client { token = "a-token", ca_file = peer.ca_file }
    local r = call(handle, get(peer.url))
    assert.equal("network", r.failure)
    assert.is_true(r.sent)
    for _ = 1, 2 do assert.equal("request", peer:next_line()) end -- libcurl repeats it once
    call(handle, get(peer.url))
    peer:stop()
    for _ = 1, 2 do assert.equal("request", peer:next_line()) end
    assert.is_nil(peer:next_line())
  end)

  it("is none of a call that may not be repeated", function ()
    local peer <close> = hostile_peer.start "h2_refuse"
    local handle <close> = core.client { token = "a-token", ca_file = peer.ca_file }
    local r = call(handle, post(peer.url))
    if support.is_gnutls then return assert.equal("protocol", r.failure) end
    assert.equal("tls", r.failure) -- no common protocol
    assert.is_false(r.sent)
  end)
end)

describe("the last close", function ()
  local nginx

  after_each(function () nginx:close() end)

  -- On the host's thread they took 13 ms; without them it is below 3.
  it("leaves the goodbyes of TLS to the I/O thread", function ()
    local COUNT, MOST = 128, 6 -- ms
    if support.is_slow or support.is_gnutls then COUNT, MOST = 16, 25 end
    -- The answer takes its time, so that each request needs a connection.
    local files = support.directory "goodbyes"
    support.write_file(files .. "/answer", ("x"):rep(2000))
    nginx = support.nginx { http2 = false,
      server = ("location / { root \"%s\"; limit_rate 1k; error_page 405 =200 $uri; }")
        :format(files) }
    local handle = core.client { token = "a-token", ca_file = nginx.ca_file,
      max_in_flight = COUNT }
    for i = 1, COUNT do assert(handle:submit(i, post(nginx.url .. "/answer"))) end
    local connections = 0
    for _ = 1, COUNT do
      local r = take(handle)
      assert.is_nil(r.failure)
      if not r.reused then connections = connections + 1 end
    end
    assert.equal(COUNT, connections)
    -- Of this thread: nanoseconds on a processor.
    local function used()
      return tonumber(support.read_file "/proc/thread-self/schedstat":match "%d+") / 1e6
    end
    local before = used()
    handle:close()
    local spent = used() - before
    assert.is_true(spent < MOST, ("%.2f ms"):format(spent))
  end)
end)

describe("a connection over IPv6", function ()
  it("is known by its port, so that a call that is not repeated may go over it", function ()
    local server <close> = assert(sandbox.start { host = "::1" })
    local handle <close> = core.client { token = "a-token" }
    support.wait_until(function () -- it must have served less than a second ago
      return call(handle, post(server.url)).reused
    end)
  end)
end)

describe("a request whose time is over", function ()
  local function ends_unsent(handle, request)
    assert(handle:submit(2, request))
    local response, id = take(handle)
    assert.same({ 2, "timeout", false }, { id, response.failure, response.sent })
    assert.equal("timeout.total was over before a start", response.message)
  end

  it("before it has its turn is not sent", function ()
    local silent = assert(socket.bind("127.0.0.1", 0))
    local _, port = silent:getsockname()
    local url = ("http://127.0.0.1:%d/"):format(port)
    local handle <close> = core.client { token = "a-token", max_in_flight = 1 }
    assert(handle:submit(1, get(url)))
    ends_unsent(handle, get(url, { total_timeout = 0.2 }))
    silent:close()
  end)

  it("when it is made is not sent either", function ()
    local handle <close> = core.client { token = "a-token" }
    ends_unsent(handle, get("http://127.0.0.1:1/", { total_timeout = 1e-9 }))
  end)
end)
