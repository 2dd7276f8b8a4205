-- SPDX-License-Identifier: MIT
--
-- cli.fields: the fields of a call from words of the command line:
-- `name=value`, `name:=JSON`, `outer.inner=value`, `list[]=value`. What a
-- value is follows from the endpoint's row.

local aistudios = require "aistudios"
local files = require "aistudios.cli.files"

local M = {}

local booleans = { ["true"] = true, ["false"] = false, yes = true, no = false }

--- A value of the kind that a rule asks for; a text where there is no rule.
local function convert(text, rule)
  local kind = rule and rule.type
  if kind == "boolean" then
    if booleans[text] == nil then return nil, "must be true or false" end
    return booleans[text]
  elseif kind == "number" or kind == "integer" then
    local number = tonumber(text)
    if not number then return nil, "must be a number" end
    return math.tointeger(number) or number
  elseif kind == "list" or kind == "object" then
    local value, err = aistudios.decode(text)
    if err then return nil, "must be JSON: " .. err.message end
    return value
  elseif kind == "file" then
    return (text:gsub("^@", ""))
  end
  return text
end

--- The rule of a field, and of one inside an object.
local function rule_of(row, names)
  local rule = row.fields[names[1]]
  for i = 2, #names do rule = rule and rule.fields and rule.fields[names[i]] end
  return rule
end

--- Puts a value into its place; a field that is given twice becomes a list
--- where the call takes several.
local function put(fields, names, value, is_item)
  local target = fields
  for i = 1, #names - 1 do
    if type(target[names[i]]) ~= "table" then target[names[i]] = {} end
    target = target[names[i]]
  end
  local name = names[#names]
  if not is_item then
    target[name] = value
  elseif type(target[name]) == "table" then
    table.insert(target[name], value)
  else
    target[name] = aistudios.array { value }
  end
end

local function is_several(row, names, rule)
  if #names > 1 then return false end
  return rule and rule.is_repeated or row.spread[names[1]] ~= nil
end

--- Reads one word into `fields`.
---@param row aistudios.Row
---@param fields table
---@param word string
---@return string? message
function M.read(row, fields, word)
  local name, colon, text = word:match "^([%w_.%[%]-]+)(:?)=(.*)$"
  if not name then return ("'%s' is no field: name=value is expected"):format(word) end
  local is_item
  name, is_item = name:gsub("%[%]$", "")
  local names = {}
  for part in name:gmatch "[^.]+" do names[#names + 1] = part end
  if not names[1] then return ("'%s' is no field: name=value is expected"):format(word) end
  local rule = rule_of(row, names)
  local value, wrong
  local wants_item = is_item > 0 or is_several(row, names, rule)
  if colon == ":" then
    local err
    value, err = aistudios.decode(text)
    wrong = err and "must be JSON: " .. err.message
    wants_item = wants_item and type(value) ~= "table"
  else
    value, wrong = convert(text, wants_item and rule and rule.type == "list" and rule.items
      or rule)
  end
  if wrong then return name .. " " .. wrong end
  put(fields, names, value, wants_item)
end

--- The fields of `-d`: JSON, or `@FILE` or `@-` with JSON in it.
---@param text string
---@return table? fields
---@return string? message
function M.read_data(text)
  if text:sub(1, 1) == "@" then
    local message
    text, message = files.read(text:sub(2))
    if not text then return nil, message end
  end
  local fields, err = aistudios.decode(text)
  if err then return nil, err.message end
  if type(fields) ~= "table" then return nil, "a JSON object is expected" end
  return fields
end

return M
