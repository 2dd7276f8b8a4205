-- SPDX-License-Identifier: MIT
--
-- visibility: clips that will not be seen: outside the canvas, or behind a clip
-- that covers them. Only what is certain is reported: a rotated clip counts with
-- the whole circle that it may reach, and what may be transparent covers nothing.

local schema = require "aistudios.project.schema"
local text_fit = require "aistudios.project.text_fit"

local byte = string.byte

local M = {}

local FAR_SHADOW = 40 -- px: the largest offset and three times the largest blur

---@class aistudios.project.Area  in px of the canvas
---@field left number
---@field top number
---@field right number
---@field bottom number

local function span(start, length, scale)
  length = length * scale
  if length < 0 then return start + length, start end
  return start, start + length
end

local function is_number(value) return type(value) == "number" and value == value end

--- The area that a clip takes; nil when its position or size is no number.
---@param clip table
---@return aistudios.project.Area?
function M.area(clip)
  local left, top, width, height = clip.left, clip.top, clip.width, clip.height
  if not (is_number(left) and is_number(top) and is_number(width)
      and is_number(height)) then return nil end
  local x, y = clip.scaleX, clip.scaleY
  if not is_number(x) then x = 1 end
  if not is_number(y) then y = 1 end
  local area = {}
  area.left, area.right = span(left, width, x)
  area.top, area.bottom = span(top, height, y)
  local angle = clip.angle
  if is_number(angle) and angle % 360 ~= 0 then
    local w, h = area.right - area.left, area.bottom - area.top
    local reach = math.sqrt(w * w + h * h)
    return { left = area.left - reach, top = area.top - reach,
      right = area.left + reach, bottom = area.top + reach }
  end
  return area
end

local function is_unseen(clip)
  return clip.type == "audio" or clip.voiceOnly == true or clip.isDelete == true
end

local function is_solid_color(fill)
  if type(fill) ~= "string" then return false end
  return fill:find "^#%x%x%x$" ~= nil or fill:find "^#%x%x%x%x%x%x$" ~= nil
    or fill:find "^rgb%s*%(%s*%d+%s*,%s*%d+%s*,%s*%d+%s*%)$" ~= nil
end

-- Is the file at this address certainly opaque, by its ending? An address with a
-- query does not tell.
local function is_opaque(url)
  if type(url) ~= "string" then return false end
  local a, b, c = byte(url, -3, -1)
  if c == 52 then -- mp4
    return (a == 109 or a == 77) and not url:find "[?#]"
  end
  return (c == 103 or c == 71) and b ~= 110 and b ~= 78 -- png ends with g too
    and url:lower():find "^[^?#]*%.jpe?g$" ~= nil
end

-- By clip type: could it cover others, unless transparent, animated or rotated?
local solid = {
  shape = function (clip)
    return clip.shapeName == "Square" and (clip.strokeRadius or 0) == 0
      and is_solid_color(clip.fill)
  end,
  image = function (clip) return is_opaque(clip.source_url) end,
  videoImage = function (clip) return is_opaque(clip.video_url) end,
}

-- Is a clip neither transparent nor animated nor rotated?
local function is_whole(clip)
  return (clip.opacity == nil or clip.opacity == 100) and clip.animation == nil
    and not is_unseen(clip) and not (is_number(clip.angle) and clip.angle % 360 ~= 0)
end

-- Is nothing visible behind this clip?
local function covers(clip)
  local is_solid = solid[clip.type]
  return is_solid and is_solid(clip) and is_whole(clip)
end

local function contains(outer, inner)
  return outer.left <= inner.left and outer.top <= inner.top
    and outer.right >= inner.right and outer.bottom >= inner.bottom
end

--- The part of an area that is on the canvas; nil when there is none.
---@param area aistudios.project.Area
---@param canvas { width: number, height: number }
---@return aistudios.project.Area?
function M.clipped(area, canvas)
  local inside = { left = math.max(area.left, 0), top = math.max(area.top, 0),
    right = math.min(area.right, canvas.width),
    bottom = math.min(area.bottom, canvas.height) }
  if inside.left < inside.right and inside.top < inside.bottom then return inside end
end

local function is_above(a, b)
  if a.layer == b.layer then return a.index > b.index end
  return a.layer > b.layer
end

local MAX_COVERING = 32 -- clips of a scene that are compared with all others

