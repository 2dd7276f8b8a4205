-- SPDX-License-Identifier: MIT
--
-- poll: waits for work of the service: a render, the building of a project, or
-- translations. Asks often while there is progress and less often while there
-- is none.

local copy = require "aistudios.util.copy"
local core = require "aistudios.core"
local errors = require "aistudios.error"
local events = require "aistudios.transport.events"
local goals = require "aistudios.workflows.goals"
local method = require "aistudios.endpoints.method"
local option_rules = require "aistudios.util.option_rules"
local send = require "aistudios.transport.send"

local M = {}

local DEADLINE, STALLED = 1800, 600  -- s
local SHORTEST, LONGEST = 3, 15      -- s between two polls
local GROWTH = 1.5                   -- of the interval while nothing moves
local SHARE = 0.25                   -- of the time that seems to be left
local MOST_FAILURES = 5              -- polls in a row, each with its repeats

--- Is it a failure of the poll that says nothing about the render?
local function is_passing(err)
  return err.kind == "network" or err.kind == "timeout" or err.kind == "protocol"
    or (err.kind == "http" and err.retryable)
end

--- What is kept from poll to poll.
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

--- Reads an answer and sets the pause until the next; true when something has
--- changed.
local function update(watch, progress, signature, now)
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

--- An error about the work itself: the service has acted long ago.
local function failure(job, kind, message)
  return errors.new {
    kind = kind, outcome = "unknown", message = message,
    endpoint = job.endpoint, retryable = kind ~= "api",
  }
end

--- The error when the deadline has passed, or nothing has changed for too long.
local function time_error(job, watch, goal, now)
  local at = watch.progress and (" at %.4g %%"):format(watch.progress) or ""
  if now - watch.began >= watch.deadline then
    return failure(job, "timeout", ("the %s is not there after %g s (deadline)%s")
      :format(goal.noun, watch.deadline, at))
  elseif now - watch.moved >= watch.stalled then
    return failure(job, "stalled",
      ("nothing moved for %g s (stalled)%s"):format(watch.stalled, at))
  end
end

--- The error when the service reports that it has failed.
local function state_error(job, state)
  if not goals.is_failure(state) then return nil end
  state = job.client:redact(errors.line(state))
  local err = failure(job, "api",
    ("the service failed at it; the state is '%s'"):format(state))
  err.code = state
  return err
end

--- One poll: the result when the goal is reached, or an error, or neither.
local function poll_once(job, ask, goal, watch, on_progress)
  local result, err = send.run(job, ask)
  local now, seen = core.now(), job.seen
  if not result then
    watch.failures = watch.failures + 1
    watch.interval = math.min(watch.longest, watch.interval * GROWTH)
    if is_passing(err) and watch.failures < MOST_FAILURES then err = nil end
    return nil, err
  end
  local progress, state, signature = goal.look(result)
  local moved = update(watch, progress, signature, now)
  seen.progress, seen.state = progress, state
  seen.items = result[1] and result or nil
  if moved then events.report(job, on_progress) end
  if job.has_cause then return nil, send.cancelled(job, "unknown") end
  if goal.is_reached(result) then return result end
  return nil, state_error(job, state)
end

---@class aistudios.WaitOptions: aistudios.CallOptions
---@field deadline? number   seconds for the whole wait (1800)
---@field stalled? number    seconds without any change (600)
---@field interval? number   seconds between the first polls (3)
---@field longest_interval? number  seconds between polls at most (15)
---@field on_token? fun(token: string)  called with the job's token (see job:token) at each
---  change, before anything is sent that costs: save it
M.rules = copy(option_rules.of_a_call, {
  deadline = option_rules.seconds, stalled = option_rules.seconds,
  interval = option_rules.seconds, longest_interval = option_rules.seconds,
  on_token = option_rules.callable,
})

--- Polls until the goal is reached, inside a job.
---@param job aistudios.Job
---@param goal_name "video"|"build"|"translations"
---@param id string
---@param chosen aistudios.WaitOptions
---@return table? result
---@return aistudios.Error? err
function M.run(job, goal_name, id, chosen)
  local goal, watch = goals[goal_name], new_watch(chosen)
  local ask, err = method.prepare(job.client, goal.row, id,
    { timeout = chosen.timeout, retries = chosen.retries })
  if not ask then return nil, err end
  job.seen[goal.identity] = id
  local result
  repeat
    result, err = poll_once(job, ask, goal, watch, chosen.on_progress)
    local now = core.now()
    if result or err then break end
    err = time_error(job, watch, goal, now)
    local pause = math.min(watch.interval, watch.began + watch.deadline - now)
    if not err and not job:sleep(pause) then
      err = send.cancelled(job, "unknown")
    end
  until err
  local found = result and getmetatable(result) and getmetatable(result).__index or result or err
  found[goal.identity] = found[goal.identity] or id
  return result, err
end

return M
