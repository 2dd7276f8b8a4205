-- SPDX-License-Identifier: MIT
--
-- loop: runs the jobs of one client on the host's thread. A job is a
-- coroutine that waits by yielding, for a transfer or for a time; the loop
-- resumes it with what came. It never blocks, but in `pause`.
--
-- Callbacks of the host do not run in a job's coroutine: the job yields them
-- and the loop calls them, so that one may yield to the host's own loop, and
-- an error in one fails that job alone. It runs in whatever coroutine steps, and
-- holds that one up: it must not wait for another call of the same client.

local core = require "aistudios.core"
local timers = require "aistudios.jobs.timers"

local now, yield = core.now, coroutine.yield
local resume, status, running =
  coroutine.resume, coroutine.status, coroutine.running

local BUDGET = 100e-6 -- s; a step takes no new completion after this long
local CALL = {}       -- yielded in front of a callback and its argument

---@class aistudios.Loop
---@field handle table           the core's client
---@field timers aistudios.Timers
---@field waiting table<integer, aistudios.Job>  by the number of their transfer
---@field ready table[]         jobs to be resumed at the next step, with tickets
---@field jobs integer           not done yet
---@field callers table<thread, integer>  who is inside a callback, how deep
---@field errands function[]     of finalizers: to be run at the next step
---@field farewell? function    runs before the end; a second close runs it too
---@field calling table<aistudios.Job, true>  those inside a callback
---@field is_closed boolean
---@field host? table      the option `wait` where it is more than a function
---@field client? aistudios.Client  for the host
---@field is_collected boolean  the garbage collector ends it
local Loop = { __name = "aistudios.scheduler" }
Loop.__index = Loop

local M = {}

---@param handle table
---@return aistudios.Loop
function M.new(handle)
  return setmetatable({
    handle = handle, timers = timers.new(), waiting = {}, ready = {},
    jobs = 0, last_id = 0, callers = {}, calling = {}, errands = {}, is_closed = false,
  }, Loop)
end

--- Calls back with `argument`, keeping in mind who does.
local function call_back(loop, f, argument)
  local co = running()
  local callers = loop.callers
  callers[co] = (callers[co] or 0) + 1
  local ok, cause = pcall(f, argument)
  local depth = callers[co] - 1
  callers[co] = depth > 0 and depth or nil
  return ok, cause
end

--- Is this code called, however indirectly, by a callback?
---@return boolean
function Loop:is_in_callback()
  local callers = self.callers
  if not next(callers) then return false end
  local co = running()
  for caller in pairs(callers) do
    if caller == co or status(caller) == "normal" then return true end
  end
  return false
end

--- Runs `job` until it waits again or ends.
local function run(loop, job, came)
  local co = job.co
  job.ticket = job.ticket + 1
  local ok, a, b, c = resume(co, came)
  while ok and a == CALL do
    job.is_calling, loop.calling[job] = true, true
    ok, a = call_back(loop, b, c)
    job.is_calling, loop.calling[job] = false, nil
    if job.is_done then return end -- the client was closed meanwhile
    ok, a, b, c = resume(co, ok, a)
  end
  if ok and status(co) ~= "dead" then return end
  loop.jobs = loop.jobs - 1
  if ok then job:finish(a, b) else job:crash(a) end
end

local function close_if_asked(loop)
  if loop.wants_close and not loop:is_in_callback() then loop:close() end
end

--- Begins a job.
---@param job aistudios.Job
function Loop:start(job)
  self.jobs = self.jobs + 1
  run(self, job, job)
  close_if_asked(self)
end

-- What a job's coroutine calls.

--- What came while the job was inside a callback, or comes now.
local function receive(job)
  local came = job.inbox
  if came == nil then return yield() end
  job.inbox = nil
  return came
end

--- Submits a request and waits for its answer. `tick`, when given, is called
--- every `interval` seconds meanwhile.
---@param job aistudios.Job
---@param request table  as the core takes it
---@param tick? fun()
---@param interval? number
---@return table? response  as the core gives it
---@return string? refusal  why nothing was submitted
function Loop:exchange(job, request, tick, interval)
  if self.is_closed or job.is_cancelled then
    return { failure = self.is_closed and "closed" or "cancelled", sent = false }
  end
  local id = self.last_id + 1
  self.last_id = id
  self.waiting[id] = job
  local transfer, refusal = self.handle:submit(id, request)
  if not transfer then
    self.waiting[id] = nil
    return nil, refusal
  end
  job.transfer = transfer
  local response
  repeat
    if tick then self.timers:add(now() + interval, { job, job.ticket }) end
    response = receive(job)
    if tick and not (self.is_closed or self.is_collected) then tick() end
  until response
  job.transfer = nil
  transfer:close()
  return response
