-- SPDX-License-Identifier: MIT
--
-- text_ground: what is behind the letters of a text, at points along its lines: the
-- colours of the clips behind it, mixed as their alpha says. A picture has no known
-- colour, nor has a clip that an animation takes away.

local box = require "aistudios.project.storyboard.box"
local caption = require "aistudios.project.storyboard.caption"
local clips = require "aistudios.project.storyboard.clips"
local colors = require "aistudios.project.colors"
local figures = require "aistudios.project.storyboard.figures"
local read = require "aistudios.project.storyboard.read"
local shapes = require "aistudios.project.storyboard.shapes"
local text_fit = require "aistudios.project.text_fit"

local known = colors.known

local M = {}

local PER_LINE, MOST_LINES = 12, 8 -- points of a line; lines that are looked at
-- Where letters are, below the top of their line, in font sizes; and the part of that by
-- which one point is lower than the one before, so that they are at all heights.
local HIGHEST, TALL, STEP = 0.25, 0.6, 0.618
local LEAST = 1 / 8 -- of a text with too little contrast, that is told
local MOST_BEHIND = 64 -- clips behind a text; with more its ground is not known
local FAINT = 0.05 -- opacity below which what is not known leaves its ground as it is

local inward, outward = box.inward, box.outward

-- Where a text is, the widths of its lines and the size of its font, both px of its own.
local function set(clip)
  local place = clips.place(clip)
  local lines, size = caption.lines(clip, place.width)
  local widths = {}
  for i = 1, #lines do widths[i] = text_fit.width(lines[i]) * size end
  return place, widths, size
end

