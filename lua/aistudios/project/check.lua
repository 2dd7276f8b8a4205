-- SPDX-License-Identifier: MIT
--
-- check: everything that can be said of a project before it is sent: the errors
-- of project.validate, and warnings about what is allowed but seldom meant.
-- Calls that send a project look for the errors alone.

local colors = require "aistudios.project.colors"
local core = require "aistudios.core"
local fast_path = require "aistudios.project.fast_path"
local field_checks = require "aistudios.project.field_checks"
local field_warnings = require "aistudios.project.field_warnings"
local model_checks = require "aistudios.project.model_checks"
local paths = require "aistudios.project.paths"
local schema = require "aistudios.project.schema"
local script_checks = require "aistudios.project.script_checks"
local speech = require "aistudios.project.speech"
local unencodable = require "aistudios.project.unencodable"
local validate = require "aistudios.project.validate"
local visibility = require "aistudios.project.visibility"

local look_at = core.scene_checker(colors.known, speech.alphabets,
  schema.clips.textImage.align.usual, colors.linear)

---@class aistudios.CheckOptions
---@field models? table  what list_models or list_models_detailed returned

-- Are scenes numbered as they stand?
local function are_in_order(scenes)
  for i, scene in ipairs(scenes) do
    if type(scene) ~= "table" or scene.sceneIdx ~= i - 1 then return false end
  end
  return true
end

local function warn_of_scene_numbers(warn, scenes)
  if are_in_order(scenes) then return end
  local taken, count = {}, 0
  for i, scene in ipairs(scenes) do
    count = i
    local index = type(scene) == "table" and scene.sceneIdx
    index = type(index) == "number" and math.tointeger(index)
    if index then
      if taken[index] then
        warn(("scenes[%d].sceneIdx"):format(i), ("is also that of scenes[%d]")
          :format(taken[index]), index)
      end
      taken[index] = taken[index] or i
    end
  end
  for i, scene in ipairs(scenes) do
    local index = type(scene) == "table" and scene.sceneIdx
    if type(index) == "number" and index >= count then
      warn(("scenes[%d].sceneIdx"):format(i),
        count == 1 and "leaves a gap: the only scene is 0"
          or ("leaves a gap: %d scenes count from 0 to %d"):format(count, count - 1), index)
    end
  end
end

local function is_empty(list) return field_checks.first_key(list) == nil end

local function warn_of_scene(warn, scene, path, canvas, is_seen)
  local clips, scripts = scene.clips, scene.scripts
  if type(clips) ~= "table" then return end
  if is_empty(clips) and (type(scripts) ~= "table" or is_empty(scripts)) then
    warn(path, "this scene shows nothing and says nothing: it has no clips and no scripts")
  end
  if not is_seen then visibility.warn(warn, scene, path, canvas) end
end

-- Reports what has no JSON form, unless that value has an error already.
local function refuse_unencodable(refuse, project, errors)
  local known = {}
  for _, problem in ipairs(errors) do known[problem.path] = true end
  unencodable(function (path, ...)
    if not known[path] then refuse(path, ...) end
  end, project)
end

local function collector(problems, level)
  return function (path, message, value)
    problems[#problems + 1] =
      { path = path, message = message, value = value, level = level }
  end
end

-- A project with methods, as the builder's, without them: what JSON has of it.
local function without_methods(project)
  local meta = type(project) == "table" and getmetatable(project)
  if type(meta) ~= "table" or meta.__index == nil or meta.__pairs then return project end
  local own = {}
  for name, value in next, project do own[name] = value end
  return own
end

-- By scene: are its fields known, is all of it seen, is what it says as it should be?
-- Of scenes of which all before the last give nothing to warn of.
local function looks_of(scenes, last, is_seen, is_spoken, is_known)
  local known, seen, spoken = {}, {}, {}
  for i = 1, last do
    local scene, is_before = scenes[i], i < last
    known[scene], seen[scene] = is_before or is_known, is_before or is_seen
    spoken[scene] = is_before or is_spoken
  end
  return { known = known, seen = seen, spoken = spoken }
end

-- Warns of the scenes where there may be something: of their fields, of what they show
-- and say.
---@param clean table<table, boolean>  scenes without errors; true for one without unknown fields
---@param looks table  of looks_of
local function warn_of_scenes(warn, project, scenes, canvas, clean, looks, models)
  local known, seen, spoken = looks.known, looks.seen, looks.spoken
  for scene, has_no_other in next, clean do
    if has_no_other and seen[scene] == nil then
      seen[scene], spoken[scene], known[scene] = look_at(scene, canvas.width, canvas.height)
    end
  end
  field_warnings.warn(warn, project, known)
  for i, scene in ipairs(scenes) do
    if type(scene) == "table" and not (seen[scene] and spoken[scene]) then
      local path = ("scenes[%d]"):format(i)
      if not spoken[scene] then script_checks.warn(warn, scene, path, models) end
      warn_of_scene(warn, scene, path, canvas, seen[scene])
    end
  end
end

local function check_models(refuse, models, scenes)
  for i, scene in ipairs(scenes) do
    if type(scene) == "table" then
      model_checks.check(refuse, models, scene, ("scenes[%d]"):format(i))
    end
  end
end

--- Finds the errors and warnings of a project.
---@param project any
---@param models? table  of project.model_checks.index: the models of the account
---@return aistudios.Problem[] errors    sorted by path
---@return aistudios.Problem[] warnings  sorted by path
return function (project, models)
  project = without_methods(project)
  local clean, warnings = {}, {}
  local canvas, is_seen, is_spoken, is_known -- of the scene that was looked at last
  local function is_plain(scene)
    canvas = canvas or visibility.canvas(project)
    is_seen, is_spoken, is_known = look_at(scene, canvas.width, canvas.height)
    return is_seen and is_spoken
  end
  local is_clean, is_documented, is_encodable, doubtful = fast_path.check(project, is_plain)
  local errors, notes = {}, nil
  is_clean = is_clean and is_documented
  if not is_clean then errors, notes = validate(project, clean) end
  if errors[1] and errors[1].path == "" then return errors, warnings end
  local scenes = type(project.scenes) == "table" and project.scenes or {}
  canvas = canvas or visibility.canvas(project)
  local warn, refuse = collector(warnings, "warning"), collector(errors, "error")
  local looks = not is_clean and { known = {}, seen = {}, spoken = {} }
    or doubtful and looks_of(scenes, doubtful, is_seen, is_spoken, is_known)
  if not looks then
    field_warnings.warn(warn, project, true)
  else
    for i = 1, is_clean and #scenes or 0 do clean[scenes[i]] = true end
    warn_of_scenes(warn, project, scenes, canvas, clean, looks, models)
  end
  for _, note in ipairs(notes or {}) do
    if note.value then warn(note.path, note.message, note.value) end
  end
  if not is_encodable then refuse_unencodable(refuse, project, errors) end
  if project.isExport == false and project.scenes == scenes and is_empty(scenes) then
    warn("scenes", "is empty: there is nothing to render")
  end
  warn_of_scene_numbers(warn, scenes)
  if models then check_models(refuse, models, scenes) end
  return paths.sort(errors), paths.sort(warnings)
end
