-- SPDX-License-Identifier: MIT
--
-- A sandbox is started, asked and closed.

local calls = require "spec.support.sandbox_calls"
local core = require "aistudios.core"
local http = require "spec.support.http"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local EDITOR = "/api/odin/v3/editor"

local ask = calls.ask

before_each(function() calls.begin() end)
after_each(calls.finish)

describe("starting a sandbox", function()
  it("says where it is and who may ask", function()
    assert.equal(("http://127.0.0.1:%d"):format(calls.server.port), calls.server.url)
    assert.equal("127.0.0.1", calls.server.host)
    assert.truthy(calls.server.app_id ~= "" and calls.server.user_key ~= "")
    assert.truthy(tostring(calls.server):find(calls.server.url, 1, true))
    assert.is_nil(tostring(calls.server):find(calls.server.user_key, 1, true))
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
    local other, message = sandbox.start { port = calls.server.port }
    assert.is_nil(other)
    assert.truthy(message:find("in use", 1, true))
    other, message = sandbox.start { host = ("x"):rep(300) } -- of which no name server is asked
    assert.is_nil(other)
    assert.truthy(message:find "xxx: %w")
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
    assert.truthy(message:find "^[^:]*start_spec.lua:%d+: ")
  end)
end)

describe("a client of a sandbox", function()
  it("has the addresses and credentials of the sandbox, and other options on demand", function()
    local client <close> = assert(calls.server:client())
    assert.truthy(client:confirm_auth())
    assert.truthy(client:start_session { avatar_id = "a" })
    local other <close> = assert(calls.server:client { user_key = "another", retries = 0 })
    assert.equal("auth", select(2, other:confirm_auth()).kind)
    assert.has_error(function() calls.server:client "x" end, "client: options must be a table")
  end)
end)

describe("closing a sandbox", function()
  it("is prompt with open connections and slow answers, and may be repeated", function()
    local connections = {}
    for i = 1, 20 do connections[i] = http.connect(calls.server.port) end
    assert.equal(404, connections[1]:ask("GET", "/x").status)
    calls.server:fault { on = "list_projects", kind = "slow", seconds = 60, times = 2 }
    connections[2]:send("GET", EDITOR .. "/project",
      { headers = { Authorization = calls.caller.token } })
    support.wait_until(function() return calls.server:stats().by_endpoint.list_projects == 1 end)
    local before = core.now()
    calls.server:close()
    assert.is_true(core.now() - before < 5) -- not 60
    calls.server:close()
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
    calls.server:close()
    local ok, message = pcall(function() calls.server:requests() end)
    assert.is_false(ok)
    assert.truthy(message:find "start_spec.lua:%d+: this sandbox is closed")
    assert.truthy(tostring(calls.server):find("closed", 1, true))
  end)
end)

describe("asking a sandbox", function()
  it("never waits for a finalizer that asks it, too", function()
    local asked = 0
    local pause = collectgarbage("setpause", 0)
    for _ = 1, 200 do
      setmetatable({}, { __gc = function() asked = asked + #calls.server:requests() end })
      ask("GET", "/x")
      calls.server:requests()
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
      local ok, message = pcall(function() calls.server:requests() end)
      local raw_ok, raw = pcall(calls.server.handle.call, calls.server.handle, "stats")
      calls.server:close()
      return not ok and message:find("before fork", 1, true) ~= nil
        and not raw_ok and raw:find("before fork", 1, true) ~= nil
    end)
    assert.equal(0, native.wait(child))
    assert.equal(200, ask("GET", EDITOR .. "/project").status)
  end)
end)
