-- SPDX-License-Identifier: MIT
--
-- poll: follows a render until its video is there. Asks often while things
-- move and less often while they do not.

local call = require "aistudios.call"
local core = require "aistudios.core"
local errors = require "aistudios.error"

local M = {}

local DEADLINE, STALLED = 1800, 600  -- s
local SHORTEST, LONGEST = 3, 15      -- s between two polls
local GROWTH = 1.5                   -- of the interval while nothing moves
local SHARE = 0.25                   -- of the time that seems to be left
local MOST_FAILURES = 5              -- polls in a row, each with its repeats

-- No state of failure is documented; these are what services call them.
local bad_words = {
  error = true, errored = true, fail = true, failed = true, failure = true,
  aborted = true, canceled = true, cancelled = true, rejected = true,
}

--- Does a state look like the end of all hope?
---@param state any
---@return boolean
function M.is_failure(state)
  if type(state) ~= "string" then return false end
  for word in state:gsub("(%l)(%u)", "%1 %2"):gmatch("%a+") do
    if bad_words[word:lower()] then return true end
  end
  return false
end

--- A failed poll that says nothing about the render.
local function is_passing(err)
  return err.kind == "network" or err.kind == "timeout" or err.kind == "protocol"
    or (err.kind == "http" and err.retryable)
end

--- What is remembered from poll to poll.
local function new_watch(chosen)
  local now = core.now()
  local shortest = chosen.interval or SHORTEST
  return {
    began = now, moved = now, asked = now, failures = 0,
    shortest = shortest, interval = shortest,
    longest = math.max(shortest, chosen.longest_interval or LONGEST),
    deadline = chosen.deadline or DEADLINE, stalled = chosen.stalled or STALLED,
  }
end

--- Takes in an answer; true when something moved.
local function note(watch, result, now)
  local progress = type(result.progress) == "number" and result.progress or nil
  local has_url = result.download_url ~= nil
  local moved = progress ~= watch.progress or result.state ~= watch.state
    or has_url ~= watch.has_url
  local gained = (progress or 0) - (watch.progress or 0)
  local next_interval = watch.interval * GROWTH
  if (progress or 0) >= 100 then
    next_interval = watch.shortest
  elseif gained > 0 and watch.progress then
    next_interval = (100 - progress) * (now - watch.asked) / gained * SHARE
  elseif moved then
    next_interval = watch.shortest
  end
  watch.interval = math.max(watch.shortest, math.min(watch.longest, next_interval))
  watch.progress, watch.state, watch.has_url = progress, result.state, has_url
  watch.asked, watch.failures = now, 0
  if moved then watch.moved = now end
  return moved
end

--- An error about the render itself: the service has acted long ago.
local function failure(job, kind, message, id)
  return errors.new {
    kind = kind, outcome = "unknown", message = message,
    endpoint = job.endpoint, project_id = id, retryable = kind ~= "api",
  }
end

--- Is it over for want of time or movement?
local function give_up(job, watch, id, now)
  local at = watch.progress and (" at %g %%"):format(watch.progress) or ""
  if now - watch.began >= watch.deadline then
    return failure(job, "timeout",
      ("the video is not there after %g s (deadline)%s"):format(watch.deadline, at), id)
  elseif now - watch.moved >= watch.stalled then
    return failure(job, "stalled",
      ("nothing moved for %g s (stalled)%s"):format(watch.stalled, at), id)
  end
end

--- What an answer means: the result, an error, or neither yet.
local function judge(job, result, id)
  local progress = result.progress
  if type(progress) == "number" and progress >= 100 and result.download_url then
    result.project_id = result.project_id or id
    return result
  end
  if M.is_failure(result.state) then
    local state = job.client.handle:redact(errors.line(result.state))
    local err = failure(job, "api", ("the render failed; its state is '%s'"):format(state), id)
    err.code = state
    return nil, err
  end
end

--- Polls with `ask` until there is a video.
---@param job aistudios.Job
---@param ask aistudios.Call
---@param id string
---@param chosen aistudios.WaitOptions
---@return table? result
---@return aistudios.Error? err
function M.run(job, ask, id, chosen)
  local watch = new_watch(chosen)
  local seen = job.seen
  seen.phase, seen.project_id = "wait", id
  while true do
    local result, err = call.run(job, ask)
    local now = core.now()
    if result then
      local moved = note(watch, result, now)
      seen.progress, seen.state = watch.progress, watch.state
      if moved then call.report(job, chosen.on_progress) end
      result, err = judge(job, result, id)
    else
      watch.failures = watch.failures + 1
      watch.interval = math.min(watch.longest, watch.interval * GROWTH)
      err.project_id = id
      if is_passing(err) and watch.failures < MOST_FAILURES then err = nil end
    end
    if job.has_cause then err, result = call.cancelled(job, "unknown"), nil end
    err = err or (not result and give_up(job, watch, id, now)) or nil
    if result or err then return result, err end
    local pause = math.min(watch.interval, watch.began + watch.deadline - now)
    if not job.loop:sleep(job, pause) then
      err = call.cancelled(job, "unknown")
      err.project_id = id
      return nil, err
    end
  end
end

return M
