-- SPDX-License-Identifier: MIT
--
-- scheduler: runs the jobs of one client on the host's thread. A job is a
-- coroutine that waits by yielding, for a transfer or for a time; the scheduler
-- resumes it with what came. Only `block` and `run_until` block.
--
-- Jobs are run by a pump (see there), callbacks by the coroutine that steps,
-- which waits until they return: they must not wait for another call of the
-- same client. An error in a callback fails its job alone.

local core = require "aistudios.core"
local errors = require "aistudios.error"
local pumps = require "aistudios.jobs.pump"
local timers = require "aistudios.jobs.timers"

local now = core.now

local BUDGET = 100e-6 -- s; a step takes no new completion after this long

---@class aistudios.Scheduler
---@field handle table          the core's client
---@field timers aistudios.Timers
---@field pumps aistudios.Pumps
---@field waiting table<integer, aistudios.Job>  by the number of their transfer
---@field ready table           jobs to be resumed at the next step, with tickets, from
---  `first` to `last`
---@field new aistudios.Job[]   started by code of a job, to be run right after it
---@field jobs integer           not done yet
---@field deferred function[]    of finalizers: run at the next step
---@field on_close? function    runs before the end; a second close runs it too
---@field is_closed boolean    no request is sent any more
---@field is_ended boolean     and no job is left
---@field client aistudios.Client
---@field wait_of_host? aistudios.Wait  the option `wait`
---@field host? table            the same where it is a table with `wake` and `close`
---@field is_collected boolean  the garbage collector ends it
local Scheduler = { __name = "aistudios.scheduler" }
Scheduler.__index = Scheduler

local M = {}

---@param client aistudios.Client
---@param handle table  the core's client
---@param wait_of_host? aistudios.Wait
---@return aistudios.Scheduler
function M.new(client, handle, wait_of_host)
  local scheduler = setmetatable({
    client = client, handle = handle, wait_of_host = wait_of_host,
    host = type(wait_of_host) == "table" and wait_of_host or nil,
    timers = timers.new(), pumps = pumps.new(), waiting = {}, new = {},
    ready = { first = 1, last = 0 }, deferred = {}, jobs = 0, last_id = 0,
    is_closed = false, is_ended = false,
  }, Scheduler)
  local host = scheduler.host
  if host and host.wake then
    scheduler.pumps.on_orphan = function () host.wake(client) end
  end
  return scheduler
end

--- Is this code called, however indirectly, by a callback?
---@return boolean
function Scheduler:is_in_callback()
  return self.pumps:is_in_callback()
end

-- ---- what a pump does; each item leaves its queue when it is delivered ----

--- Runs a job, and those that it has started.
local function run(scheduler, pump, job, came)
  local is_over, ok, value, err = pump:run(job, came)
  if is_over then
    scheduler.jobs = scheduler.jobs - 1
    if ok then job:finish(value, err) else job:crash(value) end
  end
  local fresh = table.remove(scheduler.new, 1)
  if fresh then return run(scheduler, pump, fresh, fresh) end
end

--- Begins a job.
local function begin(job, pump)
  local scheduler = job.scheduler
  scheduler.jobs = scheduler.jobs + 1
  run(scheduler, pump, job, job)
end

local function run_deferred(scheduler, pump)
  for _ = 1, #scheduler.deferred do
    local f = table.remove(scheduler.deferred, 1)
    f()
    local fresh = table.remove(scheduler.new, 1)
    if fresh then run(scheduler, pump, fresh, fresh) end
  end
end

--- Runs a job that waited with this ticket. One that was resumed since then
--- waits for something else now.
local function run_entry(scheduler, pump, entry)
  local job = entry[1]
  if job.ticket == entry[2] and not job.is_done and not job.is_in_callback then
    run(scheduler, pump, job)
  end
end

--- Runs the jobs that were ready when it began.
local function run_ready(scheduler, pump)
  local queue = scheduler.ready
  local count = queue.last - queue.first + 1
  for _ = 1, count do
    local first = queue.first
    local entry = queue[first]
    if not entry then break end
    queue[first], queue.first = nil, first + 1
    run_entry(scheduler, pump, entry)
  end
  return count > 0
