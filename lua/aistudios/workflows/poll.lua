-- SPDX-License-Identifier: MIT
--
-- poll: waits for work of the service: a render, the building of a project, or
-- translations. Asks often while there is progress and less often while there
-- is none.

local copy = require "aistudios.util.copy"
local core = require "aistudios.core"
local errors = require "aistudios.error"
local events = require "aistudios.transport.events"
local format = require "aistudios.util.decimal".format
local goals = require "aistudios.workflows.goals"
local method = require "aistudios.endpoints.method"
local option_rules = require "aistudios.util.option_rules"
local send = require "aistudios.transport.send"
local task = require "aistudios.jobs.task"

local M = {}

local DEADLINE, STALLED = 1800, 600  -- s
local SHORTEST, LONGEST = 3, 15      -- s between two polls
local LAST_LOOK = 1                  -- s for a poll at the deadline itself
local GROWTH = 1.5                   -- of the interval while nothing moves
local SHARE = 0.25                   -- of the time that seems to be left
local MOST_REFUSALS = 4              -- in a row: a new project may not be known at once
local LOOK_AT = 3                    -- polls at 100 % without an address, and at twice as many

-- Statuses with which the API speaks of the id.
local of_the_id = { [200] = true, [400] = true, [403] = true, [404] = true, [410] = true,
  [422] = true }

--- Does the API say no of this id, or to who asks? Everything else passes.
local function is_refusal(err)
  return err.kind == "auth" or (err.kind == "api" and of_the_id[err.status] == true)
end

--- What a job does when its wait is over.
---@alias aistudios.AfterWait fun(job: aistudios.Job, result?: table, err?: aistudios.Error): ...any

--- What is kept from poll to poll; what is the same for most is in the metatable.
---@class aistudios.Watch
---@field goal aistudios.Goal
---@field id string
---@field chosen aistudios.WaitOptions
---@field after aistudios.AfterWait
---@field limits aistudios.Timeouts      of a poll
---@field began number            with `moved` and `asked`: the clock
---@field asked? number           of the last answer
---@field interval? number        s, after the last poll; nil: the shortest
---@field refusals integer        of the last polls
---@field problem? aistudios.Error  of the last poll
---@field complete integer        polls that saw 100 % and no address
---@field look_at integer         of them, before the project itself is looked at
---@field is_doubtful? boolean    does anybody work at it?
local Watch = { refusals = 0, complete = 0, look_at = LOOK_AT }
Watch.__index = Watch

local function shortest(watch) return watch.chosen.interval or SHORTEST end
local function deadline(watch) return watch.chosen.deadline or DEADLINE end
local function stalled(watch) return watch.chosen.stalled or STALLED end

local function longest(watch)
  return math.max(shortest(watch), watch.chosen.longest_interval or LONGEST)
end

--- Reads an answer and sets the pause until the next; true when something has
--- changed.
local function update(watch, progress, signature, now)
  local moved = signature ~= watch.signature
  local gained = (progress or 0) - (watch.progress or 0)
  local pause = (watch.interval or shortest(watch)) * GROWTH
  if (progress or 0) >= 100 or (moved and not (gained > 0 and watch.progress)) then
    pause = shortest(watch)
  elseif moved then
    pause = (100 - progress) * (now - watch.asked) / gained * SHARE
  end
  watch.interval = math.max(shortest(watch), math.min(longest(watch), pause))
  watch.progress, watch.signature = progress, signature
  watch.asked, watch.refusals, watch.problem = now, nil, nil
  if moved then watch.moved = now end
  return moved
end

--- An error about the work itself: the service has acted long ago.
local function failure(job, kind, message, next_step)
  return errors.new {
    kind = kind, outcome = "unknown", message = message,
    endpoint = job.endpoint, retryable = next_step == "wait", next = next_step,
  }
end

--- Where it stands, and why the last poll failed, for an error.
local function describe(watch)
  local text = watch.progress and format(" at %.4g %%", watch.progress) or ""
  if watch.complete > 0 then text = text .. ", and the service names no address" end
  if watch.problem then text = text .. "; the last poll failed: " .. watch.problem.message end
  return text
end

--- The error when the deadline has passed, or nothing has changed for too long.
local function time_error(job, watch, now)
  local err
  if now - watch.began >= deadline(watch) then
    err = failure(job, "timeout", format("%s not there after %g s (deadline)%s",
      watch.goal.clause, deadline(watch), describe(watch)), "wait")
  elseif now - watch.moved >= stalled(watch) then
    err = failure(job, "stalled", format("nothing moved for %g s (stalled)%s", stalled(watch),
      describe(watch)), "wait")
  end
  if err then err.cause = watch.problem end
  return err
end

--- The error when the service reports that it has failed.
local function state_error(job, state)
  state = job.client:redact(errors.line(state))
  local err = failure(job, "api",
    ("the service failed at it; the state is '%s'"):format(state), "look")
  err.code = state
  return err
