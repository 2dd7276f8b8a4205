-- SPDX-License-Identifier: MIT
--
-- endpoint: from a row of api.lua and the arguments of a method to the call
-- that carries them. One function for all rows.

local carry = require "aistudios.carry"
local errors = require "aistudios.error"
local fields = require "aistudios.fields"
local options = require "aistudios.options"
local requests = require "aistudios.request"

local M = {}

-- Options of the calls that answer with a file, and of those of a session.
local file_rules = { to = options.text, overwrite = options.boolean }
local session_rules = { session_token = options.header }
for name, rule in pairs(requests.option_rules) do
  file_rules[name], session_rules[name] = rule, rule
end

local function rules_of(row)
  if row.answer.is_file then return file_rules end
  return row.auth == "session_bearer" and session_rules or requests.option_rules
end

local function describe(value)
  return value == nil and "nothing" or type(value)
end

--- What a caller did wrong with the arguments, in words; nil when nothing.
local function misuse(row, identity, given, chosen)
  local name = row.identity
  if name then
    local wanted = row.fields[name].type == "list" and "table" or "string"
    if type(identity) ~= wanted
        and not (wanted == "table" and type(identity) == "string") then
      return ("%s: %s must be a %s, got %s")
        :format(row.name, name, wanted, describe(identity))
    end
  end
  if row.takes == "fields" and type(given) ~= "table" then
    return ("%s: a table of fields is expected, got %s")
      :format(row.name, describe(given))
  end
  if given ~= nil and type(given) ~= "table" then
    return ("%s: a table is expected, got %s"):format(row.name, describe(given))
  end
  return options.check_all(row.name, rules_of(row), chosen)
end

--- Puts the arguments of a method in their places.
local function sort(row, a, b, c)
  local identity, given, chosen = nil, a, b
  if row.identity then identity, given, chosen = a, b, c end
  if row.takes == "nothing" then
    if chosen == nil then chosen = given end
    given = nil
  end
  return identity, given, chosen
end

--- The identity as it is sent, or what is wrong with it.
local function read_identity(row, identity)
  local rule = row.fields[row.identity]
  if rule.type == "list" and type(identity) == "string" then identity = { identity } end
  local problems = fields.check_identity(rule, identity, row.identity)
  if problems then return nil, errors.invalid(problems, row.name) end
  return identity
end

--- What is wrong with a project, as an error; warnings are not.
local function check_project(client, row, body)
  if not client.policy.check then return nil end
  local problems = require "aistudios.project.check"(body)
  for _, problem in ipairs(problems) do
    if problem.level ~= "warning" then return errors.invalid(problems, row.name) end
  end
end

--- What is wrong with the fields, as an error.
local function check(client, row, body)
  if row.check == "project" then return check_project(client, row, body) end
  local problems = fields.check(row, body)
  return problems and errors.invalid(problems, row.name)
end

--- The fields of a call, complete and checked.
local function read_fields(client, row, given)
  if row.name == "get_token" or row.name == "create_session_token" then
    given = given or client:credentials()
  end
  local body = fields.body(row, given)
  local err = check(client, row, body)
  if err then return nil, err end
  return body
end

--- Makes the call of a row.
---@param client aistudios.Client
---@param row aistudios.Row
---@param a any  the method's arguments
---@param b any
---@param c any
---@return aistudios.Call? call
---@return aistudios.Error? err
---@return string? misuse  to be raised at the caller
function M.prepare(client, row, a, b, c)
  local identity, given, chosen = sort(row, a, b, c)
  local wrong = misuse(row, identity, given, chosen)
  if wrong then return nil, nil, wrong end
  chosen = chosen or {}
  local body, sent, err
  if row.identity then
    identity, err = read_identity(row, identity)
    if err then return nil, err end
  end
  if row.body or row.takes ~= "nothing" then
    body, err = read_fields(client, row, given)
    if err then return nil, err end
  end
  local limits = requests.limits(client, row, chosen.timeout)
  sent, err = requests.make(client, row, identity, body, limits)
  if err then return nil, err end
  return {
    row = row, request = sent, timeout = limits, on_progress = chosen.on_progress,
    retries = math.tointeger(chosen.retries) or client.policy.retries,
    to = chosen.to, overwrite = chosen.overwrite, session_token = chosen.session_token,
  }
end

--- The operation behind the method of a row: what a client does with it.
---@param row aistudios.Row
---@return aistudios.Operation
function M.operation(row)
  return function (client, a, b, c)
    local made, err, wrong = M.prepare(client, row, a, b, c)
    if not made then return nil, err, wrong end
    return function (job) return carry.run(job, made) end
  end
end

return M
