-- SPDX-License-Identifier: MIT
--
-- faults: the faults that are armed in a world. A fault is armed for one
-- endpoint, applies to its `nth` call from then on and to the `times` - 1 after
-- it, and is removed. One with a `probability` applies to each call from the
-- `nth` on with that probability, `times` times at most.

local kinds = require "aistudios.sandbox.fault_kinds".rows

local M = {}

---@class aistudios.sandbox.Faults
local Faults = {}
Faults.__index = Faults

---@param state aistudios.sandbox.State
---@return aistudios.sandbox.Faults
function M.new(state)
  return setmetatable({ state = state, armed = {} }, Faults)
end

---@param fault table  checked by fault_options
function Faults:arm(fault)
  local times = fault.times or (fault.probability and "always") or 1
  local armed = { seen = 0, left = times == "always" and math.huge or times, fault = fault }
  self.armed[#self.armed + 1] = armed
  self.state:emit("fault", { armed = fault })
end

function Faults:clear()
  self.armed = {}
  self.state:emit("fault", { cleared = true })
end

--- The faults that are armed: what each was armed with, how many calls it saw
--- and how often it is going to apply (nil: always).
---@return table[]
function Faults:list()
  local list = {}
  for i, armed in ipairs(self.armed) do
    list[i] = { seen = armed.seen, left = armed.left < math.huge and armed.left or nil }
    for name, value in pairs(armed.fault) do list[i][name] = value end
  end
  return list
end

local function applies(self, armed)
  local fault = armed.fault
  armed.seen = armed.seen + 1
  return armed.seen >= (fault.nth or 1)
      and (not fault.probability or self.state.random:number() < fault.probability)
end

--- Counts a call, and returns the fault that applies to it.
---@param endpoint? string
---@return table? fault
---@return table? kind
function Faults:take(endpoint)
  local found
  for i = #self.armed, 1, -1 do
    local armed = self.armed[i]
    local is_for_it = armed.fault.on == endpoint or (armed.fault.on == "any" and endpoint)
    if is_for_it and applies(self, armed) then
      found = armed.fault
      armed.left = armed.left - 1
      if armed.left <= 0 then table.remove(self.armed, i) end
    end
  end
  if found then return found, kinds[found.kind] end
end

return M
