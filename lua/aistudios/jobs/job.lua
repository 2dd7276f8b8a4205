-- SPDX-License-Identifier: MIT
--
-- job: the handle of a call that runs by itself. Dropping the handle does not
-- cancel the call; closing its client does.

local copy = require "aistudios.util.copy"
local core = require "aistudios.core"
local errors = require "aistudios.error"
local raise = require "aistudios.util.raise"
local resume_token = require "aistudios.jobs.resume_token"
local pumps = require "aistudios.jobs.pump"

local now, yield = core.now, coroutine.yield

local M = {}

---@class aistudios.Job
---@field endpoint string   the method that was called
---@field package scheduler aistudios.Scheduler
---@field package co thread
local Job = { __name = "aistudios.job" }
Job.__index = Job

--- What is known of a running job; the argument of `on_progress` too. Only
--- what is known is there.
---@class aistudios.Progress
---@field phase string        "call", or of a render "create", "wait", "download"
---@field endpoint string     the method that was called
---@field progress? number    of the render, 0 to 100
---@field state? string       of the render, in the service's words
---@field project_id? string
---@field received? integer   bytes of the answer or file so far
---@field expected? integer   bytes of it in all
---@field sent? integer       bytes of the request so far
---@field to_send? integer    bytes of it in all

local function token_of(job)
  return job.plan and resume_token.write(job.plan, job.client.policy.base_url)
end

--- Has the job ended?
---@return boolean
function Job:done()
  if not self.is_done then self.client:forbid_fork "job:done" end
  return self.is_done
end

--- What the call returned: its result, or nil and the error. Nothing while
--- the job runs.
---@return table? result
---@return aistudios.Error? err
function Job:result()
  if not self.is_done then
    self.client:forbid_fork "job:result"
    return nil
  end
  if self.crashed then
    return nil, errors.new {
      kind = "cancelled", outcome = "unknown", endpoint = self.endpoint,
      message = "an error inside the call: " .. errors.line(self.cause),
      cause = self.cause, resume_token = token_of(self),
    }
  end
  return self.value, self.err
end

--- Steps the client until the job has ended or `seconds` (nil: no limit) are
--- over. The job goes on when they are. Not inside a callback.
---@param seconds? number
---@return boolean done
function Job:wait(seconds)
  if seconds ~= nil and (type(seconds) ~= "number" or seconds ~= seconds) then
    raise("job:wait: a number of seconds is expected, got "
      .. (seconds ~= seconds and "nan" or type(seconds)))
  end
  if not self.is_done then self.client:forbid_fork "job:wait" end
  if self.scheduler:is_in_callback() then
    raise "job:wait: not inside a callback of the same client"
  end
  return self.scheduler:run_until(self, seconds)
end

--- Asks for an early end. The job ends at one of the next steps, with an
--- error of kind `cancelled`, or with its result when that was faster. The
--- start of a live session ends with the service's answer: what has begun is
--- then stopped. Idempotent.
function Job:cancel()
  self.client:forbid_fork "job:cancel"
  if self.is_done then return end
  self.is_cancelled = true
  if self.transfer and not self.awaits_answer then self.transfer:cancel() end
  self.scheduler:wake(self)
end

--- How far it is.
---@return aistudios.Progress
function Job:progress()
  self.client:forbid_fork "job:progress"
  local seen = copy(self.seen, { endpoint = self.endpoint, phase = "call" })
  local transfer = self.transfer
  if transfer then
    seen.received, seen.expected, seen.sent, seen.to_send = transfer:progress()
  end
  return seen
end

--- What the job is about, as a short text without secrets: with it,
--- `client:resume` goes on after this process has ended. Save it whenever it has
--- changed, after each step or in `on_token`: it changes before a call that costs
--- is sent, and an older one cannot know of that call.
---@return string? token  nil while there is nothing to go on from
function Job:token()
  self.client:forbid_fork "job:token"
  return token_of(self)
end

