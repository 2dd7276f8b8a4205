-- SPDX-License-Identifier: MIT
--
-- clips: draws one clip in its own box. Place, rotation and scale follow
-- fabric.js, whose names the fields have (scaleX, angle, lockScalingFlip):
-- `left` and `top` say where the clip's own upper left corner is, and it turns
-- clockwise about that corner. The API's pages say "clockwise" and no more; an
-- editor turns a clip about its middle by changing left and top with angle.

local box = require "aistudios.project.storyboard.box"
local caption = require "aistudios.project.storyboard.caption"
local figures = require "aistudios.project.storyboard.figures"
local null = require "aistudios.json".null
local pens = require "aistudios.project.storyboard.pen"
local read = require "aistudios.project.storyboard.read"
local schema = require "aistudios.project.schema"
local shapes = require "aistudios.project.storyboard.shapes"
local text = require "aistudios.project.storyboard.text"
local write = require "aistudios.util.decimal".format

local format = read.format

local M = {}

local MOST_SCALE = 20   -- more is drawn as this
local SHADOW = schema.shadow.color.assumed
local INK = "#3a0f0c"   -- of text on a hatched box

local function bounded(value)
  return value > MOST_SCALE and MOST_SCALE or value < -MOST_SCALE and -MOST_SCALE or value
end

---@class aistudios.storyboard.Place  in px of the canvas, before scale and angle
---@field left number
---@field top number
---@field width number
---@field height number
---@field scale_x number
---@field scale_y number
---@field angle number  degrees, clockwise

--- Where a clip is. Fields that are missing count as 0, scales as 1.
---@param clip table
---@return aistudios.storyboard.Place
function M.place(clip)
  local left, top, width, height, scale_x, scale_y, angle = read.number(clip, "left", 0, "top", 0,
    "width", 0, "height", 0, "scaleX", 1, "scaleY", 1, "angle", 0)
  return {
    left = left, top = top, width = width > 0 and width or 0, height = height > 0 and height or 0,
    scale_x = bounded(scale_x), scale_y = bounded(scale_y), angle = angle % 360,
  }
end

--- The id of a drawing that stands for something.
local function symbol_id(pen, name) return pens.define(pen, name, figures.symbols[name]) end

--- What to paint with for a colour of a project: hatching for what is none.
---@param pen aistudios.storyboard.Pen
---@param value any
---@return string
function M.colour(pen, value)
  return read.colour(value) or ("url(#%s)"):format(symbol_id(pen, "hatching"))
end

local function is_absent(value) return value == nil or value == "" or value == null end

--- The attributes of fill and stroke, and whether there is a stroke.
local function paint(pen, clip, fill)
  fill = 'fill="' .. (fill or M.colour(pen, clip.fill)) .. '"'
  local thickness = read.number(clip, "strokeWidth", 0)
  if is_absent(clip.stroke) or thickness <= 0 then return fill, false end
  return ('%s stroke="%s" stroke-width="%s"'):format(fill, M.colour(pen, clip.stroke),
    format(thickness)), true
end

--- The same drawing in the shadow's colour, moved and blurred.
local function shadow(pen, clip, draw)
  local value = read.table(clip, "shadow")
  if next(value) == nil or value.enabled == false then return "" end
  local colour = value.color == nil and SHADOW or M.colour(pen, value.color)
  local blur, filter = math.min(100, read.number(value, "blur", 0)), ""
  if blur > 0 then
    local name = format(blur)
    filter = (' filter="url(#%s)"'):format(pens.define(pen, "blur " .. name,
      '<filter id="%s"><feGaussianBlur stdDeviation="' .. name .. '"/></filter>'))
  end
  return ('<g transform="translate(%s %s)"%s>%s</g>'):format(
    format(read.number(value, "offsetX", 5)),
    format(read.number(value, "offsetY", 5)), filter,
    draw(('fill="%s"'):format(colour)))
end

-- What is behind a text in its box: its own colour, or hatching when the text has none,
-- no `ink`.
local function ground_of(pen, clip, ink)
  if ink and is_absent(clip.backgroundColor) then return nil end
  return M.colour(pen, ink and clip.backgroundColor)
end

local function avatar_label(clip)
  local model = read.table(clip, "model")
  local notes = read.string(model, "ai_name", "avatar")
  if clip.isDelete == true then return notes .. " · deleted" end
  if clip.voiceOnly == true then return notes .. " · voice only" end
  return read.is_head_only(clip) and notes .. " · head only" or notes
end

