-- SPDX-License-Identifier: MIT
--
-- box: the corners of a clip on the canvas, turned and scaled, and the upright
-- box around them.

local M = {}

--- The corners of a clip on the canvas: its own upper left one first, clockwise.
---@param place aistudios.storyboard.Place
---@return number[][]
function M.corners(place)
  local turn, left, top = math.rad(place.angle), place.left, place.top
  local cos, sin = math.cos(turn), math.sin(turn)
  local width, height = place.width * place.scale_x, place.height * place.scale_y
  local across, along = width * cos, width * sin -- the upper edge
  local aside, down = -height * sin, height * cos -- the left one
  return { { left, top }, { left + across, top + along },
    { left + across + aside, top + along + down }, { left + aside, top + down } }
end

local function span(start, length)
  if length < 0 then return start + length, start end
  return start, start + length
end

--- The edges of the box around a clip.
---@param place aistudios.storyboard.Place
---@return { left: number, right: number, top: number, bottom: number }  px of the canvas
function M.bounds(place)
  local bounds = {}
  if place.angle == 0 then
    bounds.left, bounds.right = span(place.left, place.width * place.scale_x)
    bounds.top, bounds.bottom = span(place.top, place.height * place.scale_y)
    return bounds
  end
  local a, b, c, d = table.unpack(M.corners(place))
  bounds.left = math.min(a[1], b[1], c[1], d[1])
  bounds.right = math.max(a[1], b[1], c[1], d[1])
  bounds.top = math.min(a[2], b[2], c[2], d[2])
  bounds.bottom = math.max(a[2], b[2], c[2], d[2])
  return bounds
end

return M
