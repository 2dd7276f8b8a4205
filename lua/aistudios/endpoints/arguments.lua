-- SPDX-License-Identifier: MIT
--
-- arguments: puts the arguments of an endpoint's method in their places:
-- identity, fields, options. What can be meant in one way only is understood:
-- a whole table of fields for the identity, a bare value for the main field.

local copy = require "aistudios.util.copy"
local options = require "aistudios.util.option_rules"

local M = {}

local function describe(value)
  return value == nil and "nothing" or type(value)
end

--- An identity that came inside the table of fields.
local function unpack_identity(row, a, b, c)
  local name = row.identity
  if type(a) ~= "table" or a[name] == nil then return a, b, c end
  local fields = copy(a)
  fields[name] = nil
  return a[name], row.takes ~= "nothing" and fields or nil, c or b
end

--- Is this a value of the row's main field rather than a table of fields?
local function is_main(row, value)
  if not row.main then return false end
  return type(value) == "string"
    or row.fields[row.main].is_repeated and type(value) == "table" and value[1] ~= nil
end

local function with_main(row, value, fields)
  local out = copy(type(fields) == "table" and fields or nil)
  local is_address = row.main_address and value:find("^https?://") ~= nil
  out[is_address and row.main_address or row.main] = value
  return out
end

-- Options of the calls that answer with a file, and of those of a session.
local file_rules =
  copy(options.of_a_call, { to = options.text, overwrite = options.boolean })
local session_rules = copy(options.of_a_call, { session_token = options.header })

local function rules_of(row)
  if row.answer.is_file then return file_rules end
  return row.auth == "session_bearer" and session_rules or options.of_a_call
end

--- After a bare value: is this the table of options rather than of fields?
local function is_options(row, value)
  if type(value) ~= "table" or next(value) == nil then return false end
  local rules = rules_of(row)
  for name in pairs(value) do
    if not rules[name] or row.fields[name] then return false end
  end
  return true
end

--- Sorts the arguments of a method.
---@param row aistudios.Row
---@param a any
---@param b any
---@param c any
---@return any identity
---@return any fields
---@return any options
function M.sort(row, a, b, c)
  local identity, fields, chosen = nil, a, b
  if row.identity then
    identity, fields, chosen = unpack_identity(row, a, b, c)
  elseif is_main(row, a) then
    if c == nil and is_options(row, b) then b, c = nil, b end
    return nil, with_main(row, a, b), c
  end
  if row.identity and is_main(row, fields) then
    fields = with_main(row, fields)
  end
  if row.takes == "nothing" then
    if chosen == nil then chosen = fields end
    fields = nil
  end
  return identity, fields, chosen
end

local function misuse_of_identity(row, identity)
  local wanted = row.fields[row.identity].type == "list" and "table" or "string"
  local kind = type(identity)
  if kind == wanted or wanted == "table" and kind == "string" then return nil end
  return ("%s: %s must be a %s, got %s"):format(row.name, row.identity, wanted,
    describe(identity))
end

--- What a caller did wrong with sorted arguments, in words; nil when nothing.
---@param row aistudios.Row
---@param identity any
---@param fields any
---@param chosen any
---@return string?
function M.misuse(row, identity, fields, chosen)
  local wrong = row.identity and misuse_of_identity(row, identity)
  if wrong then return wrong end
  if type(fields) ~= "table" and (fields ~= nil or row.takes == "fields") then
    return ("%s: a table of fields is expected, got %s"):format(row.name, describe(fields))
  end
  return options.check_all(row.name, rules_of(row), chosen)
end

return M
