-- SPDX-License-Identifier: MIT
--
-- task: what runs in a job: the methods by which its code waits, and what begins and
-- ends it. They run where no debug hook does, in the job's coroutine or by
-- `Scheduler:unhooked`, and are methods of aistudios.Job.

local callbacks = require "aistudios.jobs.callbacks"
local copy = require "aistudios.util.copy"
local core = require "aistudios.core"
local resume_token = require "aistudios.jobs.resume_token"
local schedulers = require "aistudios.jobs.scheduler"

local methods, now = core.client_methods, core.now
local resume, status, yield = coroutine.resume, coroutine.status, coroutine.yield

local Job = {}
local M = { methods = Job }

--- What the function of a job returns, with a number of seconds, when its call, now
--- `job.task`, is to be sent after them. Until that is answered it has no coroutine.
M.LATER = {}

--- The resume token of a job; nil while there is nothing to go on from.
---@param job aistudios.Job
---@return string?
function M.token_of(job)
  return job.plan and resume_token.write(job.plan, job.client.policy.base_url)
end

--- Waits until it is resumed; with what it is resumed.
---@package
function Job:yield()
  local scheduler = self.scheduler
  scheduler.is_in_job = false
  local _, a, b = yield()
  scheduler.is_in_job = true
  self.ticket = self.ticket + 1
  return a, b
end

--- What came while the job was inside a callback, or comes now.
local function receive(job)
  local came = job.inbox
  if came == nil then return (job:yield()) end
  job.inbox = nil
  return came
end

-- Hands the request of a call to the I/O thread. Where memory ends on the way, nothing was
-- handed over and nobody waits; what comes after that needs no memory.
local function submit(job, call)
  local scheduler = job.scheduler
  local id, waiting = scheduler.last_id + 1, scheduler.waiting
  scheduler.last_id, waiting[id] = id, false
  local transfer, refusal = methods.submit(scheduler.handle, id, call.request,
    job.body or call.body, call.total_timeout, call.refused_token)
  waiting[id] = transfer and job or nil
  if not transfer then return false, refusal end
  job.transfer, job.transfer_id = transfer, id
  return true
end

--- The job has its response: that leaves the queue.
local function conclude(job, response)
  local scheduler, transfer, id = job.scheduler, job.transfer, job.transfer_id
  job.transfer, scheduler.waiting[id] = nil, nil
  methods.drop(scheduler.handle, id)
  if response.failure then response.received = (transfer:progress()) end
  transfer:close()
end

--- Submits the request of a call and waits for its answer. `tick`, when given, is called
--- every `interval` seconds meanwhile.
---@param call aistudios.Call|{ request: aistudios.core.Request }
---@param tick? fun()
---@param interval? number
---@return table? response  as the core gives it
---@return string? refusal  why nothing was submitted
function Job:exchange(call, tick, interval)
  local scheduler = self.scheduler
  if scheduler.is_closed or self.is_cancelled then
    return { failure = scheduler.is_closed and "closed" or "cancelled", sent = false }
  end
  local ok, refusal = submit(self, call)
  if not ok then return nil, refusal end
  local response
  repeat
    if tick then scheduler.timers:add(now() + interval, { self, self.ticket }) end
    response = receive(self)
    local is_wanted = not response or call.on_progress -- the last bytes are told
    if tick and is_wanted and not (scheduler.is_closed or scheduler.is_collected) then tick() end
  until response
  conclude(self, response)
  return response
end

--- Waits. False when the job was cancelled or its client closed.
---@param seconds number
---@return boolean
function Job:sleep(seconds)
  local scheduler = self.scheduler
  if scheduler.is_closed or self.is_cancelled then return false end
  local entry = { self, self.ticket }
  if seconds > 0 then scheduler.timers:add(now() + seconds, entry) else scheduler:push(entry) end
  self:rest()
  return not (scheduler.is_closed or self.is_cancelled)
end

--- Waits for a timer, a cancel, or the end of a job among whose `waiters` it is.
function Job:rest()
  self.is_asleep = true
  self:yield()
  self.is_asleep = false
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
  local ok, value = callbacks.ask(self, f, argument)
  if ok then return value end
  if not self.is_firm then self:abort(value) end
end

--- Notes what the job is about, and hands a token that has changed to `on_token`.
---@param plan aistudios.Plan
function Job:set_plan(plan)
  self.plan = plan
  local token = self.on_token and M.token_of(self)
  if not token or token == self.last_token then return end
  self.last_token = token
  self:call_back(self.on_token, token, true)
end

-- Called by the scheduler and by what runs in the job.