--- What draws a clip of each type: pen, clip, width, height. A second result is the
--- label of what stands for it, a third one the label's colour.
---@alias aistudios.storyboard.Draw
---| fun(pen: aistudios.storyboard.Pen, clip: table, ...): string, string?, string?
---@type table<string, aistudios.storyboard.Draw>
M.types = {
  shape = function (pen, clip, width, height)
    local attributes, has_stroke = paint(pen, clip)
    local element = shapes.element(read.string(clip, "shapeName"), width, height,
      math.max(0, read.number(clip, "strokeRadius", 0)),
      has_stroke or not read.colour(clip.fill)) -- nor does the hatching scale
    if clip.shadow == nil then return element .. " " .. attributes .. "/>" end
    local function draw(paints) return element .. " " .. paints .. "/>" end
    return shadow(pen, clip, draw) .. draw(attributes)
  end,

  textImage = function (pen, clip, width, height)
    local ink = read.colour(clip.fill)
    local ground = ground_of(pen, clip, ink)
    local attributes = paint(pen, clip, ink or INK)
    if not ground and clip.shadow == nil then return caption.draw(clip, width, attributes) end
    local function draw(paints) return caption.draw(clip, width, paints) end
    return (ground and ('<rect width="%s" height="%s" fill="%s"/>'):format(
      format(width), format(height), ground) or "")
      .. shadow(pen, clip, draw) .. draw(attributes)
  end,

  image = function (pen, clip, width, height)
    local drawn = pens.picture(pen, clip.source_url, width, height, clip)
    if drawn then return drawn end
    return figures.symbol(symbol_id(pen, "image"), width, height, true),
      read.file_name(clip.source_url, "image")
  end,

  videoImage = function (pen, clip, width, height)
    local drawn = pens.picture(pen, clip.source_url, width, height, clip)
    if drawn then return drawn end
    return figures.symbol(symbol_id(pen, "video"), width, height, true),
      read.file_name(clip.video_url, "video")
  end,

  aiModel = function (pen, clip, width, height)
    local drawn = pens.picture(pen, read.table(clip, "model").source_url, width, height, clip)
    if drawn and clip.isDelete ~= true then return drawn end
    return figures.person(clip, width, height), avatar_label(clip)
  end,

  audio = function () return "" end,

  unknown = function (_, clip, width, height)
    return figures.unknown(width, height), read.string(clip, "type", "no type"), "#c0392b"
  end,
}

--- What is behind all clips: a picture or what stands for one, else a colour.
---@param pen aistudios.storyboard.Pen
---@param background table
---@return string
function M.background(pen, background)
  local url, width, height = background.source_url, pen.width, pen.height
  local ground = write('<rect width="%d" height="%d" fill="%s"/>', width, height,
    background.source_color == nil and "#ffffff" or M.colour(pen, background.source_color))
  if is_absent(url) then return ground end
  local drawn = pens.picture(pen, url, width, height)
  if drawn then return ground .. drawn end
  return figures.symbol(symbol_id(pen, "image"), width, height, false) .. figures.label(pen,
    read.file_name(url, "image"), { left = 0, right = width, top = 0, bottom = height })
end

-- The label of a clip, at the lower edge of what is on the canvas of it; on a head that is
-- alone.
local function label_of(pen, place, label, ink, is_head)
  local area = box.bounds(place)
  area.left, area.top = math.max(area.left, 0), math.max(area.top, 0)
  area.right, area.bottom = math.min(area.right, pen.width), math.min(area.bottom, pen.height)
  if is_head then area.bottom = (area.top + area.bottom) / 2 end
  return figures.label(pen, label, area, ink)
end

local FAINT = 0.35 -- opacity of what is heard only, or deleted

--- Draws a clip at its place.
---@param pen aistudios.storyboard.Pen
---@param clip table
---@param place aistudios.storyboard.Place
---@return string  SVG, or ""
---@return boolean? is_reference  it is one <use>
function M.draw(pen, clip, place)
  local kind = clip.type
  if clip.isDelete == true and kind ~= "aiModel" then return "" end
  local draw = kind ~= nil and M.types[kind] or M.types.unknown
  local drawn, label, ink = draw(pen, clip, place.width, place.height)
  if drawn == "" then return "" end
  local opacity = read.opacity(clip)
  if clip.voiceOnly == true or clip.isDelete == true then opacity = opacity * FAINT end
  local turn = place.angle ~= 0 and write(" rotate(%.8g)", place.angle) or ""
  local size = ""
  if place.scale_x ~= place.scale_y then
    size = write(" scale(%.8g %.8g)", place.scale_x, place.scale_y)
  elseif place.scale_x ~= 1 then
    size = write(" scale(%.8g)", place.scale_x)
  end
  local name = text.escape((text.head(read.string(clip, "id", "clip"), 80)))
  local put, is_reference = pens.put(pen, place, turn .. size,
    opacity < 1 and write(' opacity="%.8g"', opacity) or "", name, drawn)
  if not label then return put, is_reference end
  return put .. label_of(pen, place, label, ink, kind == "aiModel" and read.is_head_only(clip))
end

return M
