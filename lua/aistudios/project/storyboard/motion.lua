-- SPDX-License-Identifier: MIT
--
-- motion: animations as keyframes: how much of a clip is seen, how far it is
-- moved and how large it is drawn, at two moments; between them all four change
-- at constant speed, before and after them they stay. The page's script plays
-- the same numbers. The service says what its animations are called and no
-- more; here their units are seconds, `in-right` comes in from beyond the right
-- edge of the canvas, `out-right` leaves over it, and zooms are about the middle.

local box = require "aistudios.project.storyboard.box"
local read = require "aistudios.project.storyboard.read"
local write = require "aistudios.util.decimal".format

local M = {}

-- A clip as it is drawn without animation.
local REST = { opacity = 1, x = 0, y = 0, scale = 1 }

-- The other end of each animation, from the clip's place and the canvas.
local TRANSPARENT = { opacity = 0, x = 0, y = 0, scale = 1 }
local function transparent() return TRANSPARENT end
local function smallest(place)
  local bounds = box.bounds(place)
  return { opacity = 1, x = (bounds.left + bounds.right) / 2,
    y = (bounds.top + bounds.bottom) / 2, scale = 0 }
end
local function moved(x, y) return { opacity = 1, x = x, y = y, scale = 1 } end
local beyond = {
  right = function (place, width)
    return moved(math.max(0, width - box.bounds(place).left), 0)
  end,
  left = function (place) return moved(math.min(0, -box.bounds(place).right), 0) end,
  down = function (place, _, height)
    return moved(0, math.max(0, height - box.bounds(place).top))
  end,
  up = function (place) return moved(0, math.min(0, -box.bounds(place).bottom)) end,
}

---@type table<string, { other: function, is_entry: boolean }>
local kinds = {
  ["fade-in"] = { other = transparent, is_entry = true },
  ["fade-out"] = { other = transparent, is_entry = false },
  ["zoom-in"] = { other = smallest, is_entry = true },
  ["zoom-out"] = { other = smallest, is_entry = false },
}
for side, other in pairs(beyond) do
  kinds["in-" .. side] = { other = other, is_entry = true }
  kinds["out-" .. side] = { other = other, is_entry = false }
end

--- From when to when a clip's animation runs.
---@param clip table
---@return number? from  s; nil without an animation
---@return number? to    s
function M.span(clip)
  local animation = clip.animation
  if type(animation) ~= "table" or next(animation) == nil then return nil end
  local from, length = read.number(animation, "delay", 0, "duration", 0)
  if from < 0 then from = 0 end
  return from, length > 0 and from + length or from
end

---@class aistudios.storyboard.Keyframe
---@field opacity number  0 to 1, times the clip's own
---@field x number        px of the canvas that it is moved by, after the scale
---@field y number        px
---@field scale number    about the canvas's upper left corner

---@class aistudios.storyboard.Motion
---@field from number   s from the scene's start, of the first keyframe
---@field to number     s, of the second one
---@field first aistudios.storyboard.Keyframe
---@field last aistudios.storyboard.Keyframe

--- The motion of a clip.
---@param clip table
---@param place aistudios.storyboard.Place
---@param width number   of the canvas, px
---@param height number  px
---@return aistudios.storyboard.Motion?  nil without an animation that is known
function M.of(clip, place, width, height)
  local from, to = M.span(clip)
  local kind = from and kinds[read.string(clip.animation, "type", "")]
  if not kind then return nil end
  local other = kind.other(place, width, height)
  return { from = from, to = to, first = kind.is_entry and other or REST,
    last = kind.is_entry and REST or other }
end

--- How a clip is drawn at a moment.
---@param one aistudios.storyboard.Motion
---@param seconds number
---@return aistudios.storyboard.Keyframe
function M.at(one, seconds)
  if seconds < one.from then return one.first end
  if seconds >= one.to then return one.last end
  local part, frame = (seconds - one.from) / (one.to - one.from), {}
  for name, value in pairs(one.first) do
    frame[name] = value + (one.last[name] - value) * part
  end
  return frame
end

--- A drawing at a moment; "" when nothing of it is seen.
---@param one aistudios.storyboard.Motion
---@param seconds number
---@param drawn string
---@return string
function M.draw(one, seconds, drawn)
  local frame = M.at(one, seconds)
  if frame.opacity <= 0 or frame.scale <= 0 or drawn == "" then return "" end
  return write('<g opacity="%.8g" transform="translate(%.8g %.8g) scale(%.8g)">%s</g>',
    frame.opacity, frame.x, frame.y, frame.scale, drawn)
end

--- A drawing that the page's script plays: when, how long, the keyframe that is not its
--- rest, and 1 if that is the last one.
---@param one aistudios.storyboard.Motion
---@param drawn string
---@param is_reference? boolean  it is one <use>
---@return string
function M.playable(one, drawn, is_reference)
  if drawn == "" then return "" end
  local is_entry = one.last == REST
  local other = is_entry and one.first or one.last
  return write(is_reference and '<use data-m="%.8g %.8g %.8g %.8g %.8g %.8g%s"%s'
    or '<g data-m="%.8g %.8g %.8g %.8g %.8g %.8g%s">%s</g>', one.from, one.to - one.from,
    other.opacity, other.x, other.y, other.scale, is_entry and "" or " 1",
    is_reference and drawn:sub(5) or drawn)
end

return M
