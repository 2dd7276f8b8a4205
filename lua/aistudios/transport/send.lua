-- SPDX-License-Identifier: MIT
--
-- send: carries out one prepared call inside a job: submits the request,
-- repeats it where that is safe, and reads how it ended. Every wait yields to
-- the scheduler.

local core = require "aistudios.core"
local errors = require "aistudios.error"
local events = require "aistudios.transport.events"
local failure = require "aistudios.transport.failure"
local outcome = require "aistudios.transport.outcome"
local retry = require "aistudios.transport.retry"

local M = {}

local ANY_TOKEN = 1000000000 -- a number above that of every token
local PROGRESS_INTERVAL = 0.1 -- s between two reports of a transfer's bytes
local WATCH_INTERVAL = 1      -- s between two looks at how fast it is

--- A prepared call: what is to be sent, how, and who reads the answer.
---@class aistudios.Call
---@field row aistudios.Row
---@field request table      as the core takes it
---@field reader aistudios.Reader  of the answer's text
---@field timeout aistudios.Timeouts  seconds; 0: no limit
---@field retries integer
---@field on_progress? fun(progress: aistudios.Progress)
---@field to? string         where the file of the answer goes
---@field shown_path? string the same as the caller wrote it
---@field overwrite? boolean
---@field session_token? string
---@field sent_token? integer  the number of the access token of the last exchange
---@field is_confirmation? boolean  it asks whether that token is alive: 401 is its answer
---@field is_continued? boolean  a repeat goes on where the last one ended: more bytes than
--- ever make it the first again
---@field is_too_slow? fun(received: integer): boolean  ends a transfer as stalled
---@field too_slow? string   the message for that
---@field before? fun(job: aistudios.Job, call: aistudios.Call): aistudios.Error?  runs
--- before the request is sent; an error keeps it from being sent
---@field recover? fun(job: aistudios.Job, call: aistudios.Call, err: aistudios.Error): boolean
--- runs when the call has failed; true: it was changed, and is sent once more

--- Reads the text of an answer; see endpoints/response.
---@class aistudios.Reader
---@field read fun(row: aistudios.Row, text: string): table?, aistudios.AnswerProblem?
---@field complaint fun(row: aistudios.Row, text: string?): aistudios.Complaint

--- The error of a job that was cancelled, by its handle, its client's end or
--- a callback that raised.
---@param job aistudios.Job
---@param result aistudios.Outcome
---@return aistudios.Error
function M.cancelled(job, result)
  local message = job.scheduler.is_closed and "the client was closed" or "cancelled"
  if job.has_cause then
    message = "a callback raised an error: "
      .. job.client:redact(errors.line(job.cause))
  end
  return errors.new {
    kind = "cancelled", outcome = result, message = message,
    endpoint = job.endpoint, cause = job.cause,
  }
end

--- A function to be called regularly, which reports when bytes have moved, and
--- ends a transfer that is too slow.
local function watcher(job, call)
  local on_progress, is_too_slow = call.on_progress, call.is_too_slow
  if not (on_progress or is_too_slow) then return nil end
  local last = 0
  return function ()
    if not job.transfer then return end
    local received, _, sent = job.transfer:progress()
    if is_too_slow and is_too_slow(received) then return job.transfer:cancel() end
    if not on_progress or received + sent == last then return end
    last = received + sent
    events.report(job, on_progress)
  end
end

--- What the core reports as cancelled is a stall when it was ended as too slow.
local function name_slow(job, call, response)
  if response.failure ~= "cancelled" or job.is_cancelled then return end
  response.failure, response.message = "stall", call.too_slow
end

local function queue_error(job, message)
  return errors.new {
    kind = "invalid", outcome = "not_sent", retryable = true,
    message = message, endpoint = job.endpoint,
    problems = { { path = "", message = message, level = "error" } },
  }
end

--- Submits the request once more. The core gets what is left of the time.
local function exchange(job, call, attempt, deadline)
  local request, event = call.request, nil
  request.brief = not job.client.policy.on_event
  if not request.brief then event = events.emit_queued(job, call, attempt) end
  local left = deadline - core.now()
  if left <= 0 then
    return { failure = "timeout", sent = false,
      message = "timeout.total was over before it could be sent" }
  end
  request.total_timeout = left ~= math.huge and left or nil
  local refused = request.refused_token
  if call.row.auth == "token" and job.client:takes_new_token() then
    request.refused_token = ANY_TOKEN
  end
  local response, refusal = job:exchange(request, watcher(job, call),
    call.on_progress and PROGRESS_INTERVAL or WATCH_INTERVAL)
  request.refused_token = refused
  if not response then return nil, queue_error(job, refusal) end
  call.sent_token = response.token
  if call.is_too_slow then name_slow(job, call, response) end
  if event then events.emit_end(job, event, response) end
  return response
end

--- Sends the request, and again where that is safe.
local function send_with_repeats(job, call, began, deadline)
  local attempts, repeats, worst, is_renewed = 0, 0, "not_sent", false
  local farthest = 0 -- bytes of a file that have been there
  while true do
    attempts = attempts + 1
    local response, err = exchange(job, call, attempts, deadline)
    if not response then return nil, err end
    if response.renewable and not is_renewed and not call.is_confirmation
        and core.now() < deadline then
      is_renewed = true
      events.emit(job, { type = "retried", endpoint = call.row.name, attempt = attempts,
        pause = 0, reason = "the access token was refused" })
    else
      local result, is_no
      result, err, is_no = failure.read(job.client, call, response)
      if result and not job.has_cause then return result end
      worst = outcome.worse(worst, err and err.outcome or "unknown")
      if call.is_continued and (response.received or 0) > farthest then
        farthest, repeats = response.received, 0
      end
      local pause = err and repeats < call.retries and retry.pause(call.row,
        response, err.outcome, is_no, repeats, deadline - core.now())
      if pause then
        events.emit(job, { type = "retried", endpoint = call.row.name, attempt = attempts,
          pause = pause, reason = err.message, status = err.status })
      end
      if not pause or not job:sleep(pause) then
        if pause or job.has_cause then err = M.cancelled(job, worst) end
        if result then -- a callback raised: the error names what is paid for
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

--- Carries out `call`.
---@param job aistudios.Job
---@param call aistudios.Call
---@return table? result
---@return aistudios.Error? err
function M.run(job, call)
  local began, total = core.now(), call.timeout.total
  local deadline = total > 0 and began + total or math.huge
  local result, err
  for attempt = 1, 2 do
    err = call.before and call.before(job, call)
    if err then return nil, err end
    result, err = send_with_repeats(job, call, began, deadline)
    if result or attempt == 2 then break end
    local is_changed = call.recover and call.recover(job, call, err)
      or job.client:renew_token(job, call, err)
    if not is_changed then break end
  end
  return result, err
end

return M
