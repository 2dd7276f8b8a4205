-- SPDX-License-Identifier: MIT
--
-- finish: from a project that one of the automation tools builds to its film:
-- wait, export, wait, download. Build and export are billed and sent once, whatever
-- process goes on: the resume token says that one was sent before it is sent.

local copy = require "aistudios.util.copy"
local endpoint_call = require "aistudios.workflows.endpoint_call"
local endpoints = require "aistudios.endpoints"
local errors = require "aistudios.error"
local events = require "aistudios.transport.events"
local find = require "aistudios.workflows.find"
local goals = require "aistudios.workflows.goals"
local json = require "aistudios.json"
local method = require "aistudios.endpoints.method"
local option_rules = require "aistudios.util.option_rules"
local poll = require "aistudios.workflows.poll"
local render = require "aistudios.workflows.render"

local M = {}

---@class aistudios.FlowOptions: aistudios.RenderOptions
---@field export? aistudios.fields.export_project  resolution, workspaceId, webhookUrl
M.rules = copy(render.rules, { export = function (value)
  if type(value) ~= "table" then return "a table of fields" end
end })

--- Checks the fields of the export before anything is sent, and keeps them as
--- they are now.
---@param client aistudios.Client
---@param chosen aistudios.FlowOptions  changed
---@param endpoint string
---@return aistudios.Error? err
---@return string? misuse
function M.keep_export(client, chosen, endpoint)
  if not chosen.export then return nil end
  local call, err, misuse =
    method.prepare(client, endpoints.export_project, "id", chosen.export)
  if misuse then return nil, misuse:gsub("^[%w_]+", endpoint) end
  if not call then
    for _, problem in ipairs(err.problems or {}) do problem.path = "export." .. problem.path end
    return errors.invalid(err.problems, endpoint)
  end
  chosen.export = json.decode(json.encode(chosen.export))
end

--- What a flow is about. The address of a webhook may hold a secret, so the token
--- only says that there was one.
local function plan(goal, id, chosen)
  local kept = copy(chosen.export)
  kept.webhookUrl = nil
  return {
    goal = goal, id = id, to = chosen.to, export = next(kept) and json.encode(kept) or nil,
    webhook = chosen.export and chosen.export.webhookUrl and "yes" or nil,
  }
end

--- The fields of the export of a flow that goes on.
---@param from aistudios.Plan
---@param chosen aistudios.FlowOptions  changed
---@return aistudios.Error? err
function M.recall_export(from, chosen)
  local kept = from.export and json.decode(from.export)
  if type(kept) == "table" then chosen.export = copy(chosen.export, kept) end
  if from.webhook and from.goal == "finish" and not (chosen.export or {}).webhookUrl then
    return errors.problem("export.webhookUrl", "must be given again: a token keeps no address "
      .. "of a webhook", nil, "resume")
  end
end

--- Sends what a project is built of, which may be billed: the resume token says so
--- before, as for the export.
---@param job aistudios.Job
---@param call aistudios.Call
---@param chosen aistudios.FlowOptions
---@return string? id
---@return aistudios.Error? err
function M.build(job, call, chosen)
  job.seen.phase = "build"
  job:set_plan(plan("build_sent", call.row.name, chosen))
  job:sleep(0)
  local built, err = endpoint_call.run(job, call)
  if built then return built.project_id end
  if err.outcome ~= "unknown" then job:set_plan(nil) end
  return nil, err
end

--- The end of a flow whose build was sent and not answered: no list shows what is
--- built and not exported.
---@param job aistudios.Job
---@param name string  the method that was called
---@param chosen aistudios.FlowOptions
---@return nil
---@return aistudios.Error err
function M.after_build(job, name, chosen)
  job:set_plan(plan("build_sent", name, chosen))
  return nil, errors.new {
    kind = "api", outcome = "unknown", endpoint = job.endpoint, phase = "build", next = "look",
    message = ("%s was sent before, and its answer never came; it may be done and billed, look "
      .. "at the dashboard before you begin again"):format(errors.line(name)),
  }
