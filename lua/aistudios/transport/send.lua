-- SPDX-License-Identifier: MIT
--
-- call: carries out one call inside a job: submits the request, repeats it
-- where that is safe, and reads how it ended. Straight-line code; every wait
-- yields to the loop.

local core = require "aistudios.core"
local errors = require "aistudios.error"
local outcome = require "aistudios.transport.failure"
local retry = require "aistudios.transport.retry"

local M = {}

local TICK = 0.1 -- s between two looks at the bytes of a transfer

local weights = { not_sent = 1, rejected = 2, unknown = 3 }

--- What is to be sent, and how.
---@class aistudios.Call
---@field row aistudios.Row
---@field request table      as the core takes it
---@field timeout aistudios.Timeouts  seconds; 0: no limit
---@field retries integer
---@field on_progress? fun(progress: aistudios.Progress)

--- What `on_event` is told. No event holds a secret.
---  * `queued`: a request is handed to the I/O thread.
---  * `sent`, `received`: it has ended, after some of it was sent or not;
---    with `status` or `failure`, `timing`, bytes and whether the connection
---    had served before.
---  * `retried`: it will be sent again in `pause` seconds, because `reason`.
---  * `token_fetched`: an access token was fetched for it and its like.
---  * `deprecated`: the API's documentation has dropped the call; once each.
---  * `warning`: something may go on costing; see `message`.
---@class aistudios.Event
---@field type "queued"|"sent"|"received"|"retried"|"token_fetched"|"deprecated"|"warning"
---@field endpoint string   the call of the API
---@field method string     the method that was called, e.g. "render"
---@field request? integer  numbers the client's requests; the same for all events of one
---@field attempt? integer  1 for the first time that the call is sent
---@field status? integer
---@field failure? string   see aistudios.core.Failure
---@field timing? { dns: number, connect: number, tls: number, first_byte: number, total: number }
---@field bytes_sent? integer
---@field bytes_received? integer
---@field reused? boolean
---@field http_version? string
---@field pause? number
---@field reason? string
---@field message? string

--- Tells on_event, when there is one.
---@param job aistudios.Job
---@param event aistudios.Event
function M.emit(job, event)
  local on_event = job.client.policy.on_event
  if not on_event then return end
  event.endpoint = event.endpoint or job.endpoint
  event.method = job.endpoint
  job.loop:tell(job, on_event, event)
end

--- Tells on_progress, when there is one.
---@param job aistudios.Job
---@param on_progress? function
function M.report(job, on_progress)
  if on_progress then job.loop:tell(job, on_progress, job:progress()) end
end

--- The error of a job that was cancelled, by its handle, its client's end or
--- a callback that raised.
---@param job aistudios.Job
---@param result aistudios.Outcome
---@return aistudios.Error
function M.cancelled(job, result)
  local message = job.loop.is_closed and "the client was closed" or "cancelled"
  if job.has_cause then
    message = "a callback raised an error: "
      .. job.client:redact(errors.line(job.cause))
  end
  return errors.new {
    kind = "cancelled", outcome = result, message = message,
    endpoint = job.endpoint, cause = job.cause,
  }
end

--- Tells what the core knows of an exchange that has ended.
local function emit_end(job, event, response)
  local client = job.client
  local fetches = client.handle:stats().token_fetches
  if fetches ~= client.token_fetches then
    client.token_fetches = fetches
    M.emit(job, { type = "token_fetched", endpoint = "get_token" })
  end
  for _, kind in ipairs { "sent", "received" } do
    if kind == "received" or response.sent then
      M.emit(job, {
        type = kind, endpoint = event.endpoint, request = event.request,
        attempt = event.attempt, status = response.status, failure = response.failure,
        reused = response.reused, http_version = response.http_version,
        bytes_sent = response.bytes_sent, bytes_received = response.bytes_received,
        timing = response.timing,
      })
    end
  end
end

--- A function to call every TICK: reports when bytes have moved.
local function watch(job, on_progress)
  if not on_progress then return nil end
  local last = 0
  return function ()
    if not job.transfer then return end
    local received, _, sent = job.transfer:progress()
    if received + sent == last then return end
    last = received + sent
    M.report(job, on_progress)
  end
end

local function refuse(job, message)
  return errors.new {
    kind = "invalid", outcome = "not_sent", retryable = true,
    message = message, endpoint = job.endpoint,
    problems = { { path = "", message = message, level = "error" } },
  }
end

--- Tells that a request is about to be queued; the event, for what follows.
local function emit_queued(job, call, attempt)
  local client = job.client
  client.requests = client.requests + 1
  local event = { type = "queued", endpoint = call.row.name, attempt = attempt,
    request = client.requests }
  M.emit(job, event)
  return event
end

--- Submits the request once more. The core gets what is left of the time.
local function exchange(job, call, attempt, deadline)
  local request, event = call.request, nil
  request.brief = not job.client.policy.on_event
  if not request.brief then event = emit_queued(job, call, attempt) end
  local left = deadline - core.now()
  if left <= 0 then
    return { failure = "timeout", sent = false,
      message = "timeout.total was over before it could be sent" }
  end
  request.total_timeout = left ~= math.huge and left or nil
  local response, refusal =
    job.loop:exchange(job, request, watch(job, call.on_progress), TICK)
  if not response then return nil, refuse(job, refusal) end
  if event then emit_end(job, event, response) end
  return response
end

--- Of two attempts, what the one that says less leaves open.
local function worse(a, b)
  return weights[a] > weights[b] and a or b
end

--- Carries out `call`.
---@param job aistudios.Job
---@param call aistudios.Call
---@return table? result
---@return aistudios.Error? err
function M.run(job, call)
  local began, total = core.now(), call.timeout.total
  local deadline = total > 0 and began + total or math.huge
  local attempts, repeats, worst, is_renewed = 0, 0, "not_sent", false
  while true do
    attempts = attempts + 1
    local response, err = exchange(job, call, attempts, deadline)
    if not response then return nil, err end
    if response.renewable and not is_renewed and core.now() < deadline then
      is_renewed = true
      M.emit(job, { type = "retried", endpoint = call.row.name, attempt = attempts,
        pause = 0, reason = "the access token was refused" })
    else
      local result
      result, err = outcome.read(job.client, call.row, response)
      if result and not job.has_cause then return result end
      worst = worse(worst, err and err.outcome or "unknown")
      local pause = err and repeats < call.retries and retry.pause(call.row,
        response, err.outcome, repeats, deadline - core.now())
      if pause then
        M.emit(job, { type = "retried", endpoint = call.row.name, attempt = attempts,
          pause = pause, reason = err.message, status = err.status })
      end
      if not pause or not job.loop:sleep(job, pause) then
        if pause or job.has_cause then err = M.cancelled(job, worst) end
        if result then -- it came, and a callback raised: what is paid for is named
          err.project_id, err.session_id = result.project_id, result.session_id
        end
        err.outcome, err.attempts = worst, attempts
        err.elapsed, err.endpoint = core.now() - began, job.endpoint
        return nil, err
      end
      repeats = repeats + 1
    end
  end
end

return M
