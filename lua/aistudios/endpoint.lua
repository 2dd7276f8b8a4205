-- SPDX-License-Identifier: MIT
--
-- endpoint: from a row of api.lua and the arguments of a method to the call
-- that carries them. One function for all rows.

local call = require "aistudios.call"
local config = require "aistudios.config"
local core = require "aistudios.core"
local errors = require "aistudios.error"
local fields = require "aistudios.fields"
local options = require "aistudios.options"
local url = require "aistudios.url"
require "aistudios.json" -- tells the core's writer about lists and null

local M = {}

--- Options of one call.
---@class aistudios.CallOptions
---@field timeout? aistudios.Timeouts|number  seconds; a number is the total
---@field retries? integer  automatic repeats, 0 to 10
---@field on_progress? fun(progress: aistudios.Progress)

local JSON_HEADERS = { "Content-Type: application/json", "Accept: application/json" }
local PLAIN_HEADERS = { "Accept: application/json" }

local function timeout(value)
  if type(value) == "number" then return options.seconds(value) end
  if type(value) ~= "table" then return "a number of seconds or a table" end
  local message = options.check("timeout", config.timeouts, value)
  return message and "a table of connect, stall and total, each a number of "
    .. "seconds above 0"
end

M.option_rules = {
  timeout = timeout,
  retries = options.integer(0, 10),
  on_progress = options.callable,
}

--- The limits of a call: its own, else those of its class, else the client's.
--- 0 is none.
---@param client aistudios.Client
---@param given? aistudios.Timeouts|number
---@param class? aistudios.Timeouts
---@return aistudios.Timeouts
function M.timeouts(client, given, class)
  local base = client.policy.timeout
  if not given and not class then return base end
  if type(given) == "number" then given = { total = given } end
  local out = {}
  for name in pairs(config.timeouts) do
    local seconds = given and given[name] or class and class[name] or base[name]
    out[name] = seconds == math.huge and 0 or seconds
  end
  return out
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
  if chosen == nil then return nil end
  if type(chosen) ~= "table" then
    return ("%s: options must be a table, got %s"):format(row.name, describe(chosen))
  end
  return (options.check(row.name, M.option_rules, chosen))
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

--- The path with the identity in it; the identity's place in the body.
local function place(row, identity, body)
  local rule = row.fields[row.identity]
  if rule.type == "list" and type(identity) == "string" then identity = { identity } end
  local problems = fields.check_identity(rule, identity, row.identity)
  if problems then return nil, errors.invalid(problems, row.name) end
  if rule.at == "path" then
    return (row.path:gsub("{[^}]*}", function () return url.segment(identity) end))
  end
  body[row.identity] = identity
  return row.path
end

--- What is wrong with the body, as an error.
local function check(client, row, body)
  local problems
  if row.check == "project" then
    if not client.policy.check then return nil end
    problems = require "aistudios.project.check".check(body)
    for _, problem in ipairs(problems) do
      if problem.level ~= "warning" then return errors.invalid(problems, row.name) end
    end
    return nil
  end
  problems = fields.check(row.body_fields, body)
  return problems and errors.invalid(problems, row.name)
end

--- The bytes of a body, ready for the core.
local function marshal(row, body)
  local bytes, message, path, value = core.marshal(body)
  if bytes then return bytes end
  return nil, errors.problem(path or "", message, value, row.name)
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
  local body = row.has_body and fields.body(row, given) or nil
  if row.name == "get_token" and not given then body = client:credentials() end
  local path, err = row.path, nil
  if row.identity then path, err = place(row, identity, body) end
  err = err or body and check(client, row, body)
  if err then return nil, err end
  local bytes
  if body then
    bytes, err = marshal(row, body)
    if err then return nil, err end
  end
  local limits = M.timeouts(client, chosen.timeout)
  return {
    row = row, timeout = limits, on_progress = chosen.on_progress,
    retries = math.tointeger(chosen.retries) or client.policy.retries,
    request = {
      method = row.method, url = client.policy.base_url .. path,
      auth = row.auth == "token" and "token" or nil,
      headers = body and JSON_HEADERS or PLAIN_HEADERS,
      body = bytes, replayable = row.is_replayable or false,
      connect_timeout = limits.connect, stall_timeout = limits.stall,
    },
  }
end

--- The operation behind the method of a row: what a client does with it.
---@param row aistudios.Row
---@return aistudios.Operation
function M.operation(row)
  return function (client, a, b, c)
    local made, err, wrong = M.prepare(client, row, a, b, c)
    if not made then return nil, err, wrong end
    return function (job) return call.run(job, made) end
  end
end

return M