--- The box around the letters of a text, as it is turned and scaled.
---@param clip table  of type textImage
---@return number[]? ink  left, top, right, bottom, px of the canvas; nil without letters
function M.ink(clip)
  local place, widths, size = set(clip)
  local start, left, right = caption.start(clip), math.huge, -math.huge
  for i = 1, #widths do
    local width = widths[i]
    local from = (place.width - width) * start
    if width > 0 then left, right = math.min(left, from), math.max(right, from + width) end
  end
  if left > right then return nil end
  local x, y = outward(place, left, 0)
  local bounds = box.bounds { left = x, top = y, width = right - left,
    height = ((#widths - 1) * text_fit.DISTANCE + 1) * size,
    scale_x = place.scale_x, scale_y = place.scale_y, angle = place.angle }
  return { bounds.left, bounds.top, bounds.right, bounds.bottom }
end

--- Points on the letters of a text that are on the canvas.
---@param clip table  of type textImage
---@param canvas { width: integer, height: integer }
---@return number[] samples  x and y by turns, px of the canvas
function M.samples(clip, canvas)
  local place, widths, size = set(clip)
  local start, step, samples = caption.start(clip), math.max(1, #widths / MOST_LINES), {}
  for at = 1, #widths, step do
    local i = at // 1
    local width = widths[i]
    for k = 1, width > 0 and PER_LINE or 0 do
      local x, y = outward(place, (place.width - width) * start + width * (k - 0.5) / PER_LINE,
        ((i - 1) * text_fit.DISTANCE + HIGHEST + TALL * (k * STEP % 1)) * size)
      if x >= 0 and y >= 0 and x < canvas.width and y < canvas.height then
        samples[#samples + 1] = x
        samples[#samples + 1] = y
      end
    end
  end
  return samples
end

local function leaves(clip)
  local kind = type(clip.animation) == "table" and clip.animation.type
  return type(kind) == "string" and kind:find("out", 1, true) ~= nil
end

-- What a clip paints at a point of its box: a colour, false for nothing, nil for what
-- is not known.
local paints = {
  shape = function (clip, place, x, y)
    local is_filled = shapes.contains(clip.shapeName, x / place.width, y / place.height)
    return is_filled and (known[clip.fill] or nil)
  end,
  textImage = function (clip)
    local ground = clip.backgroundColor
    if ground == nil or ground == "" then return false end
    return known[ground] or nil
  end,
}

local function is_known(clip) return paints[clip.type] and not leaves(clip) end

local function paint_at(item, x, y)
  local inner_x, inner_y = inward(item.place, x, y)
  if not inner_x then return false end
  if not is_known(item.clip) then return nil end
  return paints[item.clip.type](item.clip, item.place, inner_x, inner_y)
end

-- The clips behind one, the nearest first, as far as their boxes meet it and they are seen.
local function behind(scene, boxes, number)
  local own, found = scene.clips[number], {}
  local left, top, right, bottom = table.unpack(boxes, 4 * number - 3, 4 * number)
  for i, clip in ipairs(scene.clips) do
    local l = boxes[4 * i - 3]
    local layer = l and i ~= number and clip.layer
    local is_behind = type(layer) == "number"
      and (layer < own.layer or layer == own.layer and i < number)
    if is_behind and l < right and boxes[4 * i - 1] > left and boxes[4 * i - 2] < bottom
        and boxes[4 * i] > top then
      local opacity = read.opacity(clip)
      if opacity >= FAINT or is_known(clip) then
        found[#found + 1] = { clip = clip, index = i, layer = layer, place = clips.place(clip),
          opacity = opacity }
      end
    end
  end
  table.sort(found, function (a, b)
    if a.layer == b.layer then return a.index > b.index end
    return a.layer > b.layer
  end)
  return found
end

-- Adds a colour behind what is there, premultiplied.
local function put_behind(red, green, blue, alpha, color, opacity)
  local part = (1 - alpha) * opacity
  return red + part * color.red, green + part * color.green, blue + part * color.blue,
    alpha + part
end

local OPAQUE = 1 - 1e-6

-- The opaque colour at a point: red, green, blue; nil when it is not known.
local function ground_at(stack, background, x, y)
  local red, green, blue, alpha = 0, 0, 0, 0
  for i = 1, #stack do
    local item = stack[i]
    local color = paint_at(item, x, y)
    if color == nil then return nil end
    if color then
      red, green, blue, alpha =
        put_behind(red, green, blue, alpha, color, color.alpha * item.opacity)
      if alpha >= OPAQUE then return red, green, blue end
    end
  end
  if not background or background.alpha < 1 then return nil end
  return put_behind(red, green, blue, alpha, background, 1)
end

-- The luminance of a group of colours, the front one first, over a ground. As the clip
-- is drawn: its parts over each other, and all of it as its opacity says.
local function luminance_over(ground, opacity, ...)
  local red, green, blue, alpha = 0, 0, 0, 0
  for i = 1, select("#", ...) do
    local color = select(i, ...)
    if color then
      red, green, blue, alpha = put_behind(red, green, blue, alpha, color, color.alpha)
    end
  end
  local rest = 1 - alpha * opacity
  return colors.luminance(red * opacity + ground[1] * rest,
    green * opacity + ground[2] * rest, blue * opacity + ground[3] * rest)
end

local UNSEEN = { 0, 0, 0 } -- what an opaque colour of the text's own hides
local NOTHING = { red = 0, green = 0, blue = 0, alpha = 0 }

-- The contrast of letters, or of their outline where that is greater, to their ground.
local function contrast_on(ground, clip, opacity)
  local fill, own = known[clip.fill], known[clip.backgroundColor] or NOTHING
  local behind_it = luminance_over(ground, opacity, own)
  local ratio = colors.contrast(luminance_over(ground, opacity, fill, own), behind_it)
  local outline = read.number(clip, "strokeWidth", 0) > 0 and known[clip.stroke]
  if not outline then return ratio end
  return math.max(ratio, colors.contrast(luminance_over(ground, opacity, outline, own), behind_it))
end

-- The box around all points of an upright text on the canvas: left, top, right, bottom;
-- nil where only the points themselves tell.
local function upright_ink(clip, canvas)
  local place = clips.place(clip)
  local size = text_fit.pixels(clip.fontSize)
  if place.angle ~= 0 or place.scale_x <= 0 or place.scale_y <= 0 or clip.fontSize > 1000
      or place.width < size then
    return nil
  end
  local lines, widest = text_fit.extent(clip.text, place.width / size)
  if widest <= 0 or widest * size > place.width then return nil end
  local right, bottom = outward(place, place.width, text_fit.height(lines, size))
  if place.left < 0 or place.top < 0 or right > canvas.width or bottom > canvas.height then
    return nil
  end
  return place.left, place.top, right, bottom
end

-- The colour that an item paints behind all of a box: false for nothing, nil for what is
-- not known or not the same everywhere.
local function paint_behind(item, left, top, right, bottom)
  local clip, bounds = item.clip, box.bounds(item.place)
  if bounds.right <= left or bounds.left >= right or bounds.bottom <= top
      or bounds.top >= bottom then
    return false
  end
  local is_text = clip.type == "textImage"
  local color = is_text and clip.backgroundColor or clip.fill
  if leaves(clip) then return nil end
  if is_text and (clip.backgroundColor == nil or clip.backgroundColor == "") then return false end
  local is_plain = is_text or clip.type == "shape" and shapes.is_rectangle(clip.shapeName)
  if not is_plain or item.place.angle ~= 0 or bounds.left > left or bounds.right < right
      or bounds.top > top or bounds.bottom < bottom then
    return nil
  end
  return known[color] or nil
end

-- The ground of a text that has the same one everywhere; nil when that is not sure.
local function even_ground(stack, background, left, top, right, bottom)
  local red, green, blue, alpha = 0, 0, 0, 0
  for i = 1, #stack do
    local color = paint_behind(stack[i], left, top, right, bottom)
    if color == nil then return nil end
    if color then
      red, green, blue, alpha =
        put_behind(red, green, blue, alpha, color, color.alpha * stack[i].opacity)
      if alpha >= OPAQUE then return { red, green, blue } end
    end
  end
  if not background or background.alpha < 1 then return nil end
  return { put_behind(red, green, blue, alpha, background, 1) }
end

--- The lowest contrast of a text to what is behind it; nil when nothing of that is
--- known, and the next higher one when the lowest concerns less than an eighth of it.
---@param sample fun(): number[]  brings the samples
---@param scene table
---@param canvas { width: integer, height: integer }
---@param boxes number[]   of legibility.warn
---@param number integer   of the clip
---@param background? aistudios.project.Color  of the scene, when it is known
---@return number? ratio
function M.contrast(sample, scene, canvas, boxes, number, background)
  local clip, ratios = scene.clips[number], {}
  local stack, opacity = behind(scene, boxes, number), read.opacity(clip)
  local own = known[clip.backgroundColor]
  if #stack > MOST_BEHIND then return nil end
  if own and own.alpha == 1 and opacity == 1 then
    return sample()[1] and contrast_on(UNSEEN, clip, opacity)
  end
  local left, top, right, bottom = upright_ink(clip, canvas)
  local even = left and even_ground(stack, background, left, top, right, bottom)
  if even then return contrast_on(even, clip, opacity) end
  local samples = sample()
  local last, ratio = {}, nil -- neighbours have the same ground as a rule
  for i = 1, #samples, 2 do
    local red, green, blue = ground_at(stack, background, samples[i], samples[i + 1])
    if red and not (red == last[1] and green == last[2] and blue == last[3]) then
      last = { red, green, blue }
      ratio = contrast_on(last, clip, opacity)
    end
    if red then ratios[#ratios + 1] = ratio end
  end
  table.sort(ratios)
  return ratios[math.ceil(#samples / 2 * LEAST)]
end

--- The share of a text that is behind avatars, as the storyboard draws them.
---@param samples number[]
---@param all table[]          the clips of the scene
---@param avatars integer[]    those of type aiModel that may be in front of it
---@return number share        0 to 1
---@return integer[] hiding    the avatars that it is behind
function M.hidden(samples, all, avatars)
  local hiding, is_behind, count = {}, {}, 0
  for _, number in ipairs(avatars) do
    local clip = all[number]
    local place, hides = clips.place(clip), false
    for i = 1, #samples, 2 do
      local x, y = inward(place, samples[i], samples[i + 1])
      if x and figures.covers(clip, place.width, place.height, x, y) then
        hides = true
        if not is_behind[i] then is_behind[i], count = true, count + 1 end
      end
    end
    if hides then hiding[#hiding + 1] = number end
  end
  return #samples > 0 and count / (#samples / 2) or 0, hiding
end

return M
