-- SPDX-License-Identifier: MIT
--
-- review: everything that can be said of a project before it is sent: the
-- errors of check, and what may be meant but seldom is, as warnings. A
-- client that sends runs the errors alone.

local caption = require "aistudios.project.text_fit"
local look = require "aistudios.core".look
local catalogue = require "aistudios.project.model_checks"
local check = require "aistudios.project.validate"
local layout = require "aistudios.project.visibility"
local order = require "aistudios.project.order"
local places = require "aistudios.project.placeholders"
local speech = require "aistudios.project.speech"
local unknown = require "aistudios.project.unknown_fields"

---@class aistudios.CheckOptions
---@field models? table  the catalogue: what list_models or list_models_detailed returned

-- Can nothing be said of a scene's scripts? For one that project.fast found
-- spotless: one form of the script, and nobody says nothing.
local function has_plain_scripts(scene)
  local scripts, has_form = scene.scripts, scene.scripts ~= nil
  for i = 1, scripts and #scripts or 0 do
    if not speech.begins(scripts[i].org) then return false end
  end
  for _, clip in ipairs(scene.clips) do
    if clip.type == "aiModel" and clip.script then
      if scripts and scripts[1] or not speech.begins(clip.script.org) then return false end
      has_form = true
    end
  end
  return has_form
end

local function warn_of_script(warn, scene, path)
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

local function warn_of_order(warn, scenes)
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

local function warn_of_captions(warn, scene, number)
  for i, clip in ipairs(scene.clips) do
    if type(clip) == "table" and clip.type == "textImage" then
      local why = caption.overflow(clip)
      if why then
        warn(("scenes[%d].clips[%d].text"):format(number, i), why, clip.text)
      end
    end
  end
end

local function warn_of_scene(warn, scene, number, canvas, is_spotless)
  if not (is_spotless and has_plain_scripts(scene)) then
    warn_of_script(warn, scene, ("scenes[%d]"):format(number))
  end
  if type(scene.clips) ~= "table" then return end
  if is_spotless and layout.is_plain(scene, canvas) then return end
  layout.warn(warn, scene, ("scenes[%d]"):format(number), canvas)
  warn_of_captions(warn, scene, number)
end

local function warn_of_names(warn, project, spotless)
  local found, unclear = places.find(project, spotless)
  for _, problem in ipairs(unclear) do
    if problem.value then warn(problem.path, problem.message, problem.value) end
  end
  for _, place in ipairs(found) do
    warn(place.path, ("holds {{%s}}, which was not filled in; see aistudios.template")
      :format(place.name), nil)
  end
end

local MOST_BYTES = 64 * 1024 * 1024 -- that are written of a project

-- Can everything surely be written? The scenes that are spotless can.
local function is_surely_json(project, spotless)
  local others, scenes = {}, project.scenes
  for key, value in next, project do
    if key ~= "scenes" then others[key] = value end
  end
  local bytes, count = look(others, "{{"), 0
  if not bytes or type(scenes) ~= "table" then return false end
  for _, scene in next, scenes do
    if not spotless[scene] then return false end
    bytes, count = bytes + spotless[scene], count + 1
  end
  return count == #scenes and bytes < MOST_BYTES
    and not getmetatable(project) and not getmetatable(scenes)
end

-- What keeps a project from being written, unless it was found wrong there.
local function refuse_unwritable(refuse, project, errors)
  local known = {}
  for _, problem in ipairs(errors) do known[problem.path] = true end
  require "aistudios.project.unencodable"(function (path, ...)
    if not known[path] then refuse(path, ...) end
  end, project)
end

local function collector(problems, level)
  return function (path, message, value)
    problems[#problems + 1] =
      { path = path, message = message, value = value, level = level }
  end
end

--- Looks at a project from every side.
---@param project any
---@param index? table  of project.catalogue: the models that there are
---@return aistudios.Problem[] errors
---@return aistudios.Problem[] warnings
return function (project, index)
  local spotless, warnings = {}, {}
  local errors = check(project, spotless)
  if type(project) ~= "table" then return errors, warnings end
  local warn, refuse = collector(warnings, "warning"), collector(errors, "error")
  unknown(warn, project, spotless)
  warn_of_names(warn, project, spotless)
  if not is_surely_json(project, spotless) then refuse_unwritable(refuse, project, errors) end
  local scenes = type(project.scenes) == "table" and project.scenes or {}
  if project.scenes == scenes and next(scenes) == nil then
    warn("scenes", "is empty: there is nothing to render")
  end
  warn_of_order(warn, scenes)
  local canvas = layout.canvas(project)
  for i, scene in ipairs(scenes) do
    if type(scene) == "table" then
      warn_of_scene(warn, scene, i, canvas, spotless[scene])
      if index then catalogue.look(refuse, index, scene, ("scenes[%d]"):format(i)) end
    end
  end
  return order(errors), order(warnings)
end
