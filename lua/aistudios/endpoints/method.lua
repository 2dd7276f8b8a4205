-- SPDX-License-Identifier: MIT
--
-- method: from the arguments of an endpoint's method to a prepared call. What
-- can be meant in one way only is understood: a whole table of fields for the
-- identity, a bare value for the main field. Nothing is sent here.

local copy = require "aistudios.util.copy"
local errors = require "aistudios.error"
local option_rules = require "aistudios.util.option_rules"
local request = require "aistudios.endpoints.request"
local response = require "aistudios.endpoints.response"
local timeouts = require "aistudios.transport.timeouts"
local validate = require "aistudios.endpoints.validate"

local M = {}

local function describe(value)
  return value == nil and "nothing" or type(value)
end

--- An identity, which may be inside the table of fields, and what comes after it.
local function unpack_identity(row, a, b, c)
  local name = row.identity
  if type(a) == "table" and a[name] ~= nil then
    local fields = copy(a)
    fields[name] = nil
    if row.takes == "nothing" and next(fields) == nil then fields = nil end
    return a[name], fields, c or b
  end
  if row.takes == "nothing" and c == nil then return a, nil, b end
  return a, b, c
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
  copy(option_rules.of_a_call, { to = option_rules.text, overwrite = option_rules.boolean })
local session_rules = copy(option_rules.of_a_call, { session_token = option_rules.header })

local function rules_of(row)
  if row.answer.is_file then return file_rules end
  return row.auth == "session_bearer" and session_rules or option_rules.of_a_call
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
local function sort_arguments(row, a, b, c)
  local identity, fields, chosen = nil, a, b
  if row.identity then
    identity, fields, chosen = unpack_identity(row, a, b, c)
  elseif is_main(row, a) then
    if c == nil and is_options(row, b) then b, c = nil, b end
    return nil, with_main(row, a, b), c
  end
  if row.identity then
    if is_main(row, fields) then fields = with_main(row, fields) end
  elseif row.takes == "nothing" and chosen == nil then
    fields, chosen = nil, fields
  end
  return identity, fields, chosen
end

local function identity_error(row, identity)
  local wanted = row.fields[row.identity].type == "list" and "table" or "string"
  local kind = type(identity)
  if kind == wanted or wanted == "table" and kind == "string" then return nil end
  return ("%s: %s must be a %s, got %s"):format(row.name, row.identity, wanted,
    describe(identity))
end

--- A value that is there twice: as an argument of its own, and among the fields.
local function find_twice(row, a, b)
  if b == nil or type(b) ~= "table" then return nil end
  local name = row.identity
  if not name and is_main(row, a) then name = next(with_main(row, a)) end
  if name and b[name] ~= nil and b[name] ~= a and not (type(a) == "table" and a[name]) then
    return ("%s: %s is given twice"):format(row.name, name)
  end
end

--- Is an option among the fields?
local function has_option(row, fields)
  for name in pairs(fields) do
    if option_rules.names[name] and not row.fields[name] then return true end
  end
  return false
end

--- What a caller did wrong with sorted arguments, in words; nil when nothing.
---@param row aistudios.Row
---@param identity any
---@param fields any
---@param chosen any
---@return string?
local function argument_error(row, identity, fields, chosen)
  local wrong = row.identity and identity_error(row, identity)
  if wrong then return wrong end
  if type(fields) ~= "table" and (fields ~= nil or row.takes == "fields") then
    return ("%s: a table of fields is expected, got %s"):format(row.name, describe(fields))
  end
  local rules = rules_of(row)
  if fields and has_option(row, fields) then
    return option_rules.check_fields(row.name, rules, fields, row.fields)
  end
  if fields and row.takes == "nothing" and next(fields) ~= nil then
    return ("%s takes no field '%s'"):format(row.name, tostring(next(fields)))
  end
  if chosen == nil then return nil end
  return option_rules.check_all(row.name, rules, chosen, row.fields)
end

--- The identity as it is sent, or what is wrong with it.
local function read_identity(row, identity)
  local rule = row.fields[row.identity]
  if rule.type == "list" and type(identity) == "string" then identity = { identity } end
  local problems = validate.check_identity(rule, identity, row.identity)
  if problems then return nil, errors.invalid(problems, row.name) end
  return identity
