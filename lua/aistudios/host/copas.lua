-- SPDX-License-Identifier: MIT
--
-- host.copas: `aistudios.new { wait = require "aistudios.host.copas" }`. In a
-- coroutine of copas a call waits for that coroutine alone; elsewhere it blocks.
-- Copas before 2.0 has no timers: call `copas.loop(0.1)`, or pauses end late.

local copas = require "copas"
local core = require "aistudios.core"

local M = {}
-- By client: one for each coroutine that waits, which copas takes for a socket.
local ports = setmetatable({}, { __mode = "k" })

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
  if not coroutine.isyieldable() then return false end
  local port = port_of(client, seconds or math.huge)
  local timer = seconds and copas.sleep and copas.addthread(copas.sleep, seconds)
  ports[client] = ports[client] or {}
  ports[client][port] = true
  copas.receive(port, 1)
  ports[client][port] = nil
  if timer then (copas.removethread or copas.wakeup)(timer) end
end })
