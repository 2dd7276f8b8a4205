-- SPDX-License-Identifier: MIT
--
-- render: creates a project, waits for its video and downloads it. It is created
-- once, whatever process goes on: the resume token says that the request was sent
-- before it is sent. An error after that has the project's id.

local copy = require "aistudios.util.copy"
local download = require "aistudios.workflows.download"
local endpoint_call = require "aistudios.workflows.endpoint_call"
local endpoints = require "aistudios.endpoints"
local errors = require "aistudios.error"
local find = require "aistudios.workflows.find"
local fingerprint = require "aistudios.workflows.fingerprint"
local method = require "aistudios.endpoints.method"
local option_rules = require "aistudios.util.option_rules"
local poll = require "aistudios.workflows.poll"
local send = require "aistudios.transport.send"
local os = rawget(_G, "os")

local M = {}

local MOST_KNOWN = 1000 -- projects whose owners a client remembers

local function known_of(client)
  local known = client.known_projects or { owners = {}, ids = {}, count = 0, calls = 0 }
  client.known_projects = known
  return known
end

--- Notes which project became of what was sent: no other call takes it for its own.
---@param client aistudios.Client
---@param id string
---@param plan { id: string, sent: integer?, call: integer? }  what was sent
function M.note(client, id, plan)
  local known = known_of(client)
  if not known.owners[id] then
    local place = 1 + known.count % MOST_KNOWN
    local oldest = known.ids[place]
    if oldest then known.owners[oldest] = nil end
    known.count, known.ids[place] = known.count + 1, id
  end
  known.owners[id] = plan
end

---@class aistudios.RenderOptions: aistudios.WaitOptions, aistudios.DownloadOptions
---@field to? string  where the video goes; without it, nothing is downloaded
M.rules = copy(poll.rules, { to = option_rules.text, overwrite = option_rules.boolean,
  lowest_speed = download.rules.lowest_speed })

--- Makes the error of a later call one of the workflow: the project exists.
---@param job aistudios.Job
---@param err aistudios.Error
---@param phase string
---@param id string
---@return aistudios.Error
function M.after_creation(job, err, phase, id)
  local is_to_be_seen = err.next == "look" and err.kind ~= "cancelled"
  err.endpoint, err.phase, err.project_id = job.endpoint, phase, id
  err.outcome, err.retryable = "unknown", false
  err.next = is_to_be_seen and "look" or nil
  if not is_to_be_seen or err.kind ~= "api" then
    err.message = err.message .. "; do not repeat it, go on with the project"
  end
  return err
end

--- Downloads the video of a render that is done.
---@param job aistudios.Job
---@param id string
---@param result table  of the wait; gets the members of the file
---@param chosen aistudios.RenderOptions
---@return table? result
---@return aistudios.Error? err
function M.bring_home(job, id, result, chosen)
  return download.bring_home(job, result, chosen, function ()
    return endpoint_call.call(job, endpoints.get_progress, id, method.call_options(chosen))
  end)
end

--- Waits for a render and downloads its video.
---@param job aistudios.Job
---@param id string
---@param chosen aistudios.RenderOptions
---@return table? result
---@return aistudios.Error? err
function M.deliver(job, id, chosen)
  job.seen.phase = "wait"
  job:set_plan { goal = "deliver", id = id, to = chosen.to }
  return poll.run(job, "video", id, chosen, function (_, result, err)
    if not result then return nil, M.after_creation(job, err, "wait", id) end
    if not chosen.to then return result end
    result, err = M.bring_home(job, id, result, chosen)
    if not result then return nil, M.after_creation(job, err, "download", id) end
    return result
  end)
end

--- Sends the project. Until the answer is read nobody knows whether it is billed;
--- the resume token says so from before the request is sent, and for one step at
--- least, so that whoever looks at it after each step has it.
local function create(job, flow)
  local chosen, known = flow.chosen, known_of(job.client)
  known.calls = known.calls + 1
  job:set_plan { goal = "create_sent", id = flow.fingerprint, to = chosen.to,
    sent = os and os.time() or nil, call = known.calls }
  job:sleep(0)
  local plan = job.plan
  local created, err = send.run(job, flow.create)
  if created then
    M.note(job.client, created.project_id, plan)
    return created.project_id
  end
  if err.outcome ~= "unknown" then job:set_plan(nil) end
  err.phase = "create"
  return nil, err
end

local function run(job, flow)
  local chosen = flow.chosen
  job.seen.phase, job.on_token = "create", chosen.on_token
  local err = chosen.to and download.check_writable(job, chosen.to, chosen.overwrite)
  if err then return nil, err end
  local id
  id, err = create(job, flow)
  if not id then return nil, err end
  return M.deliver(job, id, chosen)
end

--- Goes on after a project was sent whose answer is missing, if it can be found.
--- It is not sent again.
---@param job aistudios.Job
---@param plan aistudios.Plan
---@param chosen aistudios.RenderOptions
---@return table? result
---@return aistudios.Error? err
function M.after_create(job, plan, chosen)
  job.seen.phase = "create"
  job:set_plan(plan)
  local id, err = find.project(job, plan, chosen)
  if id then
    M.note(job.client, id, plan)
    return M.deliver(job, id, chosen)
  end
  err = err or errors.new {
    kind = "api", outcome = "unknown", next = "look",
    message = "the project was sent before, and there is no trace of it yet; "
      .. "look at the dashboard before you render it again",
  }
  err.endpoint, err.phase, err.outcome, err.retryable = job.endpoint, "create", "unknown", false
  return nil, err
end

--- Creates a project, waits for its video and downloads it.
---@type aistudios.Operation
function M.operation(client, project, chosen)
  local fields = endpoints.create_project.fields
  local wrong = option_rules.check_all("render", M.rules, chosen, fields)
    or type(project) == "table" and option_rules.check_fields("render", M.rules, project, fields)
  if wrong then return nil, nil, wrong end
  local err, call, misuse
  chosen, err = download.options(chosen, "render")
  if err then return nil, err end
  call, err, misuse =
    method.prepare(client, endpoints.create_project, project, method.call_options(chosen))
  if not call then
    if err then err.endpoint = "render" end
    return nil, err, misuse and misuse:gsub("^create_project", "render")
  end
  if project.isExport == false then
    return nil, errors.problem("isExport", "must not be false to render", false, "render")
  end
  local flow = { chosen = chosen, create = call, fingerprint = fingerprint.of(project) }
  return function (job) return run(job, flow) end
end

return M
