-- SPDX-License-Identifier: MIT
--
-- wait: the operations that follow work of the service to its end.

local api = require "aistudios.endpoints"
local copy = require "aistudios.util.copy"
local endpoint = require "aistudios.endpoints.method"
local options = require "aistudios.util.option_rules"
local poll = require "aistudios.workflows.poll"

local M = {}

---@class aistudios.WaitOptions: aistudios.CallOptions
---@field deadline? number   seconds for the whole wait (1800)
---@field stalled? number    seconds without any movement (600)
---@field interval? number   seconds between the first polls (3)
---@field longest_interval? number  seconds between polls at most (15)
M.rules = copy(options.of_a_call, {
  deadline = options.seconds, stalled = options.seconds,
  interval = options.seconds, longest_interval = options.seconds,
})

local asks = {
  video = api.get_progress, build = api.get_automation_progress,
  translations = api.get_translation_progress,
}

--- Waits inside a job.
---@param job aistudios.Job
---@param goal "video"|"build"|"translations"
---@param id string
---@param chosen aistudios.WaitOptions
---@return table? result
---@return aistudios.Error? err
function M.run(job, goal, id, chosen)
  local ask, err = endpoint.prepare(job.client, asks[goal], id,
    { timeout = chosen.timeout, retries = chosen.retries })
  if not ask then return nil, err end
  return poll.run(job, ask, poll.goals[goal], id, chosen)
end

--- The operation that waits for one kind of goal.
---@param name string  the method's
---@param goal "video"|"build"|"translations"
---@return aistudios.Operation
function M.operation(name, goal)
  local what = goal == "translations" and "the folder's id" or "the project's id"
  return function (client, id, chosen)
    local wrong = options.expect_text(name, what, id)
      or options.check_all(name, M.rules, chosen)
    if wrong then return nil, nil, wrong end
    local made, err = endpoint.prepare(client, asks[goal], id)
    if not made then return nil, err end
    return function (job)
      job.seen.phase = "wait"
      job.plan = { goal = goal, id = id }
      return M.run(job, goal, id, chosen or {})
    end
  end
end

return M
