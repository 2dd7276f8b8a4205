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
---@field request aistudios.core.Request|aistudios.core.Prepared
---@field body? aistudios.core.Body
---@field total_timeout? number   of the next exchange, seconds; nil: as the request says
---@field refused_token? integer  another access token than this, or an older one, is wanted
---@field steps? table       `read`, `run` and `prepare`, see jobs/job
---@field watch? aistudios.Watch  of a poll, see workflows/poll
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
---@field result fun(row: aistudios.Row, raw: any, data: any, is_yes: boolean): table?
---@field complaint fun(row: aistudios.Row, text: string?): aistudios.Complaint
---@field ids fun(row: aistudios.Row, text: string): string?, string?

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
  local client, event = job.client, nil
  if client.policy.on_event then event = events.emit_queued(job, call, attempt) end
  local left = deadline - core.now()
  if left <= 0 then
    return { failure = "timeout", sent = false,
      message = "timeout.total was over before it could be sent" }
  end
  call.total_timeout = left ~= math.huge and left or 0
  local refused = call.refused_token
  if client.wants_new_token and call.row.auth == "token" then
    client.wants_new_token, call.refused_token = false, ANY_TOKEN
  end
  local response, refusal = job:exchange(call, watcher(job, call),
    call.on_progress and PROGRESS_INTERVAL or WATCH_INTERVAL)
  call.refused_token = refused
  if not response then return nil, queue_error(job, refusal) end
  if call.is_too_slow then name_slow(job, call, response) end
  if event then events.emit_end(job, event, response) end
  return response
end

--- The first exchange was with a refused token: another is fetched for the next.
local function renews(call, tries, response)
  if not response.renewable or tries.is_renewed or call.is_confirmation
      or core.now() >= tries.deadline
      or call.reader.complaint(call.row, response.body).is_yes then
    return false
  end
  tries.is_renewed, tries.worst = true, outcome.worse(tries.worst, "rejected")
  return true
end

--- How long to wait before a failed call is sent again; nil: it is not.
local function pause_of(call, tries, response, err, is_no)
  if call.is_continued and (response.received or 0) > tries.farthest then
    tries.farthest, tries.repeats = response.received, 0
  end
  if tries.repeats >= call.retries then return nil end
  return retry.pause(call.row, response, err.outcome, is_no, tries.repeats,
    tries.deadline - core.now())
end

--- The error of a call that is given up. `result`: a callback has raised after the
--- call; the error names what is paid for.
local function final_error(job, call, tries, err, result)
  if result then
    err.project_id, err.session_id = result.project_id, result.session_id
  end
  err.outcome, err.attempts = tries.worst, math.max(tries.attempts, err.attempts or 0)
  if call.row.is_replayable and not err.retryable and err.outcome == "unknown"
      and err.kind ~= "cancelled" then
    err.next = "fix" -- nothing was to be billed, there is nothing to look for
  end
  err.elapsed, err.endpoint = core.now() - tries.began, job.endpoint
  return err
end

--- The result of a good response; nil, and what it says no with, for others.
local function read(call, response)
  local status = response.status
  if response.path then return { path = response.path, size = response.size } end
  if response.failure or not status or status < 200 or status > 299 then return nil end
  return call.reader.read(call.row, response.body)
end

--- Sends the request, and again where that is safe. `response`: it was sent once.
local function send_with_repeats(job, call, tries, response)
  tries.repeats, tries.farthest = 0, 0
  while true do
    tries.attempts = tries.attempts + 1
    local result, err, is_no
    if not response then response, err = exchange(job, call, tries.attempts, tries.deadline) end
    if not response then return nil, final_error(job, call, tries, err) end
    call.sent_token = response.token
    if renews(call, tries, response) then
      events.emit(job, { type = "retried", endpoint = call.row.name, attempt = tries.attempts,
        pause = 0, reason = "the access token was refused" })
    else
      local said
      result, said = read(call, response)
      if result and not job.has_cause then return result end
      if not result then err, is_no = failure.read(job.client, call, response, said) end
      tries.worst = outcome.worse(tries.worst, err and err.outcome or "unknown")
      local pause = err and pause_of(call, tries, response, err, is_no)
      if pause then
        events.emit(job, { type = "retried", endpoint = call.row.name,
          attempt = tries.attempts, pause = pause, reason = err.message, status = err.status })
      end
      if not pause or not job:sleep(pause) then
        if pause or job.has_cause then err = M.cancelled(job, tries.worst) end
        return nil, final_error(job, call, tries, err, result)
      end
      tries.repeats = tries.repeats + 1
    end
    response = nil
  end
end

--- Carries out `call`. With `response` its first exchange is over, and began with the job.
---@param job aistudios.Job
---@param call aistudios.Call
---@param response? table  the core's
---@return table? result
---@return aistudios.Error? err
function M.run(job, call, response)
  local began, total = response and job.began or core.now(), call.timeout.total
  local tries = { attempts = 0, began = began, worst = "not_sent",
    deadline = total > 0 and began + total or math.huge }
  for attempt = 1, 2 do
    local err = call.before and call.before(job, call)
    if err then return nil, err end
    local result
    result, err = send_with_repeats(job, call, tries, response)
    if result or attempt == 2 then return result, err end
    if not (call.recover and call.recover(job, call, err)
        or job.client:renew_token(job, call, err, tries.deadline - core.now())) then
      return nil, err
    end
    response = nil
  end
end

return M
