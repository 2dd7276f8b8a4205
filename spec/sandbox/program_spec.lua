-- SPDX-License-Identifier: MIT
--
-- The sandbox as a program: what it prints, and when it ends.

local cjson = require "cjson"
local http = require "spec.support.http"
local support = require "spec.support"

-- Starts it with `input` as its stdin; returns the pipe of its stdout.
local function start(input, options, shell)
  return assert(io.popen(("%s%s | %s -e 'require \"aistudios.sandbox.program\".run(%s)'")
    :format(shell or "", input, support.lua, options), "r"))
end

describe("the sandbox as a program", function()
  it("prints one line of JSON when it listens, and ends with its stdin", function()
    local fifo = support.directory "program" .. "/stdin"
    support.run(("mkfifo '%s'"):format(fifo))
    local pipe = start(("cat '%s'"):format(fifo), "{ with_parent = true, app_id = \"me\" }")
    local input = assert(io.open(fifo, "w"))
    local line = cjson.decode(pipe:read "l")
    assert.equal("me", line.app_id)
    assert.truthy(line.user_key)
    local port = math.tointeger(tonumber(line.url:match ":(%d+)$"))
    input:write "what stdin has is no end\n"
    input:flush()
    support.sleep(0.1)
    assert.equal(404, http.ask(port, "GET", "/x").status)
    input:close()
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

  -- Requests and what was kept of them; how long each took was the machine's to say.
  it("answers the same requests with the same bytes for the same seed", function()
    local told = {}
    for i = 1, 2 do
      local pipe = start("true", '{ seed = 7, clock = "frozen:2026-01-31T00:00:00Z" }')
      local line = cjson.decode(pipe:read "l")
      local port = math.tointeger(tonumber(line.url:match ":(%d+)$"))
      local admin = math.tointeger(tonumber(line.admin:match ":(%d+)$"))
      local caller = http.caller { port = port, app_id = line.app_id, user_key = line.user_key }
      local hello, list = support.read_file "spec/fixtures/hello-project.json", {}
      local function keep(answer) list[#list + 1] = answer.body end
      for _ = 1, 2 do
        keep(caller:ask("POST", "/api/odin/v3/editor/project", hello))
        http.ask(admin, "POST", "/clock/advance", { body = '{"seconds":1}',
          headers = { ["Content-Type"] = "application/json" } })
        keep(caller:ask("GET", "/api/odin/v3/editor/project"))
        keep(caller:ask("POST", "/api/odin/v3/tools/voice-generator", "{}"))
      end
      for _, path in ipairs { "/requests?format=har", "/requests?format=jsonl", "/ledger",
        "/projects", "/state" } do
        keep(http.ask(admin, "GET", path))
      end
      told[i] = table.concat(list, "\n"):gsub("127%.0%.0%.1:%d+", "HOST")
      support.run("kill " .. math.tointeger(line.pid))
      pipe:close()
    end
    assert.truthy(told[1]:find '"version":"1.2"')
    assert.equal(told[1], told[2])
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

describe("a sandbox that is short of descriptors", function()
  local pipe, line, port

  before_each(function()
    pipe = start("true", "{}", "ulimit -n 48; ")
    line = cjson.decode(pipe:read "l")
    port = math.tointeger(tonumber(line.url:match ":(%d+)$"))
  end)

  after_each(function()
    support.run("kill " .. math.tointeger(line.pid))
    pipe:close()
  end)

  local function ticks() -- of the processor, in user and system mode
    local text = support.read_file(("/proc/%d/stat"):format(line.pid))
    local fields = {} -- behind the name of the program, from the third on
    for word in text:match "^.*%)(.*)$":gmatch "%S+" do fields[#fields + 1] = word end
    return tonumber(fields[12]) + tonumber(fields[13])
  end

  local function ask(connection) return connection:ask("GET", "/x") end

  it("refuses connections at once, does not spin, and takes new ones later", function()
    local connections, taken, refused = {}, 0, 0
    for i = 1, 80 do
      connections[i] = http.connect(port)
      if ask(connections[i]) then taken = taken + 1 else refused = refused + 1 end
    end
    assert.is_true(taken >= 10 and taken < 40, taken)
    assert.equal(80, taken + refused)
    local before = ticks()
    support.sleep(0.3)
    assert.is_true(ticks() - before <= 10) -- of 30
    local admin = math.tointeger(tonumber(line.admin:match ":(%d+)$"))
    assert.equal(200, http.ask(admin, "GET", "/state").status)
    for _, connection in ipairs(connections) do connection:close() end
    support.wait_until(function()
      local again <close> = http.connect(port)
      return ask(again)
    end)
  end)
end)
