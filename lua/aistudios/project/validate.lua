-- SPDX-License-Identifier: MIT
--
-- validate: the errors of a project: every field of the schema, and what must
-- agree between fields. Unknown fields pass. Never raises, never changes the
-- project.

local fast_path = require "aistudios.project.fast_path"
local field_checks = require "aistudios.project.field_checks"
local json = require "aistudios.json"
local other_apis = require "aistudios.project.other_apis"
local paths = require "aistudios.project.paths"
local placeholders = require "aistudios.project.placeholders"
local schema = require "aistudios.project.schema"

local report = field_checks.report

--- The clothes of a scene's avatars, by their model's id.
---@return table<string, table<string, true>>
local function avatars(scene)
  local found = {}
  if type(scene.clips) ~= "table" then return found end
  for _, clip in pairs(scene.clips) do
    if type(clip) == "table" and clip.type == "aiModel"
        and type(clip.model) == "table" then
      local id, clothes = clip.model.ai_name, clip.model.emotion
      if type(id) == "string" then
        found[id] = found[id] or {}
        if type(clothes) == "string" then found[id][clothes] = true end
      end
    end
  end
  return found
end

local MAX_NAMES = 8 -- that one message lists

local function list_names(found)
  local names = {}
  for name in pairs(found) do names[#names + 1] = '"' .. name .. '"' end
  table.sort(names)
  if #names > MAX_NAMES then names[MAX_NAMES + 1] = "..." end
  return table.concat(names, ", ", 1, math.min(#names, MAX_NAMES + 1))
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

--- A script must name an avatar of the scene, and its clothes.
---@param names table<table, string>  of `list_names`, by list
local function check_speaker(walk, i, script, found, names)
  local clothes = found[script.modelId]
  local list = clothes or found
  if type(script.modelId) == "string" and not clothes then
    names[list] = names[list] or list_names(list)
    report_item(walk, "scripts", i, "modelId", ('no avatar of this scene is "%s"; %s'):format(
      script.modelId, names[list] == "" and "it has no aiModel clip"
        or "model.ai_name of its aiModel clips: " .. names[list]), script.modelId)
  elseif clothes and type(script.clothId) == "string" and not clothes[script.clothId] then
    names[list] = names[list] or list_names(list)
    report_item(walk, "scripts", i, "clothId", ('"%s" is not what "%s" wears in this scene;'
      .. " model.emotion of its clip: %s"):format(script.clothId, script.modelId, names[list]),
      script.clothId)
  end
end

local function check_speakers(walk, scene)
  local found, names = avatars(scene), {}
  for i, script in pairs(scene.scripts) do
    if type(script) == "table" then check_speaker(walk, i, script, found, names) end
  end
end

--- Older projects have scripts in their aiModel clips; all others need the list.
local function check_for_scripts(walk, scene)
  for _, clip in pairs(type(scene.clips) == "table" and scene.clips or {}) do
    if type(clip) == "table" and type(clip.script) == "table" then return end
  end
  report(walk, "scripts", "is required: a list; an empty one where nothing is said")
end

local function check_scene(walk, scene)
  local is_clean, is_documented = fast_path.check { scenes = { scene } }
  if is_clean then
    walk.clean[scene] = is_documented
    return
  end
  field_checks.check_fields(walk, scene, schema.scene)
  if type(scene.clips) == "table" then check_ids(walk, scene) end
  if type(scene.scripts) == "table" then
    check_speakers(walk, scene)
  elseif scene.scripts == nil or scene.scripts == json.null then
    check_for_scripts(walk, scene)
  end
end

local fields = {}
for name, field in pairs(schema.project) do fields[name] = field end
fields.scenes = { type = "list", required = true,
  items = { type = "object", check = check_scene } }

--- A project that is rendered needs its placeholders filled in.
---@return aistudios.Problem[] notes  about placeholders, that are no errors
local function check_placeholders(walk, project)
  local unfilled, notes = placeholders.unfilled(project, walk.clean)
  local found = project.isExport == false and notes or walk.problems
  table.move(unfilled, 1, #unfilled, #found + 1, found)
  return notes
end

--- Finds the errors of a project.
---@param project any
---@param clean? table<table, boolean>  receives the scenes that certainly have no error
--- and no `{{`; false for one that has unknown fields
---@param takes_braces? boolean  {{name}} is a text as any other
---@return aistudios.Problem[] problems  sorted by path; empty when there is none. One
--- without a path is all that is to be said
---@return aistudios.Problem[]? notes  about placeholders, that are no errors
return function (project, clean, takes_braces)
  local walk = field_checks.walk()
  if type(project) ~= "table" then
    report(walk, nil, "a project is a table, not a " .. type(project), project)
    return walk.problems
  end
  walk.clean, walk.is_fetched = clean or {}, project._id ~= nil
  field_checks.check_fields(walk, project, fields)
  local other_api = walk.problems[1] and other_apis(project)
  if other_api then
    walk.problems = {}
    report(walk, nil, other_api, project)
    return walk.problems
  end
  local scenes = project.isExport ~= false and project.scenes
  if type(scenes) == "table" and scenes[1] == nil
      and field_checks.first_key(scenes) == nil then
    report(walk, "scenes", "is empty: there is nothing to render")
  end
  local notes = not takes_braces and placeholders.has_any(project, walk.clean)
    and check_placeholders(walk, project) or nil
  return paths.sort(walk.problems), notes
end
