-- SPDX-License-Identifier: MIT
--
-- timeline: when things happen in a scene: what is spoken, one after the
-- other, animations, and sound and video for as long as the scene lasts. The
-- service documents no unit for animations; seconds are taken here.

local read = require "aistudios.project.storyboard.read"
local speech = require "aistudios.project.speech"
local text = require "aistudios.project.storyboard.text"

local escape = text.escape

local M = {}

---@class aistudios.storyboard.Line  something spoken
---@field text string     as written
---@field by string       who says it
---@field seconds number  about

local function spoken(scene, said)
  local item = scene[said.list][said.index]
  local script = said.list == "clips" and item.script or item
  return { text = read.string(script, "org", ""),
    by = type(said.model) == "string" and said.model or "nobody",
    seconds = (speech.seconds(said.text, said.language)) }
end

--- What is spoken in a scene: the newer form, where both are there.
---@param scene any
---@return aistudios.storyboard.Line[] lines
---@return number seconds  of all of them
function M.spoken(scene)
  local lines, sum = {}, 0
  if type(scene) ~= "table" then return lines, sum end
  local all = speech.of(scene)
  local form = all[1] and all[1].list -- `scripts` come first
  for _, said in ipairs(all) do
    if said.list == form then
      lines[#lines + 1] = spoken(scene, said)
      sum = sum + lines[#lines].seconds
    end
  end
  return lines, sum
end

--- Seconds in words.
---@param seconds number
---@return string
function M.seconds(seconds)
  if seconds >= 90 then return ("%d min %d s"):format(seconds // 60, seconds % 60 // 1) end
  return seconds >= 10 and ("%.0f s"):format(seconds) or ("%.1f s"):format(seconds)
end

local function name_of(clip, index)
  return (text.head(read.string(clip, "name") or read.string(clip, "label")
    or read.string(clip, "id") or "clip " .. index, 40))
end

local function volume(clip)
  return ("volume %s %%"):format(read.format(read.number(clip, "volume", 100)))
end

-- Rows of clips: what they are and the words on their bar.
local whole = { -- as long as the scene
  audio = function (clip)
    return (text.head(read.string(clip, "label", "audio"), 40)) .. " · " .. volume(clip)
  end,
  videoImage = function (clip) return "video · " .. volume(clip) end,
}

local function add_animation(rows, clip, name)
  local animation = read.table(clip, "animation")
  if next(animation) == nil then return end
  local delay = math.max(0, read.number(animation, "delay", 0))
  local duration = math.max(0, read.number(animation, "duration", 0))
  rows[#rows + 1] = { name = name, from = delay, to = delay + duration,
    kind = "animation", words = (text.head(read.string(animation, "type", "?"), 20)) }
end

local function rows_of(scene, lines)
  local rows, at = {}, 0
  for _, line in ipairs(lines) do
    rows[#rows + 1] = { name = (text.head(line.by, 40)), from = at,
      to = at + line.seconds, kind = "speech", words = M.seconds(line.seconds) }
    at = at + line.seconds
  end
  for index, clip in read.each(scene, "clips") do
    if type(clip) == "table" then
      local words = clip.type ~= nil and whole[clip.type]
      if words then
        rows[#rows + 1] = { name = name_of(clip, index), words = words(clip),
          kind = clip.type == "audio" and "sound" or "video" }
      end
      if clip.animation ~= nil then
        add_animation(rows, clip, name_of(clip, index))
      end
    end
  end
  return rows
end

local function draw_row(row, last)
  local from, to = row.from or 0, row.to or last
  return ('<div class="row"><span class="who"><bdi>%s</bdi></span><span class="track">'
    .. '<i class="%s" style="left:%.2f%%;width:%.2f%%"></i>'
    .. '<b style="left:%.2f%%"><bdi>%s</bdi></b></span></div>'):format(escape(row.name),
    row.kind, from / last * 100, (to - from) / last * 100,
    math.min(from / last * 100, 75), escape(row.words))
end

--- The timeline of a scene; "" when nothing happens in it.
---@param scene any
---@param lines aistudios.storyboard.Line[]
---@return string
function M.html(scene, lines)
  if type(scene) ~= "table" then return "" end
  local rows, last = rows_of(scene, lines), 1
  if #rows == 0 then return "" end
  for _, row in ipairs(rows) do last = math.max(last, row.to or 0) end
  local parts = { '<div class="timeline" role="img" aria-label="Timeline">' }
  for _, row in ipairs(rows) do parts[#parts + 1] = draw_row(row, last) end
  parts[#parts + 1] = ('<div class="row axis"><span class="who"></span>'
    .. '<span class="track"><span>0</span><span>%s</span></span></div></div>')
    :format(M.seconds(last))
  return table.concat(parts)
end

return M
