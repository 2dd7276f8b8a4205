-- SPDX-License-Identifier: MIT
--
-- speech: the spoken texts of a project, and an estimate of their seconds.

local is_blank = require "aistudios.util.blank"

local M = {}

local entities = { amp = "&", lt = "<", gt = ">", quot = '"', apos = "'", nbsp = " " }

local function entity(name)
  local code = name:match "^#(%d+)$"
  code = code and tonumber(code) or tonumber(name:match "^#[xX](%x+)$" or "", 16)
  if code then return code >= 0 and code <= 0x10FFFF and utf8.char(code) or "" end
  return entities[name]
end

--- The text of a script or caption without its markup and outer space.
---@param text any
---@return string plain
function M.plain(text)
  if type(text) ~= "string" then return "" end
  if text:find "[<&]" then
    text = text:gsub("<[/!]?%a[^<>]*>", " "):gsub("&([#%w]+);", entity)
  end
  return (text:gsub("\u{A0}", " "):gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

--- Characters of a text; bytes where it is not UTF-8.
---@param text string
---@return integer
function M.length(text)
  return utf8.len(text) or #text
end

--- Characters per second that a calm voice speaks, by language. Scripts that
--- write syllables or words with one character have few.
M.rates = {
  en = 15, de = 15, nl = 15, sv = 15, da = 15, fi = 15, fr = 16, es = 17,
  pt = 16, it = 16, ru = 15, uk = 15, pl = 15, cs = 14, tr = 15, id = 16,
  ja = 7, ko = 7, zh = 4.5, th = 12, hi = 14, ar = 13,
}

--- Characters per second where the language is not known.
M.other_rate = 15

-- Letters by their ranges of Unicode, and the languages that are written with them;
-- the first one where nothing else tells.
local alphabets = {
  { name = "Hangul", languages = { "ko" }, 0xAC00, 0xD7A3, 0x1100, 0x11FF, 0x3130, 0x318F },
  { name = "Japanese", languages = { "ja" }, 0x3040, 0x30FF },
  { name = "Chinese", languages = { "zh", "ja", "ko", "yue", "cmn" }, 0x4E00, 0x9FFF, 0x3400,
    0x4DBF },
  { name = "Cyrillic", languages = { "ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg" },
    0x0400, 0x052F },
  { name = "Arabic", languages = { "ar", "fa", "ur", "ps", "ku", "sd", "ug" }, 0x0600, 0x06FF,
    0x0750, 0x077F },
  { name = "Devanagari", languages = { "hi", "mr", "ne", "sa" }, 0x0900, 0x097F },
  { name = "Thai", languages = { "th" }, 0x0E00, 0x0E7F },
}

-- Languages that are known, also those that are written with Latin letters alone.
local known = {}
for language in ("en de nl sv da fi fr es pt it pl cs tr id fil ms ro el hr hu sk sl ta vi no nb"
  .. " he et lv lt ca sw"):gmatch "%a+" do
  known[language] = {}
end
for _, alphabet in ipairs(alphabets) do
  for _, language in ipairs(alphabet.languages) do
    known[language] = known[language] or {}
    known[language][alphabet] = true
  end
end

local function alphabet_of(point)
  for _, alphabet in ipairs(alphabets) do
    for i = 1, #alphabet, 2 do
      if point >= alphabet[i] and point <= alphabet[i + 1] then return alphabet end
    end
  end
end

-- How many letters of each alphabet a text has; nil when it has none of them.
local function count_letters(text)
  if not text:find "[\xD0-\xED]" or not utf8.len(text) then return nil end
  local counts = {}
  for _, point in utf8.codes(text) do
    local alphabet = point >= 0x400 and alphabet_of(point)
    if alphabet then counts[alphabet] = (counts[alphabet] or 0) + 1 end
  end
  return next(counts) and counts
end

--- The language of a text by its letters, where they tell.
---@param text string
---@return string? language
function M.guess(text)
  local counts, best = count_letters(text), nil
  if not counts then return nil end
  if counts[alphabets[2]] then return "ja" end -- written with Chinese characters too
  for _, alphabet in ipairs(alphabets) do
    if counts[alphabet] and (not best or counts[alphabet] > counts[best]) then best = alphabet end
  end
  return best.languages[1]
end

local function short_code(language)
  return type(language) == "string" and language:lower():match "^%a+" or nil
end

--- Letters of a text that its language is not written with.
---@param text string
---@param language? string  "en" or "en-US"
---@return string? name  of the alphabet; nil when there are none, or nobody can tell
function M.foreign_letters(text, language)
  local own = known[short_code(language) or 0]
  for alphabet in pairs(own and count_letters(text) or {}) do
    if not own[alphabet] then return alphabet.name end
  end
end

--- Spoken seconds of a plain text: its characters at the language's rate.
---@param text string
---@param language? string  "en" or "en-US"; by the letters when it is missing
---@return number seconds
---@return string language  "other" when nothing tells
function M.seconds(text, language)
  local short = short_code(language) or M.guess(text) or "other"
  return M.length(text) / (M.rates[short] or M.other_rate), short
end

---@class aistudios.project.Said
---@field text string        plain
---@field org any            as it was written
---@field language? string   of the avatar's entry
---@field model? string      who says it
---@field list "scripts"|"clips"  the form: `scripts[i].org`, or `clips[i].script.org`
---@field index integer
---@field is_empty boolean    a script that says nothing
---@field is_deleted boolean  its avatar is not shown (isDelete)

local function said_of(list, index, org, clip, model)
  local text, entry = M.plain(org), type(clip.model) == "table" and clip.model or {}
  return { text = text, org = org, language = entry.language, model = model or entry.ai_name,
    list = list, index = index, is_deleted = clip.isDelete == true,
    is_empty = is_blank(text) and (org == nil or type(org) == "string") }
end

-- The first aiModel clip of each model in a scene; at 1, that of any model.
local function speakers(scene)
  local found = {}
  for _, clip in pairs(type(scene.clips) == "table" and scene.clips or {}) do
    local model = type(clip) == "table" and clip.type == "aiModel" and clip.model
    if type(model) == "table" then
      found[1] = found[1] or clip
      local id = model.ai_name
      if id ~= nil and id == id then found[id] = found[id] or clip end
    end
  end
  return found
end

--- What is said in a scene, in both forms, in order.
---@param scene table
---@return aistudios.project.Said[]
function M.of(scene)
  local said, found = {}, nil
  if type(scene.scripts) == "table" then
    for i, script in ipairs(scene.scripts) do
      if type(script) == "table" then
        found = found or speakers(scene)
        local id = script.modelId
        if id == nil then id = 1 end
        said[#said + 1] = said_of("scripts", i, script.org, found[id] or {}, script.modelId)
      end
    end
  end
  if type(scene.clips) == "table" then
    for i, clip in ipairs(scene.clips) do
      if type(clip) == "table" and clip.type == "aiModel"
          and type(clip.script) == "table" then
        said[#said + 1] = said_of("clips", i, clip.script.org, clip)
      end
    end
  end
  return said
end

return M
