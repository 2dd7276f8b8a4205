-- SPDX-License-Identifier: MIT
--
-- The log has what came.

local calls = require "spec.support.sandbox_calls"
local http = require "spec.support.http"
local support = require "spec.support"

local EDITOR = "/api/odin/v3/editor"
local hello = support.read_file "spec/fixtures/hello-project.json"

local ask = calls.ask

before_each(function() calls.begin() end)
after_each(calls.finish)

describe("the log", function()
  it("has what came, byte for byte", function()
    calls.server:clear_requests()
    ask("POST", EDITOR .. "/project?a=1%202&b=%26", hello, { ["X-Odd"] = "value" })
    local seen = calls.server:requests()
    assert.equal(1, #seen)
    local entry = seen[1]
    assert.equal("create_project", entry.endpoint)
    assert.equal("POST", entry.method)
    assert.equal(EDITOR .. "/project", entry.path)
    assert.same({ a = "1 2", b = "&" }, entry.query)
    assert.equal(calls.caller.token, entry.headers.authorization)
    assert.equal("value", entry.headers["x-odd"])
    assert.equal(hello, entry.body)
    assert.equal(200, entry.status)
  end)

  it("has the values of a header that comes twice in one", function()
    calls.server:clear_requests()
    local peer <close> = http.connect(calls.server.port)
    peer.tcp:send "GET /x HTTP/1.1\r\nHost: a\r\nX-Odd: one\r\nx-odd: two\r\n\r\n"
    assert.equal(404, peer:receive().status)
    assert.equal("one, two", calls.server:requests()[1].headers["x-odd"])
  end)

  it("tells connections apart and counts from 1", function()
    calls.server:clear_requests()
    local connection <close> = http.connect(calls.server.port)
    connection:ask("GET", "/x")
    connection:ask("GET", "/x")
    ask("GET", "/x")
    local seen = calls.server:requests()
    assert.equal(seen[1].connection, seen[2].connection)
    assert.not_equal(seen[1].connection, seen[3].connection)
    assert.equal(seen[1].id + 1, seen[2].id)
    support.wait_until(function() return calls.server:stats().open_connections == 1 end)
  end)

  it("keeps the last 10,000, and counts them all", function()
    local connection <close> = http.connect(calls.server.port)
    for _ = 1, 100 do
      connection.tcp:send(("GET /x HTTP/1.1\r\nHost: x\r\n\r\n"):rep(101))
      for _ = 1, 101 do assert.equal(404, connection:receive().status) end
    end
    assert.equal(10000, #calls.server:requests())
    assert.equal(10101, calls.server:stats().requests)
  end)

  it("cuts bodies that are very long, and says how long they were", function()
    ask("POST", EDITOR .. "/project", ("x"):rep(5000000))
    local entry = calls.server:requests "create_project"[1]
    assert.equal(5000000, entry.body_size)
    assert.equal(4 * 1024 * 1024, #entry.body)
  end)
end)
