-- SPDX-License-Identifier: MIT
--
-- refusal: what an answer says when it says no: its code and its reason, in
-- the wordings in which services put them.

local format = require "aistudios.util.decimal".format

local M = {}

local MOST_PARTS = 5 -- of a list of reasons
local DEEPEST = 3    -- levels of lists and objects in a reason

-- The members that hold a reason, the likeliest first.
local names = { "msg", "message", "detail", "reason", "error", "errors", "error_description",
  "title" }

local to_text

local function join(parts)
  if not parts[1] then return nil end
  if #parts > MOST_PARTS then
    parts = table.move(parts, 1, MOST_PARTS, 1, { [MOST_PARTS + 1] = "..." })
  end
  return table.concat(parts, "; ")
end

local function list_to_text(list, depth)
  local parts = {}
  for _, item in ipairs(list) do parts[#parts + 1] = to_text(item, depth) end
  return join(parts)
end

--- "name: reason; ..." of an object that maps fields to reasons.
local function fields_to_text(object, depth)
  local parts = {}
  for name, value in pairs(object) do
    local text = type(name) == "string" and to_text(value, depth)
    if text then parts[#parts + 1] = name .. ": " .. text end
  end
  table.sort(parts)
  return join(parts)
end

local function named_text(object, depth)
  for _, name in ipairs(names) do
    local text = to_text(object[name], depth)
    if text then return text end
  end
end

--- The text of a reason: a string, a list of reasons, or an object.
function to_text(value, depth)
  if type(value) == "string" then return value:find "%S" and value or nil end
  if math.type(value) then return format("%.14g", value) end
  if type(value) ~= "table" or depth == 0 then return nil end
  if value[1] ~= nil then return list_to_text(value, depth - 1) end
  return named_text(value, depth - 1) or fields_to_text(value, depth - 1)
end

local function scalar(value)
  local kind = type(value)
  if (kind == "string" and value ~= "") or kind == "number" then return value end
end

--- Is it a code with which the live avatar's envelope says no?
---@param code any
---@return boolean
function M.is_code(code)
  local number = math.tointeger(code)
  return number ~= nil and number >= 4000 and number <= 5999
end

--- Does the API's own envelope say no? The JSON of a gateway does not have it.
---@param row aistudios.Row
---@param answer any
---@return boolean
function M.is_no(row, answer)
  if type(answer) ~= "table" or not row.host then return false end
  if type(answer.success) == "boolean" then return not answer.success end
  return row.host == "interactive" and M.is_code(answer.code)
end

--- What an answer says that is no good: the API's envelope, or a gateway's
--- words.
---@param answer any
---@return any? code
---@return string? reason
function M.read(answer)
  if type(answer) ~= "table" then return nil end
  local err = answer.error
  return type(err) == "table" and scalar(err.code) or scalar(answer.code),
    to_text(err, DEEPEST) or named_text(answer, DEEPEST)
end

return M
