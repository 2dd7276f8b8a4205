-- SPDX-License-Identifier: MIT
--
-- json: the codec of the service. Answers are encoded with sorted keys, so that
-- the same answer has the same bytes; a mark stands for text that is JSON already.

local core = require "aistudios.core"
local exact = require "aistudios.json"

local M = { null = exact.null }

-- A mark is a string that no request holds, for nobody knows where a table lies.
local ADDRESS = tostring(M):match "%x+$"
local MARK = "\1" .. ADDRESS .. " %s\1"
local BEGIN = "\\u0001" .. ADDRESS
local MARK_AS_JSON = '"' .. BEGIN .. ' (%w+)\\u0001"'
local pieces, count = {}, 0

--- Puts JSON text into a value as it is, for the next `encode`.
---@param text string
---@return string mark
function M.raw(text)
  count = count + 1
  local name = "r" .. count
  pieces[name] = text
  return MARK:format(name)
end

--- A list, also when it is empty.
---@generic T: table
---@param list T
---@return T list  the same table
M.list = exact.array

local SORTED = { sort_keys = true }

-- A text whose bytes are no UTF-8, with U+FFFD for each of them.
local function mend(text)
  local parts, at = {}, 1
  while true do
    local length, bad = utf8.len(text, at)
    if length then return table.concat(parts) .. text:sub(at) end
    parts[#parts + 1] = text:sub(at, bad - 1) .. "\u{FFFD}"
    at = bad + 1
  end
end

-- A copy in which all texts are UTF-8.
local function mend_all(value)
  if type(value) == "string" then return mend(value) end
  if type(value) ~= "table" then return value end
  local out = setmetatable({}, getmetatable(value))
  for key, member in pairs(value) do out[mend_all(key)] = mend_all(member) end
  return out
end

-- What a request brought may be no UTF-8.
local function encode(value)
  local text = exact.encode(value, SORTED)
  return text or assert(exact.encode(mend_all(value), SORTED))
end

---@param value any
---@return string text
function M.encode(value)
  local text = encode(value)
  if text:find(BEGIN, 1, true) then text = text:gsub(MARK_AS_JSON, pieces) end
  if count > 0 then pieces, count = {}, 0 end
  return text
end

--- Reads JSON as aistudios.decode does, which marks empty lists. A text that is
--- refused for bytes that are no UTF-8 has a value all the same.
---@param text string
---@return any value         nil: it is no JSON
---@return string? message   what aistudios.decode said
function M.decode(text)
  local value, err = exact.decode(text)
  if value ~= nil then return value end
  if not utf8.len(text) then value = core.decode(text, true) end
  return value, err.message
end

-- ---- the text of a part of a document ----

-- `at` is at the opening quote; returns the place behind the closing one.
local function behind_string(text, at)
  repeat
    at = text:find('["\\]', at + 1)
    local is_escape = text:byte(at) == 92
    if is_escape then at = at + 1 end
  until not is_escape
  return at + 1
end

-- The place behind the value that begins at `at`.
local function behind_value(text, at)
  local first = text:sub(at, at)
  if first == '"' then return behind_string(text, at) end
  if first ~= "{" and first ~= "[" then return text:find("[,%]}%s]", at) end
  local depth = 0
  repeat
    at = text:find('["%[%]{}]', at)
    local c = text:sub(at, at)
    if c == '"' then
      at = behind_string(text, at)
    else
      depth = depth + ((c == "{" or c == "[") and 1 or -1)
      at = at + 1
    end
  until depth == 0
  return at
end

--- The text of a member of an object, as it was written: numbers keep their
--- digits.
---@param text string  valid JSON, an object
---@param key string
---@return string? part  nil when it has no such member
function M.member_text(text, key)
  local at = text:find("[\"}]", (text:find "{"))
  while text:sub(at, at) == '"' do
    local after = behind_string(text, at)
    local name = text:sub(at + 1, after - 2)
    local begin = text:find("%S", text:find(":", after, true) + 1)
    local finish = behind_value(text, begin)
    if name == key then return text:sub(begin, finish - 1) end
    at = text:find("[\"}]", finish)
  end
end

return M
