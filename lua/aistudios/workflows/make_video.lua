-- SPDX-License-Identifier: MIT
--
-- flow: the tools that build a project first and render it then, in one
-- operation: upload, build, wait, export, wait, download.

local api = require "aistudios.endpoints"
local call = require "aistudios.transport.send"
local copy = require "aistudios.util.copy"
local download = require "aistudios.workflows.download"
local endpoint = require "aistudios.endpoints.method"
local errors = require "aistudios.error"
local options = require "aistudios.util.option_rules"
local render = require "aistudios.workflows.render"
local trace = require "aistudios.workflows.find_export"
local wait = require "aistudios.workflows.wait"

local M = {}

-- What make_video can start from.
local kinds = {
  docs = api.docs_to_video, topic = api.topic_to_video,
  url = api.url_to_video, scripts = api.scripts_to_video,
}

---@class aistudios.FlowOptions: aistudios.RenderOptions
---@field export? table  fields of export_project: resolution, workspaceId, webhookUrl
M.rules = copy(render.rules, { export = function (value)
  if type(value) ~= "table" then return "a table of fields" end
end })

local function fail(err, phase)
  err.phase = err.phase or phase
  return nil, err
end

--- Renders what is built. While the answer is on its way it cannot be known
--- whether it costs: a token that is taken then says so.
local function export(job, id, chosen)
  local made, err = endpoint.prepare(job.client, api.export_project, id, chosen.export,
    render.part(chosen))
  if not made then return nil, err end
  job.seen.phase = "export"
  job.plan = { goal = "exporting", id = id, to = chosen.to }
  call.report(job, chosen.on_progress)
  local exported
  exported, err = call.run(job, made)
  if exported then return exported.project_id end
  if err.outcome ~= "unknown" then job.plan.goal = "finish" end
  return nil, err
end

--- Waits for the build, exports it and brings the video home.
---@param job aistudios.Job
---@param id string
---@param chosen aistudios.FlowOptions
---@param is_resumed boolean  an earlier process may have exported it
---@return table? result
---@return aistudios.Error? err
function M.finish(job, id, chosen, is_resumed)
  job.seen.phase = "build"
  job.plan = { goal = "finish", id = id, to = chosen.to }
  local built, err = wait.run(job, "build", id, chosen)
  if not built then return nil, render.go_on(job, err, "build", id) end
  local exported
  if is_resumed then
    exported, err = trace.find_export(job, id, render.part(chosen))
    if err then return nil, render.go_on(job, err, "export", id) end
  end
  if not exported then
    exported, err = export(job, id, chosen)
    if not exported then return nil, render.go_on(job, err, "export", id) end
  end
  return render.deliver(job, exported, chosen)
end

--- Goes on where an export was on its way: with what came of it, if there is
--- a trace. It is not sent again.
---@param job aistudios.Job
---@param id string
---@param chosen aistudios.FlowOptions
---@return table? result
---@return aistudios.Error? err
function M.after_export(job, id, chosen)
  job.seen.phase = "export"
  job.plan = { goal = "exporting", id = id, to = chosen.to }
  local exported, err = trace.find_export(job, id, render.part(chosen))
  if exported then return render.deliver(job, exported, chosen) end
  return nil, render.go_on(job, err or errors.new {
    kind = "api", outcome = "unknown",
    message = "the export was sent before, and there is no trace of it yet; "
      .. "look at the dashboard, then use export_project",
  }, "export", id)
end

--- The documents that are files of this machine; nil when they are what an
--- upload gave back.
local function local_files(kind, fields)
  local files = fields.files
  if kind ~= "docs" then return nil end
  if type(files) == "string" then return { files } end
  local first = type(files) == "table" and files[1]
  if type(first) == "string" or type(first) == "table" and first.path then return files end
end

--- Documents of this machine are uploaded first; the fields then name what
--- the service made of them.
local function upload(job, kind, fields, chosen)
  local files = local_files(kind, fields)
  if not files then return fields end
  job.seen.phase = "upload"
  local limits = render.part(chosen)
  limits.on_progress = chosen.on_progress
  local made, err = endpoint.prepare(job.client, api.upload_docs, { files = files }, limits)
  if not made then return nil, err end
  local uploaded
  uploaded, err = call.run(job, made)
  if not uploaded then return nil, err end
  fields = copy(fields)
  fields.files = uploaded.uploadResults
  return fields
end

local function run(job, kind, fields, chosen)
  local err = chosen.to and download.try_file(job, chosen.to, chosen)
  if err then return fail(err, "upload") end
  fields, err = upload(job, kind, fields, chosen)
  if err then return fail(err, "upload") end
  job.seen.phase = "build"
  local made, built
  made, err = endpoint.prepare(job.client, kinds[kind], fields, render.part(chosen))
  if not made then return fail(err, "build") end
  built, err = call.run(job, made)
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
  local wrong = options.check_all("make_video", M.rules, chosen)
  if wrong then return nil, nil, wrong end
  local files = local_files(kind, fields)
  local row = files and api.upload_docs or kinds[kind]
  local given = files and { files = files } or fields
  local made, err = endpoint.prepare(client, row, given)
  if not made then
    err.endpoint = "make_video"
    return nil, err
  end
  return function (job) return run(job, kind, fields, chosen or {}) end
end

return M
