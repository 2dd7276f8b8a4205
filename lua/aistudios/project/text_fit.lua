-- SPDX-License-Identifier: MIT
--
-- text_fit: does a text fit into its clip? Its lines are those of text_lines, an
-- estimate: no font is read.

local is_blank = require "aistudios.util.blank"
local text_lines = require "aistudios.project.text_lines"

local find = string.find

local M = {}

local LINE = 1.16   -- height of a line, in font sizes
local TOLERANCE = 1.15 -- by which an estimate may be too large
-- Widths, in font sizes: no character of ASCII is wider; but for M, W, m, @ and % none
-- is wider; no character at all is. Without pictographs and symbols it is 1.
local WIDEST, WIDEST_MOST, EMOJI = 0.94, 0.79, 1.25

--- px of a font size in pt.
function M.pixels(points) return points * 4 / 3 end

--- Lines of a text in a box of this width, and the widest word of those that do not
--- fit into one line.
---@param text string
---@param size number   px
---@param width number  px
---@return integer lines
---@return number widest  px
function M.lines(text, size, width)
  local lines, widest = text_lines.wrap(text, width / size)
  return #lines, widest * size
end

-- Are a text's characters all ideographs, kana, Hangul and their punctuation, no two
-- of which stand side by side? Then at most MOST_CELLS of them stand together.
local function is_wide(text)
  return find(text, "^[ \x80-\xBF\xE3-\xED\xEF]+$") and not find(text, "\xEA[\x80-\xAF]")
    and not find(text, "\xEF[^\xBC\xBD]") and not find(text, "\xE3\x89")
    and not find(text, "\xE4\xB7") and not find(text, "\xE3\x83\xBB\xE3\x83\xBB")
    and not find(text, "[\xE3\xEF][\x80\xBC\xBD].[\xE3\xEF][\x80\xBC\xBD]")
end

local MOST_CELLS = 4

-- How wide a character of a text may be, in font sizes; nil: it is not UTF-8.
local function bound(text)
  if not find(text, "[\128-\255]") then
    return find(text, "[MWm@%%]") and WIDEST or WIDEST_MOST, true
  end
  return utf8.len(text) and (find(text, "[\xE2\xF0-\xF4]") and EMOJI or 1), false
end

-- Does a text fit even if each of its characters is as wide as the widest? Most texts
-- do, and need not be measured.
local function surely_fits(text, size, width, height)
  if find(text, "\n", 1, true) then return false end
  -- No character is wider for its bytes than those of ASCII.
  if #text * WIDEST * size <= width then return size * LINE <= height end
  local widest, is_ascii = bound(text)
  if not widest then return false end
  local room, lines = width / (size * widest), 1
  if #text > room then
    local used, from = 0, 1
    repeat
      local at = find(text, " ", from, true)
      local last = (at or #text + 1) - 1
      local word = is_ascii and last + 1 - from or from <= last and utf8.len(text, from, last) or 0
      if word > room then
        if room <= 2 * MOST_CELLS or not is_wide(text) then return false end
        lines, used, word = lines + word // (room - MOST_CELLS) + 1, room, 0
      end
      if used + word > room then lines, used = lines + 1, 0 end
      used, from = used + word + 1, last + 2
    until not at
  end
  return lines * size * LINE <= height
end

--- Does the text of a clip without errors fit?
---@param clip table  of type textImage
---@return boolean
function M.fits(clip)
  return surely_fits(clip.text, M.pixels(clip.fontSize), clip.width * TOLERANCE,
    clip.height * TOLERANCE) or not M.overflow(clip)
end

--- Why the text of a clip overflows its box; nil when it fits, or when the fields
--- do not tell.
---@param clip table  of type textImage
---@return string? message
function M.overflow(clip)
  local text, size = clip.text, clip.fontSize
  local width, height = clip.width, clip.height
  if type(text) ~= "string" or type(size) ~= "number" or type(width) ~= "number"
      or type(height) ~= "number" or not (size >= 1 and width > 0 and height > 0) then
    return nil
  end
  if is_blank(text) then return nil end
  local pixels = M.pixels(size)
  if surely_fits(text, pixels, width * TOLERANCE, height * TOLERANCE) or not utf8.len(text) then
    return nil
  end
  local lines, widest = M.lines(text, pixels, width * TOLERANCE)
  local needed = lines * pixels * LINE
  if widest > width * TOLERANCE then
    return ("overflows its box: a word of about %.0f px in %.14g px of width (estimated)")
      :format(widest, width)
  elseif needed > height * TOLERANCE then
    lines = M.lines(text, pixels, width) -- as they are drawn
    needed = lines * pixels * LINE
    return ("overflows its box: %d line%s of %.14g pt take about %.0f px of height, it has %.14g")
      :format(lines, lines == 1 and "" or "s", size, needed, height) .. " (estimated)"
  end
end

return M
