-- SPDX-License-Identifier: MIT
--
-- poll: follows a render until its video is there. Asks often while things
-- move and less often while they do not.

local call = require "aistudios.transport.send"
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
local function note(watch, progress, signature, now)
  local moved = signature ~= watch.signature
  local gained = (progress or 0) - (watch.progress or 0)
  local pause = watch.interval * GROWTH
  if (progress or 0) >= 100 or (moved and not (gained > 0 and watch.progress)) then
    pause = watch.shortest
  elseif moved then
    pause = (100 - progress) * (now - watch.asked) / gained * SHARE
  end
  watch.interval = math.max(watch.shortest, math.min(watch.longest, pause))
  watch.progress, watch.signature = progress, signature
  watch.asked, watch.failures = now, 0
  if moved then watch.moved = now end
  return moved
end

--- What to wait for.
---@class aistudios.Goal
---@field noun string  what will be there in the end
---@field identity "project_id"|"folder_id"  what its id is called
---@field look fun(result: table): number?, any, string  progress, state, and a text that changes
---  when something moves
---@field is_reached fun(result: table): boolean

local function text_of(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]) end
  return table.concat(parts, "\0")
end

local function number(value)
  return type(value) == "number" and value or nil
end

---@type table<string, aistudios.Goal>
M.goals = {}

M.goals.video = {
  noun = "video", identity = "project_id",
  look = function (result)
    local progress, state = number(result.progress), result.state
    return progress, state, text_of(progress, state, result.download_url ~= nil)
  end,
  is_reached = function (result)
    return (number(result.progress) or 0) >= 100 and result.download_url ~= nil
  end,
}

-- "finish" is documented; the others are what clients have met.
local finished = { finish = true, finished = true, complete = true, completed = true }

M.goals.build = {
  noun = "project", identity = "project_id",
  look = function (result)
    local progress, state = number(result.progress), result.state
    return progress, state, text_of(progress, state)
  end,
  is_reached = function (result)
    return (number(result.progress) or 0) >= 100
      and finished[tostring(result.state):lower()] == true
  end,
}

M.goals.translations = {
  noun = "translations", identity = "folder_id",
  look = function (result)
    local sum, state, parts = 0, nil, {}
    for i, item in ipairs(result) do
      local progress = number(item.progress) or 0
      sum = sum + progress
      parts[i] = text_of(progress, item.state, item.download_url ~= nil)
      if M.is_failure(item.state) then state = item.state end
    end
    return result[1] and sum / #result, state, table.concat(parts, "\1")
  end,
  is_reached = function (result)
    for _, item in ipairs(result) do
      if not M.goals.video.is_reached(item) then return false end
    end
    return result[1] ~= nil
  end,
}

--- An error about the work itself: the service has acted long ago.
local function failure(job, kind, message)
  return errors.new {
    kind = kind, outcome = "unknown", message = message,
    endpoint = job.endpoint, retryable = kind ~= "api",
  }
end

--- Is it over for want of time or movement?
local function give_up(job, watch, goal, now)
  local at = watch.progress and (" at %.4g %%"):format(watch.progress) or ""
  if now - watch.began >= watch.deadline then
    return failure(job, "timeout", ("the %s is not there after %g s (deadline)%s")
      :format(goal.noun, watch.deadline, at))
  elseif now - watch.moved >= watch.stalled then
    return failure(job, "stalled",
      ("nothing moved for %g s (stalled)%s"):format(watch.stalled, at))
  end
end

--- Has the service failed, in words of its own?
local function read_failure(job, state)
  if not M.is_failure(state) then return nil end
  state = job.client:redact(errors.line(state))
  local err = failure(job, "api",
    ("the service failed at it; the state is '%s'"):format(state))
  err.code = state
  return err
end

--- One poll: the result when the goal is reached, or an error, or neither.
local function ask_once(job, ask, goal, watch, on_progress)
  local result, err = call.run(job, ask)
  local now, seen = core.now(), job.seen
  if not result then
    watch.failures = watch.failures + 1
    watch.interval = math.min(watch.longest, watch.interval * GROWTH)
    if is_passing(err) and watch.failures < MOST_FAILURES then err = nil end
    return nil, err
  end
  local progress, state, signature = goal.look(result)
  local moved = note(watch, progress, signature, now)
  seen.progress, seen.state = progress, state
  seen.items = result[1] and result or nil
  if moved then call.report(job, on_progress) end
  if job.has_cause then return nil, call.cancelled(job, "unknown") end
  if goal.is_reached(result) then return result end
  return nil, read_failure(job, state)
end

--- Polls until the goal is reached.
---@param job aistudios.Job
---@param ask aistudios.Call
---@param goal aistudios.Goal
---@param id string
---@param chosen aistudios.WaitOptions
---@return table? result
---@return aistudios.Error? err
function M.run(job, ask, goal, id, chosen)
  local watch = new_watch(chosen)
  job.seen[goal.identity] = id
  local result, err
  repeat
    result, err = ask_once(job, ask, goal, watch, chosen.on_progress)
    local now = core.now()
    if result or err then break end
    err = give_up(job, watch, goal, now)
    local pause = math.min(watch.interval, watch.began + watch.deadline - now)
    if not err and not job.loop:sleep(job, pause) then
      err = call.cancelled(job, "unknown")
    end
  until err
  local found = result or err
  found[goal.identity] = found[goal.identity] or id
  return result, err
end

return M
