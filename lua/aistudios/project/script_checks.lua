-- SPDX-License-Identifier: MIT
--
-- script_checks: warnings about what is said in a scene: scripts that say nothing
-- or exist twice, markup that is not documented, letters that the avatar's language
-- does not have, and avatars without a script.

local speech = require "aistudios.project.speech"

local find = string.find

local M = {}

-- Words in square brackets that are read as instructions elsewhere.
local cues = { pause = true, ["break"] = true, silence = true, breath = true, laugh = true,
  laughs = true, sigh = true, sighs = true, whisper = true, whispers = true, music = true }

-- What a script holds that is not documented; nil when there is nothing.
local function odd_markup(org)
  if not find(org, "[<%[]") then return nil end
  for name in org:gmatch "<[/!?]?%s*([%a][%w:-]*)[^<>]*>" do
    local tag = name:lower()
    if tag ~= "p" and tag ~= "span" then
      return ("holds <%s>: the only tags that are documented are <p> and <span>"):format(name)
    end
  end
  for cue in org:gmatch "%[%s*(%a+)[^%[%]]*%]" do
    if cues[cue:lower()] then
      return ("holds [%s]: no such instructions are documented, it may be spoken"):format(cue)
    end
  end
end

local function foreign_letters(said, models)
  local entry = models and type(said.model) == "string" and models[said.model]
  local language = said.language or entry and entry.language
  local letters = speech.foreign_letters(said.text, language)
  return letters and ('holds %s letters, and the language of the avatar is "%s"'):format(letters,
    language)
end

local function warn_of_script(warn, said, place, models)
  if said.is_empty then
    if not said.is_deleted then warn(place .. ".org", "says nothing") end
    return
  end
  local org = said.org
  if type(org) ~= "string" then return end
  local odd, foreign = odd_markup(org), foreign_letters(said, models)
  if odd then warn(place .. ".org", odd, org) end
  if foreign then warn(place .. ".org", foreign, org) end
end

local function warn_of_deleted_avatars(warn, scene, path)
  for i, clip in ipairs(scene.clips) do
    if type(clip) == "table" and clip.type == "aiModel" and clip.isDelete == true then
      warn(("%s.clips[%d].isDelete"):format(path, i),
        "the avatar is deleted: it is not shown; leave its clip out, or isDelete", true)
    end
  end
end

local function warn_of_silent_avatars(warn, scene, spoken, path)
  for i, clip in ipairs(scene.clips) do
    local model = type(clip) == "table" and clip.type == "aiModel" and clip.isDelete ~= true
      and type(clip.script) ~= "table" and clip.model
    if type(model) == "table" and type(model.ai_name) == "string"
        and not spoken[model.ai_name] then
      warn(("%s.clips[%d]"):format(path, i), "this avatar says nothing: no script of the scene"
        .. " has its modelId")
    end
  end
end

--- Warns of what is said in a scene.
---@param warn aistudios.project.Warn
---@param scene table
---@param path string  of the scene
---@param models? table  of project.model_checks.index
function M.warn(warn, scene, path, models)
  local has_scripts, first, spoken = false, nil, {}
  for _, said in ipairs(speech.of(scene)) do
    local place = ("%s.%s[%d]"):format(path, said.list, said.index)
    if said.list == "clips" then
      place = place .. ".script"
      first = first or place
    else
      has_scripts = true
      if type(said.model) == "string" then spoken[said.model] = true end
    end
    warn_of_script(warn, said, place, models)
  end
  if has_scripts and first then
    warn(first, "is a second form of the script beside " .. path
      .. ".scripts; write one of them")
  end
  if type(scene.clips) ~= "table" then return end
  warn_of_deleted_avatars(warn, scene, path)
  if type(scene.scripts) == "table" then
    warn_of_silent_avatars(warn, scene, spoken, path)
  end
end

return M
