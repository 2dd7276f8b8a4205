-- SPDX-License-Identifier: MIT
--
-- check: looks at a whole project before it costs anything: every field that
-- the schema knows, and what must fit together across fields. Unknown fields
-- pass. Never raises, never changes the project.

local compile = require "aistudios.project.field_checks"
local fast = require "aistudios.project.fast_path"
local schema = require "aistudios.project.schema"

local report = compile.report

local clips = {}

-- What people write for the types of clips.
local other_names = { text = "textImage", video = "videoImage", avatar = "aiModel",
  model = "aiModel", picture = "image", img = "image", music = "audio", sound = "audio" }

local function look_at_clip(walk, clip)
  local kind = clip.type
  local look = clips[kind]
  if look then return look(walk, clip) end
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
  clips[name] = compile.object(fields)
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

--- A problem with a field of an item of one of the scene's lists.
local function report_item(walk, list, i, name, message, value)
  local depth = walk.depth
  walk[depth + 1], walk[depth + 2], walk.depth = list, i, depth + 2
  report(walk, name, message, value)
  walk.depth = depth
end

--- Clips are told apart by their ids.
local function look_at_ids(walk, scene)
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

--- Somebody must be there to speak a script.
local function look_at_speakers(walk, scene)
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

local look_at_fields = compile.object(schema.scene, look_at_clip)

local function look_at_scene(walk, scene)
  local bytes, is_spotless = fast(scene, walk.seen)
  if is_spotless and walk.spotless then walk.spotless[scene] = bytes end
  if bytes then return end
  look_at_fields(walk, scene)
  if type(scene.clips) == "table" then look_at_ids(walk, scene) end
  if type(scene.scripts) == "table" then look_at_speakers(walk, scene) end
end

local fields = {}
for name, field in pairs(schema.project) do fields[name] = field end
fields.scenes = { type = "list", required = true, items = look_at_scene }
local look_at_project = compile.object(fields)

--- Looks at a project.
---@param project any
---@param spotless? table<table, integer>  gains the scenes of whose fields nothing
--- can be said, not even that one is unknown or holds a {{name}}, and which
--- surely can be written as JSON, with the bytes that they then have at most
---@return aistudios.Problem[] problems  empty when there is none
return function (project, spotless)
  local walk = { depth = 0, seen = { ids = {}, count = 0 }, spotless = spotless }
  if type(project) ~= "table" then
    report(walk, nil, "a project is a table, not a " .. type(project), project)
  else
    look_at_project(walk, project)
  end
  return walk.problems and require "aistudios.project.order"(walk.problems) or {}
end
