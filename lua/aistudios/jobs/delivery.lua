-- SPDX-License-Identifier: MIT
--
-- delivery: what a pump does for its scheduler: it hands to the jobs what has
-- come. Each item leaves its queue when it is delivered.

local core = require "aistudios.core"
local errors = require "aistudios.error"

local now = core.now

local M = {}

local BUDGET = 100e-6 -- s; a step takes no new completion after this long

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
function M.begin(job, pump)
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
function M.run_some(scheduler, pump)
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
function M.end_all(scheduler, pump)
  while run_completion(scheduler, pump) do end
  run_ready(scheduler, pump)
  run_timers(scheduler, pump, math.huge)
  end_jobs_in_callbacks(scheduler)
end

return M
