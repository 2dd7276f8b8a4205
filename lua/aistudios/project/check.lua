-- SPDX-License-Identifier: MIT
--
-- check: everything that can be said of a project before it is sent: the errors
-- of project.validate, and warnings about what is allowed but seldom meant.
-- Calls that send a project look for the errors alone.

local core = require "aistudios.core"
local model_checks = require "aistudios.project.model_checks"
local paths = require "aistudios.project.paths"
local placeholders = require "aistudios.project.placeholders"
local speech = require "aistudios.project.speech"
local text_fit = require "aistudios.project.text_fit"
local unencodable = require "aistudios.project.unencodable"
local unknown_fields = require "aistudios.project.unknown_fields"
local validate = require "aistudios.project.validate"
local visibility = require "aistudios.project.visibility"

---@class aistudios.CheckOptions
---@field models? table  what list_models or list_models_detailed returned

-- Is there certainly no warning about the scripts of a clean scene? There is one
-- form of scripts, and each says something.
local function has_plain_scripts(scene)
  local scripts, has_form = scene.scripts, scene.scripts ~= nil
  for i = 1, scripts and #scripts or 0 do
    if not speech.begins_with_words(scripts[i].org) then return false end
  end
  for _, clip in ipairs(scene.clips) do
    if clip.type == "aiModel" and clip.script then
      if scripts and scripts[1] or not speech.begins_with_words(clip.script.org) then
        return false
      end
      has_form = true
    end
  end
  return has_form
end

local function warn_of_scripts(warn, scene, path)
  local has_scripts, has_clip_scripts, first = false, false, nil
  for _, said in ipairs(speech.of(scene)) do
    local place = ("%s.%s[%d]"):format(path, said.list, said.index)
    if said.list == "clips" then
      place = place .. ".script"
      has_clip_scripts, first = true, first or place
    else
      has_scripts = true
    end
    if said.is_empty then warn(place .. ".org", "says nothing", nil) end
  end
  if scene.scripts == nil and not has_clip_scripts then
    warn(path .. ".scripts", "is documented as required; an empty list where nothing is said")
  end
  if has_scripts and has_clip_scripts then
    warn(first, "is a second form of the script beside " .. path
      .. ".scripts; write one of them")
  end
end

local function warn_of_scene_numbers(warn, scenes)
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

local function warn_of_texts(warn, scene, path)
  for i, clip in ipairs(scene.clips) do
    local why = type(clip) == "table" and clip.type == "textImage" and text_fit.overflow(clip)
    if why then warn(("%s.clips[%d].text"):format(path, i), why, clip.text) end
  end
end

local function warn_of_scene(warn, scene, path, canvas, is_clean)
  if not (is_clean and has_plain_scripts(scene)) then warn_of_scripts(warn, scene, path) end
  if type(scene.clips) ~= "table" then return end
  if is_clean and visibility.is_plain(scene, canvas) then return end
  visibility.warn(warn, scene, path, canvas)
  warn_of_texts(warn, scene, path)
end

local function warn_of_placeholders(warn, project, clean)
  local found, unclear = placeholders.find(project, clean)
  for _, problem in ipairs(unclear) do
    if problem.value then warn(problem.path, problem.message, problem.value) end
  end
  for _, placeholder in ipairs(found) do
    warn(placeholder.path, ("holds {{%s}}, which was not filled in; see aistudios.template")
      :format(placeholder.name), nil)
  end
end

local MAX_BYTES = 64 * 1024 * 1024 -- of a project's JSON

-- Has the project certainly a JSON form? The clean scenes have.
local function is_encodable(project, clean)
  local others, scenes = {}, project.scenes
  for key, value in next, project do
    if key ~= "scenes" then others[key] = value end
  end
  local bytes, count = core.check(others, "{{"), 0
  if not bytes or type(scenes) ~= "table" then return false end
  for _, scene in next, scenes do
    if not clean[scene] then return false end
    bytes, count = bytes + clean[scene], count + 1
  end
  return count == #scenes and bytes < MAX_BYTES
    and not getmetatable(project) and not getmetatable(scenes)
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

--- Finds the errors and warnings of a project.
---@param project any
---@param models? table  of project.model_checks.index: the models of the account
---@return aistudios.Problem[] errors    sorted by path
---@return aistudios.Problem[] warnings  sorted by path
return function (project, models)
  local clean, warnings = {}, {}
  local errors = validate(project, clean)
  if type(project) ~= "table" then return errors, warnings end
  local warn, refuse = collector(warnings, "warning"), collector(errors, "error")
  unknown_fields(warn, project, clean)
  warn_of_placeholders(warn, project, clean)
  if not is_encodable(project, clean) then refuse_unencodable(refuse, project, errors) end
  local scenes = type(project.scenes) == "table" and project.scenes or {}
  if project.scenes == scenes and next(scenes) == nil then
    warn("scenes", "is empty: there is nothing to render")
  end
  warn_of_scene_numbers(warn, scenes)
  local canvas = visibility.canvas(project)
  for i, scene in ipairs(scenes) do
    if type(scene) == "table" then
      local path = ("scenes[%d]"):format(i)
      warn_of_scene(warn, scene, path, canvas, clean[scene])
      if models then model_checks.check(refuse, models, scene, path) end
    end
  end
  return paths.sort(errors), paths.sort(warnings)
end
