-- SPDX-License-Identifier: MIT
--
-- matching: which item of a list is which of another one: the one with its id when all
-- items of both have an id of their own; else what stands at the same place.

local M = {}

--- How many items a list has; nil when it is none, or empty.
---@param list table
---@return integer?
function M.length(list)
  local count, keys = 0, 0
  for i in ipairs(list) do count = i end
  if count == 0 then return nil end
  for _ in pairs(list) do keys = keys + 1 end
  return keys == count and count or nil
end

-- Places by id; nil unless it is a list whose items all have an id of their own.
local function places(list)
  if not M.length(list) then return nil end
  local found = {}
  for i, item in ipairs(list) do
    local id = type(item) == "table" and item.id
    if type(id) ~= "string" or found[id] then return nil end
    found[id] = i
  end
  return found
end

--- The places of two lists' items by id; nil when they are not matched by id.
---@param a table
---@param b table
---@return table<string, integer>? in_a
---@return table<string, integer>? in_b
function M.by_id(a, b)
  local in_a = places(a)
  local in_b = in_a and places(b)
  if in_b then return in_a, in_b end
end

return M
