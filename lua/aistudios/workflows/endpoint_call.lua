-- SPDX-License-Identifier: MIT
--
-- endpoint_call: the method of one endpoint as a job: sends its request, and
-- brings the file of the answer home where `to` asks for it.

local download = require "aistudios.workflows.download"
local events = require "aistudios.transport.events"
local method = require "aistudios.endpoints.method"
local result_of = require "aistudios.endpoints.response".result
local send = require "aistudios.transport.send"
local session_token = require "aistudios.workflows.session_token"
local translations = require "aistudios.workflows.translations"

local M = {}

-- By client: the deprecated endpoints whose event was emitted.
local reported = setmetatable({}, { __mode = "k" })

--- Emits an event for a deprecated endpoint, once per client.
local function report_deprecated(job, row)
  local names = reported[job.client] or {}
  reported[job.client] = names
  if names[row.name] then return end
  names[row.name] = true
  events.emit(job, { type = "deprecated", endpoint = row.name,
    message = "the API's documentation has dropped this call" })
end

--- A hook of transport/send: asks again as GET when the method is refused. The
--- fields are in the query already.
local function retry_as_get(_, call, err)
  local request = call.request
  if request.method == "GET" or (err.status ~= 404 and err.status ~= 405) then return false end
  request.method, request.replayable, call.body = "GET", true, nil
  request.headers = nil
  return true
end

--- Downloads the file that an answer names, for its address may expire.
local function fetch_file(job, call, result)
  local file, err = download.run(job, result.download_url, call.to, {
    retries = call.retries, on_progress = call.on_progress, overwrite = call.overwrite,
    shown_path = call.shown_path })
  if not file then
    err.phase, err.outcome, err.retryable = "download", "unknown", false
    err.download_url = result.download_url
    return nil, err
  end
  result.path, result.size, result.download_url = file.path, file.size, file.download_url
  return result
end

--- Carries out a prepared call.
---@param job aistudios.Job
---@param call aistudios.Call
---@param response? table  of the first exchange, when that is over
---@return table? result
---@return aistudios.Error? err
function M.run(job, call, response)
  local row = call.row
  if row.is_deprecated then report_deprecated(job, row) end
  if row.auth == "session_bearer" then session_token.add_hooks(call) end
  if row.fallback then call.recover = retry_as_get end
  if call.to then
    local err = download.check_writable(job, call.to, call.overwrite)
    if err then return nil, err end
  end
  local result, err = send.run(job, call, response)
  if not result then return nil, err end
  if row.name == "translate_video" then translations.note(job.client, call, result) end
  if row.answer.secret then job.client:keep_secret(result[row.answer.secret]) end
  if call.to then return fetch_file(job, call, result) end
  return result
end

--- Prepares the call of an endpoint inside a job, and carries it out.
---@param job aistudios.Job
---@param row aistudios.Row
---@param ... any  the arguments of the endpoint's method
---@return table? result
---@return aistudios.Error? err
function M.call(job, row, ...)
  local call, err = method.prepare(job.client, row, ...)
  if not call then return nil, err end
  return M.run(job, call)
end

--- Is one exchange with a good answer all that a call of this row does, as a rule?
local function is_exchange(row)
  return not (row.is_deprecated or row.fallback or row.answer.secret
    or row.auth == "session_bearer" or row.name == "translate_video")
end

--- The result of a good answer in the usual envelope; nil: it is not the one asked for.
function M.read(call, raw, data)
  return (result_of(call.row, raw, data, true))
end

--- The operation behind the method of a row.
---@param row aistudios.Row
---@return aistudios.Operation
function M.operation(row)
  local may_be_exchange = is_exchange(row)
  local may_be_shared = may_be_exchange and row.is_fields_alone and not row.timeout
  return function (client, a, b, c)
    if may_be_shared and b == nil and c == nil then
      local call, with = method.prepare_shared(client, row, a, M)
      if with then return call, with end
    end
    local call, err, misuse = method.prepare(client, row, a, b, c)
    if not call then return nil, err, misuse end
    if call.to then
      call.shown_path = call.to
      call.to, err = download.place(call.to, row.name)
      if err then return nil, err end
    elseif may_be_exchange and not call.on_progress then
      call.steps = M
      return call
    end
    return function (job) return M.run(job, call) end
  end
end

return M
