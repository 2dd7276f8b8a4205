-- SPDX-License-Identifier: MIT
--
-- scheduler: runs the jobs of one client on the host's thread. A job is a
-- coroutine that waits by yielding, for a transfer or for a time; the scheduler
-- resumes it with what came. Only `block` and `run_until` block.
--
-- Callbacks of the host do not run in a job's coroutine: the job yields them
-- and the scheduler calls them, so that one may yield to the host's own event
-- loop, and an error in one fails that job alone. A callback runs in the
-- coroutine that steps, which waits until it returns: it must not wait for
-- another call of the same client.

local core = require "aistudios.core"
local errors = require "aistudios.error"
local timers = require "aistudios.jobs.timers"

local now = core.now
local resume, status, running =
  coroutine.resume, coroutine.status, coroutine.running

local BUDGET = 100e-6 -- s; a step takes no new completion after this long

---@class aistudios.Scheduler
---@field handle table          the core's client
---@field timers aistudios.Timers
---@field waiting table<integer, aistudios.Job>  by the number of their transfer
---@field ready table[]         jobs to be resumed at the next step, with tickets
---@field jobs integer           not done yet
---@field callers table<thread, integer>  coroutines inside a callback, and how deep
---@field deferred function[]    of finalizers: run at the next step
---@field on_close? function    runs before the end; a second close runs it too
---@field in_callback table<aistudios.Job, true>  those inside a callback
---@field is_closed boolean
---@field client aistudios.Client
---@field wait_of_host? aistudios.Wait  the option `wait`
---@field host? table            the same where it is a table with `wake` and `close`
---@field is_collected boolean  the garbage collector ends it
local Scheduler = { __name = "aistudios.scheduler" }
Scheduler.__index = Scheduler

local M = {}

--- A job that wants a callback called yields this, the function and its argument;
--- it is resumed with what pcall returned.
M.CALLBACK = {}

local CALLBACK = M.CALLBACK

---@param client aistudios.Client
---@param handle table  the core's client
---@param wait_of_host? aistudios.Wait
---@return aistudios.Scheduler
function M.new(client, handle, wait_of_host)
  return setmetatable({
    client = client, handle = handle, wait_of_host = wait_of_host,
    host = type(wait_of_host) == "table" and wait_of_host or nil,
    timers = timers.new(), waiting = {}, ready = {}, jobs = 0, last_id = 0,
    callers = {}, in_callback = {}, deferred = {}, is_closed = false,
  }, Scheduler)
end

--- Calls `f(argument)` and records the coroutine that does.
local function run_callback(scheduler, f, argument)
  local co = running()
  local callers = scheduler.callers
  callers[co] = (callers[co] or 0) + 1
  local ok, cause = pcall(f, argument)
  local depth = callers[co] - 1
  callers[co] = depth > 0 and depth or nil
  return ok, cause
end

--- Is this code called, however indirectly, by a callback?
---@return boolean
function Scheduler:is_in_callback()
  local callers = self.callers
  if not next(callers) then return false end
  local co = running()
  for caller in pairs(callers) do
    if caller == co or status(caller) == "normal" then return true end
  end
  return false
end

--- Runs `job` until it waits again or ends.
local function run(scheduler, job, came)
  local co = job.co
  job.ticket = job.ticket + 1
  local ok, a, b, c = resume(co, came)
  while ok and a == CALLBACK do
    job.is_in_callback, scheduler.in_callback[job] = true, true
    ok, a = run_callback(scheduler, b, c)
    job.is_in_callback, scheduler.in_callback[job] = false, nil
    if job.is_done then return end -- the client was closed meanwhile
    ok, a, b, c = resume(co, ok, a)
  end
  if ok and status(co) ~= "dead" then return end
  scheduler.jobs = scheduler.jobs - 1
  if not ok then return job:crash(a) end
  job:finish(a, b)
end

local function close_if_asked(scheduler)
  if scheduler.wants_close and not scheduler:is_in_callback() then scheduler:close() end
end

--- Begins a job.
---@param job aistudios.Job
function Scheduler:start(job)
  self.jobs = self.jobs + 1
  run(self, job, job)
  close_if_asked(self)
end

