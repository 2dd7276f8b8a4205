-- SPDX-License-Identifier: MIT
--
-- figures: what stands in a box whose picture is not there: a person for an
-- avatar, a landscape for an image, a triangle for a video. Their labels.

local read = require "aistudios.project.storyboard.read"
local text = require "aistudios.project.storyboard.text"
local text_fit = require "aistudios.project.text_fit"
local write = require "aistudios.util.decimal".format

local M = {}

local INK, PAPER, BODY, LIGHT = "#55606e", "#dfe3e8", "#6f7986", "#ffffff"
local LABEL = 28 -- font size of a label, px of the canvas, where no page's style says another
local MOST_LABEL = 40 -- characters
local LEAST_ROOM, ELLIPSIS = 2.5, text_fit.width "…" -- font sizes
local WIDER = 1.12 -- as much wider than estimated a font's characters may be

-- The largest font sizes that the page's style gives labels, px of the canvas: on a drawing
-- so wide that it shows all of a label but `cut`, and on others, which show `cut` instead of what
-- is `rest` or in an element without a class.
local LANDSCAPE, PORTRAIT = { wide = 36, narrow = 64 }, { wide = 41, narrow = 57 }

--- As many of a label's characters as have room in an area at its lower edge, by their mean
--- width; "" when that is next to nothing.
---@return string
---@return boolean is_cut  "…" goes behind them
local function start_of(label, is_cut, area, size)
  local room = (area.right - area.left) / size / WIDER
  if room < LEAST_ROOM or area.bottom - area.top < LABEL * 0.6 + size * 0.9 then
    return "", true
  end
  local width, count = text_fit.width(label), utf8.len(label)
  if not is_cut and width <= room then return label, false end
  local most = math.min(count - (is_cut and 0 or 1), count * (room - ELLIPSIS) // width)
  local head = text.head(label, most)
  while most > 1 and text_fit.width(head .. "…") > room do
    most = most - 1
    head = text.head(label, most)
  end
  return head, true
end

-- A label that the page's style shows: all that has room, or less where the drawing is narrow.
local function styled(label, is_cut, area, pen)
  local sizes = pen.height > pen.width and PORTRAIT or LANDSCAPE
  local head, is_head_cut = start_of(label, is_cut, area, sizes.wide)
  if head == "" then return "", "" end
  local narrow = start_of(label, is_cut, area, sizes.narrow)
  local ending = is_head_cut and "…" or ""
  if narrow == head or narrow == "" then
    return text.escape(head) .. ending, narrow == "" and '"label rest"' or "label"
  end
  return ("%s<tspan>%s</tspan>%s"):format(text.escape(narrow),
    text.escape(head:sub(#narrow + 1)), is_head_cut and "…" or "<tspan class=cut>…</tspan>"),
    "label"
end

--- A label upright within an area, at its lower edge, always of one size: the page's
--- style makes it the same on the screen whatever the scene's scale. Cut with "…" to
--- what has room, however wide the page is; "" when that is next to nothing.
---@param pen aistudios.storyboard.Pen
---@param label string
---@param area { left: number, right: number, top: number, bottom: number }  px of the canvas
---@param ink? string
---@return string
function M.label(pen, label, area, ink)
  local x, y = (area.left + area.right) / 2, area.bottom - LABEL * 0.6
  local head, left_off = text.head(text.valid(label), MOST_LABEL)
  local is_cut = left_off > 0
  if pen.is_page then
    local content, class = styled(head, is_cut, area, pen)
    return content == "" and "" or write("<text class=%s x=%.7g y=%.7g%s>%s</text>", class, x, y,
      ink and write(' style="fill:%s"', ink) or "", content)
  end
  head, is_cut = start_of(head, is_cut, area, LABEL)
  return head == "" and "" or write('<text class="label" x="%.8g" y="%.8g" text-anchor="middle" '
    .. 'font-family="sans-serif" font-size="%d" fill="%s">%s%s</text>', x, y, LABEL, ink or LIGHT,
    text.escape(head), is_cut and "…" or "")
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

local WIDE = 2.9 -- half the body's width, and where it begins, in radii of the head

--- Does the person that stands for an avatar cover a point of its box?
---@param clip table
---@param width number
---@param height number
---@param x number  px of the box
---@param y number
---@return boolean
function M.covers(clip, width, height, x, y)
  local middle, head_y, rx, ry = head(clip, width, height)
  local across, down = math.abs(x - middle) / rx, (y - head_y) / ry
  if across * across + down * down <= 1 then return true end
  if read.is_head_only(clip) or down < 0.8 then return false end
  if down < 1.55 then return across <= 0.5 end
  return across <= 0.5 + (WIDE - 0.5) * math.min(1, (down - 1.55) / (WIDE - 1.55))
end

--- A person, down to the lower edge of the box.
---@param clip table
---@param width number
---@param height number
---@return string
function M.person(clip, width, height)
  local x, y, rx, ry = head(clip, width, height)
  local left, right = math.max(0, x - rx * WIDE), math.min(width, x + rx * WIDE)
  local neck, shoulder = y + ry * 0.8, y + ry * 1.55
  local arm, throat = y + ry * WIDE, rx * 0.5
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
  return table.concat(parts)
end

--- Drawings that are defined once in a text: pictures that are cut to each box, and
--- what is painted where a colour is none.
---@type table<string, string>
M.symbols = {
  hatching = '<pattern id="%s" width="28" height="28" patternUnits="userSpaceOnUse" '
    .. 'patternTransform="rotate(45)"><rect width="28" height="28" fill="#fbeeec"/>'
    .. '<rect width="12" height="28" fill="#e8a49e"/></pattern>',
  -- As light as lets both white and black text be read on them.
  image = '<symbol id="%s" viewBox="0 0 160 90" preserveAspectRatio="xMidYMid slice">'
    .. '<rect width="160" height="90" fill="#737b86"/>'
    .. '<path d="M0 90L48 36L80 60L109 45L160 72V90Z" fill="#68707b"/>'
    .. '<circle cx="112" cy="20" r="8" fill="#68707b"/></symbol>',
  video = '<symbol id="%s" viewBox="0 0 160 90" preserveAspectRatio="xMidYMid slice">'
    .. '<rect width="160" height="90" fill="#737b86"/>'
    .. '<circle cx="80" cy="41" r="16" fill="#68707b"/>'
    .. '<path d="M75 33L89 41L75 49Z" fill="#ffffff"/></symbol>',
}

--- A drawing of `M.symbols` in a box.
---@param id string      of the symbol in this text
---@param width number
---@param height number
---@param has_edge boolean
---@return string
function M.symbol(id, width, height, has_edge)
  local drawn = write('<use href="#%s" width="%.8g" height="%.8g"/>', id, width, height)
  return not has_edge and drawn or drawn .. write('<path d="M0 0H%.8gV%.8gH0Z" fill="none" '
    .. 'stroke="#aab1bb" stroke-width="2"/>', width, height)
end

--- A box with a dashed edge, for what no type says how to draw.
---@param width number
---@param height number
---@return string
function M.unknown(width, height)
  return write('<rect width="%.8g" height="%.8g" fill="#c0392b" fill-opacity="0.06" '
    .. 'stroke="#c0392b" stroke-width="4" stroke-dasharray="16 10"/>', width, height)
end

return M
