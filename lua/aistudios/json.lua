-- SPDX-License-Identifier: MIT
--
-- json: Lua values to JSON text and back, without changing one; null and marks.
-- The core writes and reads.

local core = require "aistudios.core"
local errors = require "aistudios.error"
local option_rules = require "aistudios.util.option_rules"

local M = {}

--- Explicit JSON null: a key that is sent with no value. The same value as
--- `cjson.null`.
---@type lightuserdata
M.null = core.setup { lists = require "aistudios.project.lists" }

--- Marks a table as a list, so that it is `[]` when it is empty.
---@generic T: table
---@param t T
---@return T t  the same table
M.array = core.array

--- Marks a table as an object, so that it is `{}` when it is empty.
---@generic T: table
---@param t T
---@return T t  the same table
M.object = core.object

--- A new empty list.
---@return table
function M.empty_array()
  return core.array {}
end

---@class aistudios.EncodeOptions
---@field pretty? boolean     line breaks, two blanks per level
---@field sort_keys? boolean  names in the order of their bytes

local options_of_encode = { pretty = true, sort_keys = true }

local function check_options(options)
  if type(options) ~= "table" then
    error(option_rules.no_table("encode", options), 3)
  end
  for name in pairs(options) do
    if not options_of_encode[name] then
      error(("encode: unknown option '%s' (pretty, sort_keys)"):format(tostring(name)), 3)
    end
  end
end

--- Writes a value as JSON text. Integers stay integers, floats read back as
--- the same double, strings must be UTF-8. A table with keys 1..n is a list,
--- one with string keys an object; `__pairs` is honoured.
---@param value any
---@param options? aistudios.EncodeOptions
---@return string? text
---@return aistudios.Error? err  kind `invalid`; `err.problems[1].path` says where
function M.encode(value, options)
  if options ~= nil then check_options(options) end
  local text, message, path, culprit = core.encode(value, options)
  if text then return text end
  return nil, errors.problem(path, message, culprit)
end

--- Reads JSON text (RFC 8259, UTF-8, at most 128 levels). Integral numbers
--- become integers, null becomes `aistudios.null`, empty lists stay lists.
--- Of members with the same name the last one counts.
---@param text string
---@return any value
---@return aistudios.Error? err  kind `invalid`
function M.decode(text)
  if type(text) ~= "string" then
    error("decode: string expected, got " .. type(text), 2)
  end
  local value, message = core.decode(text)
  if value ~= nil then return value end
  return nil, errors.problem("", "this is not JSON: " .. message)
end

return M
