-- SPDX-License-Identifier: MIT
--
-- writer: the text of a file of annotations, line by line.

local Writer = {}
Writer.__index = Writer

local M = {}

--- Begins a file; the arguments are lines of its header.
---@param ... string
function M.new(...)
  local self = setmetatable({}, Writer)
  self:put "---@meta"
  self:put "-- SPDX-License-Identifier: MIT"
  self:put "--"
  for _, line in ipairs { ... } do self:put("-- %s", line) end
  self:put "-- luacheck: ignore"
  return self
end

--- Adds a line, with string.format where there are values for it.
---@param format string
---@param ... any
function Writer:put(format, ...)
  self[#self + 1] = select("#", ...) > 0 and format:format(...) or format
end

---@return string
function Writer:text()
  return table.concat(self, "\n")
end

--- Which numbers a field takes, in words.
---@param rule { min: number?, max: number?, is_count: boolean? }
---@return string?
function M.range(rule)
  if rule.is_count then return ("auto, or 1 to %g"):format(rule.max) end
  if rule.min and rule.max then return ("%g to %g"):format(rule.min, rule.max) end
  if rule.min then return ("%g or more"):format(rule.min) end
  return rule.max and ("at most %g"):format(rule.max) or nil
end

--- The names of a table in their order.
---@param t table<string, any>
---@return string[]
function M.sorted(t)
  local names = {}
  for name in pairs(t) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- A union of values, as a type.
---@param values (string|number|boolean)[]
---@return string
function M.union(values)
  local words = {}
  for i, value in ipairs(values) do
    words[i] = type(value) == "string" and ("%q"):format(value) or tostring(value)
  end
  return table.concat(words, "|")
end

return M
