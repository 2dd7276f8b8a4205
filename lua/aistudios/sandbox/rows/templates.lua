-- SPDX-License-Identifier: MIT
--
-- rows.templates: projects that are made from templates and documents, and
-- the calls that change texts by tag.

local json = require "aistudios.sandbox.json"
local work = require "aistudios.sandbox.work"

local SCENES = 6 -- of a template
local PLACES = { title = "title", subtitles = "subtitles", scripts = "scripts" }

local function template_texts()
  local texts = {}
  for i = 1, SCENES do texts[i] = "Script of scene " .. i .. "." end
  return texts
end

-- Samples say `model` and `clothes` where the table says `aiName`, `clothId`.
local function create_from(state, id, fields)
  return state.projects:create {
    name = fields.name, template_id = id,
    outline = { texts = template_texts(), model = fields.aiName or fields.model,
      clothes = fields.clothId or fields.clothes },
  }
end

local function create(state, call)
  return { projectId = create_from(state, call.path.templateId, call.body).id }
end

-- A key such as title, subtitles_1, scripts_3: its tag, and which of them.
local function place_of(key)
  local tag, number = key:match "^(%a+)_?(%d*)$"
  return PLACES[tag], math.tointeger(tonumber(number ~= "" and number or 0))
end

local function updates_problem(call)
  for key, value in pairs(call.body.updates) do
    if type(key) ~= "string" or not place_of(key) then
      return ("updates.%s is not title, subtitles or scripts, with or without _N"):format(key)
    elseif type(value) ~= "string" then
      return ("updates.%s must be a string"):format(key)
    end
  end
end

local function texts_of(scenes)
  local found = { title = {}, subtitles = {}, scripts = {} }
  for _, scene in ipairs(scenes) do
    for _, script in ipairs(type(scene.scripts) == "table" and scene.scripts or {}) do
      table.insert(found.scripts, { script, "org" })
    end
    for _, clip in ipairs(scene.clips) do
      if PLACES[clip.tag] then table.insert(found[clip.tag], { clip, "text" }) end
    end
  end
  return found
end

-- What names a text that is not there changes nothing.
local function apply(state, project, updates)
  local scenes = json.decode(state.projects.scenes_text(project))
  local texts = texts_of(scenes)
  for key, value in pairs(updates) do
    local tag, number = place_of(key)
    local place = texts[tag][number + 1]
    if place then place[1][place[2]] = value end
  end
  return json.encode(json.list(scenes))
end

local function modify(state, call)
  local project, problem = work.project(state, call.body.projectId)
  if not project then return nil, problem end
  state.projects:set_scenes(project, apply(state, project, call.body.updates))
  work.export_if_wanted(state, call, project, false)
  return { projectId = project.id }
end

local function create_and_modify(state, call)
  local project = create_from(state, call.body.templateId, call.body)
  state.projects:set_scenes(project, apply(state, project, call.body.updates))
  work.export_if_wanted(state, call, project, false)
  return { projectId = project.id }
end

local function create_from_document(state, call)
  local pages = math.max(1, math.min(20, call.body.file.size // 100000 + 1))
  local texts = {}
  for i = 1, pages do texts[i] = ("Page %d of %s"):format(i, call.body.file.filename) end
  local project = state.projects:create {
    name = call.body.name or call.body.file.filename, outline = { texts = texts },
  }
  return { projectId = project.id }
end

local EDITOR = "/api/odin/v3/editor"

local template_rows = {
  { "aiName", "string" }, { "clothId", "string" }, { "name", "string" },
  { "workspaceId", "string" }, { "model", "string" }, { "clothes", "string" },
}

return {
  {
    name = "create_from_template", method = "POST", path = EDITOR .. "/template/{templateId}",
    auth = "token", answer = create, fields = template_rows, takes_query = true,
  },
  {
    name = "create_from_template", method = "GET", path = EDITOR .. "/template/{templateId}",
    auth = "token", answer = create, fields = template_rows, takes_query = true,
  },
  {
    name = "create_from_document", method = "POST", path = EDITOR .. "/project/pptpdf",
    auth = "token", answer = create_from_document,
    form = {
      { "file", "file", required = true, kinds = { "pdf", "pptx", "ppt" } },
      { "name", "string" }, { "workspaceId", "string" },
    },
  },
  {
    name = "modify_project", method = "POST", path = EDITOR .. "/project/modify",
    auth = "token", answer = modify, check = updates_problem,
    fields = work.joined({
      { "projectId", "string", required = true },
      { "updates", "object", required = true },
    }, work.export_rows),
  },
  {
    name = "create_from_template_and_modify", method = "POST",
    path = EDITOR .. "/template/modify",
    auth = "token", answer = create_and_modify, check = updates_problem,
    fields = work.joined({
      { "templateId", "string", required = true }, { "name", "string" },
      { "updates", "object", required = true },
    }, work.export_rows),
  },
}
