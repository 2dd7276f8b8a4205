-- SPDX-License-Identifier: MIT
--
-- events: the last things that happened, in order, for those who follow them.

local MAX_EVENTS = 1000

---@class aistudios.sandbox.Events
local Events = {}
Events.__index = Events

local M = {}

---@param notify fun()  wakes those who wait for an event
---@return aistudios.sandbox.Events
function M.new(notify)
  return setmetatable({ notify = notify, list = {}, last = 0 }, Events)
end

---@param kind string
---@param app_id string  of the world
---@param data table     plain data; not changed afterwards
function Events:add(kind, app_id, data)
  self.last = self.last + 1
  self.list[self.last] = { id = self.last, kind = kind, world = app_id, data = data }
  self.list[self.last - MAX_EVENTS] = nil
  self.notify()
end

--- The events that are kept after one.
---@param id integer  of that one; 0: from the first that is kept
---@return table[]
function Events:after(id)
  local found = {}
  for i = math.max(id, self.last - MAX_EVENTS) + 1, self.last do
    found[#found + 1] = self.list[i]
  end
  return found
end

return M
