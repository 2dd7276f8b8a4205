-- SPDX-License-Identifier: MIT
--
-- builder_clips: makes clips of the builder's options, one function for each clip
-- type. Fields of the API are copied as they are; missing ones get defaults.

local copy = require "aistudios.util.copy"
local geometry = require "aistudios.project.geometry"
local null = require "aistudios.json".null
local schema = require "aistudios.project.schema"
local suggest = require "aistudios.util.suggest"
local text_fit = require "aistudios.project.text_fit"

local M = {}

-- px: an avatar's size where its entry does not tell. And the share of the canvas
-- that is left free above an avatar taller than the canvas.
local AVATAR = { width = 679, height = 2229 }
local HEADROOM = 0.134

-- Fields of a model that are the builder's and not the clip's.
local placement = { left = true, top = true, width = true, height = true, clothes = true }


-- Options of the builder that are no fields of the API, by clip type.
local placed = { at = true, size = true, margin = true, scale = true }
local options = {
  aiModel = copy(placed, { clothes = true, say = true }),
  textImage = copy(placed, { color = true, font = true }),
  image = copy(placed, { url = true }),
  videoImage = copy(placed, { url = true }),
  audio = { url = true },
  shape = copy(placed, { color = true, shape = true }),
}

local function check_name(kind, name)
  if options[kind][name] or schema.clips[kind][name] or name == 1 and kind ~= "aiModel" then
    return
  end
  geometry.refuse(("'%s' is not an option%s"):format(tostring(name),
    suggest.hint(name, copy(options[kind], copy(schema.clips[kind])))))
end

local function check_text(given, name)
  local value = given[name]
  if value ~= nil and type(value) ~= "string" then geometry.fail(name, value, "a text") end
end

-- The value that a clip is made of, under the first of these names that is there.
local function main(given, ...)
  for _, name in ipairs { ... } do
    local value = given[name]
    if type(value) == "string" then return value end
    if value ~= nil then geometry.fail(name == 1 and "[1]" or name, value, "a text") end
  end
  geometry.refuse(("'%s' is missing"):format((...)))
end

local function start(kind, given)
  local clip = { type = kind }
  for key, value in pairs(given) do
    check_name(kind, key)
    if type(key) == "string" and not options[kind][key] then clip[key] = value end
  end
  for _, name in ipairs { "scale", "scaleX", "scaleY" } do
    geometry.number(given[name], name)
  end
  for _, name in ipairs { "clothes", "say", "color", "font" } do check_text(given, name) end
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

-- The model's fields of an id, an entry of a list of models, or a whole model. Of an
-- entry a clip takes what the schema knows.
local function read_model(given)
  local entry, model = given.model, {}
  if entry == nil then geometry.refuse "'model' is missing" end
  if type(entry) == "string" then entry = { id = entry } end
  if type(entry) ~= "table" then geometry.fail("model", entry, "an id or a model") end
  local is_whole = entry.ai_name ~= nil
  for key, value in pairs(entry) do
    if schema.model[key] or is_whole and not placement[key] then model[key] = value end
  end
  model.ai_name = model.ai_name or entry.id or entry.modelId
  local first = type(entry.clothes) == "table" and entry.clothes[1] or nil
  if type(first) == "table" then first = first.id or first.clothId end
  model.emotion = given.clothes or model.emotion or first
  if model.ai_name == nil then geometry.refuse "'model' has no id" end
  if model.emotion == nil then geometry.refuse "'clothes' is missing, and the model names none" end
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
  return clip, { org = given.say, isTTS = false, tts = null,
    modelId = model.ai_name, clothId = model.emotion }
end

local function points(size)
  local pixels = type(size) == "string" and tonumber(size:match "^%s*([%d.]+)%s*px%s*$")
  return pixels and math.floor(pixels * 3 / 4 + 0.5) or size
end

--- A text; as high as its lines are when no height is given.
function M.textImage(given, canvas)
  local clip = start("textImage", given)
  clip.text = main(given, "text", 1)
  clip.fill = clip.fill or "#000000"
  clip.fontSize = points(clip.fontSize or 36)
  clip.fontFamily = clip.fontFamily or given.font
  local width, height = geometry.length(given.width or "80%", canvas.width, "width"), 100
  if type(clip.fontSize) == "number" and clip.fontSize >= 1
      and width > 0 and utf8.len(clip.text) then
    local size = text_fit.pixels(clip.fontSize)
    height = math.ceil(text_fit.height(#text_fit.lines(clip.text, width / size), size))
  end
  return put(clip, given, canvas, width, height)
end

function M.image(given, canvas)
  local clip = start("image", given)
  clip.source_url = main(given, "url", "source_url", 1)
  return put(clip, given, canvas, canvas.width, canvas.height)
end

function M.videoImage(given, canvas)
  local clip = start("videoImage", given)
  clip.video_url = main(given, "url", "video_url", 1)
  return put(clip, given, canvas, canvas.width, canvas.height)
end

--- Audio. Its position and size are documented as required, and mean nothing.
function M.audio(given)
  local clip = start("audio", given)
  clip.source_url = main(given, "url", "source_url", 1)
  clip.label = clip.label or clip.source_url:match "^[^?#]*":match "([^/]+)$" or "audio"
  clip.left, clip.top = clip.left or 0, clip.top or 0
  clip.width, clip.height = clip.width or 1, clip.height or 1
  return clip
end

function M.shape(given, canvas)
  local clip = start("shape", given)
  clip.shapeName = main(given, "shape", "shapeName", 1)
  clip.fill = clip.fill or "#000000"
  return put(clip, given, canvas, 400, 400)
end

return M
