-- SPDX-License-Identifier: MIT
--
-- scene: draws one scene to scale as SVG: one unit is one px of the canvas,
-- lower layers first, all of it cut off at the canvas's edges as in the video.

local caption = require "aistudios.project.storyboard.caption"
local clips = require "aistudios.project.storyboard.clips"
local motion = require "aistudios.project.storyboard.motion"
local pens = require "aistudios.project.storyboard.pen"
local read = require "aistudios.project.storyboard.read"
local schema = require "aistudios.project.schema"

local M = {}

--- Width and height of a project's canvas, px.
---@param project table
---@return integer width
---@return integer height
function M.canvas(project)
  local canvas = schema.canvas[project.orientation or "landscape"]
    or schema.canvas.landscape
  return canvas.width, canvas.height
end

--- By which the page's style knows what is upright: an element's further class.
---@param project table
---@return ""|" portrait"
function M.class(project)
  local width, height = M.canvas(project)
  return height > width and " portrait" or ""
end

---@class aistudios.storyboard.Layer
---@field index integer  in the scene's clips
---@field clip table
---@field layer number
---@field place aistudios.storyboard.Place

local function is_behind(a, b)
  if a.layer ~= b.layer then return a.layer < b.layer end
  return a.index < b.index
end

--- The clips of a scene in the order in which they are drawn.
---@param scene any
---@return aistudios.storyboard.Layer[]
function M.layers(scene)
  local found = {}
  if type(scene) ~= "table" then return found end
  local last, is_sorted = -math.huge, true
  for index, clip in read.each(scene, "clips") do
    if type(clip) == "table" then
      local layer = read.number(clip, "layer", 0)
      found[#found + 1] = { index = index, clip = clip, layer = layer,
        place = clips.place(clip) }
      is_sorted, last = is_sorted and layer >= last, layer
    end
  end
  if not is_sorted then table.sort(found, is_behind) end
  return found
end

-- A clip as it is at the pen's moment, or to be played.
local function draw_clip(pen, layer, width, height)
  local drawn, is_reference = clips.draw(pen, layer.clip, layer.place)
  if layer.clip.animation == nil or not (pen.is_page or pen.at) then return drawn end
  local one = motion.of(layer.clip, layer.place, width, height)
  if not one then return drawn end
  return pen.at and motion.draw(one, pen.at, drawn) or motion.playable(one, drawn, is_reference)
end

--- Draws the background and the clips, without the element around them.
---@param parts string[]  which they are appended to
---@param pen aistudios.storyboard.Pen
---@param scene any
---@param layers aistudios.storyboard.Layer[]  of the scene
---@param width number   of the canvas, px
---@param height number  px
function M.draw(parts, pen, scene, layers, width, height)
  local background = type(scene) == "table" and read.table(scene, "background") or {}
  pen.width, pen.height = width, height
  parts[#parts + 1] = clips.background(pen, background)
  for i = 1, #layers do
    parts[#parts + 1] = "\n" .. draw_clip(pen, layers[i], width, height)
  end
end

--- One scene as a text of its own.
---@param project table
---@param scene any
---@param options { images?: table<string, string>, at?: number }
---@return string
function M.svg(project, scene, options)
  local width, height = M.canvas(project)
  local pen = pens.new(options.images)
  pen.at = options.at
  local parts = {}
  M.draw(parts, pen, scene, M.layers(scene), width, height)
  return ([[
<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d"
  viewBox="0 0 %d %d" font-family="%s" xml:space="preserve">
<defs>%s</defs>
%s
</svg>
]]):format(width, height, width, height, caption.FAMILY, table.concat(pen.defs),
    table.concat(parts))
end

return M
