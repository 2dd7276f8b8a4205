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
local MOST_SCALE = 2.4 -- to which the style enlarges a pin, unless its scene is crowded
local START, GAP = -MARGIN + 6, 6 -- px: where the cells of pins begin; between two pins

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

-- Where pins of a scale may be: the drawing with its margin, in cells that hold one each.
local function new_grid(width, height, scale)
  local cell = 2 * PIN * scale + GAP
  return { scale = scale, cell = cell, columns = (width - 2 * START) // cell,
    rows = (height - 2 * START) // cell, searched = {} }
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

-- The middle of a pin: where it belongs, or else the next free place as one reads; nil
-- if there is none. `half` is half its width. Cells never become free again, so a search
-- goes on where the last one from the same cell for the same width ended.
local function place_pin(grid, x, y, half)
  local cell, tall = grid.cell, PIN * grid.scale
  local left, top = (x - half - START) // cell, (y - tall - START) // cell
  local right, bottom = (x + half - START) // cell, (y + tall - START) // cell
  if take(grid, left, right, top, bottom) then return x, y end
  local cells, count = -(-2 * half // cell), grid.columns * grid.rows
  local start = top * grid.columns + left
  local search = start * grid.columns + cells
  for i = grid.searched[search] or 0, count - 1 do
    local at = (start + i) % count
    grid.searched[search] = i + 1
    local column, row = at % grid.columns, at // grid.columns
    if column + cells <= grid.columns and take(grid, column, column + cells - 1, row, row) then
      return START + column * cell + half, START + row * cell + tall
    end
  end
end

local function is_error(pins)
  for _, pin in ipairs(pins) do
    if pin.problem.level ~= "warning" then return true end
  end
  return false
end

-- The pin of a clip's problems, near the place of the clip; nil if there is no room that
-- a smaller scale would have.
local function draw_pin(grid, pins, place, width, height)
  local first, last = pins[1].number, pins[#pins].number
  local label = first == last and tostring(first)
    or first .. (#pins == last - first + 1 and "–" or ", … ") .. last
  local half = math.max(PIN, 8 * utf8.len(label) + 10)
  local far, tall = half * grid.scale - MARGIN, PIN * grid.scale - MARGIN
  local left = clamp(place.left - PIN / 2, far, width - far)
  local top = clamp(place.top - PIN / 2, tall, height - tall)
  local x, y = place_pin(grid, left, top, half * grid.scale)
  if not x and grid.scale > 1 then return nil end
  x, y = x or left, y or top
  return write('<a href="#problem-%s"><g class="pin %s"><rect x="%.8g" y="%.8g" '
    .. 'width="%.8g" height="%.8g" rx="%.8g"/><text x="%.8g" y="%.8g">%s</text></g></a>', first,
    is_error(pins) and "error" or "warning", x - half, y - PIN, half * 2, PIN * 2,
    PIN, x, y + 9, label)
end

-- The pins of a scene; nil when not all have room at this scale.
local function place_pins(layers, pins, width, height, scale)
  local grid, drawn = new_grid(width, height, scale), {}
  for _, layer in ipairs(layers) do
    local mine = pins[layer.index]
    if mine then
      local pin = draw_pin(grid, mine, layer.place, width, height)
      if not pin then return nil end
      drawn[#drawn + 1] = pin
    end
  end
  return table.concat(drawn)
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
  if next(pins) then
    parts[#parts + 1] = place_pins(layers, pins, width, height, MOST_SCALE)
      or ('<g class="crowded">%s</g>'):format(place_pins(layers, pins, width, height, 1))
  end
  parts[#parts + 1] = "</svg>"
end

return M
