-- SPDX-License-Identifier: MIT
--
-- deep_copy: a value with copies of all the tables in it; their metatables, such
-- as the mark of a list, are shared. For trees, as decoded JSON is one.

---@generic T
---@param value T
---@return T
local function deep_copy(value)
  if type(value) ~= "table" then return value end
  local out = {}
  for key, member in next, value do out[key] = deep_copy(member) end
  return setmetatable(out, getmetatable(value))
end

return deep_copy
