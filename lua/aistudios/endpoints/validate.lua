-- SPDX-License-Identifier: MIT
--
-- validate: makes the table that is sent from the caller's fields, and checks
-- it against the row. The caller's tables are only read: the outermost one is
-- copied, everything inside is shared.

local copy = require "aistudios.util.copy"
local edit_checks = require "aistudios.project.edit_checks"
local field_checks = require "aistudios.project.field_checks"
local multipart = require "aistudios.endpoints.multipart"
local numbered = require "aistudios.endpoints.numbered"
local paths = require "aistudios.project.paths"
local unknown_names = require "aistudios.endpoints.unknown_names"

local report = field_checks.report
local debug = rawget(_G, "debug") -- a host may have none
-- Sees a metatable that hides itself, too, and costs less.
local getmetatable = debug and debug.getmetatable or getmetatable

local M = {}

-- Paths of sibling calls, and path segments that mean something to HTTP.
local reserved = {
  export = true, modify = true, pptpdf = true, ["."] = true, [".."] = true,
}

local types = {}

--- What is wrong with an id; nil when nothing.
local function id_problem(value)
  if type(value) ~= "string" then return "must be a string" end
  if value == "" then return "must not be empty" end
  return reserved[value] and ("'%s' is part of the API's own paths, not an id"):format(value)
end

function types.id(walk, key, value)
  local message = id_problem(value)
  if message then report(walk, key, message, value) end
end

local function check_files(walk, files, rule)
  if files[1] == nil then report(walk, nil, "must not be empty", files) end
  for i, file in ipairs(files) do types.file(walk, i, file, rule) end
end

--- A file, or a list of them.
function types.file(walk, key, value, rule)
  if rule.is_repeated and type(value) == "table" and value.path == nil then
    return field_checks.descend(walk, key, check_files, value, rule)
  end
  local message = multipart.check_file(rule, value)
  if message then report(walk, key, message, value) end
end

--- "auto", or a number that may be written as a text.
function types.count(walk, key, value, rule)
  local number = math.tointeger(tonumber(value))
  if value == "auto" or number and number >= 1 and number <= rule.max then return end
  report(walk, key, ("must be auto, or from 1 to %d"):format(rule.max), value)
end

--- What is wrong with an identity argument of the right Lua type.
---@param rule aistudios.Field
---@param value any
---@param name string
---@return aistudios.Problem[]? problems
function M.check_identity(rule, value, name)
  if rule.type == "id" then -- the way of nearly every call: no table is made
    local message = id_problem(value)
    return message and { { path = name, message = message, value = value } }
  end
  local walk = field_checks.walk(types)
  field_checks.check(walk, name, value, rule)
  return walk.problems[1] and walk.problems
end

local function check_edits(walk, updates)
  if type(updates) ~= "table" or type(updates.value) ~= "table" then return end
  field_checks.descend(walk, "updates", function ()
    field_checks.descend(walk, "value", edit_checks, updates.value)
  end)
end

--- What is wrong with a body, in the order of its paths.
---@param row aistudios.Row
---@param body table
---@param wants_names? boolean  looks for names that are surely meant for another, and at the
---  values of edits
---@return aistudios.Problem[]? problems
function M.check(row, body, wants_names)
  local walk = field_checks.walk(types)
  field_checks.check_fields(walk, body, row.body_fields)
  if body[1] ~= nil then report(walk, "1", "has no name; fields have names") end
  local first, second = table.unpack(row.needs_one or {})
  if first and body[first] == nil and body[second] == nil then
    report(walk, first, "or " .. second .. " is required")
  end
  numbered.check(row, body, walk)
  if wants_names then unknown_names.check(row, body, walk.problems) end
  if wants_names and row.check == "edits" then check_edits(walk, body.updates) end
  return walk.problems[1] and paths.sort(walk.problems)
end

local function has_all(names, object)
  for i = 1, #names do
    if object[names[i]] == nil then return false end
  end
  return true
end

--- Makes the body of a request: the caller's fields, the defaults, and lists
--- wrapped where the API wants an object.
---@param row aistudios.Row
---@param given? table  only read; `__pairs` is honoured
---@return table body  the caller's own where nothing is added
function M.body(row, given)
  if given and not (row.changes_fields or getmetatable(given))
      and has_all(row.default_names, given) then
    return given
  end
  local body = copy(given)
  for name, value in pairs(row.defaults) do
    if body[name] == nil then body[name] = value end
  end
  for name, member in pairs(row.wraps) do
    local value = body[name]
    if type(value) == "table" and value[member] == nil
        and (value[1] ~= nil or next(value) == nil) then
      body[name] = { [member] = value }
    end
  end
  return body
end

return M
