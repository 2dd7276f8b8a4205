-- SPDX-License-Identifier: MIT
--
-- caption: draws the text of a textImage clip: wrapped to the clip's width,
-- with its size (points, 3/4 of a px), font, alignment and decoration. Widths
-- are guessed; the service may break lines elsewhere. Lines stand as far
-- apart as in fabric.js, which the field names of the clips come from.

local read = require "aistudios.project.storyboard.read"
local text = require "aistudios.project.storyboard.text"
local text_fit = require "aistudios.project.text_fit"
local write = require "aistudios.util.decimal".format

local escape = text.escape

local M = {}

local BASELINE = 0.88     -- of the first line, in font sizes
local MOST_LINES = 100    -- more are not drawn
local MOST_CHARACTERS = 20000
local DEFAULT = "Noto Sans CJK"

--- The family of captions that name none; what is around them says it.
M.FAMILY = "'Noto Sans CJK', 'Noto Sans', sans-serif"

-- Of justified lines the last one stands so; the others are not stretched here.
local anchors = { center = "middle", right = "end", ["justify-center"] = "middle",
  ["justify-right"] = "end" }
local starts = { middle = 0.5, ["end"] = 1 }

--- The name of a font as an attribute; nothing but a name gets through.
local function family(name)
  if name == DEFAULT then return "" end
  if not name:find "^[%w _-]+$" or #name > 80 then
    name = text.valid(name):sub(1, 80):gsub("[^%w%s_\128-\255-]", "")
    name = escape(name):gsub("'", "")
  end
  return (" font-family=\"'%s', 'Noto Sans', sans-serif\""):format(name)
end

-- The attributes of a clip's font besides its size, each after a blank.
local function style(clip)
  local weight = read.number(clip, "fontWeight", 400)
  return family(read.string(clip, "fontFamily", DEFAULT))
    .. (weight == 400 and ""
      or write(' font-weight="%d"', math.max(1, math.min(1000, weight)) // 1))
    .. (clip.fontStyle == "italic" and ' font-style="italic"' or "")
    .. (clip.underline == true and ' text-decoration="underline"' or "")
end

--- The lines of a clip's text and the size of its font in px.
---@param clip table
---@param width number  px
---@return string[] lines
---@return number size
function M.lines(clip, width)
  local points = read.number(clip, "fontSize", 24)
  local size = text_fit.pixels(points < 1 and 1 or points > 1000 and 1000 or points)
  local words = text.head(read.string(clip, "text", ""), MOST_CHARACTERS)
  return text_fit.lines(words, width / size, MOST_LINES), size
end

--- The share of a line's free room that is before its letters, 0 to 1.
---@param clip table
---@return number
function M.start(clip) return starts[anchors[clip.align]] or 0 end

--- Draws the lines; the caller says colour and stroke.
---@param clip table
---@param width number   px
---@param paint string   attributes
---@return string
function M.draw(clip, width, paint)
  local lines, size = M.lines(clip, width)
  local anchor = anchors[clip.align]
  local drawn = write('<g font-size="%.8g"%s%s %s>', size, style(clip), anchor
    and write(' text-anchor="%s" transform="translate(%.8g)"', anchor, width * M.start(clip))
    or "", paint)
  for i = 1, #lines do
    if lines[i] ~= "" then
      drawn = write('%s<text y="%.8g">%s</text>', drawn,
        size * (BASELINE + (i - 1) * text_fit.DISTANCE), escape(lines[i]))
    end
  end
  return drawn .. "</g>"
end

return M