local function is_over(job)
  local scheduler = job.scheduler
  job.is_done, job.co = true, false
  scheduler.jobs, scheduler.is_in_job = scheduler.jobs - 1, false
  if not job.waiters then return end
  for waiter in next, job.waiters do
    if waiter.is_asleep then scheduler:push { waiter, waiter.ticket } end
  end
end

---@package
function Job:finish(value, err)
  self.value, self.err = value, err
  if err then err.resume_token = err.resume_token or M.token_of(self) end
  is_over(self)
end

--- The coroutine raised: out of memory, or a fault in this module.
---@package
function Job:crash(cause)
  is_over(self) -- first: the rest may fail for lack of memory
  self.crashed, self.cause = true, cause
end

--- A callback raised.
---@package
function Job:abort(cause)
  self.cause, self.has_cause = cause, true
  self:cancel()
end

--- Submits the call of a job that needs no coroutine until it is answered; false when it
--- needs one.
local function submit_alone(scheduler, job)
  local client = job.client
  if scheduler.is_closed or job.is_cancelled or client.policy.on_event
      or client.wants_new_token then
    return false
  end
  job.began = now()
  return submit(job, job.task)
end

--- Leaves the coroutine until the call is answered, or is to be sent; false when the job
--- is to end, or needs it.
local function leave(job, seconds)
  local scheduler = job.scheduler
  if scheduler.is_closed or job.is_cancelled then return false end
  if seconds > 0 then
    job.is_asleep = true
    scheduler.timers:add(now() + seconds, { job, job.ticket })
  elseif not submit_alone(scheduler, job) then
    return false
  end
  job.co = false
  return true
end

--- What the coroutine of a job runs: all of the job, or what is left of one that has its
--- response, or has slept.
local function run(job, response)
  local scheduler = job.scheduler
  scheduler.is_in_job = true
  if response then
    conclude(job, response)
  elseif job.seen then
    job.is_asleep, job.ticket = false, job.ticket + 1
  else
    scheduler.jobs = scheduler.jobs + 1
  end
  job.seen = job.seen or {}
  if job.body then -- the call is one that jobs share
    job.task, job.body = copy(job.task, { body = job.body }), nil
  end
  local ok, value, err
  repeat
    local f = job.task
    if type(f) == "table" then f = f.steps.run end
    ok, value, err = pcall(f, job, job.task, response)
    response = nil
  until value ~= M.LATER or leave(job, err)
  if not ok then
    job:crash(value)
  elseif value ~= M.LATER then
    job:finish(value, err)
  end
  scheduler.is_in_job = false
end

local idle, MOST_IDLE = {}, 16 -- coroutines whose job needs them no longer

local function work(job, response)
  while true do
    run(job, response)
    job, response = nil, nil -- luacheck: ignore 311 (nothing is kept meanwhile)
    job, response = yield()
  end
end

--- Gives a job a coroutine, which `run`s it when it is resumed.
---@param job aistudios.Job
function M.give_coroutine(job)
  job.co = table.remove(idle) or schedulers.create(work)
end

-- What `unhooked` runs: a job that has slept sends its call, or gets a coroutine.
local function go_on(scheduler, job)
  job.task.steps.prepare(job.task)
  if submit_alone(scheduler, job) then
    job.is_asleep, job.ticket = false, job.ticket + 1
  else
    M.give_coroutine(job)
  end
end

--- Resumes its coroutine, unless that runs. One without gets one, or goes on without.
---@package
function Job:resume(a, b)
  if not self.co then
    if a then M.give_coroutine(self) else self.scheduler:unhooked(go_on, self) end
  end
  local co = self.co
  if not co or status(co) ~= "suspended" then return end
  local ok, cause = resume(co, self, a, b)
  if not ok and not self.is_done then self:crash(cause) end
  if ok and self.co ~= co and #idle < MOST_IDLE then idle[#idle + 1] = co end
end

--- Ends a job without a coroutine by a good answer, or gives it one.
---@package
---@return boolean is_done
function Job:read()
  local call = self.task
  local raw, data = methods.answer(self.scheduler.handle)
  local result = raw and not (self.is_done or self.co or self.has_cause)
    and call.steps.read(call, raw, data)
  if self.is_done or self.co then return self.is_done end -- a finalizer has stepped
  if not result then
    M.give_coroutine(self)
    return false
  end
  self.transfer:close()
  self.transfer, self.value = nil, result
  is_over(self)
  return true
end

--- Begins a job without a coroutine; false when that cannot be.
---@param scheduler aistudios.Scheduler
---@param job aistudios.Job
---@return boolean
function M.begin_exchange(scheduler, job)
  if not submit_alone(scheduler, job) then return false end
  scheduler.jobs = scheduler.jobs + 1
  return true
end

return M
