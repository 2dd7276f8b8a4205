-- SPDX-License-Identifier: MIT
--
-- frame: a scene as the page shows it: the canvas, a margin in which the
-- edges of clips that leave the canvas are drawn, and the pins of problems.

local box = require "aistudios.project.storyboard.box"
local pens = require "aistudios.project.storyboard.pen"
local safe_areas = require "aistudios.project.storyboard.safe_areas"
local scenes = require "aistudios.project.storyboard.scene"
local write = require "aistudios.util.decimal".format

local M = {}

local MARGIN = 64 -- px around the canvas
local PIN = 24    -- radius of a pin, px; the page's style enlarges one about its middle
local NEAREST = 2 -- radii that its middle is away from the edge of the margin

--- Is the clip wholly on the canvas, wherever it may turn to?
local function is_inside(place, width, height)
  if place.angle == 0 and place.scale_x > 0 and place.scale_y > 0 then
    return place.left >= 0 and place.top >= 0
      and place.left + place.width * place.scale_x <= width
      and place.top + place.height * place.scale_y <= height
  end
  local across = place.width * math.abs(place.scale_x)
    + place.height * math.abs(place.scale_y)
  return place.left >= across and place.top >= across
    and place.left + across <= width and place.top + across <= height
end

local function outline(place, width, height)
  local leaves, points = false, {}
  for i, corner in ipairs(box.corners(place)) do
    local x, y = corner[1], corner[2]
    leaves = leaves or x < 0 or y < 0 or x > width or y > height
    points[i] = write("%.7g,%.7g", x, y)
  end
  if not leaves then return "" end
  return ('<polygon class="edge" points="%s"/>'):format(table.concat(points, " "))
end

local function clamp(value, low, high)
  return math.max(low, math.min(high, value))
end

-- Where pins may be: the drawing with its margin, in cells that hold one each.
local CELL, START = 2 * PIN + 6, -MARGIN + 6

local function new_grid(width, height)
  return { columns = (width - 2 * START) // CELL, rows = (height - 2 * START) // CELL,
    searched = {} }
end

-- Takes cells, if all of them are free.
local function take(grid, left, right, top, bottom)
  for row = top, bottom do
    for column = left, right do
      if grid[row * grid.columns + column] then return false end
    end
  end
  for row = top, bottom do
    for column = left, right do grid[row * grid.columns + column] = true end
  end
  return true
end

-- The middle of a pin: where it belongs, or else the next free place as one
-- reads; where it belongs if there is none. Cells never become free again, so a
-- search goes on where the last one from the same cell for the same width ended.
local function place_pin(grid, x, y, half)
  local left, top = (x - half - START) // CELL, (y - PIN - START) // CELL
  local right, bottom = (x + half - START) // CELL, (y + PIN - START) // CELL
  if take(grid, left, right, top, bottom) then return x, y end
  local cells, count = -(-2 * half // CELL), grid.columns * grid.rows
  local start = top * grid.columns + left
  local search = start * grid.columns + cells
  for i = grid.searched[search] or 0, count - 1 do
    local at = (start + i) % count
    grid.searched[search] = i + 1
    local column, row = at % grid.columns, at // grid.columns
    if column + cells <= grid.columns and take(grid, column, column + cells - 1, row, row) then
      return START + column * CELL + half, START + row * CELL + PIN
    end
  end
  return x, y
end

local function is_error(pins)
  for _, pin in ipairs(pins) do
    if pin.problem.level ~= "warning" then return true end
  end
  return false
end

-- The pin of a clip's problems, near the place of the clip.
local function draw_pin(grid, pins, place, width, height)
  local first, last = pins[1].number, pins[#pins].number
  local label = first == last and tostring(first)
    or first .. (#pins == last - first + 1 and "–" or ", … ") .. last
  local half = math.max(PIN, 8 * utf8.len(label) + 10)
  local x = clamp(place.left - PIN / 2, NEAREST * half - MARGIN, width + MARGIN - NEAREST * half)
  local y = clamp(place.top - PIN / 2, NEAREST * PIN - MARGIN, height + MARGIN - NEAREST * PIN)
  x, y = place_pin(grid, x, y, half)
  return write('<a href="#problem-%s"><g class="pin %s"><rect x="%.8g" y="%.8g" '
    .. 'width="%.8g" height="%.8g" rx="%.8g"/><text x="%.8g" y="%.8g">%s</text></g></a>', first,
    is_error(pins) and "error" or "warning", x - half, y - PIN, half * 2, PIN * 2,
    PIN, x, y + 9, label)
end

local function draw_pins(parts, layers, pins, width, height)
  local grid = new_grid(width, height)
  for _, layer in ipairs(layers) do
    local mine = pins[layer.index]
    if mine then parts[#parts + 1] = draw_pin(grid, mine, layer.place, width, height) end
  end
end

local function clip_path(width, height)
  return ('<clipPath id="%%s"><rect width="%d" height="%d"/></clipPath>'):format(width, height)
end

--- Draws a scene for the page.
---@param parts string[]  which the drawing is appended to
---@param pen aistudios.storyboard.Pen
---@param project table
---@param scene any
---@param layers aistudios.storyboard.Layer[]  of the scene
---@param pins table<integer, aistudios.storyboard.Pin[]>  by clip
---@param name string   what the drawing is, in words
---@param id string     of the picture alone
function M.draw(parts, pen, project, scene, layers, pins, name, id)
  local width, height = scenes.canvas(project)
  local canvas = pens.define(pen, "canvas " .. width, clip_path, width, height)
  parts[#parts + 1] = write('<svg viewBox="%d %d %d %d" role="img" aria-label="%s" '
    .. 'xml:space="preserve"><g id="%s" clip-path="url(#%s)">', -MARGIN, -MARGIN,
    width + 2 * MARGIN, height + 2 * MARGIN, name, id, canvas)
  scenes.draw(parts, pen, scene, layers, width, height)
  parts[#parts + 1] = write('</g><path class="canvas" d="M0 0H%dV%dH0Z"/>', width, height)
  for i = 1, #layers do
    local layer = layers[i]
    if layer.clip.type ~= "audio" and not is_inside(layer.place, width, height) then
      parts[#parts + 1] = outline(layer.place, width, height)
    end
  end
  parts[#parts + 1] = safe_areas.layer(pen, width, height)
  if next(pins) then draw_pins(parts, layers, pins, width, height) end
  parts[#parts + 1] = "</svg>"
end

return M
