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
local delivery = require "aistudios.jobs.delivery"
local pumps = require "aistudios.jobs.pump"
local timers = require "aistudios.jobs.timers"

local now = core.now
local isyieldable, running, yield = coroutine.isyieldable, coroutine.running, coroutine.yield

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

local workers = setmetatable({}, { __mode = "k" }) -- coroutines, see take_worker

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
  self.pumps:work(delivery.begin, job)
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
    ran = self.pumps:work(delivery.run_some, self) or ran
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

--- Runs what is ready, or waits for it as the host wants.
---@param job { abort: fun(self: table, cause: any) }  ends when that raises
function Scheduler:turn(job)
  if not self:run() then wait(self, job) end
end

--- Notes a coroutine that waits for a job by yielding it: whoever resumes it steps.
---@param co thread
function Scheduler:take_worker(co) -- luacheck: ignore self
  workers[co] = true
end

--- Steps until `job` has ended or `seconds` are over.
---@param job aistudios.Job
---@param seconds? number
---@return boolean done
function Scheduler:run_until(job, seconds)
  local deadline = seconds and now() + seconds
  local can_yield = workers[running()] and isyieldable()
  while can_yield and not seconds and not job.is_done do yield(job) end
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
    self.pumps:work(delivery.end_all, self)
  end
  self.is_ended = true
end

return M
