-- SPDX-License-Identifier: MIT
--
-- render: from a project to a file, in one operation. Where it fails once
-- there is a project, the error names it: making another would cost again.

local api = require "aistudios.endpoints"
local call = require "aistudios.transport.send"
local copy = require "aistudios.util.copy"
local download = require "aistudios.workflows.download"
local endpoint = require "aistudios.endpoints.method"
local errors = require "aistudios.error"
local options = require "aistudios.util.option_rules"
local wait = require "aistudios.workflows.wait"

local M = {}

local MOST_REFRESHES = 3 -- of an address that has expired

---@class aistudios.RenderOptions: aistudios.WaitOptions, aistudios.DownloadOptions
---@field to? string  where the file goes; without it, nothing is downloaded
M.rules = copy(wait.rules, { to = options.text, overwrite = options.boolean })

--- The options of one of several calls.
---@param chosen aistudios.CallOptions
---@return aistudios.CallOptions
function M.part(chosen)
  return { timeout = chosen.timeout, retries = chosen.retries }
end

--- Turns the error of a part into one of the whole, once there is a project.
---@param job aistudios.Job
---@param err aistudios.Error
---@param phase string
---@param id string
---@return aistudios.Error
function M.go_on(job, err, phase, id)
  err.endpoint, err.phase, err.project_id = job.endpoint, phase, id
  err.outcome, err.retryable = "unknown", false
  err.message = err.message .. "; do not repeat it, go on with the project"
  return err
end

local function is_expired(err)
  return err.kind ~= "file"
    and (err.status == 403 or err.status == 404 or err.status == 410)
end

--- Downloads; an address that has expired is asked for anew.
local function fetch(job, id, address, chosen)
  local limits = { retries = chosen.retries, overwrite = chosen.overwrite,
    on_progress = chosen.on_progress }
  local file, err = download.run(job, address, chosen.to, limits)
  for _ = 1, MOST_REFRESHES do
    if file or not is_expired(err) then break end
    local ask = endpoint.prepare(job.client, api.get_progress, id, M.part(chosen))
    local fresh = call.run(job, ask)
    if not fresh or not fresh.download_url then break end
    file, err = download.run(job, fresh.download_url, chosen.to, limits)
  end
  return file, err
end

--- Waits for a render and brings its file home.
---@param job aistudios.Job
---@param id string
---@param chosen aistudios.RenderOptions
---@return table? result
---@return aistudios.Error? err
function M.deliver(job, id, chosen)
  job.seen.phase = "wait"
  job.plan = { goal = "deliver", id = id, to = chosen.to }
  local result, err = wait.run(job, "video", id, chosen)
  if not result then return nil, M.go_on(job, err, "wait", id) end
  if not chosen.to then return result end
  local file
  file, err = fetch(job, id, result.download_url, chosen)
  if not file then return nil, M.go_on(job, err, "download", id) end
  result.path, result.size = file.path, file.size
  return result
end

local function run(job, create, chosen)
  job.seen.phase = "create"
  local err = chosen.to and download.try_file(job, chosen.to, chosen)
  if err then return nil, err end
  local created
  created, err = call.run(job, create)
  if not created then
    err.phase = "create"
    return nil, err
  end
  return M.deliver(job, created.project_id, chosen)
end

--- Creates a project, waits for its video and brings it home.
---@type aistudios.Operation
function M.operation(client, project, chosen)
  local wrong = options.check_all("render", M.rules, chosen)
  if wrong then return nil, nil, wrong end
  chosen = chosen or {}
  local create, err, misuse =
    endpoint.prepare(client, api.create_project, project, M.part(chosen))
  if not create then
    if err then err.endpoint = "render" end
    return nil, err, misuse and misuse:gsub("^create_project", "render")
  end
  if project.isExport == false then
    return nil, errors.problem("isExport", "must not be false to render", false, "render")
  end
  return function (job) return run(job, create, chosen) end
end

return M