end

--- Exports a project that is built. Until the answer is read nobody knows whether
--- it is billed; the resume token says so from before the request is sent, and
--- for one step at least, so that whoever looks at it after each step has it.
local function export(job, id, chosen)
  local call, err = method.prepare(job.client, endpoints.export_project, id, chosen.export,
    method.call_options(chosen))
  if not call then return nil, err end
  job.seen.phase = "export"
  job:set_plan(plan("export_sent", id, chosen))
  events.report(job, chosen.on_progress)
  job:sleep(0)
  local exported
  exported, err = endpoint_call.run(job, call)
  if exported then
    render.note(job.client, exported.project_id, { id = id })
    return exported.project_id
  end
  if err.outcome ~= "unknown" then job:set_plan(plan("finish", id, chosen)) end
  return nil, err
end

--- Is the project still being built? Then nobody has exported it.
local function is_being_built(job, id, chosen)
  local row = goals.build.row
  local seen = endpoint_call.call(job, row, id, method.call_options(chosen))
  return seen ~= nil and not goals.build.is_reached(seen)
end

--- Waits for the build, exports it and downloads the video.
---@param job aistudios.Job
---@param id string
---@param chosen aistudios.FlowOptions
---@return table? result
---@return aistudios.Error? err
function M.run(job, id, chosen)
  job.seen.phase = "build"
  job:set_plan(plan("finish", id, chosen))
  return poll.run(job, "build", id, chosen, function (_, built, err)
    if not built then return nil, render.after_creation(job, err, "build", id) end
    local exported
    exported, err = export(job, id, chosen)
    if not exported then return nil, render.after_creation(job, err, "export", id) end
    return render.deliver(job, exported, chosen)
  end)
end

local no_trace = {
  export_sent = "the export was sent before, and there is no trace of it yet; "
    .. "look at the dashboard, then use export_project",
  finish = "the project is built, and nothing tells whether an earlier process has exported "
    .. "it since this token; look at the dashboard, then use export_project, or resume with "
    .. "is_newest = true if the token was saved at each change",
}

--- Goes on after an export that was sent, or may have been, if the export can be
--- found. It is not sent again, but where the newest token says that it was not sent
--- and one look agrees.
---@param job aistudios.Job
---@param id string
---@param chosen aistudios.ResumeOptions
---@param goal "export_sent"|"finish"  what the token says
---@return table? result
---@return aistudios.Error? err
function M.after_export(job, id, chosen, goal)
  local is_sure = goal == "finish" and chosen.is_newest
  job.seen.phase = "export"
  job:set_plan(plan(goal, id, chosen))
  local exported, err = find.export(job, id, chosen, is_sure and 1 or nil)
  if exported then
    render.note(job.client, exported, { id = id })
    return render.deliver(job, exported, chosen)
  end
  if is_sure and not err then return M.run(job, id, chosen) end
  err = err or errors.new {
    kind = "api", outcome = "unknown", next = "look", message = no_trace[goal] }
  return nil, render.after_creation(job, err, "export", id)
end

--- Goes on with a build. One that is finished may have been exported since this token
--- was written.
---@param job aistudios.Job
---@param id string
---@param chosen aistudios.ResumeOptions
---@return table? result
---@return aistudios.Error? err
function M.after_finish(job, id, chosen)
  if is_being_built(job, id, chosen) then return M.run(job, id, chosen) end
  return M.after_export(job, id, chosen, "finish")
end

--- Where the names belong that are no options.
---@param fields table<string, any>  what the method takes besides
---@return table<string, any>
function M.places(fields)
  local places = copy(fields)
  for name in pairs(endpoints.export_project.body_fields) do
    places[name] = "the option export, a table of fields"
  end
  return places
end

--- Checks the options of a flow.
---@param what string
---@param chosen any
---@param fields table<string, any>  what the method takes besides
---@return string? misuse
function M.check_options(what, chosen, fields)
  return option_rules.check_all(what, M.rules, chosen, M.places(fields))
end

return M
