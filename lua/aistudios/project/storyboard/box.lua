-- SPDX-License-Identifier: MIT
--
-- box: the corners of a clip on the canvas, turned and scaled, and the upright
-- box around them.

local M = {}

--- The corners of a clip on the canvas.
---@param place aistudios.storyboard.Place
---@return number[][]
function M.corners(place)
  local turn = math.rad(place.angle)
  local cos, sin = math.cos(turn), math.sin(turn)
  local width, height = place.width * place.scale_x, place.height * place.scale_y
  local corners = {}
  for i, corner in ipairs { { 0, 0 }, { width, 0 }, { width, height }, { 0, height } } do
    corners[i] = { place.left + corner[1] * cos - corner[2] * sin,
      place.top + corner[1] * sin + corner[2] * cos }
  end
  return corners
end

--- The edges of the box around a clip.
---@param place aistudios.storyboard.Place
---@return { left: number, right: number, top: number, bottom: number }  px of the canvas
function M.bounds(place)
  local bounds = { left = math.huge, right = -math.huge, top = math.huge, bottom = -math.huge }
  for _, corner in ipairs(M.corners(place)) do
    local x, y = corner[1], corner[2]
    bounds.left, bounds.right = math.min(bounds.left, x), math.max(bounds.right, x)
    bounds.top, bounds.bottom = math.min(bounds.top, y), math.max(bounds.bottom, y)
  end
  return bounds
end

return M
