-- SPDX-License-Identifier: MIT
--
-- host.luv: `aistudios.new { wait = require "aistudios.host.luv" }`. Inside a
-- coroutine a call then waits for luv's loop, which goes on meanwhile.
-- Outside of any, it blocks. Handles exist only while somebody waits: luv
-- must run once more after one was closed, and then the loop surely does.

local uv = require "luv"
local waiters = require "aistudios.host.waiters"

local M = {}

local watches = {} -- by client

local function watch_of(client)
  local watch = { poll = uv.new_poll(client:pollfd()), timer = uv.new_timer() }
  function watch.run()
    watch.timer:stop()
    if not watch.poll:is_closing() then watch.poll:stop() end
    waiters.wake(client)
    if waiters.clients()[client] then return end
    watches[client] = nil
    watch.timer:close()
    if not watch.poll:is_closing() then watch.poll:close() end
  end
  watches[client] = watch
  return watch
end

--- Jobs have run: one that another coroutine waits for may be done.
function M.wake(client)
  if waiters.clients()[client] then watches[client].timer:start(0, 0, watches[client].run) end
end

--- The client's descriptor goes away: the loop forgets it before.
function M.close(client)
  if watches[client] then watches[client].poll:close() end
  M.wake(client)
end

return setmetatable(M, { __call = function(_, client, seconds)
  if not coroutine.isyieldable() then return false end
  local watch = watches[client] or watch_of(client)
  local left = math.min(seconds or math.huge, waiters.clients()[client] or math.huge)
  watch.poll:start("r", watch.run)
  if left < math.huge then watch.timer:start(math.ceil(left * 1000), 0, watch.run) end
  waiters.wait(client, seconds)
end })
