-- SPDX-License-Identifier: MIT
--
-- fields: from a caller's table to the table that is sent, and what is wrong
-- with it. The caller's tables are only read: the outermost one is copied,
-- everything inside is shared.

local json = require "aistudios.json"

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

local check_fields

local function add(problems, rule, path, message, value)
  if rule.is_secret then value = nil end
  problems[#problems + 1] =
    { path = path, message = message, value = value, level = "error" }
end

--- Appends what is wrong with one value to `problems`.
local function check_value(rule, value, path, problems)
  local message = types[rule.type](value)
  if message then return add(problems, rule, path, message, value) end
  if rule.enum and not one_of(rule.enum, value) then
    return add(problems, rule, path,
      "must be one of " .. table.concat(rule.enum, ", "), value)
  end
  if rule.fields then check_fields(rule.fields, value, path, problems) end
  if rule.items then
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

--- What is wrong with a body, in the order of its paths.
---@param fields table<string, aistudios.Field>
---@param body table
---@return aistudios.Problem[]? problems
function M.check(fields, body)
  local problems = {}
  check_fields(fields, body, "", problems)
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
  if given then
    for name, value in pairs(given) do body[name] = value end
  end
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
