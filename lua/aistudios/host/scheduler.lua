-- SPDX-License-Identifier: MIT
--
-- host.scheduler: for hosts that have coroutines and a tick, and nothing
-- else. With `aistudios.new { wait = scheduler }` a call inside a coroutine
-- that `spawn` started waits for the next ticks; elsewhere it blocks.

local coroutines = require "aistudios.host.coroutines"

local M = { spawn = coroutines.spawn }

--- Resumes all coroutines that wait, once. Call it as often as the host ticks.
---@return boolean busy  does anybody wait still?
function M.tick()
  for client in pairs(coroutines.clients()) do coroutines.wake(client) end
  return next(coroutines.clients()) ~= nil
end

return setmetatable(M, { __call = function(_, client)
  if not coroutines.can_wait() then return false end
  coroutines.wait(client)
end })
