-- SPDX-License-Identifier: MIT
--
-- figures: what stands in a box whose picture is not there: a person for an
-- avatar, a landscape for an image, a triangle for a video, each with a label.

local read = require "aistudios.project.storyboard.read"
local text = require "aistudios.project.storyboard.text"

local format = read.format

local M = {}

local INK, PAPER, BODY = "#55606e", "#dfe3e8", "#8d98a6"

--- A label in the middle of a box, as large as the box allows.
---@param label string
---@param width number   px
---@param height number  px
---@param y number       of the middle of the line, px
---@return string
function M.label(label, width, height, y)
  label = text.valid((text.head(label, 40)))
  local size = math.min(width * 0.9 / math.max(4, text.width(label)),
    height / 5, 44)
  if size < 1 then return "" end
  return ('<text x="%s" y="%s" text-anchor="middle" font-family="sans-serif" font-size="%s" fill="%s">%s</text>')
    :format(format(width / 2), format(y + size * 0.35), format(size), INK,
      text.escape(label))
end

local function paper(width, height)
  return ('<rect width="%s" height="%s" fill="%s" fill-opacity="0.85" stroke="%s" stroke-opacity="0.5"/>')
    :format(format(width), format(height), PAPER, INK)
end

--- Where the head of an avatar is: in the middle, or where the measures of
--- its picture say.
local function head(clip, width, height)
  local editor = read.table(read.table(clip, "model"), "editor")
  local size = math.min(width, height)
  local x, y = editor.headCenterX, editor.headCenterY
  if type(x) == "number" and type(y) == "number" then
    x = read.number(editor, "headCenterX", 0) - read.number(editor, "modelTightX", 0)
    y = read.number(editor, "headCenterY", 0) - read.number(editor, "modelTightY", 0)
    local rx = read.number(editor, "headWidth", size * 0.27) / 2
    local ry = read.number(editor, "headHeight", size * 0.27) / 2
    if x > 0 and x < width and y > 0 and y < height and rx > 0 and ry > 0 then
      return x, y, rx, ry
    end
  end
  local radius = size * 0.16
  return width / 2, math.min(height * 0.3, radius * 1.5), radius * 0.9, radius
end

--- A person, down to the lower edge of the box.
function M.person(clip, width, height)
  local x, y, rx, ry = head(clip, width, height)
  local half = math.min(rx * 3.1, width / 2)
  local neck, shoulder = y + ry * 1.15, y + ry * 2.4
  local body = ('<ellipse cx="%s" cy="%s" rx="%s" ry="%s" fill="%s"/>'):format(
    format(x), format(y), format(rx), format(ry), BODY)
  if neck < height then
    shoulder = math.min(shoulder, height)
    body = body .. ('<path d="M%s %sC%s %s %s %s %s %sL%s %sL%s %sL%s %sC%s %s %s %s %s %sZ" fill="%s"/>')
      :format(format(x), format(neck),
        format(x - half * 0.7), format(neck), format(x - half), format(neck),
        format(x - half), format(shoulder),
        format(x - half), format(height), format(x + half), format(height),
        format(x + half), format(shoulder),
        format(x + half), format(neck), format(x + half * 0.7), format(neck),
        format(x), format(neck), BODY)
  end
  return ('<rect width="%s" height="%s" fill="%s" fill-opacity="0.35" stroke="%s" stroke-opacity="0.6" stroke-dasharray="14 10"/>')
    :format(format(width), format(height), PAPER, INK) .. body
end

--- A landscape.
function M.image(_, width, height)
  local side = math.min(width, height)
  return paper(width, height) .. ('<path d="M0 %s L%s %s L%s %s L%s %s L%s %s L%s %sZ" fill="%s" fill-opacity="0.45"/><circle cx="%s" cy="%s" r="%s" fill="%s" fill-opacity="0.45"/>')
    :format(format(height), format(width * 0.3), format(height * 0.45),
      format(width * 0.5), format(height * 0.75), format(width * 0.68),
      format(height * 0.55), format(width), format(height * 0.9),
      format(width), format(height), BODY,
      format(width * 0.76), format(height * 0.25), format(side * 0.09), BODY)
end

--- A triangle, as players have it.
function M.video(_, width, height)
  local side = math.min(width, height) * 0.18
  local x, y = width / 2, height / 2
  return paper(width, height) .. ('<circle cx="%s" cy="%s" r="%s" fill="%s" fill-opacity="0.45"/><path d="M%s %sL%s %sL%s %sZ" fill="#fff"/>')
    :format(format(x), format(y), format(side), BODY,
      format(x - side * 0.35), format(y - side * 0.5),
      format(x + side * 0.6), format(y), format(x - side * 0.35),
      format(y + side * 0.5))
end

--- A box with a dashed edge, for what no type says how to draw.
function M.box(_, width, height)
  return ('<rect width="%s" height="%s" fill="none" stroke="#c0392b" stroke-width="4" stroke-dasharray="16 10"/>')
    :format(format(width), format(height))
end

return M