--- Ends the sleep of a job; it runs at the next step.
---@param job aistudios.Job
function Scheduler:wake(job)
  if not job.is_asleep then return end
  job.is_asleep = false
  self.ready[#self.ready + 1] = { job, job.ticket }
  if self.host and self.host.wake then self.host.wake(self.client) end
end

local function run_deferred(scheduler)
  local list = scheduler.deferred
  scheduler.deferred = {}
  for _, f in ipairs(list) do f() end
end

--- Runs a job that waited with this ticket. One that was resumed since then
--- waits for something else now.
local function run_entry(scheduler, entry)
  local job = entry[1]
  if job.ticket == entry[2] and not job.is_done and not job.is_in_callback then
    run(scheduler, job)
  end
end

local function run_ready(scheduler)
  local list = scheduler.ready
  if not list[1] then return false end
  scheduler.ready = {}
  for _, entry in ipairs(list) do run_entry(scheduler, entry) end
  return true
end

--- Runs the jobs whose time has come; `started`, when given, for about BUDGET
--- seconds since then.
local function run_timers(scheduler, time, started)
  local entry = scheduler.timers:take(time)
  local ran = entry ~= nil
  while entry do
    run_entry(scheduler, entry)
    if started and now() - started > BUDGET then break end
    entry = scheduler.timers:take(time)
  end
  return ran
end

-- A callback that waits in the host's event loop, or whose coroutine the host
-- has closed: its job ends without it.
local function end_jobs_in_callbacks(scheduler)
  for job in pairs(scheduler.in_callback) do
    scheduler.in_callback[job] = nil
    scheduler.jobs = scheduler.jobs - 1
    job:finish(nil, errors.new {
      kind = "cancelled", outcome = "unknown", endpoint = job.endpoint,
      project_id = job.seen.project_id,
      message = "the client was closed while a callback of the call waited",
    })
  end
end

--- Hands the next completion to its job; false when there is none.
local function run_completion(scheduler)
  local id, response = scheduler.handle:take()
  if not id then return false end
  local job = scheduler.waiting[id]
  scheduler.waiting[id] = nil
  if not job or job.is_done then return true end
  if job.is_in_callback then job.inbox = response else run(scheduler, job, response) end
  return true
end

--- Runs the jobs that are ready, for about BUDGET seconds; the rest stays ready.
---@return boolean ran  was there anything?
function Scheduler:run()
  local started = now()
  if self.deferred[1] then run_deferred(self) end
  local ran = run_ready(self)
  local first = self.timers.first
  if first and first <= started then ran = run_timers(self, started, started) or ran end
  while not self.wants_close and run_completion(self) do
    ran = true
    if now() - started > BUDGET then break end
  end
  close_if_asked(self)
  local host = self.host
  if ran and host and host.wake then host.wake(self.client) end
  return ran
end

--- Seconds until a job waits no longer, if nothing comes before; nil: none
--- waits for a time.
---@return number?
function Scheduler:timeout()
  if self.ready[1] or self.deferred[1] then return 0 end
  local first = self.timers.first
  return first and math.max(0, first - now())
end

--- Blocks until something is ready, at most `seconds` (nil: no limit).
---@param seconds? number
function Scheduler:block(seconds)
  local limit = self:timeout()
  if seconds and not (limit and limit < seconds) then limit = seconds end
  if self.is_closed or (limit and limit <= 0) then return end
  self.handle:wait(limit)
end

--- Waits as the host wants it; blocks when its function returns false. An
--- error in it ends the job.
local function wait(self, job, seconds)
  if not self.wait_of_host or self.is_collected then return self:block(seconds) end
  local limit = self:timeout()
  if seconds and not (limit and limit < seconds) then limit = seconds end
  local ok, cause = pcall(self.wait_of_host, self.client, limit)
  if ok and cause == false then return self:block(seconds) end
  if ok then return end
  job:abort(cause)
  self:block(0.05)
end

--- Steps until `job` has ended or `seconds` are over.
---@param job aistudios.Job
---@param seconds? number
---@return boolean done
function Scheduler:run_until(job, seconds)
  local deadline = seconds and now() + seconds
  while not job.is_done do
    if not self:run() and not job.is_done then
      local left = deadline and deadline - now()
      if left and left <= 0 then break end
      wait(self, job, left)
    end
  end
  return job.is_done
end

--- Ends all jobs. Called inside a callback, it happens after that.
function Scheduler:close()
  if self.is_closed then return end
  if self:is_in_callback() and not self.is_collected then
    self.wants_close = true
    return
  end
  self.wants_close = false
  if self.on_close then self.on_close() end
  self.on_close = nil
  if self.is_closed then return end
  self.is_closed = true
  local host = self.host
  if host and host.close then pcall(host.close, self.client) end
  self.handle:close()
  local is_ours = pcall(run_completion, self) -- raises in a forked child
  if not is_ours then return end
  while run_completion(self) do end
  run_ready(self)
  run_timers(self, math.huge)
  end_jobs_in_callbacks(self)
end

return M
