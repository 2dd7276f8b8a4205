-- SPDX-License-Identifier: MIT
--
-- figures: what stands in a box whose picture is not there: a person for an
-- avatar, a landscape for an image, a triangle for a video, each with a label.

local read = require "aistudios.project.storyboard.read"
local text = require "aistudios.project.storyboard.text"

local write = string.format

local M = {}

local INK, PAPER, BODY, LIGHT = "#55606e", "#dfe3e8", "#8d98a6", "#ffffff"

--- A label as large as its box allows, around a point.
---@param label string
---@param width number   of the box, px
---@param height number  px
---@param x number       of the middle, px
---@param y number       of the middle, px
---@param ink? string
---@return string
function M.label(label, width, height, x, y, ink)
  if #label > 40 then label = text.head(label, 40) end
  local size = math.min(width * 0.85 / math.max(4, #label * 0.56), height / 5, 44)
  if size < 1 then return "" end
  return write('<text x="%.8g" y="%.8g" text-anchor="middle" font-family="sans-serif" '
    .. 'font-size="%.8g" fill="%s">%s</text>', x, y + size * 0.35, size, ink or INK,
    text.escape(label))
end

--- Where the head of an avatar is: in the middle, or where the measures of
--- its picture say.
local function head(clip, width, height)
  local editor = read.table(read.table(clip, "model"), "editor")
  local size = math.min(width, height)
  local x = read.number(editor, "headCenterX", -1) - read.number(editor, "modelTightX", 0)
  local y = read.number(editor, "headCenterY", -1) - read.number(editor, "modelTightY", 0)
  local rx = read.number(editor, "headWidth", size * 0.27) / 2
  local ry = read.number(editor, "headHeight", size * 0.3) / 2
  if x > 0 and x < width and y > 0 and y < height and rx > 0 and ry > 0 then
    return x, y, rx * 0.85, ry
  end
  return width / 2, math.min(height * 0.3, size * 0.24), size * 0.14, size * 0.17
end

--- A person with a name, down to the lower edge of the box.
---@param clip table
---@param width number
---@param height number
---@param label string
---@return string
function M.person(clip, width, height, label)
  local x, y, rx, ry = head(clip, width, height)
  local left, right = math.max(0, x - rx * 2.9), math.min(width, x + rx * 2.9)
  local neck, shoulder = y + ry * 0.8, y + ry * 1.55
  local arm, throat = y + ry * 2.9, rx * 0.5
  local parts = { write('<rect width="%.8g" height="%.8g" fill="%s" fill-opacity="0.3" '
    .. 'stroke="%s" stroke-opacity="0.6" stroke-width="2" stroke-dasharray="14 10"/>',
    width, height, PAPER, INK) }
  if arm < height then
    parts[2] = write('<path d="M%.8g %.8gV%.8gC%.8g %.8g %.8g %.8g %.8g %.8gV%.8gH%.8gV%.8g'
      .. 'C%.8g %.8g %.8g %.8g %.8g %.8gV%.8gZ" fill="%s"/>', x - throat, neck, shoulder,
      x - throat, shoulder + ry * 0.35, left, shoulder + ry * 0.2, left, arm,
      height, right, arm,
      right, shoulder + ry * 0.2, x + throat, shoulder + ry * 0.35, x + throat, shoulder,
      neck, BODY)
  end
  parts[#parts + 1] = write('<ellipse cx="%.8g" cy="%.8g" rx="%.8g" ry="%.8g" fill="%s" '
    .. 'stroke="%s" stroke-width="%.8g"/>', x, y, rx, ry, BODY, LIGHT, rx * 0.06)
  parts[#parts + 1] = M.label(label, right - left, height, (left + right) / 2,
    math.min(arm + ry, height * 0.92), LIGHT)
  return table.concat(parts)
end

--- Drawings that are defined once in a text: pictures that are cut to each box, and
--- what is painted where a colour is none.
---@type table<string, string>
M.symbols = {
  hatching = '<pattern id="%s" width="28" height="28" patternUnits="userSpaceOnUse" '
    .. 'patternTransform="rotate(45)"><rect width="28" height="28" fill="#fbeeec"/>'
    .. '<rect width="12" height="28" fill="#e8a49e"/></pattern>',
  image = '<symbol id="%s" viewBox="0 0 160 90" preserveAspectRatio="xMidYMid slice">'
    .. '<rect width="160" height="90" fill="#dfe3e8" fill-opacity="0.85"/>'
    .. '<path d="M0 90L48 36L80 60L109 45L160 72V90Z" fill="#8d98a6" fill-opacity="0.45"/>'
    .. '<circle cx="112" cy="20" r="8" fill="#8d98a6" fill-opacity="0.45"/></symbol>',
  video = '<symbol id="%s" viewBox="0 0 160 90" preserveAspectRatio="xMidYMid slice">'
    .. '<rect width="160" height="90" fill="#dfe3e8" fill-opacity="0.85"/>'
    .. '<circle cx="80" cy="41" r="16" fill="#8d98a6" fill-opacity="0.6"/>'
    .. '<path d="M75 33L89 41L75 49Z" fill="#ffffff"/></symbol>',
}

--- A drawing of `M.symbols` with a name below.
---@param id string      of the symbol in this text
---@param width number
---@param height number
---@param label string
---@return string
function M.named(id, width, height, label)
  return write('<use href="#%s" width="%.8g" height="%.8g"/>', id, width, height)
    .. M.label(label, width, height, width / 2, height * 0.88)
end

--- A box with a dashed edge, for what no type says how to draw.
---@param width number
---@param height number
---@param label string
---@return string
function M.unknown(width, height, label)
  return write('<rect width="%.8g" height="%.8g" fill="#c0392b" fill-opacity="0.06" '
    .. 'stroke="#c0392b" stroke-width="4" stroke-dasharray="16 10"/>', width, height)
    .. M.label(label, width, height, width / 2, height / 2, "#c0392b")
end

return M
