-- SPDX-License-Identifier: MIT
--
-- closing: how the jobs of a client end with it.

local errors = require "aistudios.error"

local M = {}

-- A callback that waits in the host's scheduler, or that the host has given up: its
-- job ends without it.
local function end_jobs_in_callbacks(scheduler)
  for job in pairs(scheduler.in_callback) do
    scheduler.in_callback[job] = nil
    job:finish(nil, errors.new {
      kind = "cancelled", outcome = "unknown", endpoint = job.endpoint,
      project_id = job.seen.project_id,
      message = "the client was closed while a callback of the call waited",
    })
  end
end

--- A method of the scheduler: ends all jobs. Called inside a callback, it happens
--- after that.
---@param scheduler aistudios.Scheduler
function M.close(scheduler)
  if scheduler.is_ended then return end
  local is_inside = scheduler.is_in_job or scheduler:is_in_callback()
  if is_inside and not scheduler.is_collected then
    scheduler.wants_close = true
    return
  end
  scheduler.wants_close = false
  local handle = scheduler.handle
  local is_foreign = handle:is_foreign() -- the jobs are those of the parent process
  if scheduler.on_close and not is_foreign then scheduler.on_close() end
  scheduler.on_close, scheduler.is_closed = nil, true
  if scheduler.is_ended then return end -- by a close inside on_close
  local host = scheduler.host
  if host and host.close then pcall(host.close, scheduler.client) end
  handle:close()
  if not is_foreign then
    scheduler:run_all()
    end_jobs_in_callbacks(scheduler)
  end
  scheduler.is_ended = true
end

return M
