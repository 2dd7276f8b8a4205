-- SPDX-License-Identifier: MIT
--
-- host.copas: `aistudios.new { wait = require "aistudios.host.copas" }`. In a
-- coroutine of copas a call waits for that coroutine alone; elsewhere it blocks.
-- Copas does not tell which coroutines are its own: its addthread and addserver
-- note them from the moment this file is loaded on.
-- Copas before 2.0 has no timers: call `copas.loop(0.1)`, or pauses end late.

local copas = require "copas"
local core = require "aistudios.core"
local coroutines = require "aistudios.host.coroutines"

local M = {}
-- By client: one for each coroutine that waits, which copas takes for a socket.
local ports = setmetatable({}, { __mode = "k" })

--- The same function, or coroutine, as one that may wait.
local function noted(f)
  if type(f) == "thread" then coroutines.note(f) end
  if type(f) ~= "function" then return f end
  return function(...)
    coroutines.note((coroutine.running()))
    return f(...)
  end
end

-- The places of the function among the arguments; addnamedthread is there from copas 4.0 on.
for name, places in pairs { addthread = { 1 }, addserver = { 2 }, addnamedthread = { 1, 2 } } do
  local add = copas[name]
  copas[name] = add and function(...)
    local given = table.pack(...)
    for _, i in ipairs(places) do given[i] = noted(given[i]) end
    return add(table.unpack(given, 1, given.n))
  end
end

local function port_of(client, seconds)
  local port, reads = { due = core.now() + seconds, close = function() end }, 0
  function port.getfd() return math.max(0, client:pollfd()) end -- due, if closed
  function port.dirty() return core.now() >= port.due end
  function port.receive()
    reads = reads + 1
    return reads > 1 and "" or nil, "timeout"
  end
  return port
end

--- Jobs have run, or the client closes: all that wait are due.
function M.wake(client)
  for port in pairs(ports[client] or {}) do port.due = 0 end
end
M.close = M.wake

return setmetatable(M, { __call = function(_, client, seconds)
  if not coroutines.can_wait() then return false end
  local port = port_of(client, seconds or math.huge)
  local timer = seconds and copas.sleep and copas.addthread(copas.sleep, seconds)
  ports[client] = ports[client] or {}
  ports[client][port] = true
  copas.receive(port, 1)
  ports[client][port] = nil
  if timer then (copas.removethread or copas.wakeup)(timer) end
end })
