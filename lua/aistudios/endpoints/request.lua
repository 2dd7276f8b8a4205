-- SPDX-License-Identifier: MIT
--
-- request: makes the HTTP request of an endpoint from its row and its checked
-- fields.

local core = require "aistudios.core"
local errors = require "aistudios.error"
local multipart = require "aistudios.endpoints.multipart"
local url = require "aistudios.util.url"
require "aistudios.json" -- tells the core which fields are lists

local M = {}

local ACCEPT = "Accept: application/json"
local JSON_HEADERS = { "Content-Type: application/json", ACCEPT }
local PLAIN_HEADERS = { ACCEPT }

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
    query = query or {}
    for field, value in pairs(body) do query[field] = value end
  elseif row.is_in_query_too then
    query = body
  end
  return query and path .. url.query(query) or path
end

local function set_json(request, row, body, bytes)
  local message, path, value
  if not bytes then
    bytes, message, path, value = core.marshal(body)
    if not bytes then return errors.problem(path or "", message, value, row.name) end
  end
  request.body, request.headers = bytes, JSON_HEADERS
end

local function set_multipart(request, row, body)
  local parts, field, message = multipart.parts(row, body)
  if not parts then return errors.problem(field, message, nil, row.name) end
  request.parts = parts
end

--- Who sends it: for the app host the core adds the token, for the live
--- avatar the headers are made here.
local function set_auth(request, client, row)
  if row.auth == "token" then
    request.auth = "token"
  elseif row.auth == "studio_api_key" then
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

--- Makes a request of a row.
---@param client aistudios.Client
---@param row aistudios.Row
---@param identity any      the checked identity, or nil
---@param body? table       the checked fields; nil when the call takes none; changed
---@param limits aistudios.Timeouts
---@param bytes? aistudios.core.Body  `body` as JSON, when that was made already
---@return table? request  as the core takes it
---@return aistudios.Error? err
function M.make(client, row, identity, body, limits, bytes)
  local base = row.host == "app" and client.policy.base_url
    or client.policy.streaming_url
  local request = {
    method = row.method, url = base .. address(row, identity, body),
    headers = PLAIN_HEADERS, replayable = row.is_replayable or false,
    connect_timeout = limits.connect, stall_timeout = limits.stall,
  }
  local err
  if row.body == "json" then
    err = set_json(request, row, body, bytes)
  elseif row.body == "form" then
    err = set_multipart(request, row, body)
  end
  err = err or set_auth(request, client, row)
  if err then return nil, err end
  return request
end

return M
