-- SPDX-License-Identifier: MIT
--
-- clips: the documented fields of the parts of a scene, and the rules between
-- them.

local fields = require "aistudios.sandbox.fields"
local json = require "aistudios.sandbox.json"

local M = {}

local function percent(key) return { key, "number", min = 1, max = 100 } end

local shadow = {
  { "shadow.color", "string" },
  { "shadow.blur", "number", min = 0, max = 10 },
  { "shadow.offsetX", "number", min = 0.1, max = 10 },
  { "shadow.offsetY", "number", min = 0.1, max = 10 },
  { "shadow.enabled", "boolean" },
}

local animation = {
  { "animation.type", "string", required = true, enum = {
    "fade-in", "fade-out", "in-right", "in-down", "in-left", "in-up", "out-right",
    "out-down", "out-left", "out-up", "zoom-in", "zoom-out" } },
  { "animation.duration", "integer", required = true, min = 1, max = 30 },
  { "animation.delay", "integer", required = true, min = 0, max = 30 },
}

local own = {
  aiModel = {
    { "model", "object", required = true },
    { "model.ai_name", "string", required = true },
    { "model.emotion", "string", required = true },
    { "tag", "string" },
    { "script", "object" },
    { "script.org", "string", required = true },
    { "script.tts", "object|null" },
  },
  shape = {
    { "shapeName", "string", required = true, enum = {
      "Line_v2", "Arrow_1_v2", "Arrow_2_v2", "Circle", "Triangle", "Square",
      "Parallelogram", "Drop_1", "Polygon", "Pentagon", "Oval_1", "Oval_2",
      "Hexagon_1", "Hexagon_2", "Diamond", "Star", "Rectangle_corner0" } },
    { "fill", "string", required = true },
    { "angle", "number" }, percent "opacity", shadow, animation,
  },
  image = {
    { "source_url", "string", required = true },
    { "angle", "number" }, percent "opacity", animation,
  },
  textImage = {
    { "fill", "string", required = true },
    { "text", "string", required = true },
    { "fontSize", "number", required = true },
    { "fontStyle", "string", enum = { "italic", "" } },
    { "angle", "number" }, percent "opacity", shadow, animation,
  },
  videoImage = {
    { "video_url", "string", required = true }, percent "volume", percent "opacity",
  },
  audio = {
    { "source_url", "string", required = true },
    { "label", "string", required = true }, percent "volume",
  },
}

local function flatten(rows, into)
  for _, row in ipairs(rows) do
    if type(row[1]) == "table" then
      flatten(row, into)
    else
      into[#into + 1] = row
    end
  end
  return into
end

local rules, types = {}, {}
for kind, rows in pairs(own) do
  rules[kind] = fields.compile(flatten(rows, {}))
  types[#types + 1] = kind
end
table.sort(types)

--- Checks what a clip has by its type.
local function clip_problem(clip, at)
  local rule = rules[clip.type]
  if not rule then
    return ("%s.type must be one of: %s"):format(at, table.concat(types, ", "))
  end
  return fields.problem_in(clip, rule, at .. ".")
end

--- The clips of an avatar, and whether each brings its own script.
local function avatars_of(scene)
  local models, all_speak = {}, true
  for _, clip in ipairs(scene.clips) do
    if clip.type == "aiModel" then
      models[clip.model.ai_name] = clip.model.emotion
      all_speak = all_speak and type(clip.script) == "table"
    end
  end
  return models, all_speak and next(models) ~= nil
end

--- Speech is in `scripts`, or, as older pages have it, in each avatar's clip.
local function scene_problem(scene, at)
  local models, all_speak = avatars_of(scene)
  local scripts = scene.scripts
  if scripts == nil or scripts == json.null then
    return not all_speak and at .. ".scripts is required" or nil
  end
  for i, script in ipairs(scripts) do
    local path = ("%s.scripts[%d]"):format(at, i - 1)
    if not models[script.modelId] then
      return path .. ".modelId is that of no aiModel clip of the scene"
    elseif models[script.modelId] ~= script.clothId then
      return path .. ".clothId is not the emotion of that clip"
    end
  end
end

--- The rows of a project's scenes.
M.scenes = {
  { "scenes", "array", required = true, each = scene_problem },
  { "scenes[].sceneIdx", "integer", required = true },
  { "scenes[].background", "object", required = true },
  { "scenes[].scripts", "array" },
  { "scenes[].scripts[].org", "string", required = true },
  { "scenes[].scripts[].isTTS", "boolean", required = true },
  { "scenes[].scripts[].tts", "object|null", required = true },
  { "scenes[].scripts[].modelId", "string", required = true },
  { "scenes[].scripts[].clothId", "string", required = true },
  { "scenes[].clips", "array", required = true, each = clip_problem,
    fields_of = function (clip) return rules[clip.type] end },
  { "scenes[].clips[].id", "string", required = true },
  { "scenes[].clips[].type", "string", required = true },
  { "scenes[].clips[].layer", "integer", required = true },
  { "scenes[].clips[].left", "number", required = true },
  { "scenes[].clips[].top", "number", required = true },
  { "scenes[].clips[].width", "number", required = true },
  { "scenes[].clips[].height", "number", required = true },
  { "scenes[].clips[].scaleX", "number" },
  { "scenes[].clips[].scaleY", "number" },
}

--- Overwrites fields of the clips that updates name by scene and type.
---@param scenes table    changed
---@param updates table[]
---@return string? problem
function M.apply(scenes, updates)
  for i, update in ipairs(updates) do
    local scene
    for _, candidate in ipairs(scenes) do
      if candidate.sceneIdx == update.sceneIdx then scene = candidate end
    end
    if not scene then
      return ("updates.value[%d].sceneIdx: the project has no such scene"):format(i - 1)
    end
    local targets = update.type == "background" and { scene.background } or {}
    for _, clip in ipairs(scene.clips) do
      if clip.type == update.type then targets[#targets + 1] = clip end
    end
    for _, target in ipairs(targets) do
      for key, value in pairs(update.values) do
        if key == "script" and type(value) == "string" and scene.scripts then
          if scene.scripts[1] then scene.scripts[1].org = value end
        else
          target[key] = value
        end
      end
    end
  end
end

return M
