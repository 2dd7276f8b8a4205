-- SPDX-License-Identifier: MIT
--
-- host.luv: `aistudios.new { wait = require "aistudios.host.luv" }`. Inside a
-- coroutine a call then waits for luv's loop, which goes on meanwhile.
-- Outside of any, it blocks. Only calls that wait keep the loop alive.

local uv = require "luv"
local waiters = require "aistudios.host.waiters"

local M = {}

local watches = setmetatable({}, { __mode = "k" }) -- by client

local function watch_of(client)
  local watch = { poll = uv.new_poll(client:pollfd()), timer = uv.new_timer() }
  function watch.run()
    watch.timer:stop()
    if watches[client] then watch.poll:stop() else watch.timer:close() end
    waiters.wake(client)
  end
  watches[client] = watch
  return watch
end

--- Jobs have run: one that another coroutine waits for may be done.
function M.wake(client)
  local watch = watches[client]
  if watch and waiters.clients()[client] then watch.timer:start(0, 0, watch.run) end
end

--- The client's descriptor goes away: the loop forgets it before.
function M.close(client)
  local watch = watches[client]
  watches[client] = nil
  if not watch then return end
  watch.poll:close()
  watch.timer:start(0, 0, watch.run)
end

return setmetatable(M, { __call = function(_, client, seconds)
  if not coroutine.isyieldable() then return false end
  local watch = watches[client] or watch_of(client)
  local left = math.min(seconds or math.huge, waiters.clients()[client] or math.huge)
  watch.poll:start("r", watch.run)
  if left < math.huge then watch.timer:start(math.ceil(left * 1000), 0, watch.run) end
  waiters.wait(client, seconds)
end })
