-- SPDX-License-Identifier: MIT
--
-- panel: what stands beside and below a scene's drawing: the script, the
-- problems, and its clips as a table.

local read = require "aistudios.project.storyboard.read"
local text = require "aistudios.project.storyboard.text"
local timeline = require "aistudios.project.storyboard.timeline"

local escape, format = text.escape, read.format

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
  return (script:gsub("%s+$", ""))
end

--- The script of a scene.
---@param lines aistudios.storyboard.Line[]
---@return string
function M.script(lines)
  local parts = { '<section class="words"><h3 class="small">Script</h3>' }
  for _, line in ipairs(lines) do
    local words = lines_of(line.text)
    parts[#parts + 1] = words:find "%S" and ('<blockquote><bdi dir="auto">%s</bdi>'
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
    return ("%s — %s pt %s"):format(short(read.string(clip, "text", ""), MOST_CELL),
      format(read.number(clip, "fontSize", 0)),
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

local function number(clip, key, default)
  local value = clip[key]
  if value == nil and default then return default end
  if type(value) ~= "number" then return "?" end
  return ("%.6g"):format(value)
end

local function scale(clip)
  local x, y = number(clip, "scaleX", "1"), number(clip, "scaleY", "1")
  if x == "1" and y == "1" then return "" end
  return x == y and " · ×" .. x or " · ×" .. x .. ", ×" .. y
end

local function row(layer)
  local clip = layer.clip
  local turn = number(clip, "angle", "0")
  return ('<tr><td class="number">%s</td><td><bdi>%s</bdi></td><td><bdi>%s</bdi></td>'
    .. '<td class="number">%s, %s</td><td class="number">%s × %s%s%s</td>'
    .. '<td class="number">%s %%</td><td><bdi dir="auto">%s</bdi></td></tr>'):format(
    number(clip, "layer"), short(read.string(clip, "type", "?"), 20),
    short(read.string(clip, "id", ""), 40), number(clip, "left", "–"),
    number(clip, "top", "–"), number(clip, "width", "–"), number(clip, "height", "–"),
    scale(clip), turn == "0" and "" or " · " .. turn .. "°",
    number(clip, "opacity", "100"), about(clip))
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
