-- SPDX-License-Identifier: MIT
--
-- layout: clips that will not be seen: outside the canvas, or behind a clip
-- that covers them. Only what is certain is said: a turned clip takes all
-- the room that it may turn through, and what may be transparent covers
-- nothing.

local schema = require "aistudios.project.schema"

local M = {}

---@class aistudios.project.Area  in px of the canvas
---@field left number
---@field top number
---@field right number
---@field bottom number

local function span(start, length, scale)
  length = length * scale
  if length < 0 then return start + length, start end
  return start, start + length
end

local function is_number(value) return type(value) == "number" and value == value end

--- The room that a clip takes; nil when it has no place, or none to be seen.
---@param clip table
---@return aistudios.project.Area?
function M.area(clip)
  local left, top, width, height = clip.left, clip.top, clip.width, clip.height
  if not (is_number(left) and is_number(top) and is_number(width)
      and is_number(height)) then return nil end
  local x, y = clip.scaleX, clip.scaleY
  if not is_number(x) then x = 1 end
  if not is_number(y) then y = 1 end
  local area = {}
  area.left, area.right = span(left, width, x)
  area.top, area.bottom = span(top, height, y)
  local angle = clip.angle
  if is_number(angle) and angle % 360 ~= 0 then
    local w, h = area.right - area.left, area.bottom - area.top
    local reach = math.sqrt(w * w + h * h)
    return { left = area.left - reach, top = area.top - reach,
      right = area.left + reach, bottom = area.top + reach }
  end
  return area
end

local function is_unseen(clip)
  return clip.type == "audio" or clip.voiceOnly == true or clip.isDelete == true
end

local function is_solid_color(fill)
  if type(fill) ~= "string" then return false end
  return fill:find "^#%x%x%x$" ~= nil or fill:find "^#%x%x%x%x%x%x$" ~= nil
    or fill:find "^rgb%s*%(" ~= nil
end

--- Does nothing shine through this clip?
local function covers(clip)
  if clip.opacity ~= nil and clip.opacity ~= 100 then return false end
  if clip.animation ~= nil or is_unseen(clip) then return false end
  if is_number(clip.angle) and clip.angle % 360 ~= 0 then return false end
  if clip.type == "shape" then
    return clip.shapeName == "Square" and (clip.strokeRadius or 0) == 0
      and is_solid_color(clip.fill)
  elseif clip.type == "image" and type(clip.source_url) == "string" then
    return clip.source_url:lower():find "%.jpe?g$" ~= nil
  end
  return clip.type == "videoImage"
end

local function contains(outer, inner)
  return outer.left <= inner.left and outer.top <= inner.top
    and outer.right >= inner.right and outer.bottom >= inner.bottom
end

--- What of an area lies on the canvas; nil when nothing does.
---@param area aistudios.project.Area
---@param canvas { width: number, height: number }
---@return aistudios.project.Area?
function M.clipped(area, canvas)
  local inside = { left = math.max(area.left, 0), top = math.max(area.top, 0),
    right = math.min(area.right, canvas.width),
    bottom = math.min(area.bottom, canvas.height) }
  if inside.left < inside.right and inside.top < inside.bottom then return inside end
end

local function is_above(a, b)
  if a.layer == b.layer then return a.index > b.index end
  return a.layer > b.layer
end

local function report_hidden(warn, path, items)
  for _, item in ipairs(items) do
    for _, other in ipairs(items) do
      if other.covers and other ~= item and is_above(other, item)
          and contains(other.area, item.area) then
        warn(("%s.clips[%d].layer"):format(path, item.index),
          ("is behind clips[%d], layer %.14g, which hides this clip completely")
            :format(other.index, other.layer), item.layer)
        break
      end
    end
  end
end

--- The canvas of a project, in px.
---@param project table
---@return { width: integer, height: integer }
function M.canvas(project)
  return schema.canvas[project.orientation] or schema.canvas.landscape
end

--- Warns of the clips of a scene that will not be seen.
---@param warn aistudios.project.Warn
---@param scene table
---@param path string    of the scene
---@param canvas { width: integer, height: integer }
function M.warn(warn, scene, path, canvas)
  local items = {}
  for i, clip in ipairs(scene.clips) do
    local area = type(clip) == "table" and not is_unseen(clip) and M.area(clip)
    if area then
      local inside = M.clipped(area, canvas)
      if not inside then
        local size = ("the canvas is %dx%d px"):format(canvas.width, canvas.height)
        local is_empty = area.left == area.right or area.top == area.bottom
        warn(("%s.clips[%d]"):format(path, i), is_empty and "has no extent"
          or "is wholly outside the canvas; " .. size)
      elseif is_number(clip.layer) then
        items[#items + 1] = { index = i, layer = clip.layer, area = inside,
          covers = covers(clip) }
      end
    end
  end
  report_hidden(warn, path, items)
end

return M
