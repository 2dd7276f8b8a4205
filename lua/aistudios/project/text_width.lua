-- SPDX-License-Identifier: MIT
--
-- text_width: how wide a text is in a common sans serif, in units of the font size,
-- and where its lines may break. No font is read: the widths are those of Noto Sans
-- for ASCII, of the script on average for all else (text_classes).
--
-- Classes of characters, after Unicode's of line breaking (UAX #14):
--   a  letters, and what stands with them     n  digits
--   i  ideographs, kana, Hangul               e  pictographs    y  symbols that can be one
--   c  closes: begins no line                 p  the same, and holds on to the letter after it
--   o  opens: ends no line                    q  quotation marks  g  glue: no break beside it
--   b  may end a line                         d  dash: breaks on both sides   z  break here
--   s  letters of scripts without spaces (Thai, Lao, Khmer, Burmese); l, f: their
--      vowels that stand before or after their consonant
--   x  combining marks   v  those that join the letters beside them   j  zero width joiner
--   m  skin tones        r  halves of flags

local classes = require "aistudios.project.text_classes"

local byte, find, sub = string.byte, string.find, string.sub

local M = {}

local ROW = 10 -- bytes of a range
local MOST_KNOWN = 4096 -- characters kept in memory
local EMOJI = 1.25

-- Width and class of the characters met so far.
local widths, kinds, count = {}, {}, 0

local function look_up(point)
  local low, high = 0, #classes // ROW - 1
  while low < high do
    local middle = (low + high + 1) // 2
    if tonumber(sub(classes, middle * ROW + 1, middle * ROW + 5), 16) <= point then
      low = middle
    else
      high = middle - 1
    end
  end
  if count >= MOST_KNOWN then widths, kinds, count = {}, {}, 0 end
  count = count + 1
  widths[point] = tonumber(sub(classes, low * ROW + 6, low * ROW + 8)) / 100
  kinds[point] = sub(classes, low * ROW + 9, low * ROW + 9)
  return widths[point], kinds[point]
end

local function of(point)
  local width = widths[point]
  if width then return width, kinds[point] end
  return look_up(point)
end

local ascii = {}
for code = 0, 127 do ascii[code] = of(math.max(code, 32)) end

-- The width of a space.
M.SPACE = ascii[32]

-- Classes beside which no line breaks: before, and after.
local holds_before = { c = true, p = true, b = true, q = true, g = true, z = true }
local holds_after = { o = true, q = true, g = true }
local is_pictorial = { e = true, y = true }
local breaks_beside = { i = true, e = true, r = true, d = true }
local is_spaceless = { s = true, f = true, l = true }

--- May a line break between two characters? "b": yes. "s": there may be the end of a
--- word of a script without spaces; "l": the same, before a vowel that begins a
--- syllable. "c": only within a word that is wider than a line.
---@param earlier? string  class before `before`
local function boundary(earlier, before, after)
  if before == "z" then return "b" end
  if holds_before[after] or holds_after[before] then return "c" end
  if breaks_beside[before] or before == "c" then
    return before == "d" and after == "d" and "c" or "b"
  end
  if before == "b" then
    return after == "n" and earlier ~= "a" and earlier ~= "n" and "c" or "b" -- -1, but 1-2
  end
  if before == "p" and after == "o" or breaks_beside[after] then return "b" end
  if not (is_spaceless[before] and is_spaceless[after]) then return "c" end
  return after == "l" and "l" or "s"
end

-- What may go on with the cluster before it, and after what any letter may.
local continues = { x = true, v = true, j = true, m = true, f = true, r = true }
local wants_more = { j = true, v = true, l = true }

-- What a character adds to the cluster before it, in units of the font size; nil
-- when it begins a cluster of its own. `base` is the cluster's class, `joint` that
-- of its last character.
local function joined(base, joint, point, width, kind, sum)
  if kind == "x" then
    if point == 0xFE0F and is_pictorial[base] or point == 0x20E3 then return EMOJI - sum end
    return width
  elseif kind == "v" then
    return -width
  elseif kind == "j" or kind == "m" and is_pictorial[base] then
    return 0
  elseif joint == "j" then
    return is_pictorial[base] and is_pictorial[kind] and 0 or width
  elseif joint == "v" or joint == "l" or kind == "f" then
    return width
  elseif kind == "r" and joint == "r" then
    return 0
  end
end

--- The clusters of a text, which no line break divides.
---@class aistudios.project.Clusters
---@field width number
---@field is_divisible boolean  some boundary is not "c"
---@field [integer] integer     where each begins, bytes
---@field widths number[]
---@field boundaries string[]   before each; before the first "c"

--- Reads a text cluster by cluster.
---@param text string  valid UTF-8
---@return aistudios.project.Clusters
function M.clusters(text)
  local all = { widths = {}, boundaries = {}, width = 0, is_divisible = false }
  local total = 0
  local n, sum, earlier, base, joint = 0, 0, nil, nil, nil
  local all_widths, boundaries = all.widths, all.boundaries
  for place, point in utf8.codes(text, true) do
    local width, kind = widths[point], kinds[point]
    if not width then width, kind = look_up(point) end
    local more = (continues[kind] or wants_more[joint]) and base
      and joined(base, joint, point, width, kind, sum)
    if more then
      sum = sum + more
      joint = kind == "r" and "flag" or kind
      if kind ~= "x" and kind ~= "v" and kind ~= "j" and kind ~= "m" then base = kind end
    else
      local between = base and boundary(earlier, base, kind) or "c"
      if between ~= "c" then all.is_divisible = true end
      if n > 0 then all_widths[n], total = sum, total + sum end
      n = n + 1
      all[n], boundaries[n] = place, between
      sum, earlier, base, joint = width, base, kind, kind
    end
  end
  if n > 0 then all_widths[n], all.width = sum, total + sum end
  return all
end

--- About how wide a text is on one line.
---@param text string  valid UTF-8
---@return number  in units of the font size
function M.width(text)
  if find(text, "[\128-\255]") then return M.clusters(text).width end
  local sum = 0
  for i = 1, #text do sum = sum + ascii[byte(text, i)] end
  return sum
end

return M
