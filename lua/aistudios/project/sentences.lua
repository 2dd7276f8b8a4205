-- SPDX-License-Identifier: MIT
--
-- sentences: a text in the pieces in which it is spoken. The pieces, one after
-- the other, are the text. A sentence ends at a full stop, a question or an
-- exclamation mark of its script, or at the end of a line; markup and
-- abbreviations end none.

local M = {}

local function set(list)
  local found = {}
  for _, code in utf8.codes(list) do found[code] = true end
  return found
end

local STOPS = set ".!?…؟۔"      -- when a blank follows
local WIDE_STOPS = set "。！？｡।॥" -- whatever follows
local CLOSERS = set ")]}\"'»”’」』）】"
local SPACES = set " \t\r\n\u{A0}\u{3000}"
local PAUSES = set ",;:、，；：،"
local FULL_STOP, LINE_END, LESS_THAN = 0x2E, 0x0A, 0x3C

-- Words whose full stop is part of them; single letters are, too.
local abbreviations = {}
for word in ("mr mrs ms dr prof st vs nr etc fig vol bzw ca usw sr sra mme"):gmatch "%a+" do
  abbreviations[word] = true
end

-- Marks that belong to the character before them.
local function is_mark(code)
  return code >= 0x300 and (code <= 0x36F or code >= 0x900 and code <= 0xDFF
    and (code & 0x7F >= 0x3A and code & 0x7F <= 0x4F or code & 0x7F <= 3)
    or code == 0xE31 or code >= 0xE34 and code <= 0xE3A or code >= 0xE47 and code <= 0xE4E
    or code >= 0xFE00 and code <= 0xFE0F or code == 0x200C or code == 0x200D)
end

-- Does the full stop at `place` end a sentence that `code` follows?
local function is_end(text, place, code)
  if code >= 97 and code <= 122 then return false end
  local word = text:sub(math.max(1, place - 12), place - 1):match "(%a+)$"
  return not (word and (#word == 1 or abbreviations[word:lower()]))
end

---@class aistudios.project.Piece
---@field from integer  the place of its first byte
---@field count integer characters so far

-- Ends a piece before `place`.
local function finish(pieces, text, piece, place)
  pieces[#pieces + 1] = text:sub(piece.from, place - 1)
  piece.from, piece.count, piece.stop, piece.pause = place, 0, nil, nil
end

-- Does the piece end before this character?
local function ends(text, piece, code)
  local stop = piece.stop
  if not stop or STOPS[code] or WIDE_STOPS[code] or CLOSERS[code] then return false end
  if SPACES[code] then
    piece.has_space = true
    return false
  end
  if stop == LINE_END or WIDE_STOPS[stop] then return true end
  if piece.has_space and (stop ~= FULL_STOP or is_end(text, piece.at, code)) then return true end
  piece.stop = nil
  return false
end

local function note(piece, place, code)
  piece.count = piece.count + 1
  if STOPS[code] or WIDE_STOPS[code] or code == LINE_END then
    if piece.stop ~= LINE_END then piece.stop, piece.at = code, place end
    piece.has_space = code == LINE_END
  elseif SPACES[code] or PAUSES[code] then
    piece.pause = place + #utf8.char(code)
  end
end

-- Ends a piece that is too long: at its last pause, or before this character.
local function limit(pieces, text, piece, place, code, most)
  if piece.count < most or is_mark(code) or CLOSERS[code] or SPACES[code] then return end
  local pause = piece.pause
  finish(pieces, text, piece, pause or place)
  if pause then piece.count = utf8.len(text, pause, place - 1) end
end

--- Cuts a text.
---@param text string   valid UTF-8
---@param most integer  about how many characters a piece has at most
---@return string[]
function M.of(text, most)
  if #text <= most and text ~= "" and not text:find "[.!?\n\128-\255]." then return { text } end
  local pieces, piece, place = {}, { from = 1, count = 0 }, 1
  while place <= #text do
    local code = utf8.codepoint(text, place)
    local tag = code == LESS_THAN and text:match("^<[/!]?%a[^<>]*>", place)
    if ends(text, piece, code) then
      finish(pieces, text, piece, place)
    else
      limit(pieces, text, piece, place, code, most)
    end
    if tag then
      place = place + #tag
    else
      note(piece, place, code)
      place = place + #utf8.char(code)
    end
  end
  if piece.from <= #text then finish(pieces, text, piece, place) end
  return pieces
end

return M