end

--- Waits. False when the job was cancelled or its client closed.
---@param job aistudios.Job
---@param seconds number
---@return boolean
function Loop:sleep(job, seconds)
  if self.is_closed or job.is_cancelled then return false end
  self.timers:add(now() + seconds, { job, job.ticket })
  job.is_asleep = true
  yield()
  job.is_asleep = false
  return not (self.is_closed or job.is_cancelled)
end

--- Tells the host something. When its function raises, the job is cancelled
--- and the value is its cause.
---@param job aistudios.Job
---@param f function
---@param argument any
function Loop:tell(job, f, argument)
  if self.is_closed or job.is_cancelled then return end
  local ok, cause = yield(CALL, f, argument)
  if not ok and not job.is_firm then job:abort(cause) end
end

-- What the host's side calls.

--- Lets a sleeping job look up at the next step.
---@param job aistudios.Job
function Loop:wake(job)
  if not job.is_asleep then return end
  job.is_asleep = false
  self.ready[#self.ready + 1] = { job, job.ticket }
  if self.host and self.host.wake then self.host.wake(self.client) end
end

local function run_errands(loop)
  local list = loop.errands
  loop.errands = {}
  for _, errand in ipairs(list) do errand() end
end

--- Runs a job that waited with this ticket. One that was resumed since then
--- waits for something else now.
local function run_entry(loop, entry)
  local job = entry[1]
  if job.ticket == entry[2] and not job.is_done and not job.is_calling then
    run(loop, job)
  end
end

local function run_ready(loop)
  local list = loop.ready
  if not list[1] then return false end
  loop.ready = {}
  for _, entry in ipairs(list) do run_entry(loop, entry) end
  return true
end

--- Runs the jobs whose time has come; `started`, when given, for about BUDGET
--- seconds since then.
local function run_timers(loop, time, started)
  local entry = loop.timers:take(time)
  local ran = entry ~= nil
  while entry do
    run_entry(loop, entry)
    if started and now() - started > BUDGET then break end
    entry = loop.timers:take(time)
  end
  return ran
end

-- A callback that waits in the host's loop, or that the host has given up: its
-- job ends without it.
local function end_calling(loop)
  for job in pairs(loop.calling) do
    loop.calling[job] = nil
    loop.jobs = loop.jobs - 1
    job:finish(nil, require "aistudios.error".new {
      kind = "cancelled", outcome = "unknown", endpoint = job.endpoint,
      project_id = job.seen.project_id,
      message = "the client was closed while a callback of the call waited",
    })
  end
end

--- Hands the next completion to its job; false when there is none.
local function run_completion(loop)
  local id, response = loop.handle:take()
  if not id then return false end
  local job = loop.waiting[id]
  loop.waiting[id] = nil
  if not job or job.is_done then return true end
  if job.is_calling then job.inbox = response else run(loop, job, response) end
  return true
end

--- Runs what is ready, for about BUDGET seconds; the rest stays ready.
---@return boolean ran  was there anything?
function Loop:run()
  local started = now()
  if self.errands[1] then run_errands(self) end
  local ran = run_ready(self)
  local first = self.timers:next()
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
function Loop:timeout()
  if self.ready[1] or self.errands[1] then return 0 end
  local first = self.timers:next()
  return first and math.max(0, first - now())
end

--- Blocks until something is ready, at most `seconds` (nil: no limit).
---@param seconds? number
function Loop:pause(seconds)
  local limit = self:timeout()
  if seconds and not (limit and limit < seconds) then limit = seconds end
  if self.is_closed or (limit and limit <= 0) then return end
  self.handle:wait(limit)
end

--- Ends all jobs. Called inside a callback, it happens after that.
function Loop:close()
  if self.is_closed then return end
  if self:is_in_callback() and not self.is_collected then
    self.wants_close = true
    return
  end
  self.wants_close = false
  if self.farewell then self.farewell() end
  self.farewell = nil
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
  end_calling(self)
end

return M
