-- SPDX-License-Identifier: MIT
--
-- validate: makes the table that is sent from the caller's fields, and checks
-- it against the row. The caller's tables are only read: the outermost one is
-- copied, everything inside is shared.

local json = require "aistudios.json"
local numbered = require "aistudios.endpoints.numbered"
local unknown_names = require "aistudios.endpoints.unknown_names"

local M = {}

-- Paths of sibling calls, and path segments that mean something to HTTP.
local reserved = {
  export = true, modify = true, pptpdf = true, ["."] = true, [".."] = true,
}

local function is_list(value)
  return value[1] ~= nil or next(value) == nil
end

local function one_of(enum, value)
  for _, allowed in ipairs(enum) do
    if allowed == value then return true end
  end
end

--- Numbers that a rule allows, in words; nil when `value` is among them.
local function outside(rule, value)
  local least, most = rule.min, rule.max
  if not (least and value < least or most and value > most) then return nil end
  if least and most then return ("must be from %g to %g"):format(least, most) end
  return least and ("must be %g or more"):format(least)
    or ("must be %g or less"):format(most)
end

--- A list in words; "auto" and numbers as they are.
local function words(list)
  local out = {}
  for i, value in ipairs(list) do out[i] = tostring(value) end
  return table.concat(out, ", ")
end

local types = {
  string = function (value)
    return type(value) ~= "string" and "must be a string"
  end,
  boolean = function (value)
    return type(value) ~= "boolean" and "must be true or false"
  end,
  number = function (value)
    return type(value) ~= "number" and "must be a number"
  end,
  integer = function (value)
    return (type(value) ~= "number" or not math.tointeger(value))
        and "must be an integer"
  end,
  object = function (value)
    return type(value) ~= "table" and "must be a table"
  end,
  list = function (value)
    return (type(value) ~= "table" or not is_list(value)) and "must be a list"
  end,
  id = function (value)
    if type(value) ~= "string" then return "must be a string" end
    if value == "" then return "must not be empty" end
    if reserved[value] then
      return ("'%s' is part of the API's own paths, not an id"):format(value)
    end
  end,
}

--- "; did you mean 'name'?" or "".
local function suggest(value, enum)
  local names = {}
  for _, name in ipairs(enum) do names[name] = true end
  return require "aistudios.util.suggest".hint(value, names)
end

local check_fields

local function add(problems, rule, path, message, value)
  if rule.is_secret then value = nil end
  problems[#problems + 1] =
    { path = path, message = message, value = value, level = "error" }
end

--- Appends what is wrong with one file, or a list of them.
local function check_files(rule, value, path, problems)
  local multipart = require "aistudios.endpoints.multipart"
  if not (rule.is_repeated and type(value) == "table" and value.path == nil) then
    local message = multipart.check_file(rule, value)
    return message and add(problems, rule, path, message, value)
  end
  if value[1] == nil then add(problems, rule, path, "must not be empty", value) end
  for i, file in ipairs(value) do
    local message = multipart.check_file(rule, file)
    if message then add(problems, rule, ("%s[%d]"):format(path, i), message, file) end
  end
end

--- "auto", or a number that may be written as a text.
local function check_count(rule, value)
  local number = math.tointeger(tonumber(value))
  if value == "auto" or number and number >= 1 and number <= rule.max then return nil end
  return ("must be auto, or from 1 to %d"):format(rule.max)
end

--- Appends what is wrong with one value to `problems`.
local function check_value(rule, value, path, problems)
  if rule.is_count then
    local message = check_count(rule, value)
    return message and add(problems, rule, path, message, value)
  end
  if rule.is_flag and type(value) == "boolean" then return end
  if rule.type == "file" then return check_files(rule, value, path, problems) end
  local message = types[rule.type](value)
  if message then
    if rule.enum then message = message .. ": one of " .. words(rule.enum) end
    return add(problems, rule, path, message, value)
  end
  if rule.enum and not one_of(rule.enum, value) then
    local hint = type(value) == "string" and suggest(value, rule.enum) or ""
    return add(problems, rule, path, "must be one of " .. words(rule.enum) .. hint, value)
  end
  message = type(value) == "number" and outside(rule, value)
  if message then return add(problems, rule, path, message, value) end
  if rule.values then
    for name, member in pairs(value) do
      message = types[rule.values](member)
      if message then add(problems, rule, path .. "." .. tostring(name), message, member) end
    end
  end
  if rule.fields then check_fields(rule.fields, value, path, problems) end
  if rule.items then
    if rule.is_filled and #value == 0 then add(problems, rule, path, "must not be empty") end
    for i, item in ipairs(value) do
      check_value(rule.items, item, ("%s[%d]"):format(path, i), problems)
    end
  end
end

function check_fields(fields, given, path, problems)
  for name, rule in pairs(fields) do
    local value = given[name]
    local where = path == "" and name or path .. "." .. name
    if value == nil or value == json.null then
      if rule.required then add(problems, rule, where, "is required") end
    else
      check_value(rule, value, where, problems)
    end
  end
end

--- What is wrong with an identity argument of the right Lua type.
---@param rule aistudios.Field
---@param value any
---@param name string
---@return aistudios.Problem[]? problems
function M.check_identity(rule, value, name)
  if rule.type == "id" then -- the way of nearly every call: no table is made
    local message = types.id(value)
    return message and { { path = name, message = message, value = value } }
  end
  local problems = {}
  check_value(rule, value, name, problems)
  return problems[1] and problems or nil
end

--- Fields of which one is enough, and numbered ones.
local function check_special(row, body, problems)
  local first, second = table.unpack(row.needs_one or {})
  if first and body[first] == nil and body[second] == nil then
    add(problems, {}, first, "or " .. second .. " is required")
  end
  numbered.check(row, body, {
    value = function (rule, value, path) check_value(rule, value, path, problems) end,
    add = function (...) add(problems, ...) end,
  })
end

--- What is wrong with a body, in the order of its paths.
---@param row aistudios.Row
---@param body table
---@param wants_names? boolean  looks for names that are surely meant for another
---@return aistudios.Problem[]? problems
function M.check(row, body, wants_names)
  local problems = {}
  check_fields(row.body_fields, body, "", problems)
  if row.has_special then check_special(row, body, problems) end
  if wants_names then
    unknown_names.check(row, body, function (...) add(problems, ...) end)
  end
  if not problems[1] then return nil end
  table.sort(problems, function (a, b) return a.path < b.path end)
  return problems
end

--- Makes the body of a request: the caller's fields, the defaults, and lists
--- wrapped where the API wants an object.
---@param row aistudios.Row
---@param given? table  only read; `__pairs` is honoured
---@return table body
function M.body(row, given)
  local body = {}
  for name, value in pairs(given or body) do body[name] = value end
  for name, value in pairs(row.defaults) do
    if body[name] == nil then body[name] = value end
  end
  for name, member in pairs(row.wraps) do
    local value = body[name]
    if type(value) == "table" and value[member] == nil and is_list(value) then
      body[name] = { [member] = value }
    end
  end
  return body
end

return M