end

local fast_path -- loaded with the first project

--- What is wrong with the fields, as an error. A call that costs does not go out with
--- a {{name}} in it. With `check = false` neither that nor a project is looked at. The
--- second result is a project as JSON; the third: none of its names is unknown.
local function check(client, row, body)
  local problems, is_clean, bytes, is_documented
  if row.check ~= "project" then
    problems = validate.check(row, body, client.policy.check)
    if not problems and row.is_billed and client.policy.check and body.isExport ~= false then
      problems = require "aistudios.project.placeholders".unfilled(body)
    end
    return problems and problems[1] and errors.invalid(problems, row.name)
  end
  fast_path = fast_path or require "aistudios.project.fast_path"
  if client.policy.check then
    bytes, is_clean, is_documented = fast_path.marshal(body)
    if is_clean then return nil, bytes, is_documented end
    problems = require "aistudios.project.validate"(body)
    return problems[1] and errors.invalid(problems, row.name), bytes
  end
  bytes, is_documented = fast_path.marshal_unchecked(body)
  return nil, bytes, is_documented
end

--- The fields of a call, complete and checked.
local function read_fields(client, row, given)
  if row.takes_credentials then given = given or client:credentials() end
  local body = validate.body(row, given)
  return body, check(client, row, body)
end

--- The options of each of a workflow's calls; nil: none are given.
---@param chosen aistudios.CallOptions
---@return aistudios.CallOptions?
function M.call_options(chosen)
  if chosen.timeout == nil and chosen.retries == nil then return nil end
  return { timeout = chosen.timeout, retries = chosen.retries }
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
  local identity, given, chosen = sort_arguments(row, a, b, c)
  local wrong = find_twice(row, a, b) or argument_error(row, identity, given, chosen)
  if wrong then return nil, nil, wrong end
  local body, bytes, sent, err
  if row.identity then
    identity, err = read_identity(row, identity)
    if err then return nil, err end
  end
  if row.body or row.takes ~= "nothing" then
    body, err, bytes = read_fields(client, row, given)
    if err then return nil, err end
  end
  local policy = client.policy
  local limits = policy.timeout
  if row.timeout or chosen and chosen.timeout then
    limits = timeouts.of_call(client, chosen and chosen.timeout, row.timeout)
  end
  sent, bytes = request.make(client, row, identity, body, limits, bytes)
  if not sent then return nil, bytes end
  local call = { row = row, request = sent, body = bytes, reader = response, timeout = limits,
    retries = policy.retries, steps = nil } -- and room for this
  if chosen then
    call.on_progress, call.to, call.overwrite = chosen.on_progress, chosen.to, chosen.overwrite
    call.retries = math.tointeger(chosen.retries) or policy.retries
    call.session_token = chosen.session_token
  end
  return call
end

-- By client, then by row: calls that are sent with a prepared request, but for their body.
local shared = setmetatable({}, { __mode = "k" })

local function new_shared(client, row, steps)
  local policy, own = client.policy, shared[client] or {}
  shared[client] = own
  own[row] = { row = row, request = request.prepared(client, row), reader = response,
    timeout = policy.timeout, retries = policy.retries, steps = steps }
  return own[row]
end

--- Prepares what most programs ask for: a row whose calls differ by their JSON only, with
--- fields and nothing else. The call is the same each time, and must not be changed.
---@param client aistudios.Client
---@param row aistudios.Row  `is_fields_alone`, without `timeout`
---@param fields any
---@param steps table  of the call
---@return aistudios.Call? call
---@return aistudios.core.Body|aistudios.Error|nil body  or the error; neither: use `prepare`
function M.prepare_shared(client, row, fields, steps)
  if type(fields) ~= "table" then return nil end
  local body, err, bytes, is_documented = read_fields(client, row, fields)
  if not is_documented and has_option(row, fields) then return nil end
  if err then return nil, err end
  if not bytes then
    bytes, err = request.marshal(row, body)
    if err then return nil, err end
  end
  local own = shared[client]
  return own and own[row] or new_shared(client, row, steps), bytes
end

return M
