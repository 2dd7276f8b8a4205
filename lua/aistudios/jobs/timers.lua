-- SPDX-License-Identifier: MIT
--
-- timers: what is due when, as a binary heap. Adding and taking cost
-- O(log n). A timer cannot be removed before it is due: whoever takes it checks
-- whether it still applies.

---@class aistudios.Timers
---@field private times number[]   the heap; in step with `values`
---@field private values any[]
---@field private count integer
---@field first? number  when the earliest is due; nil: there is none
local Timers = { __name = "aistudios.timers" }
Timers.__index = Timers

--- Adds `value`, due at `time` (seconds, on the core's clock).
---@param time number
---@param value any
function Timers:add(time, value)
  local times, values = self.times, self.values
  local i = self.count + 1
  self.count = i
  while i > 1 do
    local parent = i // 2
    if times[parent] <= time then break end
    times[i], values[i] = times[parent], values[parent]
    i = parent
  end
  times[i], values[i] = time, value
  self.first = times[1]
end

local function remove_first(self)
  local times, values, n = self.times, self.values, self.count
  local time, value = times[n], values[n]
  times[n], values[n] = nil, nil
  n = n - 1
  self.count = n
  if n == 0 then
    self.first = nil
    return
  end
  local i = 1
  while true do
    local child = 2 * i
    if child > n then break end
    if child < n and times[child + 1] < times[child] then child = child + 1 end
    if time <= times[child] then break end
    times[i], values[i] = times[child], values[child]
    i = child
  end
  times[i], values[i] = time, value
  self.first = times[1]
end

--- Moves what is due at `now` to the end of a queue, the earliest first. Without memory
--- for it, it stays.
---@param now number  math.huge takes all
---@param queue any[]  `last`: the index of its last item
function Timers:take(now, queue)
  while self.first and self.first <= now do
    local last = queue.last + 1
    queue[last] = self.values[1]
    queue.last = last
    remove_first(self)
  end
end

local M = {}

---@return aistudios.Timers
function M.new()
  return setmetatable({ times = {}, values = {}, count = 0 }, Timers)
end

return M
