-- SPDX-License-Identifier: MIT
--
-- legibility: texts that can hardly be read: those with too little contrast to what is
-- behind them (WCAG 2), behind an avatar, or outside the safe area. What cannot be
-- known, as the contrast to a picture, is not warned of.

local colors = require "aistudios.project.colors"
local text_fit = require "aistudios.project.text_fit"
local format = require "aistudios.util.decimal".format

local known, contrast = colors.known, colors.contrast

local M = {}

local NORMAL, LARGE = 4.5, 3         -- contrasts that WCAG 2 asks for at level AA
local LARGE_SIZE, LARGE_BOLD = 18, 14 -- pt, from which text counts as large
local BOLD = 700

--- Parts of the canvas, each way, that are safe (EBU R 95, SMPTE ST 2046-1).
M.ACTION_SAFE, M.TITLE_SAFE = 0.93, 0.9

--- The area that texts belong into, in px of the canvas.
---@param canvas { width: number, height: number }
---@param share number  M.TITLE_SAFE or M.ACTION_SAFE
---@return number left
---@return number top
---@return number right
---@return number bottom
function M.safe_area(canvas, share)
  local x, y = canvas.width * (1 - share) / 2, canvas.height * (1 - share) / 2
  return x, y, canvas.width - x, canvas.height - y
end

--- The contrast that a text needs, by its size as it is shown.
---@param clip table  of type textImage, with a font size
---@return number
function M.needed(clip)
  local size, scale, weight = clip.fontSize, clip.scaleY, clip.fontWeight
  if type(scale) == "number" then size = size * math.abs(scale) end
  local is_bold = math.type(weight) == "integer" and weight >= BOLD
  return size >= (is_bold and LARGE_BOLD or LARGE_SIZE) and LARGE or NORMAL
end

local PICTURE = text_fit.width "\u{1F600}" -- as wide as every pictograph

local function without_picture(sign) return text_fit.width(sign) == PICTURE and "" end

-- Has a text letters, which its fill paints? Emoji have colours of their own.
local function has_letters(text)
  text = text:gsub("\xE2[\x80-\xBF][\x80-\xBF]\u{FE0F}", "") -- signs, as emoji
    :gsub("\u{FE0F}", ""):gsub("\u{200D}", ""):gsub("[%d#*]\u{20E3}", "")
    :gsub("[\xE2\xF0][\x80-\xBF]+", without_picture)
  return text:find "%S" ~= nil
end

local function is_whole(clip) return clip.opacity == nil or clip.opacity == 100 end

--- The colour of a background; nil when it has a picture, or none that is known.
---@param background any
---@return aistudios.project.Color?
function M.background(background)
  if type(background) ~= "table" then return nil end
  local url = background.source_url
  return (url == nil or url == "") and known[background.source_color] or nil
end

--- The luminances between which all grounds are that a scene has, whatever is mixed
--- with what; nil when no ground is known.
---@param scene table
---@param painted table[]  its shapes, and its texts with a colour behind them
---@return number? low
---@return number? high
function M.range(scene, painted)
  local first = M.background(scene.background)
  local has_known = first and first.alpha == 1
  local r1, g1, b1, r2, g2, b2 = 255, 255, 255, 0, 0, 0
  if first then
    r1, g1, b1 = first.red, first.green, first.blue
    r2, g2, b2 = r1, g1, b1
  end
  for i = 1, #painted do
    local clip = painted[i]
    local color = known[clip.type == "shape" and clip.fill or clip.backgroundColor]
    if color then
      local r, g, b = color.red, color.green, color.blue
      has_known = has_known or color.alpha == 1 and is_whole(clip)
      if r < r1 then r1 = r end
      if g < g1 then g1 = g end
      if b < b1 then b1 = b end
      if r > r2 then r2 = r end
      if g > g2 then g2 = g end
      if b > b2 then b2 = b end
    end
  end
  if has_known then return colors.luminance(r1, g1, b1), colors.luminance(r2, g2, b2) end
end

--- May a text have too little contrast to a ground between these luminances?
---@param clip table  of type textImage
---@param low? number   of M.range
---@param high? number
---@return boolean
function M.may_be_pale(clip, low, high)
  local color, own = known[clip.fill], clip.backgroundColor
  if not (low and color) then return false end
  if color.alpha < 1 or not is_whole(clip) then return true end
  own = own and known[own]
  if own and own.alpha == 1 then low, high = own.luminance, own.luminance end
  local luminance, needed = color.luminance, M.needed(clip)
  if luminance > high then return contrast(luminance, high) < needed end
  return luminance >= low or contrast(luminance, low) < needed
end

local function is_in_front(avatar, clip, a, b)
  if avatar.layer == clip.layer then return a > b end
  return avatar.layer > clip.layer
end

local MOST_AVATARS = 8 -- that are looked at for each text
local HIDING = 50      -- per cent of opacity from which an avatar hides; less is seen through

-- May texts be hidden behind this avatar?
local function hides(avatar)
  local opacity = avatar.opacity
  return type(avatar.layer) == "number" and (type(opacity) ~= "number" or opacity >= HIDING)
end

