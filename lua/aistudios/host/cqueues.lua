-- SPDX-License-Identifier: MIT
--
-- host.cqueues: `aistudios.new { wait = require "aistudios.host.cqueues" }`.
-- Inside a coroutine of a cqueues loop a call then waits for that coroutine
-- alone; elsewhere it blocks.

local condition = require "cqueues.condition"
local cqueues = require "cqueues"

local M = {}

-- By client and loop: a condition, and whether somebody polls the descriptor.
-- cqueues cannot forget one that several coroutines poll, so the others wait for
-- the condition. A loop may be dropped while somebody polls.
local weak = { __mode = "k" }
local states = setmetatable({}, weak)

--- Jobs have run: one that another coroutine waits for may be done.
function M.wake(client)
  for _, state in pairs(states[client] or {}) do state.change:signal() end
end

--- The client's descriptor goes away: the loop forgets it before.
function M.close(client)
  cqueues.cancel(client:pollfd())
  M.wake(client)
end

return setmetatable(M, { __call = function(_, client, seconds)
  local loop, is_direct = cqueues.running() -- not so in a generator inside of it
  if not is_direct or not coroutine.isyieldable() then return false end
  states[client] = states[client] or setmetatable({}, weak)
  local state = states[client][loop] or { change = condition.new() }
  states[client][loop] = state
  if state.is_polled then return cqueues.poll(state.change, seconds) and nil end
  state.is_polled = true
  cqueues.poll(client, state.change, seconds)
  state.is_polled = false
  state.change:signal()
end })
