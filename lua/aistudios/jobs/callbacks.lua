-- SPDX-License-Identifier: MIT
--
-- callbacks: functions of the host that a job wants called. They run in the
-- coroutine that steps, its driver, so that one may yield to the host's own event
-- loop. The driver may end meanwhile: closed, collected, or left by an error of its
-- debug hook. The callback then counts as one that has raised.

local running, status = coroutine.running, coroutine.status

local M = {}

local ENDED = "the coroutine that ran the callback was ended"

-- By job: the coroutine that drives its callback, which it does not keep alive.
local drivers = setmetatable({}, { __mode = "kv" })

--- On the driver's stack while a callback runs, and nowhere else.
local Guard = { __name = "aistudios.callback" }

--- Has the driver ended before the job was told? The next step tells it.
local function give_up(guard)
  local job = guard.job
  if job.is_done or job.ticket ~= guard.ticket then return end
  local scheduler = job.scheduler
  drivers[job] = nil
  scheduler:push { job, job.ticket, false, ENDED }
  if scheduler.asked == job then scheduler.asked = false end
  return scheduler
end

Guard.__gc = give_up

function Guard.__close(guard)
  local scheduler = give_up(guard)
  local host = scheduler and scheduler.host
  if host and host.wake then host.wake(scheduler.client) end
end

--- Calls the function that a job has asked for, and resumes the job with what came
--- of it.
---@param scheduler aistudios.Scheduler
local function call(scheduler)
  local job = scheduler.asked
  local _ <close> = setmetatable({ job = job, ticket = job.ticket }, Guard)
  drivers[job], scheduler.in_callback[job] = running(), true
  scheduler.asked = false
  local ok, value = pcall(job.callback, job.argument)
  if not job.is_done then job:resume(ok, value) end -- or it was closed meanwhile
end

--- Calls what is asked for, and what is asked for after that.
---@param scheduler aistudios.Scheduler
function M.call(scheduler)
  while scheduler.asked do call(scheduler) end
end

--- Calls a function of the host from inside the job's coroutine.
---@param job aistudios.Job
---@param f function
---@param argument any
---@return boolean ok
---@return any value  what it returned or raised
function M.ask(job, f, argument)
  local scheduler = job.scheduler
  job.callback, job.argument, scheduler.asked = f, argument, job
  local ok, value = job:yield()
  job.callback, job.argument, scheduler.in_callback[job] = nil, nil, nil
  return ok, value
end

--- Is this code called, however indirectly, by a callback of one of these jobs?
---@param jobs table<aistudios.Job, true>
---@return boolean
function M.is_inside(jobs)
  local co = running()
  for job in pairs(jobs) do
    local driver = drivers[job]
    if driver and (driver == co or status(driver) == "normal") then return true end
  end
  return false
end

return M
