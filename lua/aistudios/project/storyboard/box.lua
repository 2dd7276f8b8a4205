-- SPDX-License-Identifier: MIT
--
-- box: a clip's own box on the canvas, turned and scaled: its points there and back, its
-- corners, and the upright box around it.

local M = {}

--- A point of a clip's own box on the canvas.
---@param place aistudios.storyboard.Place
---@param x number  px of the box
---@param y number
---@return number x  px of the canvas
---@return number y
function M.outward(place, x, y)
  x, y = x * place.scale_x, y * place.scale_y
  if place.angle == 0 then return place.left + x, place.top + y end
  local turn = math.rad(place.angle)
  local cos, sin = math.cos(turn), math.sin(turn)
  return place.left + x * cos - y * sin, place.top + x * sin + y * cos
end

--- A point of the canvas in a clip's own box; nil outside of it.
---@param place aistudios.storyboard.Place
---@param x number  px of the canvas
---@param y number
---@return number? x  px of the box
---@return number? y
function M.inward(place, x, y)
  x, y = x - place.left, y - place.top
  if place.angle ~= 0 then
    local turn = math.rad(place.angle)
    local cos, sin = math.cos(turn), math.sin(turn)
    x, y = x * cos + y * sin, y * cos - x * sin
  end
  if place.scale_x == 0 or place.scale_y == 0 then return nil end
  x, y = x / place.scale_x, y / place.scale_y
  if x >= 0 and y >= 0 and x <= place.width and y <= place.height then return x, y end
end

--- The corners of a clip on the canvas: its own upper left one first, clockwise.
---@param place aistudios.storyboard.Place
---@return number[][]
function M.corners(place)
  local width, height = place.width, place.height
  return { { place.left, place.top }, { M.outward(place, width, 0) },
    { M.outward(place, width, height) }, { M.outward(place, 0, height) } }
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
