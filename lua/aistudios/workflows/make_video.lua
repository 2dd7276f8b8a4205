-- SPDX-License-Identifier: MIT
--
-- make_video: builds a project by one of the automation tools and renders it:
-- upload, build, wait, export, wait, download.

local copy = require "aistudios.util.copy"
local download = require "aistudios.workflows.download"
local endpoint_call = require "aistudios.workflows.endpoint_call"
local endpoints = require "aistudios.endpoints"
local errors = require "aistudios.error"
local events = require "aistudios.transport.events"
local find_export = require "aistudios.workflows.find_export"
local goals = require "aistudios.workflows.goals"
local method = require "aistudios.endpoints.method"
local option_rules = require "aistudios.util.option_rules"
local poll = require "aistudios.workflows.poll"
local render = require "aistudios.workflows.render"

local M = {}

-- What make_video can start from.
local kinds = {
  docs = endpoints.docs_to_video, topic = endpoints.topic_to_video,
  url = endpoints.url_to_video, scripts = endpoints.scripts_to_video,
}

-- Looks for an export that an earlier process may have made: after one that was
-- sent, and after a build that was finished before this process looked.
local LOOKS_AFTER_EXPORT, LOOKS_AFTER_BUILD = 100, 20

---@class aistudios.FlowOptions: aistudios.RenderOptions
---@field export? table  fields of export_project: resolution, workspaceId, webhookUrl
M.rules = copy(render.rules, { export = function (value)
  if type(value) ~= "table" then return "a table of fields" end
end })

local function fail(err, phase)
  err.phase = err.phase or phase
  return nil, err
end

--- Exports a project that is built. Until the answer is read nobody knows whether
--- it is billed; the resume token says so from before the request is sent, and
--- for one step at least, so that whoever looks at it after each step has it.
local function export(job, id, chosen)
  local call, err = method.prepare(job.client, endpoints.export_project, id, chosen.export,
    render.call_options(chosen))
  if not call then return nil, err end
  job.seen.phase = "export"
  job:set_plan { goal = "export_sent", id = id, to = chosen.to }
  events.report(job, chosen.on_progress)
  job:sleep(0)
  local exported
  exported, err = endpoint_call.run(job, call)
  if exported then return exported.project_id end
  if err.outcome ~= "unknown" then
    job:set_plan { goal = "finish", id = id, to = chosen.to }
  end
  return nil, err
end

--- Is the project still being built? Then nobody has exported it.
local function is_being_built(job, id, chosen)
  local row = goals.build.row
  local seen = endpoint_call.call(job, row, id, render.call_options(chosen))
  return seen ~= nil and not goals.build.is_reached(seen)
end

--- Waits for the build, exports it and downloads the video.
---@param job aistudios.Job
---@param id string
---@param chosen aistudios.FlowOptions
---@param is_resumed boolean  an earlier process may have exported it, if its token is an old one
---@return table? result
---@return aistudios.Error? err
function M.finish(job, id, chosen, is_resumed)
  job.seen.phase = "build"
  job:set_plan { goal = "finish", id = id, to = chosen.to }
  local is_open = not is_resumed or is_being_built(job, id, chosen)
  local built, err = poll.run(job, "build", id, chosen)
  if not built then return nil, render.after_creation(job, err, "build", id) end
  local exported
  if not is_open then
    exported, err = find_export.run(job, id, chosen, LOOKS_AFTER_BUILD)
    if err then return nil, render.after_creation(job, err, "export", id) end
  end
  if not exported then
    exported, err = export(job, id, chosen)
    if not exported then return nil, render.after_creation(job, err, "export", id) end
  end
  return render.deliver(job, exported, chosen)
end

--- Goes on after an export whose answer is missing, if the export can be found.
--- It is not sent again.
---@param job aistudios.Job
---@param id string
---@param chosen aistudios.FlowOptions
---@return table? result
---@return aistudios.Error? err
function M.after_export(job, id, chosen)
  job.seen.phase = "export"
  job:set_plan { goal = "export_sent", id = id, to = chosen.to }
  local exported, err = find_export.run(job, id, chosen, LOOKS_AFTER_EXPORT)
  if exported then return render.deliver(job, exported, chosen) end
  return nil, render.after_creation(job, err or errors.new {
    kind = "api", outcome = "unknown",
    message = "the export was sent before, and there is no trace of it yet; "
      .. "look at the dashboard, then use export_project",
  }, "export", id)
end

--- The documents that are local files; nil when they were uploaded before.
local function local_files(kind, fields)
  local files = fields.files
  if kind ~= "docs" then return nil end
  if type(files) == "string" then return { files } end
  local first = type(files) == "table" and files[1]
  if type(first) == "string" or type(first) == "table" and first.path then return files end
end

--- Uploads local documents; the fields then name what the upload answered.
local function upload(job, kind, fields, chosen)
  local files = local_files(kind, fields)
  if not files then return fields end
  job.seen.phase = "upload"
  local limits = render.call_options(chosen)
  limits.on_progress = chosen.on_progress
  local uploaded, err = endpoint_call.call(job, endpoints.upload_docs, { files = files }, limits)
  if not uploaded then return nil, err end
  fields = copy(fields)
  fields.files = uploaded.uploadResults
  return fields
end

local function run(job, kind, fields, chosen)
  job.on_token = chosen.on_token
  local err = chosen.to and download.check_writable(job, chosen.to, chosen.overwrite)
  if err then return fail(err, "upload") end
  fields, err = upload(job, kind, fields, chosen)
  if err then return fail(err, "upload") end
  job.seen.phase = "build"
  local built
  built, err = endpoint_call.call(job, kinds[kind], fields, render.call_options(chosen))
  if not built then return fail(err, "build") end
  return M.finish(job, built.project_id, chosen, false)
end

--- Makes a video from documents, a topic, a web page or a script.
---@type aistudios.Operation
function M.operation(client, kind, fields, chosen)
  if not kinds[kind] then
    return nil, nil, "make_video: the kind must be docs, topic, url or scripts, got "
      .. tostring(kind)
  end
  if type(fields) ~= "table" then
    return nil, nil, "make_video: a table of fields is expected, got " .. type(fields)
  end
  local wrong = option_rules.check_all("make_video", M.rules, chosen)
  if wrong then return nil, nil, wrong end
  local err
  chosen, err = download.options(chosen, "make_video")
  if err then return nil, err end
  local files = local_files(kind, fields)
  local row = files and endpoints.upload_docs or kinds[kind]
  local given = files and { files = files } or fields
  local call
  call, err = method.prepare(client, row, given)
  if not call then
    err.endpoint = "make_video"
    return nil, err
  end
  return function (job) return run(job, kind, fields, chosen) end
end

return M
