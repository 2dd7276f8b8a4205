-- SPDX-License-Identifier: MIT
--
-- text_fit: how the text of a clip is set, and whether it fits into its clip: what the
-- check counts are the lines that are drawn. The core breaks it into lines, an estimate: no
-- font is read. Lines stand as in fabric.js, which the names of the clips' fields come from.

local core = require "aistudios.core"
local is_blank = require "aistudios.util.blank"
local format = require "aistudios.util.decimal".format

local M = {}

local TOLERANCE = 1.15 -- by which a word and the height of all lines may be larger than the box

--- From line to line, and the height of a line alone, in font sizes.
M.DISTANCE, M.LINE = 1.31, 1.13

local PIXELS = 4 / 3 -- per point

--- About how wide a text is on one line, in font sizes.
M.width = core.text_width

--- The lines of a text, for lines of a width in font sizes.
M.lines = core.text_lines

--- How many lines a text takes, for lines of a width in font sizes, and how wide its widest
--- word is of those that have to be in one line.
M.extent = core.text_extent

--- px of a font size in pt.
function M.pixels(points) return points * PIXELS end

--- The height of lines, px.
---@param lines integer
---@param size number  px
---@return number
function M.height(lines, size) return ((lines - 1) * M.DISTANCE + M.LINE) * size end

--- Why the text of a clip overflows its box; nil when it fits, or when the fields
--- do not tell.
---@param clip table  of type textImage
---@return string? message
function M.overflow(clip)
  local text, size = clip.text, clip.fontSize
  local width, height = clip.width, clip.height
  if type(text) ~= "string" or type(size) ~= "number" or type(width) ~= "number"
      or type(height) ~= "number" or not (size >= 1 and width > 0 and height > 0)
      or is_blank(text) or not utf8.len(text) then
    return nil
  end
  local pixels = M.pixels(size)
  local lines, widest = M.extent(text, width / pixels)
  if widest * pixels > width * TOLERANCE then
    return format("overflows its box: a word of about %.0f px in %.14g px of width (estimated)",
      widest * pixels, width)
  elseif M.height(lines, pixels) > height * TOLERANCE then
    return format("overflows its box: %d line%s of %.14g pt take about %.0f px of height, "
      .. "it has %.14g (estimated)", lines, lines == 1 and "" or "s", size,
      M.height(lines, pixels), height)
  end
end

return M
