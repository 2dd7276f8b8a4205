-- SPDX-License-Identifier: MIT
--
-- shapes: the outlines of the shapes that the API knows by name, as data. The
-- documentation shows none of them: these are what the names say, in a box of
-- one by one that is stretched to the clip's width and height.

local write = require "aistudios.util.decimal".format

local M = {}

-- Half an ellipse is two curves; this is where their handles lie.
local K = 0.5523 / 2

local ellipse = {
  "M", { 0.5, 0 }, "C", { 0.5 + K, 0 }, { 1, 0.5 - K }, { 1, 0.5 },
  "C", { 1, 0.5 + K }, { 0.5 + K, 1 }, { 0.5, 1 },
  "C", { 0.5 - K, 1 }, { 0, 0.5 + K }, { 0, 0.5 },
  "C", { 0, 0.5 - K }, { 0.5 - K, 0 }, { 0.5, 0 },
}

local rectangle = { "M", { 0, 0 }, "L", { 1, 0 }, { 1, 1 }, { 0, 1 } }

--- Corners at equal angles around the middle, the first one on top, stretched
--- until they touch all sides.
local function regular(corners, turn)
  local points, left, right, top, bottom = {}, 1, -1, 1, -1
  for i = 0, corners - 1 do
    local angle = 2 * math.pi * i / corners + (turn or 0)
    local x, y = math.sin(angle), -math.cos(angle)
    left, right = math.min(left, x), math.max(right, x)
    top, bottom = math.min(top, y), math.max(bottom, y)
    points[#points + 1] = { x, y }
  end
  local path = { "M" }
  for i, point in ipairs(points) do
    path[#path + 1] = { (point[1] - left) / (right - left),
      (point[2] - top) / (bottom - top) }
    if i == 1 then path[#path + 1] = "L" end
  end
  return path
end

--- Letters are path commands of SVG, the points behind them its arguments.
---@type table<string, (string|number[])[]>
M.outlines = {
  Line_v2 = rectangle, -- a thin one: its height is the thickness
  Square = rectangle,
  Rectangle_corner0 = rectangle,
  Circle = ellipse,
  Oval_1 = ellipse,
  Oval_2 = ellipse,
  Triangle = { "M", { 0.5, 0 }, "L", { 1, 1 }, { 0, 1 } },
  Diamond = { "M", { 0.5, 0 }, "L", { 1, 0.5 }, { 0.5, 1 }, { 0, 0.5 } },
  Parallelogram = { "M", { 0.25, 0 }, "L", { 1, 0 }, { 0.75, 1 }, { 0, 1 } },
  Pentagon = regular(5),
  Polygon = regular(8, math.pi / 8),
  Hexagon_1 = { "M", { 0.25, 0 }, "L", { 0.75, 0 }, { 1, 0.5 }, { 0.75, 1 },
    { 0.25, 1 }, { 0, 0.5 } },
  Hexagon_2 = { "M", { 0.5, 0 }, "L", { 1, 0.25 }, { 1, 0.75 }, { 0.5, 1 },
    { 0, 0.75 }, { 0, 0.25 } },
  Star = { "M", { 0.5, 0 }, "L", { 0.618, 0.382 }, { 1, 0.382 },
    { 0.691, 0.618 }, { 0.809, 1 }, { 0.5, 0.764 }, { 0.191, 1 },
    { 0.309, 0.618 }, { 0, 0.382 }, { 0.382, 0.382 } },
  Arrow_1_v2 = { "M", { 0, 0.35 }, "L", { 0.65, 0.35 }, { 0.65, 0 }, { 1, 0.5 },
    { 0.65, 1 }, { 0.65, 0.65 }, { 0, 0.65 } },
  Arrow_2_v2 = { "M", { 0, 0.5 }, "L", { 0.3, 0 }, { 0.3, 0.35 }, { 0.7, 0.35 },
    { 0.7, 0 }, { 1, 0.5 }, { 0.7, 1 }, { 0.7, 0.65 }, { 0.3, 0.65 }, { 0.3, 1 } },
  Drop_1 = { "M", { 0.5, 0 }, "C", { 0.6, 0.2 }, { 1, 0.42 }, { 1, 0.68 },
    "C", { 1, 0.86 }, { 0.78, 1 }, { 0.5, 1 },
    "C", { 0.22, 1 }, { 0, 0.86 }, { 0, 0.68 },
    "C", { 0, 0.42 }, { 0.4, 0.2 }, { 0.5, 0 } },
}

local function rounded(width, height, radius)
  return write('<rect width="%.8g" height="%.8g" rx="%.8g"', width, height, radius)
end

-- Paths in the box of one by one, for what has no stroke or pattern to keep its size.
local unit = {}

local function path_of(outline, width, height)
  local path = {}
  for i = 1, #outline do
    local part = outline[i]
    path[i] = type(part) == "string" and part
      or write("%.6g %.6g ", part[1] * width, part[2] * height)
  end
  return table.concat(path) .. "Z"
end

for name, outline in pairs(M.outlines) do unit[name] = path_of(outline, 1, 1) end

--- The beginning of the element that draws an outline, up to its attributes.
--- A name that is not known is drawn as its box.
---@param name? string
---@param width number   px
---@param height number  px
---@param radius number  of the corners of a rectangle, px
---@param is_exact boolean  what paints it must not be scaled
---@return string
function M.element(name, width, height, radius, is_exact)
  local outline = M.outlines[name] or rectangle
  if outline == rectangle and is_exact and (width == 0 or height == 0) then
    return write('<path d="M0 0L%.8g %.8g"', width, height) -- a box without area has none
  elseif outline == rectangle then
    return rounded(width, height, radius)
  end
  if is_exact then return ('<path d="%s"'):format(path_of(outline, width, height)) end
  return write('<path d="%s" transform="scale(%.8g %.8g)"', unit[name], width, height)
end

local STEPS = 6 -- lines that stand for a curve

local function add_curve(points, a, b, c, d)
  for i = 1, STEPS do
    local t = i / STEPS
    local u = 1 - t
    local p, q, r, s = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
    points[#points + 1] = { p * a[1] + q * b[1] + r * c[1] + s * d[1],
      p * a[2] + q * b[2] + r * c[2] + s * d[2] }
  end
end

-- The corners of an outline, its curves as lines.
local function corners_of(outline)
  local points, i, is_curve = {}, 1, false
  while i <= #outline do
    local part = outline[i]
    if type(part) == "string" then
      is_curve = part == "C"
    elseif is_curve then
      add_curve(points, points[#points], part, outline[i + 1], outline[i + 2])
      i = i + 2
    else
      points[#points + 1] = part
    end
    i = i + 1
  end
  return points
end

local corners = {}

--- Is a point within a shape? A name that is not known is its box.
---@param name any
---@param x number  in the box of one by one
---@param y number
---@return boolean
function M.contains(name, x, y)
  local outline = name ~= nil and M.outlines[name] or rectangle
  local points = corners[outline] or corners_of(outline)
  corners[outline] = points
  local inside, before = false, points[#points]
  for _, point in ipairs(points) do
    if (point[2] > y) ~= (before[2] > y) and x < (before[1] - point[1]) * (y - point[2])
        / (before[2] - point[2]) + point[1] then
      inside = not inside
    end
    before = point
  end
  return inside
end

--- Does a shape of that name fill its box?
---@param name? string
---@return boolean
function M.is_rectangle(name) return name == nil or (M.outlines[name] or rectangle) == rectangle end

return M