end

--- The error of a project whose render nobody has started.
local function untouched_error(job, state)
  local err = failure(job, "api", "the project was never exported: nothing renders it "
    .. "(export_project starts a render)", "fix")
  err.outcome, err.code = "rejected", state
  return err
end

--- What the project itself says, where its progress leaves a question; nil when
--- it says nothing.
local function ask_project(job, watch)
  local ask = method.prepare(job.client, watch.goal.project_row, watch.id,
    method.call_options(watch.chosen))
  return ask and send.run(job, ask)
end

--- Looks at the project itself: is anything rendered at all, and is there an
--- address that the progress does not name?
local function look_closer(job, watch, result)
  local goal = watch.goal
  if watch.is_doubtful and goal.is_untouched(result) then
    local found = ask_project(job, watch)
    if found and goal.is_untouched(found.project) then
      return nil, untouched_error(job, result.state)
    end
  end
  watch.is_doubtful = false
  watch.complete = (watch.progress or 0) >= 100 and watch.complete + 1 or 0
  if watch.complete < watch.look_at then return nil end
  watch.look_at = 2 * watch.look_at
  local found = ask_project(job, watch)
  if not found or not found.download_url then return nil end
  result.download_url = found.download_url
  return result
end

--- Counts a poll that failed; returns the error that ends the wait.
local function count_failure(job, watch, err)
  watch.interval = math.min(longest(watch), (watch.interval or shortest(watch)) * GROWTH)
  if job.is_cancelled or job.scheduler.is_closed then return err end
  watch.problem = err
  if not is_refusal(err) then return nil end
  watch.refusals = watch.refusals + 1
  if watch.refusals < MOST_REFUSALS then return nil end
  if err.kind == "api" then err.next = "look" end
  return err
end

--- Gives a poll that is to begin now what is left of the wait, and at the deadline itself
--- a moment.
local function set_limits(ask)
  local watch = ask.watch
  local limits = watch.limits
  local left = math.max(LAST_LOOK, watch.began + deadline(watch) - core.now())
  local is_shorter = limits.total == 0 or left < limits.total
  ask.timeout = is_shorter
    and { connect = limits.connect, stall = limits.stall, total = left } or limits
  ask.total_timeout = ask.timeout.total
end

--- One poll: the result when the goal is reached, or an error, or neither. `response`:
--- it has been answered.
local function poll_once(job, ask, response)
  local watch = ask.watch
  local goal = watch.goal
  local result, err = send.run(job, ask, response)
  local now, seen = core.now(), job.seen
  if not result then return nil, count_failure(job, watch, err) end
  local progress, state, signature = goal.look(result)
  local is_reached, has_failed = goal.is_reached(result), goals.is_failure(state)
  local moved = update(watch, progress, signature, now)
  seen.progress, seen.state = progress, state
  seen.items = result[1] and result or nil
  if moved and watch.chosen.on_progress then events.report(job, watch.chosen.on_progress) end
  if job.has_cause then return nil, send.cancelled(job, "unknown") end
  if is_reached then return result end
  if has_failed then return nil, state_error(job, state) end
  if not goal.project_row then return nil end
  return look_closer(job, watch, result)
end

--- The steps of a job that polls, see jobs/job.
local steps = { prepare = set_limits }

function steps.run(job, ask, response)
  local watch = ask.watch
  local result, err
  if response or not (job.is_cancelled or job.scheduler.is_closed) then
    result, err = poll_once(job, ask, response)
  else
    err = send.cancelled(job, "unknown")
  end
  local now = core.now()
  if not (result or err) then err = time_error(job, watch, now) end
  if not (result or err) then
    return task.LATER, math.min(watch.interval, watch.began + deadline(watch) - now)
  end
  local found = result and getmetatable(result) and getmetatable(result).__index or result or err
  found[watch.goal.identity] = found[watch.goal.identity] or watch.id
  return watch.after(job, result, err)
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

--- Polls until the goal is reached, or cannot be, and goes on with `after`. What it
--- returns is for the job to return: it has no coroutine between two polls.
---@param job aistudios.Job
---@param goal_name "video"|"build"|"translations"
---@param id string
---@param chosen aistudios.WaitOptions
---@param after aistudios.AfterWait
---@param is_doubtful? boolean  it is not known whether anybody has started the work
---@return any
---@return any
function M.run(job, goal_name, id, chosen, after, is_doubtful)
  local goal = goals[goal_name]
  local ask, err = method.prepare(job.client, goal.row, id, method.call_options(chosen))
  if not ask then return after(job, nil, err) end
  local now = core.now()
  ask.steps = steps
  ask.watch = setmetatable({ goal = goal, id = id, chosen = chosen, after = after,
    limits = ask.timeout, began = now, moved = now, is_doubtful = is_doubtful }, Watch)
  set_limits(ask)
  job.seen[goal.identity], job.task = id, ask
  return task.LATER, 0
end

return M
