-- SPDX-License-Identifier: MIT
--
-- host.luv: `aistudios.new { wait = require "aistudios.host.luv" }`. In a coroutine
-- that `spawn` started a call then waits for luv's loop; elsewhere it blocks. Handles
-- live while somebody waits: luv must run once more after one was closed.

local uv = require "luv"
local coroutines = require "aistudios.host.coroutines"
local M = { spawn = coroutines.spawn }
local watches = {} -- by client

local function watch_of(client)
  local watch = { poll = uv.new_poll(client:pollfd()), timer = uv.new_timer() }
  function watch.run()
    coroutines.wake(client)
    if coroutines.clients()[client] then return end
    watches[client] = nil
    watch.timer:close()
    if not watch.poll:is_closing() then watch.poll:close() end
  end
  return watch
end

--- Jobs have run, or the client closes: the loop forgets a descriptor before.
function M.wake(client, is_closing)
  local watch = watches[client]
  coroutines.hurry(client)
  if watch and is_closing then watch.poll:close() end
  if watch and coroutines.clients()[client] then watch.timer:start(0, 0, watch.run) end
end
function M.close(client) M.wake(client, true) end

return setmetatable(M, { __call = function(_, client, seconds)
  if not coroutines.can_wait() or client:pollfd() < 0 then return false end
  watches[client] = watches[client] or watch_of(client)
  local watch, due = watches[client], coroutines.clients()[client] or math.huge
  watch.poll:start("r", watch.run)
  due = math.min(due, seconds or math.huge)
  if due < math.huge then watch.timer:start(math.ceil(due * 1000), 0, watch.run) end
  coroutines.wait(client, seconds)
end })
