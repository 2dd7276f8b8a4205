-- SPDX-License-Identifier: MIT
--
-- visibility: clips that will not be seen: outside the canvas, or behind a clip
-- that covers them. Only what is certain is reported: what may be transparent covers
-- nothing.

local clip_area = require "aistudios.project.clip_area"
local known = require "aistudios.project.colors".known
local legibility = require "aistudios.project.legibility"
local schema = require "aistudios.project.schema"
local text_fit = require "aistudios.project.text_fit"
local format = require "aistudios.util.decimal".format

local byte = string.byte
local is_number, clipped, reached = clip_area.is_number, clip_area.clipped, clip_area.reached

local M = {}

local function is_unseen(clip)
  return clip.type == "audio" or clip.voiceOnly == true or clip.isDelete == true
end

-- Is the file at this address certainly opaque, by its ending? An address with a
-- query does not tell.
local function is_opaque(url)
  if type(url) ~= "string" then return false end
  local a, b, c = byte(url, -3, -1)
  if c == 52 then -- mp4
    return (a == 109 or a == 77) and not url:find "[?#]"
  end
  return (c == 103 or c == 71) and b ~= 110 and b ~= 78 -- png ends with g too
    and url:lower():find "^[^?#]*%.jpe?g$" ~= nil
end

local HOLLOW = { alpha = 0 }

-- By clip type: could it cover others, unless transparent, animated or rotated?
local solid = {
  shape = function (clip)
    return clip.shapeName == "Square" and (clip.strokeRadius or 0) == 0
      and (known[clip.fill] or HOLLOW).alpha == 1
  end,
  image = function (clip) return is_opaque(clip.source_url) end,
  videoImage = function (clip) return is_opaque(clip.video_url) end,
}

-- Is a clip neither transparent nor animated nor rotated?
local function is_whole(clip)
  return (clip.opacity == nil or clip.opacity == 100) and clip.animation == nil
    and not (is_number(clip.angle) and clip.angle % 360 ~= 0)
end

local function contains(outer, inner)
  return outer.left <= inner.left and outer.top <= inner.top
    and outer.right >= inner.right and outer.bottom >= inner.bottom
end

--- The canvas of a project, in px.
---@param project table
---@return { width: integer, height: integer }
function M.canvas(project)
  return schema.canvas[project.orientation] or schema.canvas.landscape
end

-- The same as clip_area.area, as four numbers.
local function edges(clip)
  local area = clip_area.area(clip)
  if area then return area.left, area.top, area.right, area.bottom end
end

-- Warns of a clip that has no part of its box on the canvas, unless it reaches there.
local function warn_of_outside(warn, clip, place, canvas)
  if is_unseen(clip) then return end
  local area = reached(clip)
  if clipped(area, canvas) then return end
  local is_empty = area.left == area.right or area.top == area.bottom
  warn(place, is_empty and "has no extent" or ("is wholly outside the canvas; the canvas is"
    .. " %dx%d px"):format(canvas.width, canvas.height))
end

local MAX_COVERING = 32 -- clips of a scene that are compared with all others

-- The largest of the clips that cover what is behind them, as they are in the list.
local function largest(coverers)
  if #coverers <= MAX_COVERING then return coverers end
  table.sort(coverers, function (a, b)
    if a.size == b.size then return a.index < b.index end
    return a.size > b.size
  end)
  for i = #coverers, MAX_COVERING + 1, -1 do coverers[i] = nil end
  table.sort(coverers, function (a, b) return a.index < b.index end)
  return coverers
end

-- Is a clip behind one that covers all of it? `boxes` has its box, which may be
-- smaller than what it reaches.
local function is_hidden(clip, number, boxes, coverer, canvas)
  local outer = coverer.area
  if clip.layer > coverer.layer or clip.layer == coverer.layer and number >= coverer.index
      or outer.left > math.max(boxes[4 * number - 3], 0)
      or outer.top > math.max(boxes[4 * number - 2], 0)
      or outer.right < math.min(boxes[4 * number - 1], canvas.width)
      or outer.bottom < math.min(boxes[4 * number], canvas.height) then
    return false
  end
  local inner = clipped(reached(clip), canvas)
  return inner ~= nil and contains(outer, inner)
end

local function warn_of_hidden(warn, clips, path, boxes, coverers, canvas)
  coverers = largest(coverers)
  for number, clip in ipairs(clips) do
    if boxes[4 * number] and is_number(clip.layer) then
      for _, coverer in ipairs(coverers) do
        if is_hidden(clip, number, boxes, coverer, canvas) then
          warn(("%s.clips[%d].layer"):format(path, number),
            format("is behind clips[%d], layer %.14g, which hides this clip completely",
              coverer.index, coverer.layer), clip.layer)
          break
        end
      end
    end
  end
end

-- A clip that hides what is behind it, and the part of the canvas that it covers.
local function coverer_of(clip, number, canvas)
  local area = is_number(clip.layer) and clipped(clip_area.area(clip), canvas)
  return area and { index = number, layer = clip.layer, area = area,
    size = (area.right - area.left) * (area.bottom - area.top) } or nil
end

-- The boxes of all clips that are seen, as project.legibility takes them.
local function boxes_of(clips)
  local boxes = {}
  for number, clip in ipairs(clips) do
    if type(clip) == "table" and not is_unseen(clip) then
      local at = 4 * number
      boxes[at - 3], boxes[at - 2], boxes[at - 1], boxes[at] = edges(clip)
    end
  end
  return boxes
end

local function warn_of_text(warn, clip, path, number)
  local why = text_fit.overflow(clip)
  if why then warn(("%s.clips[%d].text"):format(path, number), why, clip.text) end
end

--- Warns of the clips of a scene that will not be seen, and of texts that do not fit
--- or can hardly be read.
---@param warn aistudios.project.Warn
---@param scene table
---@param path string    of the scene
---@param canvas { width: integer, height: integer }
function M.warn(warn, scene, path, canvas)
  local clips, coverers, has_text = scene.clips, {}, false
  local boxes = boxes_of(clips)
  for number, clip in ipairs(clips) do
    local left, top, right, bottom = table.unpack(boxes, 4 * number - 3, 4 * number)
    if left then
      if left >= right or top >= bottom or left >= canvas.width or top >= canvas.height
          or right <= 0 or bottom <= 0 then
        warn_of_outside(warn, clip, ("%s.clips[%d]"):format(path, number), canvas)
      end
      local is_solid = clip.type ~= nil and solid[clip.type]
      if clip.type == "textImage" then
        has_text = true
        warn_of_text(warn, clip, path, number)
      elseif is_solid and is_solid(clip) and is_whole(clip) then
        coverers[#coverers + 1] = coverer_of(clip, number, canvas)
      end
    end
  end
  if coverers[1] then warn_of_hidden(warn, clips, path, boxes, coverers, canvas) end
  if has_text then legibility.warn(warn, scene, path, canvas, boxes) end
end

return M
