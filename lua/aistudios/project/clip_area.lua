-- SPDX-License-Identifier: MIT
--
-- clip_area: the area of the canvas that a clip takes, and may reach. A rotated clip
-- counts with the whole circle that it may reach.

local text_fit = require "aistudios.project.text_fit"

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

--- Is this a number, and not NaN?
---@param value any
---@return boolean
function M.is_number(value) return type(value) == "number" and value == value end

local is_number = M.is_number

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

-- How far a clip reaches beyond its box, px: a stroke and a shadow do, and text
-- that does not fit may reach anywhere.
local function reach(clip)
  local wide, shadow = clip.strokeWidth, clip.shadow
  wide = is_number(wide) and clip.stroke ~= nil and wide or 0
  if type(shadow) == "table" and next(shadow) ~= nil then wide = math.max(wide, FAR_SHADOW) end
  if clip.type == "textImage" and text_fit.overflow(clip) then return math.huge end
  return wide
end

--- The area that a clip may reach: a stroke and a shadow go beyond its box.
---@param clip table
---@return aistudios.project.Area?
function M.reached(clip)
  local area, far = M.area(clip), reach(clip)
  if not area or far == 0 then return area end
  return { left = area.left - far, top = area.top - far, right = area.right + far,
    bottom = area.bottom + far }
end

return M
