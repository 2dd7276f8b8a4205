-- SPDX-License-Identifier: MIT
--
-- events: calls the host's on_event and on_progress.

local date = require "aistudios.util.date"
local deep_copy = require "aistudios.util.deep_copy"

local M = {}

-- By client: requests queued so far, token fetches seen so far.
local counts = setmetatable({}, { __mode = "k" })

local function counts_of(client)
  local own = counts[client] or { requests = 0, token_fetches = 0 }
  counts[client] = own
  return own
end

--- What `on_event` is told. No event holds a secret.
---  * `queued`: a request is handed to the I/O thread.
---  * `sent`, `received`: it has ended, after some of it was sent or not;
---    with `status` or `failure`, `timing`, bytes and whether the connection
---    had served before.
---  * `retried`: it will be sent again in `pause` seconds, because `reason`.
---  * `token_fetched`: an access token was fetched for it and its like.
---  * `deprecated`: the API's documentation has dropped the call; once each.
---  * `warning`: something may go on costing, or the `token_store` is not used; see `message`.
---@class aistudios.Event
---@field type "queued"|"sent"|"received"|"retried"|"token_fetched"|"deprecated"|"warning"
---@field endpoint string   the call of the API
---@field method string     the method that was called, e.g. "render"
---@field request? integer  numbers the client's requests; the same for all events of one
---@field attempt? integer  1 for the first time that the call is sent
---@field status? integer
---@field failure? aistudios.core.Failure
---@field timing? { dns: number, connect: number, tls: number, first_byte: number, total: number }
---@field bytes_sent? integer
---@field bytes_received? integer
---@field reused? boolean
---@field http_version? string
---@field server_time? integer  seconds since 1970, by the Date of an answer that is a no
---@field pause? number
---@field reason? string
---@field message? string

--- Calls on_event, when there is one.
---@param job aistudios.Job
---@param event aistudios.Event
---@param is_needed? boolean  a cancelled job emits it too
function M.emit(job, event, is_needed)
  local on_event = job.client.policy.on_event
  if not on_event then return end
  event.endpoint = event.endpoint or job.endpoint
  event.method = job.endpoint
  job:call_back(on_event, deep_copy(event), is_needed) -- the host may keep and change it
end

--- Calls on_progress, when there is one.
---@param job aistudios.Job
---@param on_progress? function
function M.report(job, on_progress)
  if on_progress then job:call_back(on_progress, job:progress()) end
end

--- Reports that a request is about to be queued.
---@param job aistudios.Job
---@param call aistudios.Call
---@param attempt integer
---@return aistudios.Event event  for emit_end
function M.emit_queued(job, call, attempt)
  local own = counts_of(job.client)
  own.requests = own.requests + 1
  local event = { type = "queued", endpoint = call.row.name, attempt = attempt,
    request = own.requests }
  M.emit(job, event)
  return event
end

--- Reports what the core knows of an exchange that has ended.
---@param job aistudios.Job
---@param event aistudios.Event  of emit_queued
---@param response table  the core's
function M.emit_end(job, event, response)
  local own = counts_of(job.client)
  local fetches = job.client.handle:stats().token_fetches
  if fetches ~= own.token_fetches then
    own.token_fetches = fetches
    M.emit(job, { type = "token_fetched", endpoint = "get_token" })
  end
  if response.token_problem then
    M.emit(job, { type = "warning", endpoint = "get_token",
      message = "token_store: " .. response.token_problem })
  end
  local headers = response.headers
  local server_time = headers and date.of_http(headers.date)
  for _, kind in ipairs { "sent", "received" } do
    if kind == "received" or response.sent then
      M.emit(job, {
        type = kind, endpoint = event.endpoint, request = event.request,
        attempt = event.attempt, status = response.status, failure = response.failure,
        reused = response.reused, http_version = response.http_version,
        bytes_sent = response.bytes_sent, bytes_received = response.bytes_received,
        timing = response.timing, server_time = server_time,
      })
    end
  end
end

return M
