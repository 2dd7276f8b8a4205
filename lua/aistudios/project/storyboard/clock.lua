-- SPDX-License-Identifier: MIT
--
-- clock: when things happen in a scene, in seconds from its start. What is
-- spoken takes what the estimate says, one line after the other; within a line
-- time passes in proportion to its characters.

local core = require "aistudios.core"
local motion = require "aistudios.project.storyboard.motion"
local read = require "aistudios.project.storyboard.read"
local speech = require "aistudios.project.speech"
local text = require "aistudios.project.storyboard.text"
local write = require "aistudios.util.decimal".format

local M = {}

local MOST_SHOWN = 20000   -- characters of a script
local MOST_SECONDS = 12    -- of a piece: voices of browsers stop after 14 s
local UNKNOWN = 3          -- seconds that a scene of unknown length is played

-- Languages that write ordinals as "3."; where none is known, a text may be in one of them.
local has_ordinals = {}
for language in ("bs cs da de et eu fi fo hr hu is lb lv nb nn no pl sk sl sr tr")
    :gmatch "%a+" do
  has_ordinals[language] = true
end

---@class aistudios.storyboard.Line  something spoken
---@field by string        who says it
---@field language? string  "en"; nil when nothing tells it
---@field from number      s
---@field seconds number   about
---@field sentences string[]  of what is shown, as written, each with the space behind it
---@field ends number[]    s, of each sentence; the next one begins there
---@field left_off integer  characters that are not shown

---@class aistudios.storyboard.Clock
---@field lines aistudios.storyboard.Line[]
---@field spoken number    s, of all lines
---@field length number    s, that the scene is played: speech and animations
---@field is_known boolean  false: nothing tells the length, `length` is a guess

-- What a tag that is documented, or ends a line, is in a script as it is read; nil for others.
local tags = { p = "", ["/p"] = "\n", span = "", ["/span"] = "", br = "\n" }

-- A script as it is read: its paragraphs are lines, other tags are text.
local function shown(script)
  if script:find("<", 1, true) then
    script = script:gsub("<(/?%a+)%f[%s/>][^<>]*>", function (tag) return tags[tag:lower()] end)
    script = script:match "^(.*%S)" or ""
  end
  return speech.decoded(script)
end

-- Characters of a piece with markup in speech: runs of blanks count once, none at the end.
local function weight(piece, is_last)
  local space = not is_last and piece:find "%s$" and 1 or 0
  local plain = speech.plain(piece)
  return plain == "" and 0 or speech.length(plain) + space
end

local function cut(line, script, all_characters)
  local head, left_off = text.head(shown(script), MOST_SHOWN)
  local most = math.max(8, all_characters / math.max(line.seconds, 0.1) * MOST_SECONDS // 1)
  local pieces, weights = core.text_sentences(text.valid(head), most,
    not line.language or has_ordinals[line.language] == true)
  local sum = 0
  for i = 1, #pieces do
    if weights[i] < 0 then weights[i] = weight(pieces[i], i == #pieces) end
    sum = sum + weights[i]
  end
  local rate = line.seconds / math.max(all_characters, sum, 1)
  local ends, at = {}, line.from
  for i = 1, #pieces do
    at = at + weights[i] * rate
    ends[i] = at
  end
  if left_off == 0 and pieces[1] then ends[#pieces] = line.from + line.seconds end
  line.sentences, line.ends, line.left_off = pieces, ends, left_off
end

local function line_of(scene, said, from)
  local item = scene[said.list][said.index]
  local script = said.list == "clips" and item.script or item
  local seconds, language = speech.seconds(said.text, said.language)
  local line = { by = type(said.model) == "string" and said.model or "nobody", from = from,
    seconds = seconds, language = #language <= 8 and language ~= "other" and language or nil }
  cut(line, read.string(script, "org", ""), speech.length(said.text))
  return line
end

--- The lines of a scene: the newer form, where both are there.
local function lines_of(scene)
  local lines, sum = {}, 0
  local all = speech.of(scene)
  local form = all[1] and all[1].list -- `scripts` come first
  for _, said in ipairs(all) do
    if said.list == form then
      local line = line_of(scene, said, sum)
      lines[#lines + 1] = line
      sum = sum + line.seconds
    end
  end
  return lines, sum
end

--- The clock of a scene.
---@param scene any
---@return aistudios.storyboard.Clock
function M.of(scene)
  if type(scene) ~= "table" then
    return { lines = {}, spoken = 0, length = UNKNOWN, is_known = false }
  end
  local lines, spoken = lines_of(scene)
  local length = spoken
  for _, clip in read.each(scene, "clips") do
    if type(clip) == "table" and clip.animation ~= nil then
      local _, to = motion.span(clip)
      if to and to > length then length = to end
    end
  end
  return { lines = lines, spoken = spoken, length = length > 0 and length or UNKNOWN,
    is_known = length > 0 }
end

--- Seconds in words.
---@param seconds number
---@return string
function M.seconds(seconds)
  if seconds >= 90 then return ("%d min %d s"):format(seconds // 60, seconds % 60 // 1) end
  return seconds >= 9.95 and write("%.0f s", seconds) or write("%.1f s", seconds)
end

return M
