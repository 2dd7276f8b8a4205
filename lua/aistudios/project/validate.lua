-- SPDX-License-Identifier: MIT
--
-- validate: the errors of a project: every field of the schema, and what must
-- agree between fields. Unknown fields pass. Never raises, never changes the
-- project.

local fast_path = require "aistudios.project.fast_path"
local field_checks = require "aistudios.project.field_checks"
local paths = require "aistudios.project.paths"
local schema = require "aistudios.project.schema"

local report = field_checks.report

local clip_checks = {}

-- Clip types as people write them.
local other_names = { text = "textImage", video = "videoImage", avatar = "aiModel",
  model = "aiModel", picture = "image", img = "image", music = "audio", sound = "audio" }

local function check_clip(walk, clip)
  local kind = clip.type
  local check = clip_checks[kind]
  if check then return check(walk, clip) end
  if kind == nil then
    return report(walk, "type", "is required: one of the clip types")
  end
  local meant = other_names[kind]
  report(walk, "type", ("%s is not a clip type%s"):format(
    type(kind) == "string" and #kind <= 40 and ('"%s"'):format(kind) or "this",
    meant and ("; did you mean '%s'?"):format(meant)
      or require "aistudios.util.suggest".hint(kind, schema.clips)), kind)
end

for name, fields in pairs(schema.clips) do
  clip_checks[name] = field_checks.object(fields)
end

--- The avatars of a scene, by their model's id.
local function avatars(scene)
  local found = {}
  if type(scene.clips) ~= "table" then return found end
  for _, clip in pairs(scene.clips) do
    if type(clip) == "table" and clip.type == "aiModel"
        and type(clip.model) == "table" then
      local id = clip.model.ai_name
      if type(id) == "string" then found[id] = true end
    end
  end
  return found
end

local function list_names(found)
  local ids = {}
  for id in pairs(found) do
    if type(id) == "string" then ids[#ids + 1] = '"' .. id .. '"' end
  end
  table.sort(ids)
  return table.concat(ids, ", ")
end

--- Reports a field of an item of one of the scene's lists.
local function report_item(walk, list, i, name, message, value)
  local depth = walk.depth
  walk[depth + 1], walk[depth + 2], walk.depth = list, i, depth + 2
  report(walk, name, message, value)
  walk.depth = depth
end

--- The ids of a scene's clips must differ.
local function check_ids(walk, scene)
  local first_place, first_id, places
  for i, clip in pairs(scene.clips) do
    local id = type(clip) == "table" and clip.id
    if type(id) == "string" then
      if not first_place then
        first_place, first_id = i, id
      else
        places = places or { [first_id] = first_place }
        if places[id] then
          report_item(walk, "clips", i, "id",
            ('is also the id of clips[%s] of this scene'):format(places[id]), id)
        else
          places[id] = i
        end
      end
    end
  end
end

--- The scene must have the avatar that speaks a script.
local function check_speakers(walk, scene)
  local found
  for i, script in pairs(scene.scripts) do
    local id = type(script) == "table" and script.modelId
    if type(id) == "string" then
      found = found or avatars(scene)
      if not found[id] then
        local there = list_names(found)
        report_item(walk, "scripts", i, "modelId",
          ('no avatar of this scene is "%s"; %s'):format(id,
            there == "" and "it has no aiModel clip"
              or "model.ai_name of its aiModel clips: " .. there
              .. require "aistudios.util.suggest".hint(id, found)), id)
      end
    end
  end
end

local check_scene_fields = field_checks.object(schema.scene, check_clip)

local function check_scene(walk, scene)
  local bytes, is_documented = fast_path(scene, walk.ids_seen)
  if is_documented and walk.clean then walk.clean[scene] = bytes end
  if bytes then return end
  check_scene_fields(walk, scene)
  if type(scene.clips) == "table" then check_ids(walk, scene) end
  if type(scene.scripts) == "table" then check_speakers(walk, scene) end
end

local fields = {}
for name, field in pairs(schema.project) do fields[name] = field end
fields.scenes = { type = "list", required = true, items = check_scene }
local check_project = field_checks.object(fields)

--- Finds the errors of a project.
---@param project any
---@param clean? table<table, integer>  receives the scenes that certainly have no
--- error, no unknown field and no `{{`, with the most bytes that their JSON takes
---@return aistudios.Problem[] problems  sorted by path; empty when there is none
return function (project, clean)
  local walk = { depth = 0, ids_seen = { scenes = {}, count = 0 }, clean = clean }
  if type(project) ~= "table" then
    report(walk, nil, "a project is a table, not a " .. type(project), project)
  else
    check_project(walk, project)
  end
  return walk.problems and paths.sort(walk.problems) or {}
end
