-- SPDX-License-Identifier: MIT
--
-- wait: wait_for_video, wait_for_build and wait_for_translations: until work of the
-- service is done, and then, with `to`, brings its files home.

local copy = require "aistudios.util.copy"
local download = require "aistudios.workflows.download"
local endpoint_call = require "aistudios.workflows.endpoint_call"
local errors = require "aistudios.error"
local goals = require "aistudios.workflows.goals"
local method = require "aistudios.endpoints.method"
local option_rules = require "aistudios.util.option_rules"
local poll = require "aistudios.workflows.poll"
local render = require "aistudios.workflows.render"
local translations = require "aistudios.workflows.translations"

local M = {}

---@class aistudios.TranslationOptions: aistudios.RenderOptions
---@field to? string  where the films go: {language}, {id} and {index} stand for an item's own
---@field targets? string[]  the languages that were asked for, where another process asked
local rules = {
  video = render.rules,
  build = poll.rules,
  translations = copy(render.rules, { targets = translations.check_targets }),
}

local function fail(err, id, name)
  err.phase, err.outcome = err.phase or "download", "unknown"
  err[name] = id
  return nil, err
end

local function finish(_, result, err) return result, err end

local runs = {}

function runs.build(job, id, chosen)
  job:set_plan { goal = "build", id = id }
  return poll.run(job, "build", id, chosen, finish)
end

function runs.video(job, id, chosen)
  if not chosen.to then
    job:set_plan { goal = "video", id = id }
    return poll.run(job, "video", id, chosen, finish, true)
  end
  job:set_plan { goal = "deliver", id = id, to = chosen.to }
  return poll.run(job, "video", id, chosen, function (_, result, err)
    if not result then return nil, err end
    result, err = render.bring_home(job, id, result, chosen)
    if not result then return fail(err, id, "project_id") end
    return result
  end, true)
end

--- Brings the films of all items home, one after the other.
local function bring_all(job, id, result, chosen)
  local problem = translations.place(result, chosen)
  if problem then return nil, problem end
  for i, item in ipairs(result) do
    local own = copy({ shown_path = item.path, to = translations.absolute(item.path, chosen) },
      copy(chosen))
    local _, err = download.bring_home(job, item, own, function ()
      local fresh, why = endpoint_call.call(job, goals.translations.row, id,
        method.call_options(chosen))
      return fresh and (fresh[i] or {}), why
    end)
    if err then return nil, err end
  end
  return result
end

function runs.translations(job, id, chosen)
  local targets = chosen.targets or translations.recall(job.client, id)
  job:set_plan { goal = "translations", id = id, to = chosen.to,
    targets = targets and table.concat(targets, ",") }
  return poll.run(job, "translations", id, chosen, function (_, result, err)
    if not result then return nil, err end
    translations.name_targets(result, targets)
    if not chosen.to then return result end
    result, err = bring_all(job, id, result, chosen)
    if not result then return fail(err, id, "folder_id") end
    return result
  end)
end

--- Waits for one kind of goal, inside a job.
---@param job aistudios.Job
---@param goal "video"|"build"|"translations"
---@param id string
---@param chosen aistudios.TranslationOptions
---@return table? result
---@return aistudios.Error? err
function M.run(job, goal, id, chosen)
  job.seen.phase, job.on_token = "wait", chosen.on_token
  return runs[goal](job, id, chosen)
end

--- The operation that waits for one kind of goal.
---@param name string  the method's
---@param goal "video"|"build"|"translations"
---@return aistudios.Operation
function M.operation(name, goal)
  local what = goal == "translations" and "the folder's id" or "the project's id"
  return function (client, id, chosen)
    local wrong = option_rules.expect_text(name, what, id)
      or option_rules.check_all(name, rules[goal], chosen)
    if wrong then return nil, nil, wrong end
    local made, err = method.prepare(client, goals[goal].row, id)
    if not made then return nil, err end
    chosen, err = download.options(chosen, name)
    if not chosen then return nil, err end
    if chosen.to and goal == "translations" then
      local targets = chosen.targets or translations.recall(client, id)
      if targets and #targets > 1 and not translations.tells_apart(chosen.to) then
        return nil, errors.problem("to", translations.NEEDS_NAME, chosen.shown_path, name)
      end
    end
    return function (job) return M.run(job, goal, id, chosen) end
  end
end

return M
