-- SPDX-License-Identifier: MIT
--
-- read: takes from a project what can be drawn. A value of the wrong type
-- counts as absent; nothing here raises, whatever the table holds.

local math_type = math.type

local M = {}

local FARTHEST = 20000 -- px, some ten canvases; what is farther is drawn there

--- A finite number that can be drawn, or the default.
---@param owner table
---@param key string
---@param default number
---@return number
function M.number(owner, key, default)
  local value = owner[key]
  if type(value) ~= "number" or value ~= value then return default end
  if value > FARTHEST then return FARTHEST end
  if value < -FARTHEST then return -FARTHEST end
  return value
end

--- A string, or the default; numbers are written as they are.
---@param owner table
---@param key string
---@param default? string
---@return string?
function M.string(owner, key, default)
  local value = owner[key]
  if type(value) == "string" then return value end
  if type(value) == "number" then return tostring(value) end
  return default
end

--- A table, or an empty one.
---@param owner table
---@param key any
---@return table
function M.table(owner, key)
  local value = owner[key]
  return type(value) == "table" and value or {}
end

--- The members of a list that may have holes: index and value, in order.
--- Members under other keys are none.
---@param owner table
---@param key string
---@return { index: integer, value: any }[]
function M.list(owner, key)
  local found = {}
  local list = owner[key]
  if type(list) ~= "table" then return found end
  for index, value in pairs(list) do
    if math_type(index) == "integer" then
      found[#found + 1] = { index = index, value = value }
    end
  end
  table.sort(found, function (a, b) return a.index < b.index end)
  return found
end

--- Opacity in per cent as a part of 1.
---@param clip table
---@return number
function M.opacity(clip)
  local value = M.number(clip, "opacity", 100) / 100
  return value < 0 and 0 or value > 1 and 1 or value
end

--- A number as SVG writes it: three decimals at most.
---@param value number
---@return string
function M.format(value)
  if value % 1 == 0 then return ("%d"):format(value) end
  return (("%.3f"):format(value):gsub("%.?0+$", ""))
end

--- Fills the `%s` of a template; numbers are written as SVG writes them.
---@param template string
---@param ... number|string
---@return string
function M.write(template, ...)
  local values = { ... }
  for i = 1, #values do
    if type(values[i]) == "number" then values[i] = M.format(values[i]) end
  end
  return template:format(table.unpack(values))
end

local colours = {
  "^#%x%x%x%x%x%x$", "^#%x%x%x$", "^#%x%x%x%x$", "^#%x%x%x%x%x%x%x%x$",
  "^rgba?%([%d%s.,%%]+%)$", "^hsla?%([%d%s.,%%]+%)$", "^%a+$",
}

local function is_colour(value)
  if #value > 48 then return false end
  for _, pattern in ipairs(colours) do
    if value:find(pattern) then return true end
  end
  return false
end

--- A colour that is safe to write into an attribute. Nothing else gets
--- through: no `url()`, no second property.
---@param value any
---@param default? string
---@return string?
function M.colour(value, default)
  if type(value) ~= "string" or not is_colour(value) then return default end
  return value
end

return M
