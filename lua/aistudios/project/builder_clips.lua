-- SPDX-License-Identifier: MIT
--
-- builder_clips: makes clips of the builder's options, one function for each clip
-- type. Fields of the API are copied as they are; missing ones get defaults.

local geometry = require "aistudios.project.geometry"
local text_fit = require "aistudios.project.text_fit"

local M = {}

-- px: an avatar's size where its entry does not tell. And the share of the canvas
-- that is left free above an avatar taller than the canvas.
local AVATAR = { width = 679, height = 2229 }
local HEADROOM = 0.134

local LINE = 1.31 -- from line to line of a text, in font sizes, as the storyboard draws it

-- Options of the builder that are no fields of the API.
local options = { at = true, size = true, margin = true, scale = true, say = true,
  clothes = true, url = true, shape = true, color = true, font = true }

local function start(kind, given)
  local clip = { type = kind }
  for key, value in pairs(given) do
    if type(key) == "string" and not options[key] then clip[key] = value end
  end
  for _, name in ipairs { "scale", "scaleX", "scaleY" } do
    geometry.number(given[name], name)
  end
  if given.scale then
    clip.scaleX, clip.scaleY = clip.scaleX or given.scale, clip.scaleY or given.scale
  end
  if given.animation ~= nil then clip.animation = geometry.animation(given.animation) end
  if given.color then clip.fill = clip.fill or given.color end
  return clip
end

-- Fills in width, height, left and top.
local function put(clip, given, canvas, width, height)
  if given.size ~= nil then width, height = geometry.size(given.size, canvas) end
  clip.width = geometry.length(given.width or width, canvas.width, "width")
  clip.height = geometry.length(given.height or height, canvas.height, "height")
  local left, top = geometry.at(given.at or "center", clip.width * (clip.scaleX or 1),
    clip.height * (clip.scaleY or 1), canvas, given.margin)
  clip.left = geometry.length(given.left or left, canvas.width, "left")
  clip.top = geometry.length(given.top or top, canvas.height, "top")
  return clip
end

-- The model's fields of an id, a list's entry, or a whole model.
local function read_model(given)
  local entry, model = given.model, {}
  if type(entry) ~= "table" then entry = { id = entry } end
  for key, value in pairs(entry) do model[key] = value end
  model.ai_name = model.ai_name or model.id or model.modelId
  local clothes = model.clothes
  local first = type(clothes) == "table" and clothes[1]
  model.emotion = given.clothes or model.emotion
    or (type(first) == "table" and first.id or first or nil)
  -- fields of a list's entry that a clip does not have
  for _, key in ipairs { "id", "modelId", "clothes", "label", "thumbnail", "avatarType",
    "left", "top", "width", "height" } do
    model[key] = nil
  end
  return model, entry
end

local function size_of(entry)
  for _, name in ipairs { "deploySize", "editor", "editorValue" } do
    local from = entry[name]
    if type(from) == "table" then
      local width = from.edit_width or from.modelTightW
      local height = from.edit_height or from.modelTightH
      if width and height then return width, height end
    end
  end
  return AVATAR.width, AVATAR.height
end

--- An avatar.
---@param given aistudios.AvatarOptions
---@return table clip
---@return table? script  of the option `say`, for the scene's scripts
function M.aiModel(given, canvas)
  local clip = start("aiModel", given)
  local model, entry = read_model(given)
  clip.model = model
  local width, height = size_of(entry)
  width, height = entry.width or width, entry.height or height
  if given.size == nil and (given.width == nil) ~= (given.height == nil) then
    -- one side is given: the other one keeps the proportions
    local one = given.width and geometry.length(given.width, canvas.width, "width") / width
      or geometry.length(given.height, canvas.height, "height") / height
    width, height = width * one, height * one
  end
  put(clip, given, canvas, width, height)
  local is_tall = clip.height * (clip.scaleY or 1) > canvas.height
  if not given.left and not given.at then clip.left = entry.left or clip.left end
  if not given.top then
    if not given.at and entry.top then
      clip.top = entry.top
    elseif is_tall and type(given.at or "") == "string"
        and not (given.at or ""):find "top" and not (given.at or ""):find "bottom" then
      clip.top = canvas.height * HEADROOM
    end
  end
  if given.say == nil then return clip end
  return clip, { org = given.say, isTTS = false, tts = require "aistudios.json".null,
    modelId = model.ai_name, clothId = model.emotion }
end

local function points(size)
  local pixels = type(size) == "string" and tonumber(size:match "^%s*([%d.]+)%s*px%s*$")
  return pixels and math.floor(pixels * 3 / 4 + 0.5) or size
end

--- A text; as high as its lines are when no height is given.
function M.textImage(given, canvas)
  local clip = start("textImage", given)
  clip.text = clip.text or given[1]
  clip.fill = clip.fill or "#000000"
  clip.fontSize = points(clip.fontSize or 36)
  clip.fontFamily = clip.fontFamily or given.font
  local width, height = geometry.length(given.width or "80%", canvas.width, "width"), 100
  if type(clip.text) == "string" and type(clip.fontSize) == "number"
      and clip.fontSize >= 1 and width > 0 and utf8.len(clip.text) then
    local size = text_fit.pixels(clip.fontSize)
    height = math.ceil(text_fit.lines(clip.text, size, width) * size * LINE)
  end
  return put(clip, given, canvas, width, height)
end

function M.image(given, canvas)
  local clip = start("image", given)
  clip.source_url = clip.source_url or given.url or given[1]
  return put(clip, given, canvas, canvas.width, canvas.height)
end

function M.videoImage(given, canvas)
  local clip = start("videoImage", given)
  clip.video_url = clip.video_url or given.url or given[1]
  return put(clip, given, canvas, canvas.width, canvas.height)
end

function M.audio(given)
  local clip = start("audio", given)
  clip.source_url = clip.source_url or given.url or given[1]
  if clip.label == nil then
    local path = type(clip.source_url) == "string" and clip.source_url:match "^[^?#]*" or ""
    clip.label = path:match "([^/]+)$" or "audio"
  end
  return clip
end

function M.shape(given, canvas)
  local clip = start("shape", given)
  clip.shapeName = clip.shapeName or given.shape or given[1]
  clip.fill = clip.fill or "#000000"
  return put(clip, given, canvas, 400, 400)
end

return M
