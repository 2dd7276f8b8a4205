-- Whatever a peer, a resolver or a disk does, every deadline holds within
-- 250 ms, and a cancel and a close within 200 ms. A peer that sent small frames
-- without pause kept libcurl inside one call: a call with `total = 3` of another
-- client came back after 17 s, a close took 10 s.
local core = require "aistudios.core"
local hostile_peer = require "spec.support.hostile_peer"
local slow_system = require "spec.support.slow_system"
local socket = require "socket"
local support = require "spec.support"

-- A busy machine may keep a thread from running for so long, in s.
local ALLOWANCE = support.is_slow and 2 or 0.15
local DEADLINE, CLOSE = 0.25 + ALLOWANCE, 0.2 + ALLOWANCE
local TOTAL = 0.3
local BEGIN = 0.2 -- for a peer to begin to misbehave

local function take(handle)
  local deadline = core.now() + 10
  while true do
    local id, response = support.take(handle)
    if id then return response end
    assert(core.now() < deadline, "no completion in time")
    handle:wait(1)
  end
end

local function assert_within(seconds, began)
  local took = core.now() - began
  assert.is_true(took < seconds, ("%.3f s, at most %.3f"):format(took, seconds))
end

describe("a process that stands still for longer than its limits", function ()
  local STOP, CONTINUE = 19, 18
  for _, limit in ipairs { "total_timeout", "stall_timeout" } do
    it("has the answer that came meanwhile: " .. limit, function ()
      local native = require "spec.support.native"
      local listener = assert(socket.bind("127.0.0.1", 0))
      listener:settimeout(10)
      local _, port = listener:getsockname()
      local script = support.directory "pause" .. "/call.lua"
      support.write_file(script, ([[
        local core = require "aistudios.core"
        local handle = core.client { token = "a-token" }
        handle:submit(1, { method = "GET", url = "http://127.0.0.1:%d/", %s = 1 })
        handle:wait(10)
        local _, response = handle:peek()
        print(response.failure or response.body)
        handle:close()
      ]]):format(port, limit))
      local pipe = assert(io.popen(("echo $$; exec env %s '%s'"):format(support.lua, script)))
      local pid = tonumber(pipe:read "l")
      local peer = assert(listener:accept())
      require "spec.support.http".read_request(peer)
      native.kill(pid, STOP)
      peer:send "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer"
      support.sleep(1.3)
      native.kill(pid, CONTINUE)
      assert.equal("answer", pipe:read "l")
      pipe:close()
      peer:close()
      listener:close()
    end)
  end
end)

describe("a call of which no byte moves", function ()
  it("is ended an eighth of its limit later, at most", function ()
    local listener <close> = setmetatable({ assert(socket.bind("127.0.0.1", 0)) },
      { __close = function (self) self[1]:close() end })
    local handle <close> = core.client { token = "a-token" }
    local began = core.now()
    assert(handle:submit(1, { method = "GET", stall_timeout = 0.4,
      url = ("http://127.0.0.1:%d/"):format((select(2, listener[1]:getsockname()))) }))
    assert.equal("stall", take(handle).failure)
    assert_within(0.45 + ALLOWANCE, began)
  end)
end)

-- How peers misbehave: a kind of hostile_peer, and what more is asked for; or
-- the scheme for one that accepts no connection. `is_proxy`: it is the proxy.
local peers = {
  ["small frames of HTTP/2 without pause"] = { kind = "h2_updates" },
  ["a file without end"] = { kind = "body", to = "film" },
  ["records of TLS without a handshake"] = not support.is_gnutls -- which refuses the first
    and { kind = "handshake", scheme = "https" } or nil,
  ["a page without end to CONNECT"] = { kind = "connect", is_proxy = true },
  ["no TLS handshake"] = { scheme = "https" },
  ["no answer"] = { scheme = "http" },
}

for what, how in pairs(peers) do
  describe("a peer that gives " .. what, function ()
    local peer, handle, silent

    before_each(function ()
      silent = assert(socket.bind("127.0.0.1", 0))
      peer = how.kind and hostile_peer.start(how.kind)
      -- A sanitizer takes half a minute for the system's authorities.
      handle = core.client { token = "a-token", ca_file = support.certificates().ca_cert,
        proxy = how.is_proxy and peer.url or nil }
    end)

    after_each(function ()
      if peer then peer:close() end
      handle:close()
      silent:close()
    end)

    local function silent_url(scheme)
      local _, port = silent:getsockname()
      return ("%s://127.0.0.1:%d/"):format(scheme, port)
    end

    local function url()
      if not peer then return silent_url(how.scheme) end
      if how.is_proxy then return "https://api.example.invalid/" end
      return how.scheme and peer.url:gsub("^%w+", how.scheme) or peer.url
    end

    -- A transfer, and when it began.
    local function begin(total)
      local to = how.to and support.directory "prompt" .. "/" .. how.to
      local began = core.now()
      return assert(handle:submit(1, { method = "GET", total_timeout = total, to = to,
        url = url() })), began
    end

    it("is ended by its deadline", function ()
      local _, began = begin(TOTAL)
      assert.equal("timeout", take(handle).failure)
      assert_within(TOTAL + DEADLINE, began)
    end)

    it("is ended by a cancel, and holds up no other's", function ()
      local transfer = begin()
      local healthy <close> = core.client { token = "a-token" }
      local other = healthy:submit(1, { method = "GET", url = silent_url "http" })
      support.sleep(BEGIN)
      local began = core.now()
      other:cancel()
      assert.equal("cancelled", take(healthy).failure)
      assert_within(CLOSE, began)
      began = core.now()
      transfer:cancel()
      take(handle)
      assert_within(CLOSE, began)
    end)

    it("holds up no other client's deadline", function ()
      begin()
      local healthy <close> = core.client { token = "a-token" }
      local began = core.now()
      assert(healthy:submit(1, { method = "GET", total_timeout = TOTAL,
        url = silent_url "http" }))
      assert.equal("timeout", take(healthy).failure)
      assert_within(TOTAL + DEADLINE, began)
    end)

    it("holds up no close", function ()
      begin()
      support.sleep(BEGIN)
      local began = core.now()
      handle:close()
      assert_within(CLOSE, began)
    end)
  end)