-- The avatars in front of a text whose boxes meet its own; nil when there is none.
local function avatars_before(clips, boxes, avatars, number)
  local found
  local left, top, right, bottom = table.unpack(boxes, 4 * number - 3, 4 * number)
  for _, i in ipairs(avatars) do
    local l, t, r, b = table.unpack(boxes, 4 * i - 3, 4 * i)
    if is_in_front(clips[i], clips[number], i, number)
        and l < right and r > left and t < bottom and b > top then
      found = found or {}
      found[#found + 1] = i
      if #found == MOST_AVATARS then break end
    end
  end
  return found
end

local function warn_of_contrast(warn, place, sample, scene, canvas, boxes, number)
  local clip = scene.clips[number]
  local ratio = require "aistudios.project.text_ground".contrast(sample, scene, canvas, boxes,
    number, M.background(scene.background))
  local needed = M.needed(clip)
  if ratio and ratio < needed then
    warn(place .. ".fill", format("has a contrast of %.2f:1 to what is behind it; a text of this "
      .. "size needs %.14g:1 (WCAG 2)", ratio * 100 // 1 / 100, needed), clip.fill)
  end
end

local MOST_HIDDEN = 0.15 -- of a text, behind all avatars

local function warn_of_avatars(warn, clips, place, samples, avatars)
  local share, hiding = require "aistudios.project.text_ground".hidden(samples, clips, avatars)
  if share < MOST_HIDDEN then return end
  local names = {}
  for n, i in ipairs(hiding) do names[n] = format("clips[%d], layer %.14g", i, clips[i].layer) end
  warn(place .. ".layer", format("is behind the avatar%s of %s, which hide%s about %.0f %% of the "
    .. "text (estimated)", names[2] and "s" or "", table.concat(names, ", and of "),
    names[2] and "" or "s", share * 100))
end

local LEAST = 2 -- px outside the safe area that are told

local sides = { "left", "top", "right", "bottom" }

local function warn_of_place(warn, place, ink, safe)
  local parts = {}
  for i, side in ipairs(sides) do
    local far = i <= 2 and safe[i] - ink[i] or i > 2 and ink[i] - safe[i]
    if far >= LEAST then parts[#parts + 1] = format("%.0f px at the %s", far, side) end
  end
  if parts[1] then
    warn(place, format("leaves the title-safe area, the inner %.14g %% of the canvas: about %s",
      M.TITLE_SAFE * 100, table.concat(parts, ", ")))
  end
end

local function is_measurable(clip)
  local size = clip.fontSize
  return type(size) == "number" and size >= 1 and size < 1e6 and type(clip.text) == "string"
    and type(clip.layer) == "number"
end

-- Of what is wholly outside the canvas, no more than that is told (project.visibility).
local function is_on_canvas(canvas, boxes, at)
  return boxes[at - 3] < canvas.width and boxes[at - 2] < canvas.height and boxes[at - 1] > 0
    and boxes[at] > 0
end

local function look_at_text(warn, scene, path, canvas, boxes, number, avatars, range)
  local clip, at = scene.clips[number], 4 * number
  local left, top, right, bottom = M.safe_area(canvas, M.TITLE_SAFE)
  local is_out = (boxes[at - 3] < left or boxes[at - 2] < top or boxes[at - 1] > right
    or boxes[at] > bottom) and is_on_canvas(canvas, boxes, at)
  local is_pale = M.may_be_pale(clip, range[1], range[2]) and has_letters(clip.text)
  local before = avatars_before(scene.clips, boxes, avatars, number)
  if not (is_out or is_pale or before) then return end
  local place = ("%s.clips[%d]"):format(path, number)
  local text_ground, samples = require "aistudios.project.text_ground", nil
  local function sample()
    samples = samples or text_ground.samples(clip, canvas)
    return samples
  end
  if is_pale then warn_of_contrast(warn, place, sample, scene, canvas, boxes, number) end
  if before then warn_of_avatars(warn, scene.clips, place, sample(), before) end
  local ink = is_out and text_ground.ink(clip)
  if ink and not text_fit.overflow(clip) then
    warn_of_place(warn, place, ink, { left, top, right, bottom })
  end
end

--- Warns of the texts of a scene.
---@param warn aistudios.project.Warn
---@param scene table
---@param path string     of the scene
---@param canvas { width: integer, height: integer }
---@param boxes number[]  left, top, right and bottom of clip `i` from 4 * i - 3 on; nil
--- for what is not seen
function M.warn(warn, scene, path, canvas, boxes)
  local avatars, painted = {}, {}
  for i, clip in ipairs(scene.clips) do
    local kind = boxes[4 * i] and clip.type
    if kind == "aiModel" then
      if hides(clip) then avatars[#avatars + 1] = i end
    elseif kind == "shape" or kind == "textImage" then
      painted[#painted + 1] = clip
    end
  end
  local range = { M.range(scene, painted) }
  for i, clip in ipairs(scene.clips) do
    if boxes[4 * i] and clip.type == "textImage" and is_measurable(clip) then
      look_at_text(warn, scene, path, canvas, boxes, i, avatars, range)
    end
  end
end

return M
