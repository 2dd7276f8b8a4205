-- SPDX-License-Identifier: MIT
--
-- speech: the spoken texts of a project, and an estimate of their seconds.

local core = require "aistudios.core"
local is_blank = require "aistudios.util.blank"

local M = {}

local entities = { amp = "&", lt = "<", gt = ">", quot = '"', apos = "'", nbsp = " " }

local function entity(name)
  local code = name:match "^#(%d+)$"
  code = code and tonumber(code) or tonumber(name:match "^#[xX](%x+)$" or "", 16)
  if code then return code >= 0 and code <= 0x10FFFF and utf8.char(code) or "" end
  return entities[name]
end

--- A text with its entities read.
---@param text string
---@return string
function M.decoded(text)
  return text:find("&", 1, true) and text:gsub("&([#%w]+);", entity) or text
end

--- The text of a script or caption without its markup and outer space.
---@param text any
---@return string plain
function M.plain(text)
  if type(text) ~= "string" then return "" end
  if text:find("<", 1, true) or text:find("&", 1, true) then
    text = M.decoded((text:gsub("<[/!]?%a[^<>]*>", " ")))
  end
  return core.text_squeezed(text)
end

--- Characters of a text; bytes where it is not UTF-8.
---@type fun(text: string): integer
M.length = core.text_length

--- Characters per second that a calm voice speaks, by language. Scripts that
--- write syllables or words with one character have few.
M.rates = {
  en = 15, de = 15, nl = 15, sv = 15, da = 15, fi = 15, fr = 16, es = 17,
  pt = 16, it = 16, ru = 15, uk = 15, pl = 15, cs = 14, tr = 15, id = 16,
  ja = 7, ko = 7, zh = 4.5, th = 12, hi = 14, ar = 13,
}

--- Characters per second where the language is not known.
M.other_rate = 15

-- Alphabets in the order of core.text_alphabets, and the languages that are written with
-- them; the first one where nothing else tells.
local alphabets = {
  { name = "Hangul", "ko" }, { name = "Japanese", "ja" },
  { name = "Chinese", "zh", "ja", "ko", "yue", "cmn" },
  { name = "Cyrillic", "ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg" },
  { name = "Arabic", "ar", "fa", "ur", "ps", "ku", "sd", "ug" },
  { name = "Devanagari", "hi", "mr", "ne", "sa" }, { name = "Thai", "th" },
}
local JAPANESE = 2

-- Bits of their alphabets by language, also of those with Latin letters alone.
local known = {}
for language in ("en de nl sv da fi fr es pt it pl cs tr id fil ms ro el hr hu sk sl ta vi no nb"
  .. " he et lv lt ca sw"):gmatch "%a+" do
  known[language] = 0
end
for i, alphabet in ipairs(alphabets) do
  for _, language in ipairs(alphabet) do
    known[language] = (known[language] or 0) | 1 << i - 1
  end
end

--- The language of a text by its letters, where they tell.
---@param text string
---@return string? language
function M.guess(text)
  local counts, best = { core.text_alphabets(text) }, 1
  if counts[JAPANESE] > 0 then return "ja" end -- written with Chinese characters too
  for i, count in ipairs(counts) do
    if count > counts[best] then best = i end
  end
  return counts[best] > 0 and alphabets[best][1] or nil
end

local function short_code(language)
  return type(language) == "string" and language:lower():match "^%a+" or nil
end

--- Bits of the alphabets, in the order of core.text_alphabets, that a language is written
--- with, by "en" or "en-US"; nil for one that is not known.
---@type table<any, integer?>
M.alphabets = setmetatable({}, { __index = function (_, language)
  return known[short_code(language) or 0]
end })

--- Letters of a text that its language is not written with.
---@param text string
---@param language? string  "en" or "en-US"
---@return string? name  of the alphabet; nil when there are none, or nobody can tell
function M.foreign_letters(text, language)
  local own = M.alphabets[language or 0]
  for i, count in ipairs(own and { core.text_alphabets(text) } or {}) do
    if count > 0 and own >> i - 1 & 1 == 0 then return alphabets[i].name end
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