end

describe("a limit that was reached", function ()
  local silent <const> = assert(socket.bind("127.0.0.1", 0))

  local function message(name, seconds)
    local _, port = silent:getsockname()
    local handle <close> = core.client { token = "a-token" }
    handle:submit(1, { method = "GET", url = ("http://127.0.0.1:%d/"):format(port),
      [name] = seconds })
    return take(handle).message
  end

  it("is told rounded to three digits behind the point, or two from a second on", function ()
    assert.truthy(message("total_timeout", 0.0512345):find("within 0.051 s", 1, true))
    assert.truthy(message("total_timeout", 1.2345678):find("within 1.23 s", 1, true))
    assert.truthy(message("stall_timeout", 0.0004):find("for 0.0004 s", 1, true))
    assert.truthy(message("stall_timeout", 0.0512345):find("for 0.051 s", 1, true))
  end)

  it("is that of connecting where nobody accepts", function ()
    local full = assert(socket.tcp())
    assert(full:bind("127.0.0.1", 0))
    assert(full:listen(0))
    local _, port = full:getsockname()
    local waiting = {}
    for i = 1, 3 do -- more than the system keeps for it
      waiting[i] = assert(socket.tcp())
      waiting[i]:settimeout(0)
      waiting[i]:connect("127.0.0.1", port)
    end
    local handle <close> = core.client { token = "a-token" }
    handle:submit(1, { method = "POST", url = ("http://127.0.0.1:%d/"):format(port),
      body = core.marshal {}, connect_timeout = 0.2, total_timeout = 10 })
    local response = take(handle)
    full:close()
    for _, one in ipairs(waiting) do one:close() end
    assert.equal("connect", response.failure)
    assert.is_false(response.sent)
    assert.truthy(response.message:find("no connection within 0.2 s (timeout.connect)", 1, true))
  end)
end)

-- Run with a name that is not resolved, or a file that is not written.
local PROGRAM = [[
local core = require "aistudios.core"
local url, to = ...
local function take(handle)
  while true do
    local id, response = handle:peek()
    if id then return response.failure, handle:drop(id) end
    handle:wait(1)
  end
end
local function begin(total)
  local handle = core.client { token = "a-token" }
  local transfer = handle:submit(1, { method = "GET", url = url, to = to,
    total_timeout = total })
  return handle, core.now(), transfer
end
local handle, began = begin(0.4)
local failure = take(handle)
print(failure, core.now() - began - 0.4)
handle:close()
for _, way in ipairs { "cancel", "close" } do
  local transfer
  handle, _, transfer = begin()
  local deadline = core.now() + 0.4
  while core.now() < deadline do handle:wait(0.1) end
  began = core.now()
  if way == "cancel" then
    transfer:cancel()
    take(handle)
  else
    handle:close()
  end
  print(way, core.now() - began)
  handle:close()
end
]]

local function assert_prompt(environment, url, to)
  local printed = slow_system.run(environment, PROGRAM, url, to)
  local seen = 0
  for what, seconds in printed:gmatch "(%l+) (%-?[%d.e-]+)" do
    local limit = what == "timeout" and DEADLINE or CLOSE
    assert.is_true(tonumber(seconds) < limit, printed)
    seen = seen + 1
  end
  assert.equal(3, seen, printed)
end

describe("a name that is not resolved", function ()
  it("holds up no deadline, cancel or close", function ()
    assert_prompt("SLOW_RESOLVE=1.5", "http://some.example/")
  end)
end)

describe("a disk", function ()
  local peer

  before_each(function () peer = hostile_peer.start "body" end)
  after_each(function () peer:close() end)

  it("that writes slowly holds up no deadline, cancel or close", function ()
    assert_prompt("SLOW_WRITE=1.5", peer.url, "film")
  end)

  it("that writes slowly does not keep a cancelled download's file from the next", function ()
    assert.equal("cancelled timeout", slow_system.run("SLOW_WRITE=0.5", [[
      local core = require "aistudios.core"
      local handle <close> = core.client { token = "a-token" }
      local function take()
        while true do
          local id, response = handle:peek()
          if id then return response.failure, handle:drop(id) end
          handle:wait(1)
        end
      end
      local request = { method = "GET", url = arg[1], to = "film" }
      local first = handle:submit(1, request)
      handle:wait(0.3) -- a write is under way
      first:cancel()
      request.total_timeout = 2
      handle:submit(2, request)
      local one, other = take(), take()
      print(one, other)]], peer.url))
  end)
end)
