-- SPDX-License-Identifier: MIT
--
-- carry: what some rows need around their exchange: a session token, another
-- try as GET, a file that is brought home at once, a word about a call that
-- is on its way out.

local call = require "aistudios.transport.send"
local copy = require "aistudios.util.copy"
local download = require "aistudios.workflows.download"

local M = {}

--- Says once per client that a call is deprecated.
local function tell_deprecated(job, row)
  local told = job.client.told
  if told[row.name] then return end
  told[row.name] = true
  call.emit(job, { type = "deprecated", endpoint = row.name,
    message = "the API's documentation has dropped this call" })
end

--- The same call with another request.
local function with_request(made, request)
  local out = copy(made)
  out.request = request
  return out
end

--- Asks again as GET when the method is refused; the fields are in the query.
local function ask_as_get(job, made)
  local request = copy(made.request)
  request.method, request.body, request.replayable = "GET", nil, true
  request.headers = { "Accept: application/json" }
  return call.run(job, with_request(made, request))
end

--- A session token: the caller's, the client's, or a new one.
local function take_token(job, made)
  local client = job.client
  local token = made.session_token or client:session_token()
  if token then return token end
  local ask, err = require "aistudios.endpoints.method".prepare(client,
    require "aistudios.endpoints".create_session_token)
  if not ask then return nil, err end
  local issued
  issued, err = call.run(job, ask)
  if not issued then
    if err.kind ~= "cancelled" then err.outcome = "not_sent" end
    return nil, err
  end
  client:session_token(issued.session_token)
  client:keep_secret(issued.session_token)
  return issued.session_token
end

--- Sends with a session token; a refused one of our own is replaced once.
local function with_session_token(job, made)
  local result, err
  for attempt = 1, 2 do
    local token, problem = take_token(job, made)
    if not token then return nil, problem end
    local request = copy(made.request)
    local headers = { "Authorization: Bearer " .. token }
    for i, line in ipairs(request.headers) do headers[i + 1] = line end
    request.headers = headers
    result, err = call.run(job, with_request(made, request))
    if result or err.status ~= 401 or made.session_token or attempt == 2 then break end
    job.client:session_token(false)
  end
  return result, err
end

--- Brings the file of an answer home, for its address may vanish.
local function bring(job, made, result)
  local file, err = download.run(job, result.download_url, made.to, {
    retries = made.retries, on_progress = made.on_progress, overwrite = made.overwrite })
  if not file then
    err.phase, err.outcome, err.retryable = "download", "unknown", false
    err.download_url = result.download_url
    return nil, err
  end
  result.path, result.size = file.path, file.size
  return result
end

--- Carries out a call of a row.
---@param job aistudios.Job
---@param made aistudios.Call
---@return table? result
---@return aistudios.Error? err
function M.run(job, made)
  local row = made.row
  if row.is_deprecated then tell_deprecated(job, row) end
  if made.to then
    local problem = download.try_file(job, made.to, made)
    if problem then return nil, problem end
  end
  local run = row.auth == "session_bearer" and with_session_token or call.run
  local result, err = run(job, made)
  if not result and row.fallback and (err.status == 404 or err.status == 405) then
    result, err = ask_as_get(job, made)
  end
  if not result then return nil, err end
  if row.answer.secret then job.client:keep_secret(result[row.answer.secret]) end
  if made.to then return bring(job, made, result) end
  return result
end

return M
