-- SPDX-License-Identifier: MIT
--
-- text_lines: breaks a text into lines as a browser does (white-space: normal,
-- overflow-wrap: break-word), with the widths of text_width. The check of a project
-- and its drawing both ask here.
--
-- What differs: a browser finds the words of scripts without spaces (Thai, Lao, Khmer,
-- Burmese) in a dictionary. Here a line of them ends before a vowel that is written
-- before its consonant, where a syllable surely begins, or else, when that would leave
-- too much room, after the last cluster that fits: sometimes within a word.

local text_width = require "aistudios.project.text_width"

local find = string.find

local M = {}

--- From line to line of a text as it is drawn, in font sizes.
M.DISTANCE = 1.31

local NARROWEST = 0.2 -- of the widths of letters of ASCII, at least
local WIDEST = 1.25   -- of all characters
local SPACE = text_width.SPACE
local MOST_LEFT = 1 / 3 -- of a line, to begin the next at a syllable

-- What is not one piece for all that ASCII knows.
local MAYBE_DIVISIBLE = "[\128-\255-]"

local at_breaks, at_syllables = { b = true }, { l = true }
local at_clusters, everywhere = { s = true }, { c = true, s = true, l = true, b = true }

--- What is known of a word: its width when no line breaks in it, else its clusters.
local function learn(words, word)
  local known = words[word]
  if known then return known end
  if not find(word, MAYBE_DIVISIBLE) then
    known = text_width.width(word)
  else
    known = text_width.clusters(word)
    if not known.is_divisible then known = known.width end
  end
  words[word] = known
  return known
end

---@class aistudios.project.LineBreaker
---@field paragraph string
---@field lines string[]
---@field limit number   width of a line, in units of the font size
---@field from? integer  where the line begins, bytes; nil: it is empty
---@field to integer     where it ends
---@field sum number     its width so far
---@field widest number  of the pieces that no line break should divide
local Breaker = {}
Breaker.__index = Breaker

function Breaker:close()
  if self.from then
    self.lines[#self.lines + 1] = self.paragraph:sub(self.from, self.to)
    self.from = nil
  end
end

-- Appends bytes of the paragraph if the line has room for them.
function Breaker:append(first, last, width)
  if not self.from then
    if width > self.limit then return false end
    self.from, self.sum = first, width
  else
    local sum = self.sum + (first - self.to - 1) * SPACE + width
    if sum > self.limit then return false end
    self.sum = sum
  end
  self.to = last
  return true
end

-- Splits the clusters from `first` to `last` at boundaries of a kind, and calls
-- `place` for each part.
function Breaker:split(start, clusters, first, last, kinds, place)
  local begun = first
  for i = first + 1, last do
    if kinds[clusters.boundaries[i]] then
      place(self, start, clusters, begun, i - 1)
      begun = i
    end
  end
  place(self, start, clusters, begun, last)
end

local function extent(clusters, first, last)
  local sum = 0
  for i = first, last do sum = sum + clusters.widths[i] end
  return sum
end

function Breaker:append_clusters(start, clusters, first, last)
  local width = extent(clusters, first, last)
  return self:append(start + clusters[first] - 1,
    start + (clusters[last + 1] or clusters.bytes + 1) - 2, width), width
end

-- A cluster, which stands alone where it is wider than a line.
function Breaker:place_cluster(start, clusters, first, last)
  if self:append_clusters(start, clusters, first, last) then return end
  self:close()
  self.from = start + clusters[first] - 1
  self.to = start + (clusters[last + 1] or clusters.bytes + 1) - 2
  self.sum = extent(clusters, first, last)
end

-- A piece without a better place to break than between clusters.
function Breaker:place_whole(start, clusters, first, last)
  local fits, width = self:append_clusters(start, clusters, first, last)
  self.widest = math.max(self.widest, width)
  if fits then return end
  self:close()
  if not self:append_clusters(start, clusters, first, last) then
    self:split(start, clusters, first, last, everywhere, self.place_cluster)
  end
end

function Breaker:place_syllables(start, clusters, first, last)
  local fits, width = self:append_clusters(start, clusters, first, last)
  if fits then return end
  if width <= self.limit * MOST_LEFT then
    self:place_whole(start, clusters, first, last)
  else
    self:split(start, clusters, first, last, at_clusters, self.place_whole)
  end
end

-- A piece that no break for sure divides.
function Breaker:place_piece(start, clusters, first, last)
  if self:append_clusters(start, clusters, first, last) then return end
  self:split(start, clusters, first, last, at_syllables, self.place_syllables)
end

function Breaker:place_word(words, start, word)
  local known = learn(words, word)
  local is_whole = type(known) == "number"
  local width = is_whole and known or known.width
  if is_whole and width > self.widest then self.widest = width end
  if self:append(start, start + #word - 1, width) then return end
  if is_whole then
    self:close()
    if self:append(start, start + #word - 1, width) then return end
    known = text_width.clusters(word)
  end
  known.bytes = #word
  self:split(start, known, 1, #known, at_breaks,
    is_whole and self.place_whole or self.place_piece)
end

-- Texts of ASCII are soon measured; others, if all their characters were pictographs.
local function surely_fits(paragraph, limit)
  if find(paragraph, "[\128-\255]") then return utf8.len(paragraph) * WIDEST <= limit end
  return #paragraph * NARROWEST <= limit and text_width.width(paragraph) <= limit
end

function Breaker:place_paragraph(paragraph, words, most)
  local lines = self.lines
  if surely_fits(paragraph, self.limit) then
    lines[#lines + 1] = paragraph
    return
  end
  local before = #lines
  self.paragraph, self.from = paragraph, nil
  for start, word in paragraph:gmatch "()([^ \t]+)" do
    self:place_word(words, start, word)
    if #lines >= most then return end
  end
  self:close()
  if #lines == before then lines[before + 1] = "" end
end

--- Breaks valid UTF-8 into lines: at its line ends, at spaces and where its script
--- allows it, and inside words that are wider than a line.
---@param text string
---@param limit number   width of a line in units of the font size
---@param most? integer  no more lines than this
---@param words? table<string, any>  what is known of words, filled on the way
---@return string[] lines  each from the first letter of a word to the last
---@return number widest   of the words in lines that are full, in units of the font size
function M.wrap(text, limit, most, words)
  local breaker = setmetatable({ lines = {}, limit = limit, widest = 0, sum = 0, to = 0 },
    Breaker)
  most, words = most or math.maxinteger, words or {}
  if find(text, "[\r\n]") then
    for paragraph in (text .. "\n"):gmatch "(.-)\r?\n" do
      breaker:place_paragraph(paragraph, words, most)
      if #breaker.lines >= most then break end
    end
  else
    breaker:place_paragraph(text, words, most)
  end
  while #breaker.lines > most do breaker.lines[#breaker.lines] = nil end
  return breaker.lines, breaker.widest
end

return M
