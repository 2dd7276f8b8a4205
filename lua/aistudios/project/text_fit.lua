-- SPDX-License-Identifier: MIT
--
-- text_fit: estimates how much room a text takes, without its font: a letter is
-- half as wide as the font is high, an ideograph as wide as high.

local is_blank = require "aistudios.util.blank"

local byte, find = string.byte, string.find

local M = {}

local LINE = 1.16   -- height of a line, in font sizes
local TOLERANCE = 1.15 -- by which an estimate may be too large
local WIDEST = 0.65 -- of a byte, in font sizes: no character is wider for its bytes

--- px of a font size in pt.
function M.pixels(points) return points * 4 / 3 end

local function advance(point)
  if point >= 0x1100 and (point <= 0x11FF or point >= 0x2E80 and point <= 0xD7A3
      or point >= 0xF900 and point <= 0xFAFF or point >= 0xFF00 and point <= 0xFF60
      or point >= 0x1F300) then
    return 1
  elseif point == 0x20 or point == 0x2E or point == 0x2C or point == 0x69
      or point == 0x6C or point == 0x49 or point == 0x27 then
    return 0.28
  elseif point >= 0x41 and point <= 0x5A then
    return 0.65
  elseif point >= 0x300 and point <= 0x36F or point == 0x200D or point == 0xFE0F then
    return 0
  end
  return 0.52
end

local ascii = {}
for code = 0, 127 do ascii[code] = advance(code) end

-- Width of a word in font sizes; each ideograph may end a line.
local function measure(word)
  local width, widest = 0, 0
  if not word:find "[\128-\255]" then
    for i = 1, #word do width = width + ascii[byte(word, i)] end
    return width, false
  end
  for _, point in utf8.codes(word) do
    local one = advance(point)
    width = width + one
    if one == 1 then widest = math.max(widest, 1) end
  end
  return width, widest == 1
end

--- Lines and widest word of a text in a box of this width.
---@param text string
---@param size number   px
---@param width number  px
---@return integer lines
---@return number widest  px
function M.lines(text, size, width)
  local room, lines, widest = width / size, 0, 0
  for row in (text .. "\n"):gmatch "(.-)\r?\n" do
    local used = 0
    lines = lines + 1
    for word in row:gmatch "%S+" do
      local length, breaks = measure(word)
      if not breaks then widest = math.max(widest, length) end
      local gap = used > 0 and 0.28 or 0
      if used > 0 and used + gap + length > room and not breaks then
        lines, used, gap = lines + 1, 0, 0
      end
      used = used + gap + length
      if breaks and room >= 1 and used > room then
        lines = lines + used // room
        used = used % room
      end
    end
  end
  return math.tointeger(lines) or lines, widest * size
end

-- Does a text fit even if each of its bytes is as wide as the widest? Most texts
-- do, and need not be measured.
local function surely_fits(text, size, width, height)
  if find(text, "\n", 1, true) then return false end
  local room, length, lines = width / (size * WIDEST), #text, 1
  if length > room then
    local used, from = 0, 1
    repeat
      local at = find(text, " ", from, true)
      local word = (at or length + 1) - from
      if word > room then return false end
      if used + word > room then lines, used = lines + 1, 0 end
      used, from = used + word + 1, at and at + 1
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
    return ("overflows its box: %d line%s of %.14g pt take about %.0f px of height, it has %.14g")
      :format(lines, lines == 1 and "" or "s", size, needed, height) .. " (estimated)"
  end
end

return M
