-- SPDX-License-Identifier: MIT
--
-- scheduler: runs the jobs of one client on the host's thread. A job waits for a
-- transfer, a time, or a function of the host; the scheduler resumes it with what
-- came. Only `block` and `run_until` block.
--
-- The code here runs in the coroutine that steps, and may be left at any
-- instruction by an error of the host's debug hook. Nothing is lost by that: jobs,
-- and what `unhooked` runs, have no hook, and only they take an item from its queue,
-- when it is delivered. An error in a callback fails its job alone; a callback must
-- not wait for another call of the same client.

local callbacks = require "aistudios.jobs.callbacks"
local closing = require "aistudios.jobs.closing"
local core = require "aistudios.core"
local timers = require "aistudios.jobs.timers"

local now, call_in, methods = core.now, core.call_in, core.client_methods
local create, resume, yield = coroutine.create, coroutine.resume, coroutine.yield

local BUDGET = 80e-6 -- s; a step delivers nothing more after this long

---@class aistudios.Scheduler
---@field handle table          the core's client
---@field timers aistudios.Timers  of entries as in `ready`
---@field waiting table<integer, aistudios.Job>  by the number of their transfer
---@field ready table           from `first` to `last`: jobs to be resumed at the next step,
---  each with the ticket that it waits with, and the values for it
---@field jobs integer          that have begun, and are not done
---@field is_in_job boolean     code of a job runs
---@field in_callback table<aistudios.Job, true>  whose callback runs, or was asked for
---@field asked aistudios.Job|false  its callback is to be called next
---@field deferred function[]   of finalizers: run at the next step
---@field on_close? function    runs before the end; a second close runs it too
---@field is_closed boolean     no request is sent any more
---@field is_ended? boolean     and no job is left
---@field client aistudios.Client
---@field wait_of_host? aistudios.Wait  the option `wait`
---@field host table|false      the same where it is a table with `wake` and `close`
---@field is_collected boolean  the garbage collector ends it
local Scheduler = { __name = "aistudios.scheduler" }
Scheduler.__index = Scheduler

Scheduler.close = closing.close

local M = {}

local workers = setmetatable({}, { __mode = "k" }) -- schedulers by coroutine, see take_worker

--- A coroutine without a debug hook; Lua gives a new one that of its maker.
---@param f function
---@return thread
function M.create(f)
  local co = create(f)
  core.unhook(co)
  return co
end

---@param client aistudios.Client
---@param handle table  the core's client
---@param wait_of_host? aistudios.Wait
---@return aistudios.Scheduler
function M.new(client, handle, wait_of_host)
  return setmetatable({
    client = client, handle = handle, wait_of_host = wait_of_host, timers = timers.new(),
    host = type(wait_of_host) == "table" and wait_of_host, waiting = {}, deferred = {},
    ready = { first = 1, last = 0 }, in_callback = {}, jobs = 0, last_id = 0, worker = false,
    asked = false, is_in_job = false, is_closed = false, wants_close = false,
  }, Scheduler)
end

--- Is this code called, however indirectly, by a callback?
---@return boolean
function Scheduler:is_in_callback()
  return next(self.in_callback) ~= nil and callbacks.is_inside(self.in_callback)
end

-- A coroutine without a debug hook, which has ended.
local function new_worker()
  local co = M.create(function () end)
  resume(co)
  return co
end

--- Runs `f(self, argument)` in a coroutine without a debug hook. It must not yield.
---@param f fun(scheduler: aistudios.Scheduler, argument: any): any, any
---@param argument any
---@return any, any
function Scheduler:unhooked(f, argument)
  local co = self.worker or new_worker()
  self.worker = false -- a finalizer needs another one
  local a, b = call_in(co, f, self, argument)
  self.worker = co
  return a, b
end

--- Has a job resumed at the next step.
---@param entry any[]  the job, its ticket, the values for it
function Scheduler:push(entry)
  local queue = self.ready
  local last = queue.last + 1
  queue[last] = entry -- first: it may fail for lack of memory
  queue.last = last
end

--- Ends the sleep of a job; it runs at the next step.
---@param job aistudios.Job
function Scheduler:wake(job)
  if not job.is_asleep then return end
  self:push { job, job.ticket }
  job.is_asleep = false
  if self.host and self.host.wake then self.host.wake(self.client) end
end

--- Resumes a job with what came for it, and calls what it asks for.
local function run(scheduler, job, a, b)
  if scheduler.asked then callbacks.call(scheduler) end -- of a step that was left
  job:resume(a, b)
  if scheduler.asked then callbacks.call(scheduler) end
