-- SPDX-License-Identifier: MIT
--
-- The sandbox as a program: what it prints, and when it ends.

local cjson = require "cjson"
local http = require "spec.support.http"
local support = require "spec.support"

-- Starts it with `input` as its stdin; returns the pipe of its stdout.
local function start(input, options)
  return assert(io.popen(("%s | %s -e 'require \"aistudios.sandbox.program\".run(%s)'")
    :format(input, support.lua, options), "r"))
end

describe("the sandbox as a program", function()
  it("prints one line of JSON when it listens, and ends with its stdin", function()
    local pipe = start("sleep 0.5", "{ with_parent = true, app_id = \"me\" }")
    local line = cjson.decode(pipe:read "l")
    assert.equal("me", line.app_id)
    assert.truthy(line.user_key)
    local port = math.tointeger(tonumber(line.url:match ":(%d+)$"))
    assert.equal(404, http.ask(port, "GET", "/x").status)
    assert.equal("", pipe:read "a")
    assert.is_true(pipe:close())
  end)

  it("ends with SIGTERM, in peace", function()
    local pipe = start("true", "{ seed = 3 }")
    local line = cjson.decode(pipe:read "l")
    assert.equal(3, line.seed)
    support.run("kill " .. math.tointeger(line.pid))
    assert.equal("", pipe:read "a")
    assert.is_true(pipe:close())
  end)

  it("says what is wrong with its options, and why it does not start", function()
    local program = require "aistudios.sandbox.program"
    local done, message, kind = program.run { prot = 1 }
    assert.is_nil(done)
    assert.equal("unknown option 'prot'; did you mean 'port'?", message)
    assert.equal("usage", kind)
    local other <close> = assert(require "aistudios.sandbox".start())
    done, message, kind = program.run { port = other.port }
    assert.is_nil(done)
    assert.truthy(message:find("in use", 1, true))
    assert.is_nil(kind)
  end)
end)
