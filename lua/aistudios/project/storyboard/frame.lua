-- SPDX-License-Identifier: MIT
--
-- frame: a scene as the page shows it: the canvas, a margin in which the
-- edges of clips that leave the canvas are drawn, and the pins of problems.

local scenes = require "aistudios.project.storyboard.scene"


local M = {}

local MARGIN = 64 -- px around the canvas
local PIN = 24    -- radius of a pin, px

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

--- Is the clip wholly on the canvas, wherever it may turn to?
local function is_inside(place, width, height)
  local across = place.width * math.abs(place.scale_x)
    + place.height * math.abs(place.scale_y)
  if place.angle == 0 and place.scale_x > 0 and place.scale_y > 0 then
    return place.left >= 0 and place.top >= 0
      and place.left + place.width * place.scale_x <= width
      and place.top + place.height * place.scale_y <= height
  end
  return place.left >= across and place.top >= across
    and place.left + across <= width and place.top + across <= height
end

local function outline(place, width, height)
  if is_inside(place, width, height) then return "" end
  local leaves, points = false, {}
  for i, corner in ipairs(M.corners(place)) do
    local x, y = corner[1], corner[2]
    leaves = leaves or x < 0 or y < 0 or x > width or y > height
    points[i] = ("%.7g,%.7g"):format(x, y)
  end
  if not leaves then return "" end
  return ('<polygon class="edge" points="%s"/>'):format(table.concat(points, " "))
end

local function clamp(value, low, high)
  return math.max(low, math.min(high, value))
end

--- A free place for a pin, at or right of where it belongs.
local function free_place(taken, x, y)
  while true do
    local key = ("%d %d"):format(x // (2 * PIN), y // (2 * PIN))
    if not taken[key] then
      taken[key] = true
      return x, y
    end
    x = x + 2 * PIN + 6
  end
end

local function is_error(pins)
  for _, pin in ipairs(pins) do
    if pin.problem.level ~= "warning" then return true end
  end
  return false
end

local function draw_pin(pins, x, y, width)
  local first, last = pins[1].number, pins[#pins].number
  local label = first == last and tostring(first)
    or first .. (#pins == last - first + 1 and "–" or ", … ") .. last
  local half = math.max(PIN, 8 * utf8.len(label) + 10)
  x = math.min(x, width + MARGIN - half - 4)
  return string.format('<a href="#problem-%s"><g class="pin %s"><rect x="%.8g" y="%.8g" '
    .. 'width="%.8g" height="%.8g" rx="%.8g"/><text x="%.8g" y="%.8g">%s</text></g></a>', first,
    is_error(pins) and "error" or "warning", x - half, y - PIN, half * 2, PIN * 2,
    PIN, x, y + 9, label)
end

local function draw_pins(layers, pins, width, height)
  local parts, taken, edge = {}, {}, MARGIN - PIN - 6
  for _, layer in ipairs(layers) do
    local mine = pins[layer.index]
    if mine then
      local x, y = free_place(taken, clamp(layer.place.left - PIN / 2, -edge, width + edge),
        clamp(layer.place.top - PIN / 2, -edge, height + edge))
      parts[#parts + 1] = draw_pin(mine, x, y, width)
    end
  end
  return table.concat(parts)
end

--- Draws a scene for the page.
---@param pen aistudios.storyboard.Pen
---@param project table
---@param scene any
---@param layers aistudios.storyboard.Layer[]  of the scene
---@param pins table<integer, aistudios.storyboard.Pin[]>  by clip
---@param name string   what the drawing is, in words
---@param id string     begins the ids in it
---@return string
function M.draw(pen, project, scene, layers, pins, name, id)
  local width, height = scenes.canvas(project)
  local drawn = scenes.draw(pen, scene, layers, width, height)
  local edges = {}
  for _, layer in ipairs(layers) do
    if layer.clip.type ~= "audio" then
      edges[#edges + 1] = outline(layer.place, width, height)
    end
  end
  return string.format('<svg viewBox="%s %s %s %s" role="img" aria-label="%s" xml:space="preserve">'
    .. '<defs><clipPath id="%s"><rect width="%.8g" height="%.8g"/></clipPath></defs>'
    .. '<g clip-path="url(#%s)">%s</g><rect class="canvas" width="%.8g" height="%.8g"/>%s%s</svg>',
    -MARGIN, -MARGIN, width + 2 * MARGIN, height + 2 * MARGIN, name,
    id, width, height, id, drawn, width, height, table.concat(edges),
    draw_pins(layers, pins, width, height))
end

return M
