-- SPDX-License-Identifier: MIT
--
-- text: makes any string safe to stand in XML and HTML, and breaks it into
-- lines. Markup, entities and control characters in it stay what they are:
-- characters. Bytes that are not UTF-8 are shown as U+FFFD.

local utf8_char, utf8_len, byte = utf8.char, utf8.len, string.byte

local M = {}

local UNKNOWN = utf8_char(0xFFFD)

local entities = {
  ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;",
  ['"'] = "&quot;", ["'"] = "&#39;",
}

-- Control characters are drawn as the pictures that Unicode has for them.
for code = 0, 31 do
  if code ~= 9 and code ~= 10 then
    entities[string.char(code)] = utf8_char(0x2400 + code)
  end
end
entities["\127"] = utf8_char(0x2421)

--- Repairs what is not UTF-8 and what XML does not allow (U+FFFE, U+FFFF).
---@param text string
---@return string
function M.valid(text)
  if not text:find "[\128-\255]" then return text end
  local good, bad = utf8_len(text)
  if not good then
    local parts, from = {}, 1
    while bad do
      parts[#parts + 1] = text:sub(from, bad - 1)
      parts[#parts + 1] = UNKNOWN
      from = bad + 1
      bad = select(2, utf8_len(text, from))
    end
    parts[#parts + 1] = text:sub(from)
    text = table.concat(parts)
  end
  if text:find("\xEF\xBF", 1, true) then
    text = text:gsub("\xEF\xBF[\xBE\xBF]", UNKNOWN)
  end
  if text:find("\xC2", 1, true) then -- the second set of control characters
    text = text:gsub("\xC2[\x80-\x9F]", UNKNOWN)
  end
  return text
end

--- For element content and quoted attribute values.
---@param text string
---@return string
function M.escape(text)
  if text:find "^[%w ,.:_/-]*$" then return text end -- most are
  text = M.valid(text)
  if not text:find "[&<>\"'%c]" then return text end
  return (text:gsub("[&<>\"'%c]", entities))
end

--- At most `limit` characters, and how many were left off.
---@param text string
---@param limit integer
---@return string head
---@return integer left_off  characters; 0 when all are there
function M.head(text, limit)
  if #text <= limit then return text, 0 end
  text = M.valid(text)
  local place = utf8.offset(text, limit + 1)
  if not place or place > #text then return text, 0 end
  return text:sub(1, place - 1), utf8_len(text, place) or #text - place + 1
end

-- Widths as parts of the font size, for a common sans serif.
local widths = {}
for code = 0, 255 do widths[code] = code < 128 and 0.55 or 0 end
local function set(characters, width)
  for i = 1, #characters do widths[characters:byte(i)] = width end
end
set("iIjl.,:;'|!", 0.27)
set(" frt()[]{}/\\-\"*", 0.34)
set("mwMW@%", 0.87)
set("ABCDEFGHKNOPQRSTUVXYZ&", 0.67)
-- The first byte of a longer character stands for all of it.
for code = 0xC2, 0xDF do widths[code] = 0.58 end
for code = 0xE0, 0xF4 do widths[code] = 1 end

--- About how wide a text is; a guess, no font is read.
---@param text string
---@return number  in units of the font size
function M.width(text)
  local sum = 0
  for i = 1, #text do sum = sum + widths[byte(text, i)] end
  return sum
end

--- Cuts a word that is wider than a line between characters.
local function cut(word, limit, lines)
  local sum, from = 0, 1
  for place, code in utf8.codes(word, true) do
    local width = widths[word:byte(place)]
    if sum + width > limit and place > from then
      lines[#lines + 1] = word:sub(from, place - 1)
      from, sum = place, 0
    end
    sum = sum + (code == 0x200B and 0 or width)
  end
  return word:sub(from), sum
end

local NARROWEST = 0.27 -- of the widths of letters
local GAP = 0.34 -- width of a space

-- The lines of a paragraph, each from the first letter of a word to the last.
local function wrap_paragraph(paragraph, limit, lines, most, known)
  if #paragraph * NARROWEST <= limit and M.width(paragraph) <= limit then
    lines[#lines + 1] = paragraph
    return
  end
  local from, to, sum = nil, 0, 0 -- of the line
  for start, word, after in paragraph:gmatch "()([^ \t]+)()" do
    local width = known[word]
    if not width then
      width = M.width(word)
      known[word] = width
    end
    if from then
      local wider = sum + (start - to - 1) * GAP + width
      if wider <= limit then
        sum = wider
      else
        lines[#lines + 1] = paragraph:sub(from, to)
        if #lines >= most then return end
        from = nil
      end
    end
    if not from then
      from, sum = start, width
      if width > limit then
        word, sum = cut(word, limit, lines)
        from = after - #word
      end
    end
    to = after - 1
  end
  lines[#lines + 1] = from and paragraph:sub(from, to) or ""
end

--- Breaks valid UTF-8 into lines at spaces, and inside words that are wider
--- than a line.
---@param text string
---@param limit number   width of a line in units of the font size
---@param most integer   no more lines than this
---@param known? table<string, number>  widths of words, filled on the way
---@return string[] lines
function M.wrap(text, limit, most, known)
  local lines = {}
  known = known or {}
  if text:find "[\r\n]" then
    for paragraph in (text .. "\n"):gmatch "(.-)\r?\n" do
      wrap_paragraph(paragraph, limit, lines, most, known)
      if #lines >= most then break end
    end
  else
    wrap_paragraph(text, limit, lines, most, known)
  end
  for i = #lines, most + 1, -1 do lines[i] = nil end
  return lines
end

return M
