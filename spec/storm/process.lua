-- SPDX-License-Identifier: MIT
--
-- storm.process: starts the storm's server and its victims, and counts what this
-- process holds.

local native = require "spec.support.native"
local support = require "spec.support"

local M = {}

local Server = {}
Server.__index = Server

--- Starts the server; its ways with their addresses are in `ports`.
---@return table server
function M.start_server(directory, seed)
  local c = support.certificates()
  local pipe = assert(io.popen(("exec lua5.4 spec/storm/server.lua '%s' %d '%s' '%s'")
    :format(directory, seed, c.server_cert, c.server_key), "w"))
  local self = setmetatable({ pipe = pipe, ports = {}, ledger = directory .. "/ledger",
    ca_file = c.ca_cert }, Server)
  support.wait_until(function () return support.exists(directory .. "/ports") end)
  for text in io.lines(directory .. "/ports") do
    local way, protocol, number, rare = text:match "^(%S+) (%S+) (%d+) (%d)$"
    local port = { way = way, protocol = protocol, is_rare = rare == "1",
      number = math.tointeger(tonumber(number)) }
    port.url = (protocol == "tls" and "https" or "http") .. "://127.0.0.1:" .. number
    if way == "control" then self.control = port.number else table.insert(self.ports, port) end
  end
  return self
end

--- How many connections it is serving.
function Server:active()
  local c = assert(require "socket".connect("127.0.0.1", self.control))
  c:settimeout(5)
  local n = tonumber((c:receive "*l"))
  c:close()
  return n
end

--- Waits until it serves nobody: what it was sent is done, or will never be.
function Server:settle()
  support.wait_until(function () return self:active() == 0 end, 30)
end

function Server:close()
  if self.pipe then self.pipe:close() end
  self.pipe = nil
end
Server.__close = Server.close

--- Starts a victim.
---@return table victim  kill()
function M.start_victim(directory, url, ca_file, names)
  local pipe = assert(io.popen(("echo $$; exec lua5.4 spec/storm/victim.lua '%s' '%s' '%s' %s")
    :format(directory, url, ca_file, table.concat(names, " ")), "r"))
  local pid = tonumber(pipe:read "l")
  return { kill = function ()
    native.kill(pid, 9)
    pipe:close()
  end }
end

local function entries(directory)
  local n = 0
  for name in require "lfs".dir(directory) do
    if name:find "^%d+$" then n = n + 1 end
  end
  return n
end

--- What this process holds. Garbage is collected first.
---@return { descriptors: integer, threads: integer, lua: integer, malloc: integer }
function M.held()
  collectgarbage()
  collectgarbage()
  return { descriptors = entries "/proc/self/fd", threads = entries "/proc/self/task",
    lua = math.floor(collectgarbage "count" * 1024), malloc = native.malloc_in_use() }
end

--- What this process holds when what it has ended is gone: a thread that was joined
--- can be seen for a moment longer.
---@param at_start table  of `held`
function M.settled(at_start)
  local now
  for _ = 1, 100 do
    now = M.held()
    if now.threads == at_start.threads and now.descriptors == at_start.descriptors then break end
    support.sleep(0.01)
  end
  return now
end

return M
