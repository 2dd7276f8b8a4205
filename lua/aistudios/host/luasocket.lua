-- SPDX-License-Identifier: MIT
--
-- host.luasocket: coroutines around socket.select. With `aistudios.new
-- { wait = luasocket }` a call inside a coroutine that `spawn` started waits
-- for that coroutine alone; elsewhere it blocks. `step` is a turn of the loop.

local socket = require "socket"
local coroutines = require "aistudios.host.coroutines"

local M = { spawn = coroutines.spawn, wake = coroutines.hurry, close = coroutines.hurry }

--- Waits for clients and for `receivers`, sockets of your own, and resumes
--- who was waited for.
---@param seconds? number  at most (no limit)
---@param receivers? table[]
---@return table[] ready  those of your sockets that are readable
---@return boolean busy   does anybody wait for a client still?
function M.step(seconds, receivers)
  local all, own, left = {}, {}, coroutines.clients()
  for i, s in ipairs(receivers or {}) do all[i] = s end
  for client, time in pairs(left) do
    all[#all + 1] = client:pollfd() >= 0 and client or nil
    seconds = math.min(seconds or math.huge, time)
  end
  local ready = socket.select(all, nil, seconds ~= math.huge and seconds or nil)
  for client in pairs(left) do
    if ready[client] or coroutines.clients()[client] == 0 then coroutines.wake(client) end
  end
  for _, s in ipairs(receivers or {}) do own[#own + 1] = ready[s] and s or nil end
  return own, next(coroutines.clients()) ~= nil
end

return setmetatable(M, { __call = function(_, client, seconds)
  if not coroutines.can_wait() then return false end
  coroutines.wait(client, seconds)
end })
