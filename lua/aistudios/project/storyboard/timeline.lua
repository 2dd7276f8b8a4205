-- SPDX-License-Identifier: MIT
--
-- timeline: when things happen in a scene, drawn as bars: what is spoken, one
-- after the other, animations, and sound and video for as long as the scene
-- lasts. Clips that do the same at the same time share a bar. Labels are never
-- cut: they break into lines where they have no room.

local clock = require "aistudios.project.storyboard.clock"
local motion = require "aistudios.project.storyboard.motion"
local read = require "aistudios.project.storyboard.read"
local text = require "aistudios.project.storyboard.text"
local write = require "aistudios.util.decimal".format

local escape = text.escape

local M = {}

local function name_of(clip, index)
  return (text.head(read.decoded(read.string(clip, "name") or read.string(clip, "label")
    or read.string(clip, "id") or "clip " .. index), 40))
end

local function volume(clip)
  return ("volume %s %%"):format(read.format(read.number(clip, "volume", 100)))
end

-- Rows of clips: what they are and the words on their bar.
local whole = { -- as long as the scene
  audio = function (clip)
    return (text.head(read.decoded(read.string(clip, "label", "audio")), 40)) .. " · "
      .. volume(clip)
  end,
  videoImage = function (clip) return "video · " .. volume(clip) end,
  aiModel = function (clip) return clip.isDelete == true and "deleted, not shown" or nil end,
}

local MOST_NAMES = 4 -- of clips that share a bar

-- Adds what a clip does, to the bar of another that does the same.
local function add(rows, shared, name, kind, words, from, to)
  local key = from and write("%s%s %.9g %.9g", kind, words, from, to) or kind .. words
  local bar = shared[key]
  if not bar then
    bar = { names = name, count = 1, kind = kind, words = words, from = from, to = to }
    shared[key], rows[#rows + 1] = bar, bar
    return
  end
  bar.count = bar.count + 1
  if bar.count <= MOST_NAMES then bar.names = bar.names .. ", " .. name end
end

local function add_animation(rows, shared, clip, name)
  local from, to = motion.span(clip)
  if not from then return end
  add(rows, shared, name, "animation", (text.head(read.string(clip.animation, "type", "?"), 20)),
    from, to)
end

local function rows_of(scene, lines)
  local rows, shared = {}, {}
  for _, line in ipairs(lines) do
    rows[#rows + 1] = { names = (text.head(line.by, 40)), count = 1,
      from = line.from, to = line.from + line.seconds, kind = "speech",
      words = clock.seconds(line.seconds) }
  end
  for index, clip in read.each(scene, "clips") do
    if type(clip) == "table" then
      local words = clip.type ~= nil and whole[clip.type]
      words = words and words(clip)
      if words then
        add(rows, shared, name_of(clip, index), clip.type == "audio" and "sound" or "video", words)
      end
      if clip.animation ~= nil then
        add_animation(rows, shared, clip, name_of(clip, index))
      end
    end
  end
  return rows
end

-- Where a label stands: from the start of its bar, or up to the end of one that
-- starts late.
local function label_style(from, to)
  if from == 0 then return "" end
  if from <= 60 then return write(' style="margin-left:%.4g%%"', from) end
  return write(' style="margin-right:%.4g%%;text-align:right"',
    math.max(0, math.min(40, 100 - to)))
end

local function names_of(row)
  local names = escape(row.names)
  return row.count <= MOST_NAMES and names or write("%s + %d", names, row.count - MOST_NAMES)
end

local function draw_row(row, last)
  local from = (row.from or 0) / last * 100
  local to = (row.to or last) / last * 100
  local place = from > 0 and write(' style="left:%.4g%%;width:%.4g%%"', from, to - from)
    or to < 100 and write(' style="width:%.4g%%"', to) or ""
  return write('<div><bdi>%s</bdi><span><i class="%s"%s></i><b%s>%s</b></span></div>',
    names_of(row), row.kind, place, label_style(from, to), escape(row.words))
end

--- The timeline of a scene, when something happens in it.
---@param parts string[]  which it is appended to
---@param scene any
---@param times aistudios.storyboard.Clock
function M.draw(parts, scene, times)
  if type(scene) ~= "table" then return end
  local rows, last = rows_of(scene, times.lines), times.length
  if #rows == 0 then return end
  parts[#parts + 1] = '<div class="timeline" role="img" aria-label="Timeline">'
  for i = 1, #rows do parts[#parts + 1] = draw_row(rows[i], last) end
  parts[#parts + 1] = write('<div class="axis"><i></i><span>0<span>%s</span></span></div></div>',
    times.is_known and clock.seconds(last) or "length unknown")
end

return M
