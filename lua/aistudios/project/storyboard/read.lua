-- SPDX-License-Identifier: MIT
--
-- read: takes from a project what can be drawn. A value of the wrong type
-- counts as absent; nothing here raises, whatever the table holds.

local colors = require "aistudios.project.colors"
local core = require "aistudios.core"
local write = require "aistudios.util.decimal".format

local math_type, type = math.type, type

local M = {}

local FARTHEST = 20000 -- px, some ten canvases; what is farther is drawn there

--- A finite number that can be drawn, or the default; of more keys, each with its default,
--- one after the other.
---@type fun(owner: table, key: string, default: number, ...: any): number
M.number = core.number_reader(FARTHEST)

--- A string, or the default; numbers are written as they are.
---@type fun(owner: table, key: string, default?: string): string?
M.string = core.field_text

--- A table, or an empty one.
---@param owner table
---@param key any
---@return table
function M.table(owner, key)
  local value = owner[key]
  return type(value) == "table" and value or {}
end

-- Has a list neither holes nor other members?
local function is_list(list)
  local last = 0
  for index in pairs(list) do
    if index ~= last + 1 then return false end
    last = index
  end
  return true
end

local function indices(list)
  local found = {}
  for index in pairs(list) do
    if math_type(index) == "integer" then found[#found + 1] = index end
  end
  table.sort(found)
  return found
end

--- Goes through the members of a list that may have holes: index and value, in
--- order. Members under other keys are none.
---@param owner table
---@param key string
---@return function, ...
function M.each(owner, key)
  local list, at = M.table(owner, key), 0
  if is_list(list) then return pairs(list) end -- in the same order again
  local order = indices(list)
  return function ()
    at = at + 1
    local index = order[at]
    return index, list[index]
  end
end

--- Is only the head of an avatar shown?
---@param clip table
---@return boolean
function M.is_head_only(clip)
  if clip.headOnly == true then return true end
  for _, effect in M.each(clip, "effects") do
    if type(effect) == "table" and effect.type == "head-only" then return true end
  end
  return false
end

--- Opacity in per cent as a part of 1.
---@param clip table
---@return number
function M.opacity(clip)
  local value = M.number(clip, "opacity", 100) / 100
  return value < 0 and 0 or value > 1 and 1 or value
end

--- A number as SVG writes it, exact to a thousandth px.
---@param value number
---@return string
function M.format(value) return write("%.8g", value) end

--- An address as it is read: its percent-encoding decoded, where that makes UTF-8.
---@param url string
---@return string
function M.decoded(url)
  if not url:find("%", 1, true) then return url end
  local decoded = url:gsub("%%(%x%x)", function (digits)
    return string.char(tonumber(digits, 16))
  end)
  return utf8.len(decoded) and decoded or url
end

--- The last part of an address, as it is read.
---@param url any
---@param default string
---@return string
function M.file_name(url, default)
  if type(url) ~= "string" or #url > 2048 then return default end
  if url:find("[?#]") then url = url:match "^[^?#]*" end
  local name = url:match "^.*/([^/]+)$" or url:match "([^/]+)/*$"
  return name and M.decoded(name) or default
end

--- A colour as `#rrggbb` or `#rrggbbaa`, which is safe in an attribute; nil for what
--- is none.
---@param value any
---@return string?
function M.colour(value)
  local color = colors.known[value]
  return color and color.text or nil
end

return M
