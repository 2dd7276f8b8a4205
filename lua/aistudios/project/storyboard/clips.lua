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
local picture = require "aistudios.project.storyboard.picture"
local null = require "aistudios.json".null
local read = require "aistudios.project.storyboard.read"
local schema = require "aistudios.project.schema"
local shapes = require "aistudios.project.storyboard.shapes"
local text = require "aistudios.project.storyboard.text"

local format = read.format

local M = {}

--- What the clips of one text share.
---@class aistudios.storyboard.Pen
---@field images table<string, string>  bytes by URL, from the caller
---@field prefix string                 begins every id in this text
---@field count integer                 ids given so far
---@field defs string[]                 definitions that others refer to
---@field symbols table<string, string>  ids of drawings, by name
---@field widths table<string, any>      what text_lines knows of words
---@field pictures table<string, string|false>  ids of pictures, by URL
---@field width number                   of the canvas, px
---@field height number
---@field at? number                     s: animations as they are then; all of a clip without
---@field is_playable? boolean           animations are written for the page's script

local MOST_SCALE = 20   -- more is drawn as this
local SHADOW = schema.shadow.color.assumed
local INK = "#3a0f0c"   -- of text on a hatched box

local function scale(clip, key)
  return math.max(-MOST_SCALE, math.min(MOST_SCALE, read.number(clip, key, 1)))
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
  return {
    left = read.number(clip, "left", 0), top = read.number(clip, "top", 0),
    width = math.max(0, read.number(clip, "width", 0)),
    height = math.max(0, read.number(clip, "height", 0)),
    scale_x = scale(clip, "scaleX"), scale_y = scale(clip, "scaleY"),
    angle = read.number(clip, "angle", 0) % 360,
  }
end

local function new_id(pen)
  pen.count = pen.count + 1
  return pen.prefix .. pen.count
end

--- The id of a picture, defined once for all clips that show it.
local function picture_id(pen, url)
  local id = pen.pictures[url]
  if id ~= nil then return id end
  local bytes = pen.images[url]
  local address = bytes and picture.address(bytes)
  id = address and new_id(pen) or false
  pen.pictures[url] = id
  if id then
    pen.defs[#pen.defs + 1] = ('<image id="%s" width="1" height="1" '
      .. 'preserveAspectRatio="none" href="%s"/>'):format(id, address)
  end
  return id
end

--- A picture that fills a box; nil when its bytes are not there. With cropX
--- and cropY, as editors write them, the box shows that part of it.
---@param pen aistudios.storyboard.Pen
---@param url any
---@param width number   px
---@param height number  px
---@param crop? table    the clip that has cropX, cropY
---@return string?
function M.picture(pen, url, width, height, crop)
  local id = type(url) == "string" and picture_id(pen, url)
  if not id then return nil end
  local x = crop and read.number(crop, "cropX", 0) or 0
  local y = crop and read.number(crop, "cropY", 0) or 0
  local real_width, real_height
  if x ~= 0 or y ~= 0 then real_width, real_height = picture.size(pen.images[url]) end
  if real_width then
    return string.format('<svg width="%s" height="%s" overflow="hidden"><use href="#%s" '
      .. 'transform="translate(%s %s) scale(%s %s)"/></svg>', width, height, id,
      -x, -y, real_width, real_height)
  end
  return ('<use href="#%s" transform="scale(%s %s)"/>'):format(id,
    format(width), format(height))
end

