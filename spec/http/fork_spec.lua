-- SPDX-License-Identifier: MIT
--
-- What a forked process leaves to its child, and the other way round: locks,
-- sockets, descriptors.

local support = require "spec.support"

local native = require "spec.support.native"
local socket = require "socket"

local TRIES = support.is_slow and 6 or 24

--- Runs Lua code in a process of its own. What it prints.
local function run(code, ...)
  local path = support.directory "fork" .. "/run.lua"
  support.write_file(path, [[
    local aistudios = require "aistudios"
    local native = require "spec.support.native"
    local support = require "spec.support"
    native.unsetenv "LD_PRELOAD" -- a sanitizer suits no shell
  ]] .. code)
  return support.run(("%s '%s' %s 2>&1"):format(support.lua, path,
    table.concat({ ... }, " ")))
end

describe("a child that is forked", function ()
  it("has calls that keep their limits, whatever libcurl did in its parent", function ()
    if support.is_thread_sanitized then return pending "no threads after fork there" end
    local server = support.nginx { http2 = false,
      server = [[location / { return 200 '{"success":true,"data":[]}'; }]] }
    finally(function () server:close() end)
    for try = 1, TRIES do
      assert.equal("true", run([[
        local url, ca_file, pause = ...
        local options = { base_url = url, ca_file = ca_file, token = "a-token-of-16", retries = 0,
          timeout = { total = 2 } }
        local client = assert(aistudios.new(options))
        for _ = 1, 10 do client.async:list_projects() end
        support.sleep(tonumber(pause))
        local pid = native.fork(function ()
          local own <close> = assert(aistudios.new(options))
          return own:list_projects() ~= nil
        end)
        local looks, status = 0, nil
        repeat
          status, looks = native.wait(pid, true), looks + 1
          support.sleep(0.02)
        until status or looks > 400
        if not status then native.kill(pid, 9) end
        print(status == 0)
      ]], server.url, server.ca_file, try * 0.0005))
    end
  end)

  it("has no copy of its parent's connections", function ()
    local listener = assert(socket.bind("127.0.0.1", 0))
    listener:settimeout(5)
    local core = require "aistudios.core"
    local handle <close> = core.client { token = "a-token-of-16" }
    local _, port = listener:getsockname()
    local transfer = handle:submit(1, { method = "GET", url = "http://127.0.0.1:" .. port,
      auth = "token" })
    local peer = assert(listener:accept())
    assert(peer:receive "*l")
    local pid = native.fork(function () return support.sleep(4) or true end)
    transfer:cancel()
    peer:settimeout(2)
    repeat local line, why = peer:receive "*l" until not line or why
    assert.equal("closed", select(2, peer:receive(1)))
    native.kill(pid, 9)
    native.wait(pid)
    peer:close()
    listener:close()
  end)
end)

describe("a socket of which another process has a copy", function ()
  it("does not keep the I/O thread busy after its end", function ()
    local listener = assert(socket.bind("127.0.0.1", 0, 0))
    local _, port = listener:getsockname()
    local fillers = {}
    for i = 1, 4 do -- a full queue: who comes now is not answered
      fillers[i] = socket.tcp()
      fillers[i]:settimeout(0)
      fillers[i]:connect("127.0.0.1", port)
    end
    local function leave()
      for _, filler in ipairs(fillers) do filler:close() end
      listener:close()
    end
    local core = require "aistudios.core"
    local handle <close> = core.client { token = "a-token-of-16" }
    handle:submit(1, { method = "GET", url = "http://127.0.0.1:" .. port, connect_timeout = 0.5 })
    support.sleep(0.2)
    local pid = native.fork(function ()
      leave()
      return support.sleep(9) or true
    end, true)
    handle:wait(5)
    leave() -- the system asks again a second after the first time, and is refused
    support.sleep(1.5)
    local before = os.clock()
    support.sleep(1)
    local spent = os.clock() - before
    native.kill(pid, 9)
    native.wait(pid)
    assert.is_true(spent < 0.3, spent)
  end)
end)

describe("a program that a host starts", function ()
  it("has none of the client's descriptors", function ()
    local printed = run [[
      local function open()
        local all = {}
        for line in support.run("ls -l /proc/self/fd"):gmatch "[^\n]+" do
          local name, to = line:match "(%d+) %-> (.*)"
          if name then all[name] = to end
        end
        return all
      end
      local before = open()
      local server <close> = require "aistudios.sandbox".start()
      local client = aistudios.new { base_url = server.url:gsub("127.0.0.1", "localhost"),
        app_id = server.app_id, user_key = server.user_key }
      assert(client:list_models())
      local job = client.async:list_models()
      for name, to in pairs(open()) do
        if not before[name] then print(to) end
      end
      job:wait()
    ]]
    assert.equal("", printed)
  end)
end)