end

--- Runs the jobs whose time has come; `started`, when given, for about BUDGET
--- seconds since then.
local function run_timers(scheduler, pump, time, started)
  local entry = scheduler.timers:take(time)
  local ran = entry ~= nil
  while entry do
    run_entry(scheduler, pump, entry)
    if started and now() - started > BUDGET then break end
    entry = scheduler.timers:take(time)
  end
  return ran
end

-- A callback that waits in the host's scheduler, or that the host has given up: its
-- job ends without it.
local function end_jobs_in_callbacks(scheduler)
  for job in pairs(scheduler.pumps.in_callback) do
    scheduler.pumps:forget(job)
    scheduler.jobs = scheduler.jobs - 1
    job:finish(nil, errors.new {
      kind = "cancelled", outcome = "unknown", endpoint = job.endpoint,
      project_id = job.seen.project_id,
      message = "the client was closed while a callback of the call waited",
    })
  end
end

--- Hands the next completion to its job; false when there is none.
local function run_completion(scheduler, pump)
  local id, response = scheduler.handle:take()
  if not id then return false end
  local job = scheduler.waiting[id]
  scheduler.waiting[id] = nil
  if not job or job.is_done then return true end
  if job.is_in_callback then job.inbox = response else run(scheduler, pump, job, response) end
  return true
end

--- Runs what is ready, for about BUDGET seconds; the rest stays ready.
local function run_some(scheduler, pump)
  local started = now()
  if scheduler.deferred[1] then run_deferred(scheduler, pump) end
  local ran = run_ready(scheduler, pump)
  local first = scheduler.timers.first
  if first and first <= started then
    ran = run_timers(scheduler, pump, started, started) or ran
  end
  while not scheduler.wants_close and run_completion(scheduler, pump) do
    ran = true
    if now() - started > BUDGET then break end
  end
  return ran
end

--- Ends what is there when the client closes.
local function end_all(scheduler, pump)
  while run_completion(scheduler, pump) do end
  run_ready(scheduler, pump)
  run_timers(scheduler, pump, math.huge)
  end_jobs_in_callbacks(scheduler)
end

-- ---- what the host's thread calls ----

local function close_if_asked(scheduler)
  if scheduler.wants_close and not scheduler:is_in_callback() then scheduler:close() end
end

--- Begins a job; one that is started by code of another job begins right after it.
---@param job aistudios.Job
function Scheduler:start(job)
  if self.pumps.is_running then
    self.jobs = self.jobs + 1
    self.new[#self.new + 1] = job
    return
  end
  self.pumps:work(begin, job)
  close_if_asked(self)
end

--- Ends the sleep of a job; it runs at the next step.
---@param job aistudios.Job
function Scheduler:wake(job)
  if not job.is_asleep then return end
  local queue = self.ready
  local last = queue.last + 1
  queue[last], queue.last = { job, job.ticket }, last
  job.is_asleep = false
  if self.host and self.host.wake then self.host.wake(self.client) end
end

--- Runs what is ready, for about BUDGET seconds; the rest stays ready.
---@return boolean ran  was there anything?
function Scheduler:run()
  local ran = self.pumps.orphans[1] and self.pumps:adopt() or false
  local due = self:timeout()
  if due and due <= 0 or not self.is_closed and self.handle:ready() then
    ran = self.pumps:work(run_some, self) or ran
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
  local ready = self.ready
  if ready[ready.first] or self.deferred[1] or self.pumps.orphans[1] then return 0 end
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
  if self.is_ended then return end
  if (self.pumps.is_running or self:is_in_callback()) and not self.is_collected then
    self.wants_close = true
    return
  end
  self.wants_close = false
  if self.on_close then self.on_close() end
  self.on_close, self.is_closed = nil, true
  if self.is_ended then return end -- by a close inside on_close
  local host = self.host
  if host and host.close then pcall(host.close, self.client) end
  self.handle:close()
  local is_ours = pcall(self.handle.stats, self.handle) -- raises in a forked child
  if is_ours then
    self.pumps:adopt()
    self.pumps:work(end_all, self)
  end
  self.is_ended = true
end

return M