end

--- Begins a job; one that code of another job starts begins at the next step.
---@param job aistudios.Job
function Scheduler:start(job)
  if self.is_in_job then return self:push { job, job.ticket } end
  run(self, job)
  if self.wants_close then self:close() end
end

-- What `unhooked` runs, as the next two.
local function run_deferred(scheduler)
  local deferred = scheduler.deferred
  for _ = 1, #deferred do
    scheduler.is_in_job = true -- what it starts begins at the next step
    local ok, cause = pcall(table.remove(deferred, 1))
    scheduler.is_in_job = false
    if not ok then error(cause, 0) end
  end
end

--- Makes the jobs ready whose time has come.
local function take_due(scheduler, time)
  scheduler.timers:take(time, scheduler.ready)
end

--- Delivers completions to the jobs that need no coroutine for them, for about
--- BUDGET seconds since `started`. Returns the first other job, and its response.
local function deliver(scheduler, started)
  local handle, waiting = scheduler.handle, scheduler.waiting
  local id = methods.peek(handle, true)
  while id do
    local job = waiting[id]
    if job and not job.is_done
        and (job.co or not job.task.steps.read or not job:read()) then
      local _, response = methods.peek(handle)
      if waiting[id] == job then -- or a finalizer has delivered it
        job.client.token_problem = response.token_problem or job.client.token_problem
        if not scheduler.in_callback[job] then return job, response end
        job.inbox = response
      end
    end
    waiting[id] = nil
    id = methods.drop(handle, id)
    if scheduler.wants_close or now() - started > BUDGET then break end
  end
end

-- Both run what there is, for about BUDGET seconds since `started`.
local function run_ready(scheduler, started)
  local queue = scheduler.ready
  for _ = queue.first, queue.last do
    local first = queue.first
    local entry = queue[first]
    if not entry then break end
    local job, has_values = entry[1], entry[3] ~= nil
    if job.ticket == entry[2] and not job.is_done
        and (has_values or not scheduler.in_callback[job]) then
      run(scheduler, job, entry[3], entry[4])
    end
    if queue.first == first then -- in this order: what is interrupted leaves no hole
      queue.first = first + 1
      queue[first] = nil
    end
    if now() - started > BUDGET then break end
  end
end

local function run_completions(scheduler, started)
  repeat
    local job, response = scheduler:unhooked(deliver, started)
    if not job then break end
    run(scheduler, job, response)
  until scheduler.wants_close or now() - started > BUDGET
end

--- Runs what is ready, for about BUDGET seconds; the rest stays ready.
---@param has_come? boolean  what `handle:ready` has just told; it is asked when absent
---@return boolean ran  was there anything?
function Scheduler:run(has_come)
  local first, ready, deferred = self.timers.first, self.ready, self.deferred[1]
  local ran = self.asked or deferred ~= nil
  if has_come == nil then has_come = methods.ready(self.handle) end
  if not (ran or has_come or first or ready.first <= ready.last or self.wants_close) then
    return false
  end
  local started = now()
  if deferred then self:unhooked(run_deferred) end
  if self.asked then callbacks.call(self) end
  if first and first <= started then self:unhooked(take_due, started) end
  if ready.first <= ready.last then
    run_ready(self, started)
    ran = true
  end
  if not self.is_closed and (has_come or methods.ready(self.handle)) then
    run_completions(self, started)
    ran = true
  end
  if self.wants_close then self:close() end
  if ran and self.host and self.host.wake then self.host.wake(self.client) end
  return ran ~= false
end

--- Runs all that waits for a time or a completion, as if all times had come.
function Scheduler:run_all()
  local ready = self.ready
  callbacks.call(self)
  run_completions(self, math.huge)
  self:unhooked(take_due, math.huge)
  while ready.first <= ready.last do run_ready(self, math.huge) end
end

--- Seconds until a job waits no longer, if nothing comes before; nil: none
--- waits for a time.
---@return number?
function Scheduler:timeout()
  local ready = self.ready
  if ready.first <= ready.last or self.deferred[1] or self.asked then return 0 end
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
function Scheduler:take_worker(co)
  workers[co] = self
end

--- Is the running coroutine one that waits by yielding a job of this client?
---@return boolean
function Scheduler:is_worker()
  return workers[coroutine.running()] == self and coroutine.isyieldable()
end

--- Steps until `job` has ended or `seconds` are over.
---@param job aistudios.Job
---@param seconds? number
---@return boolean done
function Scheduler:run_until(job, seconds)
  local deadline = seconds and now() + seconds
  local can_yield = self:is_worker()
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

return M
