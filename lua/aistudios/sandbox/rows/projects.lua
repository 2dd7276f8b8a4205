-- SPDX-License-Identifier: MIT
--
-- rows.projects: a project is created, edited, rendered, read and deleted.

local clips = require "aistudios.sandbox.clips"
local json = require "aistudios.sandbox.json"
local stamp = require "aistudios.sandbox.clock".stamp
local work = require "aistudios.sandbox.work"

local function create(state, call)
  local project = state.projects:create {
    name = call.body.name, orientation = call.body.orientation,
    scenes_text = json.member_text(call.raw, "scenes"),
  }
  work.export_if_wanted(state, call, project, true)
  return { projectId = project.id }
end

-- The render of a project is a project of its own: follow what is returned.
local function export_project(state, call)
  local project, problem = work.project(state, call.body.projectId)
  if not project then return nil, problem end
  if state.projects:build_progress(project) < 100 then
    return nil, { status = 409, code = "not_built", message = "the project is not built yet" }
  end
  local copy = state.projects:copy(project)
  work.export(state, call, copy)
  return { projectId = copy.id }
end

local function edit(state, call)
  local project, problem = work.project(state, call.path.projectId)
  if not project then return nil, problem end
  local scenes = json.decode(project.scenes_text or "[]")
  local message = clips.apply(scenes, call.body.updates.value)
  if message then return nil, work.invalid(message) end
  local copy = state.projects:copy(project, { scenes_text = json.encode(json.list(scenes)) })
  work.export_if_wanted(state, call, copy, true)
  return { projectId = copy.id }
end

local function describe(state, project)
  local projects = state.projects
  return {
    _id = project.id, name = project.name, orientation = project.orientation,
    scenes = json.raw(project.scenes_text or "[]"),
    userId = state.options.app_id, templateId = project.template_id,
    state = projects:render_state(project), thumbnailUrl = state:url() .. "/thumbnail.png",
    baseInfoId = project.id, dictionary = {}, backendTaskId = projects.task_id(project),
    exportType = "video", progress = math.floor(projects:progress(project)),
    creditSubstracted = project.began ~= nil,
    createdAt = stamp(project.created), updatedAt = stamp(project.updated),
    download_url = projects:download_url(project),
  }
end

local function get(state, call)
  local project, problem = work.project(state, call.path.projectId)
  if not project then return nil, problem end
  return { project = describe(state, project) }
end

local function list(state)
  local found = {}
  for i, project in ipairs(state.projects:exported()) do
    found[i] = state.projects:summary(project)
  end
  return found
end

local function delete(state, call)
  local count = 0
  for _, id in ipairs(call.body.ids) do
    if state.projects:delete(id) then count = count + 1 end
  end
  return { deletedCount = count }
end

local function progress(state, call)
  local project, problem = work.project(state, call.path.projectId)
  if not project then return nil, problem end
  return {
    progress = state.projects:progress(project), state = state.projects:render_state(project),
    downloadUrl = state.projects:download_url(project),
  }
end

local EDITOR = "/api/odin/v3/editor"

return {
  {
    name = "create_project", method = "POST", path = EDITOR .. "/project",
    auth = "token", answer = create,
    fields = work.joined({
      { "name", "string" },
      { "orientation", "string", enum = { "landscape", "portrait" } },
    }, clips.scenes, work.export_rows),
  },
  {
    name = "export_project", method = "POST", path = EDITOR .. "/project/export",
    auth = "token", answer = export_project,
    fields = work.joined({ { "projectId", "string", required = true } }, work.export_rows),
  },
  {
    name = "edit_project", method = "POST", path = EDITOR .. "/project/{projectId}",
    auth = "token", answer = edit,
    fields = work.joined({
      { "updates", "object", required = true },
      { "updates.value", "array", required = true },
      { "updates.value[].sceneIdx", "integer", required = true },
      { "updates.value[].type", "string", required = true, enum = {
        "aiModel", "shape", "image", "textImage", "videoImage", "audio", "background" } },
      { "updates.value[].values", "object", required = true },
    }, work.export_rows),
  },
  {
    name = "get_project", method = "GET", path = EDITOR .. "/project/{projectId}",
    auth = "token", answer = get,
    observed = function (data) return data.project end,
  },
  {
    name = "list_projects", method = "GET", path = EDITOR .. "/project",
    auth = "token", answer = list, is_list = true,
    observed = function (data) return { projects = json.list(data) } end,
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
