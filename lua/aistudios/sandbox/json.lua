-- SPDX-License-Identifier: MIT
--
-- json: the codec of the service. Answers are encoded with sorted keys, so that
-- the same answer has the same bytes; marks say what a Lua table cannot: an
-- empty list, and text that is JSON already.

local cjson = require "cjson.safe"
local exact = require "aistudios.json"

local M = { null = cjson.null }

local codec = cjson.new()
codec.encode_sparse_array(true)
codec.decode_max_depth(200)
codec.encode_max_depth(200)

-- A mark is a string with a control character, which no request holds.
local MARK = "\1%s\1"
local MARK_AS_JSON = '"\\u0001(%w+)\\u0001"'
local pieces = { list = "[]" }
local count = 0

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
---@generic T
---@param list T[]
---@return T[]|string
function M.list(list)
  return list[1] ~= nil and list or MARK:format "list"
end

local SORTED = { sort_keys = true }

-- What a request brought may be no UTF-8; lua-cjson does not mind.
local function encode(value)
  return exact.encode(value, SORTED) or assert(codec.encode(value))
end

---@param value any
---@return string text
function M.encode(value)
  local text = encode(value)
  if text:find("\\u0001", 1, true) then text = text:gsub(MARK_AS_JSON, pieces) end
  if count > 0 then pieces, count = { list = "[]" }, 0 end
  return text
end

--- Reads JSON as aistudios.decode does, which marks empty lists; what that
--- refuses, bytes that are no UTF-8 above all, lua-cjson may take.
---@param text string
---@return any value         nil: it is no JSON
---@return string? message   why it is none, or what aistudios.decode said
function M.decode(text)
  local value, err = exact.decode(text)
  if value ~= nil then return value end
  local message
  value, message = codec.decode(text)
  if value == nil then return nil, message end
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
