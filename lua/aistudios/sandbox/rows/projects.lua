-- SPDX-License-Identifier: MIT
--
-- rows.projects: a project is created, edited, rendered, read and deleted.

local apply_edits = require "aistudios.sandbox.edits"
local client_json = require "aistudios.json"
local edit_checks = require "aistudios.project.edit_checks"
local field_checks = require "aistudios.project.field_checks"
local field_warnings = require "aistudios.project.field_warnings"
local json = require "aistudios.sandbox.json"
local stamp = require "aistudios.sandbox.clock".stamp
local validate = require "aistudios.project.validate"
local work = require "aistudios.sandbox.work"

local function has_empty_object(text)
  local at = text:find("{", 1, true)
  while at do
    if text:find("^%s*}", at + 1) then return true end
    at = text:find("{", at + 1, true)
  end
end

-- An empty table was an object of JSON unless it is marked as a list.
local function mark_objects(value)
  if next(value) == nil and not getmetatable(value) then client_json.object(value) end
  for _, member in pairs(value) do
    if type(member) == "table" then mark_objects(member) end
  end
end

-- A path and a message, with the places as JSON counts them, from 0.
local function of_json(path, message)
  return (path == "" and "the project" or path:gsub("%[(%d+)%]", function (digits)
    return ("[%d]"):format(digits - 1)
  end)) .. " " .. message
end

-- The first error of a project, by the same rules as aistudios.check. But {{name}} in
-- a text is only a text here: templates are the client's.
local function project_problem(call)
  local project = call.body
  if call.json_problem then return call.json_problem end
  if has_empty_object(call.raw) then mark_objects(project) end
  local problem = validate(project, nil, true)[1]
  if not problem then return nil end
  local miss
  field_warnings.warn(function (path, message)
    miss = miss or message:find("did you mean", 1, true) and "; " .. of_json(path, message)
  end, project, {})
  return of_json(problem.path, problem.message) .. (miss or "")
end

local function create(state, call)
  local project = state.projects:create {
    name = call.body.name, orientation = call.body.orientation,
    body_text = call.raw,
  }
  work.export_if_wanted(state, call, project, true)
  return { projectId = project.id }
end

-- The render of a project is a project of its own: follow what is returned. Samples
-- of the vendor ask for the progress of the one that they exported.
local function export_project(state, call)
  local project, problem = work.project(state, call.body.projectId)
  if not project then return nil, problem end
  if state.projects:build_progress(project) < 100 then
    return nil, { status = 409, code = "not_built", message = "the project is not built yet" }
  end
  local copy = state.projects:copy(project)
  work.export(state, call, copy)
  project.export = copy.id
  return { projectId = copy.id }
end

-- Samples of 1.4.x have the list itself.
local function adapt_updates(body)
  local updates = body.updates
  if type(updates) == "table" and updates[1] ~= nil then body.updates = { value = updates } end
end

-- The first error of a list of updates, by the same rules as the client's.
local function edit_problem(updates)
  local walk = field_checks.walk()
  edit_checks(walk, updates)
  local first = walk.problems[1]
  return first and of_json("updates.value" .. first.path, first.message)
end

local function edit(state, call)
  local project, problem = work.project(state, call.path.projectId)
  if not project then return nil, problem end
  problem = edit_problem(call.body.updates.value)
  if problem then return nil, work.invalid(problem) end
  local scenes = json.decode(state.projects.scenes_text(project))
  local message = apply_edits(scenes, call.body.updates.value)
  if message then return nil, work.invalid(message) end
  local copy = state.projects:copy(project, { scenes_text = json.encode(json.list(scenes)) })
  work.export_if_wanted(state, call, copy, true)
  return { projectId = copy.id }
end

local function describe(state, project)
  local projects = state.projects
  return {
    _id = project.id, name = project.name, orientation = project.orientation,
    scenes = json.raw(projects.scenes_text(project)),
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

local function list_body(state) return state.projects:list_body() end

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
  if not project.began then project = state.projects:export_of(project) or project end
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
    fields = {}, check = project_problem,
  },
  {
    name = "export_project", method = "POST", path = EDITOR .. "/project/export",
    auth = "token", answer = export_project,
    fields = work.joined({ { "projectId", "string", required = true } }, work.export_rows),
  },
  {
    name = "edit_project", method = "POST", path = EDITOR .. "/project/{projectId}",
    auth = "token", answer = edit, adapt = adapt_updates,
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
    auth = "token", answer = list, answer_body = list_body, is_list = true,
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
