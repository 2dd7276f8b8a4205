-- SPDX-License-Identifier: MIT
--
-- rows.projects: a project is created, edited, rendered, read and deleted.

local clips = require "aistudios.sandbox.clips"
local json = require "aistudios.sandbox.json"

local export_rows = {
  { "workspaceId", "string" },
  { "resolution", "string", enum = { "4k", "1080", "720", "480" } },
  { "webhookUrl", "string" },
}

local function joined(...)
  local rows = {}
  for _, some in ipairs { ... } do
    for _, row in ipairs(some) do rows[#rows + 1] = row end
  end
  return rows
end

local function not_found(what)
  return { status = 404, code = "not_found", message = "no such " .. what }
end

-- Starts the render that the call asks for, and bills it.
local function export(world, call, project)
  world.projects:export(project)
  project.webhook = type(call.body.webhookUrl) == "string" and call.body.webhookUrl or nil
  world.ledger:bill(call, project.id, project.name)
end

local function is_wanted(body, default)
  if type(body.isExport) == "boolean" then return body.isExport end
  return default
end

local function create(world, call)
  local project = world.projects:create {
    name = call.body.name, orientation = call.body.orientation,
    scenes_text = json.member_text(call.raw, "scenes"),
  }
  if is_wanted(call.body, true) then export(world, call, project) end
  return { projectId = project.id }
end

-- The render of a project is a project of its own: follow what is returned.
local function export_project(world, call)
  local project = world.projects:get(call.body.projectId)
  if not project then return nil, not_found "project" end
  local copy = world.projects:copy(project)
  export(world, call, copy)
  return { projectId = copy.id }
end

local function edit(world, call)
  local project = world.projects:get(call.path.projectId)
  if not project then return nil, not_found "project" end
  local scenes = json.decode(project.scenes_text or "[]")
  local problem = clips.apply(scenes, call.body.updates.value)
  if problem then
    return nil, { status = 400, code = "invalid_input", message = problem }
  end
  local copy = world.projects:copy(project, { scenes_text = json.encode(json.list(scenes)) })
  if is_wanted(call.body, true) then export(world, call, copy) end
  return { projectId = copy.id }
end

local function describe(world, project)
  local projects = world.projects
  return {
    _id = project.id, name = project.name, orientation = project.orientation,
    scenes = json.raw(project.scenes_text or "[]"),
    userId = world.options.app_id, templateId = project.template_id,
    state = projects:state(project), thumbnailUrl = world.url .. "/thumbnail.png",
    baseInfoId = project.id, dictionary = {}, backendTaskId = project.task_id,
    exportType = "video", progress = math.floor(projects:progress(project)),
    creditSubstracted = project.began ~= nil,
    createdAt = project.created_at, updatedAt = project.updated_at,
    download_url = projects:download_url(project),
  }
end

local function get(world, call)
  local project = world.projects:get(call.path.projectId)
  if not project then return nil, not_found "project" end
  return { project = describe(world, project) }
end

local function list(world)
  local found = {}
  for i, project in ipairs(world.projects:exported()) do
    found[i] = {
      id = project.id, name = project.name, state = world.projects:state(project),
      download_url = world.projects:download_url(project),
    }
  end
  return found
end

local function delete(world, call)
  local count = 0
  for _, id in ipairs(call.body.ids) do
    if world.projects:delete(id) then count = count + 1 end
  end
  return { deletedCount = count }
end

local function progress(world, call)
  local project = world.projects:get(call.path.projectId)
  if not project then return nil, not_found "project" end
  return {
    progress = world.projects:progress(project), state = world.projects:state(project),
    downloadUrl = world.projects:download_url(project),
  }
end

local EDITOR = "/api/odin/v3/editor"

return {
  {
    name = "create_project", method = "POST", path = EDITOR .. "/project",
    auth = "token", answer = create,
    fields = joined({
      { "name", "string" },
      { "orientation", "string", enum = { "landscape", "portrait" } },
      { "isExport", "boolean" },
    }, clips.scenes, export_rows),
  },
  {
    name = "export_project", method = "POST", path = EDITOR .. "/project/export",
    auth = "token", answer = export_project,
    fields = joined({ { "projectId", "string", required = true } }, export_rows),
  },
  {
    name = "edit_project", method = "POST", path = EDITOR .. "/project/{projectId}",
    auth = "token", answer = edit,
    fields = joined({
      { "updates", "object", required = true },
      { "updates.value", "array", required = true },
      { "updates.value[].sceneIdx", "integer", required = true },
      { "updates.value[].type", "string", required = true, enum = {
        "aiModel", "shape", "image", "textImage", "videoImage", "audio", "background" } },
      { "updates.value[].values", "object", required = true },
      { "isExport", "boolean" },
    }, export_rows),
  },
  {
    name = "get_project", method = "GET", path = EDITOR .. "/project/{projectId}",
    auth = "token", answer = get,
  },
  {
    name = "list_projects", method = "GET", path = EDITOR .. "/project",
    auth = "token", answer = list, is_list = true,
  },
  {
    name = "delete_projects", method = "DELETE", path = EDITOR .. "/project",
    auth = "token", answer = delete,
    fields = { { "ids", "array", required = true } },
  },
  {
    name = "get_progress", method = "GET", path = EDITOR .. "/progress/{projectId}",
    auth = "token", answer = progress,
  },
}
