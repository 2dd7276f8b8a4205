-- SPDX-License-Identifier: MIT
--
-- endpoint: from a row of api.lua and the arguments of a method to the call
-- that carries them. One function for all rows.

local arguments = require "aistudios.endpoints.arguments"
local carry = require "aistudios.transport.carry"
local errors = require "aistudios.error"
local fields = require "aistudios.endpoints.validate"
local requests = require "aistudios.endpoints.request"

local M = {}

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
  local problems = require "aistudios.project.validate"(body)
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
  if row.takes_credentials then given = given or client:credentials() end
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
  local identity, given, chosen = arguments.sort(row, a, b, c)
  local wrong = arguments.misuse(row, identity, given, chosen)
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
