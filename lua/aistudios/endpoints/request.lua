-- SPDX-License-Identifier: MIT
--
-- request: makes the HTTP request of an endpoint from its row and its checked
-- fields.

local copy = require "aistudios.util.copy"
local core = require "aistudios.core"
local errors = require "aistudios.error"
local multipart = require "aistudios.endpoints.multipart"
local url = require "aistudios.util.url"
require "aistudios.json" -- tells the core which fields are lists

local M = {}

local marshal = core.marshal

local JSON_HEADERS, NO_HEADERS = { "Content-Type: application/json" }, {}

--- Options of one call.
---@class aistudios.CallOptions
---@field timeout? aistudios.Timeouts|number  seconds; a number is the total
---@field retries? integer  automatic repeats, 0 to 10
---@field on_progress? fun(progress: aistudios.Progress)

--- Options of a call that answers with the address of a file.
---@class aistudios.FileOptions: aistudios.CallOptions
---@field to? string            brings the file home at once
---@field overwrite? boolean    replace a file that is there (true)

--- Options of a call that needs a session token.
---@class aistudios.SessionOptions: aistudios.CallOptions
---@field session_token? string  instead of the client's own

--- The path and query of a call. What goes there leaves the body.
local function address(row, identity, body)
  local path, query = row.path, nil
  local name = row.identity
  local place = name and row.fields[name].at
  if place == "path" then
    path = path:gsub("{[^}]*}", function () return url.segment(identity) end)
  elseif place == "query" then
    query = { [name] = identity }
  elseif name then
    body[name] = identity
  end
  if row.method == "GET" and body then
    query = copy(body, query)
  elseif row.is_in_query_too then
    query = body
  end
  return query and path .. url.query(query) or path
end

local function set_multipart(request, row, body)
  local parts, field, message = multipart.parts(row, body)
  if not parts then return errors.problem(field, message, nil, row.name) end
  request.parts = parts
end

--- Who sends it: for the app host the core adds the token (see `new`), for the live
--- avatar the header is made here.
local function set_auth(request, client, row)
  if row.auth == "studio_api_key" then
    local key = client:credentials().userKey
    if not key then
      return errors.new { kind = "auth", outcome = "not_sent", endpoint = row.name,
        message = "this call needs the option user_key" }
    end
    local headers = { "STUDIO-API-KEY: " .. key }
    for i, line in ipairs(request.headers) do headers[i + 1] = line end
    request.headers = headers
  end
end

-- A job that polls keeps one: eight fields take half the room of nine.
local function new(client, row, path, limits)
  local request = {
    method = row.method, auth = row.auth == "token" and "token" or nil,
    url = (row.host == "app" and client.policy.base_url or client.policy.streaming_url) .. path,
    headers = row.body == "json" and JSON_HEADERS or NO_HEADERS,
    connect_timeout = limits.connect, stall_timeout = limits.stall,
    total_timeout = limits.total, brief = not client.policy.on_event,
  }
  if row.method ~= "GET" then request.replayable = row.is_replayable or false end
  return request
end

-- By client, then by row: requests that are the same for all calls.
local prepared = setmetatable({}, { __mode = "k" })

--- The request of a row whose path and headers are always the same, with the client's
--- own limits. The core reads it once.
---@param client aistudios.Client
---@param row aistudios.Row  `has_constant_request`
---@return aistudios.core.Prepared
function M.prepared(client, row)
  local own = prepared[client] or {}
  prepared[client] = own
  if not own[row] then
    local request = new(client, row, row.path, client.policy.timeout)
    set_auth(request, client, row)
    own[row] = client.handle:prepare(request)
  end
  return own[row]
end

--- The body of a request as JSON.
---@param row aistudios.Row
---@param body table
---@return aistudios.core.Body? bytes
---@return aistudios.Error? err
function M.marshal(row, body)
  local bytes, message, where, value = marshal(body)
  if bytes then return bytes end
  return nil, errors.problem(where or "", message, value, row.name)
end

--- Makes a request of a row.
---@param client aistudios.Client
---@param row aistudios.Row
---@param identity any      the checked identity, or nil
---@param body? table       the checked fields; nil when the call takes none; changed
---@param limits aistudios.Timeouts
---@param bytes? aistudios.core.Body  `body` as JSON, when that was made already
---@return aistudios.core.Request|aistudios.core.Prepared|nil request
---@return aistudios.core.Body|aistudios.Error|nil bytes  of its body, or the error
function M.make(client, row, identity, body, limits, bytes)
  local path = address(row, identity, body)
  if row.body == "json" and not bytes then
    local err
    bytes, err = M.marshal(row, body)
    if err then return nil, err end
  end
  if row.has_constant_request and limits == client.policy.timeout then
    return M.prepared(client, row), bytes
  end
  local request = new(client, row, path, limits)
  local err = row.body == "form" and set_multipart(request, row, body)
    or set_auth(request, client, row)
  if err then return nil, err end
  return request, bytes
end

return M
