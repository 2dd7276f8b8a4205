-- SPDX-License-Identifier: MIT
--
-- panel: what stands beside and below a scene's drawing: the script, the
-- problems, and its clips as a table.

local is_blank = require "aistudios.util.blank"
local read = require "aistudios.project.storyboard.read"
local text = require "aistudios.project.storyboard.text"
local timeline = require "aistudios.project.storyboard.timeline"

local escape = text.escape

local M = {}

local MOST_SCRIPT, MOST_CELL, MOST_MESSAGE = 4000, 120, 600 -- characters

--- The beginning of a text for the page, and how much is left off.
---@param value string
---@param limit integer
---@return string
local function short(value, limit)
  if #value <= limit then return escape(value) end
  local head, left_off = text.head(value, limit)
  head = escape(head)
  if left_off == 0 then return head end
  return ("%s … <small>%d more characters</small>"):format(head, left_off)
end

--- A script as it is read: its paragraphs are lines, all else is text.
local function lines_of(script)
  if not script:find("<", 1, true) then return script end
  script = script:gsub("<[pP]>", ""):gsub("</[pP]>", "\n"):gsub("<[bB][rR] */?>", "\n")
  return script:match "^(.*%S)" or ""
end

--- The script of a scene.
---@param lines aistudios.storyboard.Line[]
---@return string
function M.script(lines)
  local parts = { '<section class="words"><h3 class="small">Script</h3>' }
  for _, line in ipairs(lines) do
    local words = lines_of(line.text)
    parts[#parts + 1] = not is_blank(words) and ('<blockquote><bdi dir="auto">%s</bdi>'
      .. '<footer><bdi>%s</bdi> · about %s</footer></blockquote>'):format(
        short(words, MOST_SCRIPT), short(line.by, 60), timeline.seconds(line.seconds))
      or ('<p class="none">An empty script for <bdi>%s</bdi></p>'):format(
        short(line.by, 60))
  end
  if #lines == 0 then parts[2] = '<p class="none">Nobody speaks.</p>' end
  parts[#parts + 1] = "</section>"
  return table.concat(parts)
end

--- Problems with their numbers; "" when there is none.
---@param pins aistudios.storyboard.Pin[]?
---@return string
function M.problems(pins)
  if not pins or #pins == 0 then return "" end
  local parts = { '<section class="problems"><h3 class="small">Problems</h3><ol>' }
  for _, pin in ipairs(pins) do
    local level = pin.problem.level == "warning" and "warning" or "error"
    parts[#parts + 1] = ('<li id="problem-%d" class="%s"><span class="n">%d</span>'
      .. '<span><code><bdi>%s</bdi></code><bdi>%s</bdi></span></li>'):format(
      pin.number, level, pin.number, short(pin.where, MOST_CELL),
      short(pin.problem.message, MOST_MESSAGE))
  end
  parts[#parts + 1] = "</ol></section>"
  return table.concat(parts)
end

-- What a clip of each type is about.
local subject = {
  textImage = function (clip)
    return ("%s — %.6g pt %s"):format(short(read.string(clip, "text", ""), MOST_CELL),
      read.number(clip, "fontSize", 0),
      short(read.string(clip, "fontFamily", "Noto Sans CJK"), 40))
  end,
  shape = function (clip)
    return short(read.string(clip, "shapeName", "?") .. ", "
      .. read.string(clip, "fill", "no fill"), MOST_CELL)
  end,
  aiModel = function (clip)
    local model = read.table(clip, "model")
    return short(read.string(model, "ai_name", "?") .. ", "
      .. read.string(model, "emotion", "?"), MOST_CELL)
  end,
  videoImage = function (clip)
    return short(read.string(clip, "video_url", "?"), MOST_CELL)
  end,
}

local function about(clip)
  local describe = clip.type ~= nil and subject[clip.type]
  if describe then return describe(clip) end
  return short(read.string(clip, "source_url", ""), MOST_CELL)
end

-- How a clip is changed from its size in px.
local function change(place)
  local x, y, words = place.scale_x, place.scale_y, ""
  if x ~= y then
    words = (" · ×%.6g, ×%.6g"):format(x, y)
  elseif x ~= 1 then
    words = (" · ×%.6g"):format(x)
  end
  return place.angle == 0 and words or ("%s · %.6g°"):format(words, place.angle)
end

local function row(layer)
  local clip, place = layer.clip, layer.place
  return ('<tr><td class="number">%.6g</td><td><bdi>%s</bdi></td><td><bdi>%s</bdi></td>'
    .. '<td class="number">%.6g, %.6g</td><td class="number">%.6g × %.6g%s</td>'
    .. '<td class="number">%.6g %%</td><td><bdi dir="auto">%s</bdi></td></tr>'):format(
    layer.layer, short(read.string(clip, "type", "?"), 20),
    short(read.string(clip, "id", ""), 40), place.left, place.top, place.width,
    place.height, change(place), read.number(clip, "opacity", 100), about(clip))
end

--- The clips of a scene, the front one first.
---@param layers aistudios.storyboard.Layer[]
---@return string
function M.clips(layers)
  if #layers == 0 then return "" end
  local parts = { ('<details><summary>%d clip%s, front to back</summary>'
    .. '<div class="scroll"><table><tr><th>Layer</th><th>Type</th><th>Id</th>'
    .. '<th>Left, top</th><th>Size (px)</th><th>Opacity</th><th>About</th></tr>')
    :format(#layers, #layers == 1 and "" or "s") }
  for i = #layers, 1, -1 do parts[#parts + 1] = row(layers[i]) end
  parts[#parts + 1] = "</table></div></details>"
  return table.concat(parts)
end

M.short = short

return M
