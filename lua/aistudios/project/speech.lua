-- SPDX-License-Identifier: MIT
--
-- speech: the spoken texts of a project, and an estimate of their seconds.

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

--- Does a script certainly say something, because it begins with spoken text,
--- perhaps after one tag? If not, its plain text decides.
---@param text string
---@return boolean
function M.begins_with_words(text)
  return text:find "^[^%s<&\xC2]" ~= nil or text:find "^<%a>[^%s<&\xC2]" ~= nil
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

local function guess_of(point)
  if point >= 0xAC00 and point <= 0xD7A3 then return "ko" end
  if point >= 0x3040 and point <= 0x30FF then return "ja" end
  if point >= 0x4E00 and point <= 0x9FFF then return "zh" end
  if point >= 0x0400 and point <= 0x04FF then return "ru" end
  if point >= 0x0600 and point <= 0x06FF then return "ar" end
  if point >= 0x0900 and point <= 0x097F then return "hi" end
end

--- The language of a text by its letters, where they tell.
---@param text string
---@return string? language
function M.guess(text)
  if not text:find "[\xD0-\xED]" or not utf8.len(text) then return nil end
  local counts, best = {}, nil
  for _, point in utf8.codes(text) do
    local language = guess_of(point)
    if language then counts[language] = (counts[language] or 0) + 1 end
  end
  if counts.ja then return "ja" end -- written with Chinese characters too
  for language, count in pairs(counts) do
    if not best or count > counts[best] then best = language end
  end
  return best
end

--- Spoken seconds of a plain text: its characters at the language's rate.
---@param text string
---@param language? string  "en" or "en-US"; by the letters when it is missing
---@return number seconds
---@return string language  "other" when nothing tells
function M.seconds(text, language)
  local short = type(language) == "string" and language:lower():match "^%a+"
  short = short or M.guess(text) or "other"
  return M.length(text) / (M.rates[short] or M.other_rate), short
end

local function speaker(scene, script)
  for _, clip in pairs(scene.clips or {}) do
    local model = type(clip) == "table" and clip.type == "aiModel" and clip.model
    if type(model) == "table"
        and (script.modelId == nil or model.ai_name == script.modelId) then
      return model
    end
  end
end

---@class aistudios.project.Said
---@field text string        plain
---@field language? string   of the avatar's entry
---@field model? string      who says it
---@field list "scripts"|"clips"  the form: `scripts[i].org`, or `clips[i].script.org`
---@field index integer
---@field is_empty boolean    a script that says nothing

local function said_of(list, index, org, language, model)
  local text = M.plain(org)
  return { text = text, language = language, model = model, list = list, index = index,
    is_empty = text == "" and (org == nil or type(org) == "string") }
end

--- What is said in a scene, in both forms, in order.
---@param scene table
---@return aistudios.project.Said[]
function M.of(scene)
  local said = {}
  if type(scene.scripts) == "table" then
    for i, script in ipairs(scene.scripts) do
      if type(script) == "table" then
        local model = type(scene.clips) == "table" and speaker(scene, script) or {}
        said[#said + 1] = said_of("scripts", i, script.org, model.language, script.modelId)
      end
    end
  end
  if type(scene.clips) == "table" then
    for i, clip in ipairs(scene.clips) do
      if type(clip) == "table" and clip.type == "aiModel"
          and type(clip.script) == "table" then
        local model = type(clip.model) == "table" and clip.model or {}
        said[#said + 1] = said_of("clips", i, clip.script.org, model.language, model.ai_name)
      end
    end
  end
  return said
end

return M