--- The id of a drawing that stands for something, defined at its first use.
local function symbol_id(pen, name)
  local id = pen.symbols[name]
  if not id then
    id = new_id(pen)
    pen.symbols[name] = id
    pen.defs[#pen.defs + 1] = figures.symbols[name]:format(id)
  end
  return id
end

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
  fill = ('fill="%s"'):format(fill or M.colour(pen, clip.fill))
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
    local id = new_id(pen)
    pen.defs[#pen.defs + 1] = ('<filter id="%s"><feGaussianBlur stdDeviation="%s"/></filter>')
      :format(id, format(blur))
    filter = (' filter="url(#%s)"'):format(id)
  end
  return ('<g transform="translate(%s %s)"%s>%s</g>'):format(
    format(read.number(value, "offsetX", 5)),
    format(read.number(value, "offsetY", 5)), filter,
    draw(('fill="%s"'):format(colour)))
end

-- What is behind a text in its box: its own colour, or hatching when the text has none.
local function ground_of(pen, clip)
  local has_colour = read.colour(clip.fill) ~= nil
  if has_colour and is_absent(clip.backgroundColor) then return nil end
  return M.colour(pen, has_colour and clip.backgroundColor)
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
      math.max(0, read.number(clip, "strokeRadius", 0)), has_stroke)
    if clip.shadow == nil then return element .. " " .. attributes .. "/>" end
    local function draw(paints) return element .. " " .. paints .. "/>" end
    return shadow(pen, clip, draw) .. draw(attributes)
  end,

  textImage = function (pen, clip, width, height)
    local ground = ground_of(pen, clip)
    local attributes = paint(pen, clip, not read.colour(clip.fill) and INK or nil)
    local function draw(paints) return caption.draw(clip, width, paints, pen.widths) end
    if not ground and clip.shadow == nil then return draw(attributes) end
    return (ground and ('<rect width="%s" height="%s" fill="%s"/>'):format(
      format(width), format(height), ground) or "")
      .. shadow(pen, clip, draw) .. draw(attributes)
  end,

  image = function (pen, clip, width, height)
    local drawn = M.picture(pen, clip.source_url, width, height, clip)
    if drawn then return drawn end
    return figures.symbol(symbol_id(pen, "image"), width, height, true),
      read.file_name(clip.source_url, "image")
  end,

  videoImage = function (pen, clip, width, height)
    local drawn = M.picture(pen, clip.source_url, width, height, clip)
    if drawn then return drawn end
    return figures.symbol(symbol_id(pen, "video"), width, height, true),
      read.file_name(clip.video_url, "video")
  end,

  aiModel = function (pen, clip, width, height)
    local drawn = M.picture(pen, read.table(clip, "model").source_url, width, height, clip)
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
  local ground = ('<rect width="%d" height="%d" fill="%s"/>'):format(width, height,
    background.source_color == nil and "#ffffff" or M.colour(pen, background.source_color))
  if is_absent(url) then return ground end
  local drawn = M.picture(pen, url, width, height)
  if drawn then return ground .. drawn end
  return figures.symbol(symbol_id(pen, "image"), width, height, false) .. figures.label(
    read.file_name(url, "image"), { left = 0, right = width, top = 0, bottom = height })
end

-- The label of a clip, at the lower edge of what is on the canvas of it; on a head that is
-- alone.
local function label_of(pen, place, label, ink, is_head)
  local area = box.bounds(place)
  area.left, area.top = math.max(area.left, 0), math.max(area.top, 0)
  area.right, area.bottom = math.min(area.right, pen.width), math.min(area.bottom, pen.height)
  if is_head then area.bottom = (area.top + area.bottom) / 2 end
  return figures.label(label, area, ink)
end

local FAINT = 0.35 -- opacity of what is heard only, or deleted

--- Draws a clip at its place.
---@param pen aistudios.storyboard.Pen
---@param clip table
---@param place aistudios.storyboard.Place
---@return string  SVG, or ""
function M.draw(pen, clip, place)
  local kind = clip.type
  if clip.isDelete == true and kind ~= "aiModel" then return "" end
  local draw = kind ~= nil and M.types[kind] or M.types.unknown
  local drawn, label, ink = draw(pen, clip, place.width, place.height)
  if drawn == "" then return "" end
  local opacity = read.opacity(clip)
  if clip.voiceOnly == true or clip.isDelete == true then opacity = opacity * FAINT end
  local turn = place.angle ~= 0 and (" rotate(%.8g)"):format(place.angle) or ""
  local size = ""
  if place.scale_x ~= 1 or place.scale_y ~= 1 then
    size = (" scale(%.8g %.8g)"):format(place.scale_x, place.scale_y)
  end
  return ('<g transform="translate(%.8g %.8g)%s%s"%s><title>%s</title>%s</g>%s'):format(
    place.left, place.top, turn, size,
    opacity < 1 and (' opacity="%.8g"'):format(opacity) or "",
    text.escape((text.head(read.string(clip, "id", "clip"), 80))), drawn,
    label and label_of(pen, place, label, ink,
      kind == "aiModel" and read.is_head_only(clip)) or "")
end

return M