function Job:__tostring()
  local state = "running"
  if self.is_done then
    state = (self.err or self.crashed) and "failed" or "done"
  end
  return ("%s: %s (%s)"):format(Job.__name, self.endpoint, state)
end

-- Called inside the job's coroutine; each waits by yielding to the scheduler.

--- What came while the job was inside a callback, or comes now.
local function receive(job)
  local came = job.inbox
  if came == nil then return yield() end
  job.inbox = nil
  return came
end

--- Submits a request and waits for its answer. `tick`, when given, is called
--- every `interval` seconds meanwhile.
---@param request table  as the core takes it
---@param tick? fun()
---@param interval? number
---@return table? response  as the core gives it
---@return string? refusal  why nothing was submitted
function Job:exchange(request, tick, interval)
  local scheduler = self.scheduler
  if scheduler.is_closed or self.is_cancelled then
    return { failure = scheduler.is_closed and "closed" or "cancelled", sent = false }
  end
  local id = scheduler.last_id + 1
  scheduler.last_id = id
  scheduler.waiting[id] = self
  local transfer, refusal = scheduler.handle:submit(id, request)
  if not transfer then
    scheduler.waiting[id] = nil
    return nil, refusal
  end
  self.transfer = transfer
  local response
  repeat
    if tick then scheduler.timers:add(now() + interval, { self, self.ticket }) end
    response = receive(self)
    if tick and not (scheduler.is_closed or scheduler.is_collected) then tick() end
  until response
  self.transfer = nil
  if response.failure then response.received = (transfer:progress()) end
  transfer:close()
  return response
end

--- Waits. False when the job was cancelled or its client closed.
---@param seconds number
---@return boolean
function Job:sleep(seconds)
  local scheduler = self.scheduler
  if scheduler.is_closed or self.is_cancelled then return false end
  scheduler.timers:add(now() + seconds, { self, self.ticket })
  self.is_asleep = true
  yield()
  self.is_asleep = false
  return not (scheduler.is_closed or self.is_cancelled)
end

--- Calls a function of the host. When it raises, the job is cancelled and the
--- value is its cause. A cancelled job calls only what `is_needed` still.
---@param f function
---@param argument any
---@param is_needed? boolean
---@return any value  what it returned
function Job:call_back(f, argument, is_needed)
  if self.scheduler.is_closed or self.has_cause then return end
  if self.is_cancelled and not is_needed then return end
  local ok, value = yield(pumps.CALLBACK, f, argument)
  if ok then return value end
  if not self.is_firm then self:abort(value) end
end

--- Notes what the job is about, and hands a token that has changed to `on_token`.
---@param plan aistudios.Plan
function Job:set_plan(plan)
  self.plan = plan
  local token = self.on_token and token_of(self)
  if not token or token == self.last_token then return end
  self.last_token = token
  self:call_back(self.on_token, token, true)
end

-- Called by the scheduler and by what runs in the job.

---@package
function Job:finish(value, err)
  self.is_done, self.co = true, nil
  self.value, self.err = value, err
  if err then err.resume_token = err.resume_token or token_of(self) end
end

--- The coroutine raised: out of memory, or a fault in this module.
---@package
function Job:crash(cause)
  self.is_done, self.co = true, nil
  self.crashed, self.cause = true, cause
end

--- A callback raised.
---@package
function Job:abort(cause)
  self.cause, self.has_cause = cause, true
  self:cancel()
end

--- Makes a job that `run(job)` carries out in a coroutine of its own; with
--- `err` instead, one that has failed already.
---@param client aistudios.Client
---@param endpoint string
---@param run? fun(job: aistudios.Job): table?, aistudios.Error?
---@param err? aistudios.Error
---@return aistudios.Job
function M.start(client, endpoint, run, err)
  local job = setmetatable({
    client = client, scheduler = client.scheduler, endpoint = endpoint, ticket = 0,
    seen = {}, is_done = false, is_cancelled = false,
  }, Job)
  if run then
    job.co = pumps.create(run)
    job.scheduler:start(job)
  else
    job:finish(nil, err)
  end
  return job
end

M.Job = Job

return M
