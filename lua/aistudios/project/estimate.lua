-- SPDX-License-Identifier: MIT
--
-- estimate: scenes, clips, characters and seconds of a project before it is
-- rendered. How long a text really takes depends on the service's voices.

local schema = require "aistudios.project.schema"
local speech = require "aistudios.project.speech"
local format = require "aistudios.util.decimal".format

---@class aistudios.Estimate
---@field scenes integer
---@field clips integer
---@field characters integer  spoken, without markup
---@field seconds number      spoken, of all scenes
---@field languages table<string, { characters: integer, seconds: number, rate: number }>
---   by language; "other" where neither the avatar nor the letters tell it
---@field by_scene { characters: integer, seconds: number }[]
---@field resolution string
---@field width integer       of the canvas, px
---@field height integer
---@field is_estimate true
---@field rule string         how the seconds were found

-- The spoken texts of a scene: those of the newer form, where both are present.
local function heard(scene)
  local all, newer = speech.of(scene), {}
  for _, said in ipairs(all) do
    if said.list == "scripts" then newer[#newer + 1] = said end
  end
  return newer[1] and newer or all
end

local function add_scene(estimate, scene)
  local sum = { characters = 0, seconds = 0 }
  for _, said in ipairs(heard(scene)) do
    local characters = speech.length(said.text)
    local seconds, language = speech.seconds(said.text, said.language)
    if characters > 0 then
      local row = estimate.languages[language] or { characters = 0, seconds = 0,
        rate = speech.rates[language] or speech.other_rate }
      estimate.languages[language] = row
      row.characters = row.characters + characters
      row.seconds = row.seconds + seconds
      sum.characters = sum.characters + characters
      sum.seconds = sum.seconds + seconds
    end
  end
  estimate.by_scene[#estimate.by_scene + 1] = sum
  estimate.characters = estimate.characters + sum.characters
  estimate.seconds = estimate.seconds + sum.seconds
  if type(scene.clips) == "table" then
    for _ in ipairs(scene.clips) do estimate.clips = estimate.clips + 1 end
  end
end

local function rule_of(languages)
  local names, parts = {}, {}
  for name in pairs(languages) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = format("%s %.14g", name, languages[name].rate)
  end
  return "characters per second of speech: "
    .. (parts[1] and table.concat(parts, ", ") or "nothing is said")
    .. "; an estimate, pauses and videos are not counted"
end

--- Estimates a project. Never raises for a table.
---@param project table
---@return aistudios.Estimate
return function (project)
  local canvas = schema.canvas[project.orientation] or schema.canvas.landscape
  local estimate = {
    scenes = 0, clips = 0, characters = 0, seconds = 0, languages = {}, by_scene = {},
    resolution = type(project.resolution) == "string" and project.resolution
      or schema.project.resolution.assumed,
    width = canvas.width, height = canvas.height, is_estimate = true,
  }
  for _, scene in ipairs(type(project.scenes) == "table" and project.scenes or {}) do
    estimate.scenes = estimate.scenes + 1
    add_scene(estimate, type(scene) == "table" and scene or {})
  end
  estimate.rule = rule_of(estimate.languages)
  return estimate
end
