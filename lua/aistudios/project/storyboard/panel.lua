-- SPDX-License-Identifier: MIT
--
-- panel: what stands beside and below a scene's drawing: the script, the
-- problems, and its clips as a table.

local clock = require "aistudios.project.storyboard.clock"
local is_blank = require "aistudios.util.blank"
local length = require "aistudios.core".text_length
local read = require "aistudios.project.storyboard.read"
local text = require "aistudios.project.storyboard.text"
local write = require "aistudios.util.decimal".format

local escape = text.escape

local M = {}

local MOST_CELL, MOST_MESSAGE = 120, 600 -- characters
local LONG_SCRIPT, UNFOLDED = 900, 500    -- bytes: what is longer is folded, but for its start

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

-- Sentences with their times, for the page's script.
local function add_sentences(parts, line, from, to)
  parts[#parts + 1] = '<bdi dir="auto">'
  local sentences, ends = line.sentences, line.ends
  local began = ends[from - 1] or line.from
  for i = from, to do
    parts[#parts + 1] = write('<span data-t="%.2f %.2f">%s</span>', began, ends[i],
      escape(sentences[i]))
    began = ends[i]
  end
  parts[#parts + 1] = "</bdi>"
end

-- How many sentences stand before the fold, and the characters behind it.
local function fold(line)
  local bytes, first, characters = 0, #line.sentences, line.left_off
  for i = 1, #line.sentences do
    if bytes < UNFOLDED then first = i end
    bytes = bytes + #line.sentences[i]
  end
  if bytes <= LONG_SCRIPT then return #line.sentences, 0 end
  for i = first + 1, #line.sentences do
    characters = characters + length(line.sentences[i])
  end
  return first, characters
end

local function is_empty(line)
  for _, one in ipairs(line.sentences) do
    if not is_blank(one) then return false end
  end
  return true
end

local function add_quote(parts, line)
  local first, rest = fold(line)
  parts[#parts + 1] = line.language and write('<blockquote lang="%s">', line.language)
    or "<blockquote>"
  add_sentences(parts, line, 1, first)
  if rest > 0 then
    parts[#parts + 1] = ("<details><summary>%d more characters</summary>"):format(rest)
    add_sentences(parts, line, first + 1, #line.sentences)
    parts[#parts + 1] = line.left_off == 0 and "</details>"
      or (" … <small>%d are left off</small></details>"):format(line.left_off)
  end
  parts[#parts + 1] = write("<footer><bdi>%s</bdi> · about %s</footer></blockquote>",
    short(line.by, 60), clock.seconds(line.seconds))
end

--- The script of a scene.
---@param parts string[]  which it is appended to
---@param lines aistudios.storyboard.Line[]
function M.script(parts, lines)
  parts[#parts + 1] = '<section class="words"><h3 class="small">Script</h3>'
  for _, line in ipairs(lines) do
    if is_empty(line) then
      parts[#parts + 1] = ('<p class="none">An empty script for <bdi>%s</bdi></p>'):format(
        short(line.by, 60))
    else
      add_quote(parts, line)
    end
  end
  parts[#parts + 1] = lines[1] and "</section>" or '<p class="none">Nobody speaks.</p></section>'
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

local function address(url) return short(read.decoded((url:gsub("^https://", ""))), MOST_CELL) end

-- What a clip of each type is about.
local subject = {
  textImage = function (clip)
    return write("%s — %.6g pt %s", short(read.string(clip, "text", ""), MOST_CELL),
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
    return address(read.string(clip, "video_url", "?"))
  end,
}

local function about(clip)
  local describe = clip.type ~= nil and subject[clip.type]
  if describe then return describe(clip) end
  return address(read.string(clip, "source_url", ""))
end

-- How a clip is changed from its size in px.
local function change(place)
  local x, y, words = place.scale_x, place.scale_y, ""
  if x ~= y then
    words = write(" · ×%.6g, ×%.6g", x, y)
  elseif x ~= 1 then
    words = write(" · ×%.6g", x)
  end
  return place.angle == 0 and words or write("%s · %.6g°", words, place.angle)
end

local function row(layer)
  local clip, place = layer.clip, layer.place
  return write('<tr><td>%.6g<td>%s<td>%s<td>%.6g, %.6g<td>%.6g×%.6g%s<td>%.6g<td>%s',
    layer.layer, short(read.string(clip, "type", "?"), 20),
    short(read.string(clip, "id", ""), 40), place.left, place.top, place.width,
    place.height, change(place), read.number(clip, "opacity", 100), about(clip))
end

--- The clips of a scene, the front one first.
---@param parts string[]  which they are appended to
---@param layers aistudios.storyboard.Layer[]
function M.clips(parts, layers)
  if #layers == 0 then return end
  parts[#parts + 1] = ('<details class="clips"><summary>%d clip%s, front to back</summary>'
    .. '<div class="scroll"><table><tr><th>Layer<th>Type<th>Id'
    .. '<th>Left, top<th>Size (px)<th>Opacity (%%)<th>About')
    :format(#layers, #layers == 1 and "" or "s")
  for i = #layers, 1, -1 do parts[#parts + 1] = row(layers[i]) end
  parts[#parts + 1] = "</table></div></details>"
end

M.short = short

return M
