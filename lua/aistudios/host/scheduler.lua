-- SPDX-License-Identifier: MIT
--
-- host.scheduler: for hosts that have coroutines and a tick, and nothing
-- else. With `aistudios.new { wait = scheduler }` a call inside a coroutine
-- that `spawn` started waits for the next ticks; elsewhere it blocks.

local waiters = require "aistudios.host.coroutines"

local M = { spawn = waiters.spawn }

--- Resumes everybody who waits, once. Call it as often as the host ticks.
---@return boolean busy  does anybody wait still?
function M.tick()
  for client in pairs(waiters.clients()) do waiters.wake(client) end
  return next(waiters.clients()) ~= nil
end

return setmetatable(M, { __call = function(_, client)
  if not coroutine.isyieldable() then return false end
  waiters.wait(client)
end })