-- The largest clips that cover what is behind them, as they are in the list.
local function covering(items)
  local found = {}
  for _, item in ipairs(items) do
    if item.covers then found[#found + 1] = item end
  end
  if #found <= MAX_COVERING then return found end
  table.sort(found, function (a, b)
    if a.size == b.size then return a.index < b.index end
    return a.size > b.size
  end)
  for i = #found, MAX_COVERING + 1, -1 do found[i] = nil end
  table.sort(found, function (a, b) return a.index < b.index end)
  return found
end

local function report_hidden(warn, path, items)
  local others = covering(items)
  for _, item in ipairs(items) do
    for _, other in ipairs(others) do
      if other ~= item and is_above(other, item) and contains(other.covers, item.area) then
        warn(("%s.clips[%d].layer"):format(path, item.index),
          ("is behind clips[%d], layer %.14g, which hides this clip completely")
            :format(other.index, other.layer), item.layer)
        break
      end
    end
  end
end

-- The same as M.area, as four numbers, for a clip without errors.
local function edges(clip)
  local left, top, angle = clip.left, clip.top, clip.angle
  local right = left + clip.width * (clip.scaleX or 1)
  local bottom = top + clip.height * (clip.scaleY or 1)
  if right < left or bottom < top or angle and angle ~= 0 then
    local area = M.area(clip)
    return area.left, area.top, area.right, area.bottom
  end
  return left, top, right, bottom
end

-- May clip `number`, which covers what is behind it, hide another clip? What is
-- outside the canvas does not count.
local function may_hide(clips, number, canvas)
  local outer = clips[number]
  local left, top, right, bottom = edges(outer)
  for i, clip in ipairs(clips) do
    if i ~= number and clip.type ~= "audio"
        and (clip.layer < outer.layer or clip.layer == outer.layer and i < number) then
      local l, t, r, b = edges(clip)
      if (left <= l or left <= 0) and (top <= t or top <= 0)
          and (right >= r or right >= canvas.width)
          and (bottom >= b or bottom >= canvas.height) then
        return true
      end
    end
  end
  return false
end

--- Is each clip certainly visible, and each text within its box? Costs a fraction
--- of what it costs to find out why not.
---@param scene table  without errors, see project.fast_path
---@param canvas { width: integer, height: integer }
---@return boolean
function M.is_plain(scene, canvas)
  local clips, width, height = scene.clips, canvas.width, canvas.height
  local coverers
  for i = 1, #clips do
    local clip = clips[i]
    local kind = clip.type
    if kind ~= "audio" then
      local left, top, right, bottom = edges(clip)
      if left >= right or top >= bottom or left >= width or top >= height
          or right <= 0 or bottom <= 0
          or kind == "textImage" and not text_fit.fits(clip) then
        return false
      end
      local is_solid = solid[kind]
      if is_solid and is_solid(clip) and is_whole(clip) then
        coverers = coverers or {}
        coverers[#coverers + 1] = i
      end
    end
  end
  if coverers and #coverers > MAX_COVERING then return false end
  for _, number in ipairs(coverers or {}) do
    if may_hide(clips, number, canvas) then return false end
  end
  return true
end

--- The canvas of a project, in px.
---@param project table
---@return { width: integer, height: integer }
function M.canvas(project)
  return schema.canvas[project.orientation] or schema.canvas.landscape
end

-- How far a clip reaches beyond its box, px: a stroke and a shadow do, and text
-- that does not fit may reach anywhere.
local function reach(clip)
  local wide, shadow = clip.strokeWidth, clip.shadow
  wide = is_number(wide) and clip.stroke ~= nil and wide or 0
  if type(shadow) == "table" and next(shadow) ~= nil then wide = math.max(wide, FAR_SHADOW) end
  if clip.type == "textImage" and text_fit.overflow(clip) then return math.huge end
  return wide
end

-- The area that a clip may reach.
local function reached(clip)
  local area, far = M.area(clip), reach(clip)
  if not area or far == 0 then return area end
  return { left = area.left - far, top = area.top - far, right = area.right + far,
    bottom = area.bottom + far }
end

--- Warns of the clips of a scene that will not be seen.
---@param warn aistudios.project.Warn
---@param scene table
---@param path string    of the scene
---@param canvas { width: integer, height: integer }
function M.warn(warn, scene, path, canvas)
  local items = {}
  for i, clip in ipairs(scene.clips) do
    local area = type(clip) == "table" and not is_unseen(clip) and reached(clip)
    if area then
      local inside = M.clipped(area, canvas)
      if not inside then
        local size = ("the canvas is %dx%d px"):format(canvas.width, canvas.height)
        local is_empty = area.left == area.right or area.top == area.bottom
        warn(("%s.clips[%d]"):format(path, i), is_empty and "has no extent"
          or "is wholly outside the canvas; " .. size)
      elseif is_number(clip.layer) then
        items[#items + 1] = { index = i, layer = clip.layer, area = inside,
          size = (inside.right - inside.left) * (inside.bottom - inside.top),
          covers = covers(clip) and M.clipped(M.area(clip), canvas) }
      end
    end
  end
  report_hidden(warn, path, items)
end

return M
