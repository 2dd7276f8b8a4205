-- SPDX-License-Identifier: MIT
--
-- safe_areas: a layer over each drawing of the page that its reader switches on: the
-- area that is safe for what happens (action) and that for texts (title), and on an
-- upright canvas the margins where the players of apps put their controls. The page's
-- style shows it; no script is needed, and a scene's own SVG never has it.

local legibility = require "aistudios.project.legibility"
local pens = require "aistudios.project.storyboard.pen"
local write = require "aistudios.util.decimal".format

local M = {}

-- px of 1080 x 1920 that controls cover: about the most that TikTok, Reels and Shorts
-- take, which they change without notice.
local APPS = { top = 220, bottom = 420, right = 120 }

--- The switch.
M.switch = '<label class="switch"><input type="checkbox" id="safe-areas"> Safe areas: action 93 %,'
  .. " title 90 %</label>"

--- What shows the layer when the switch is on.
M.style = [[
.switch { display: flex; align-items: center; gap: 7px; margin: 0 0 20px; color: var(--soft);
  font-size: 13px; cursor: pointer; }
body:has(.portrait) .switch::after { content: "(shaded: about where apps put controls)"; }
.safe { display: none; }
body:has(#safe-areas:checked) .safe { display: inline; }
@media print { .switch { display: none; } }
]]

local function frame(canvas, share, color)
  local left, top, right, bottom = legibility.safe_area(canvas, share)
  local rect = write('<rect x="%.8g" y="%.8g" width="%.8g" height="%.8g"', left, top,
    right - left, bottom - top)
  return ('%s stroke="#000000" stroke-opacity="0.55" stroke-width="7"/>%s stroke="%s" '
    .. 'stroke-width="3"/>'):format(rect, rect, color)
end

local function margins(width, height)
  if width >= height then return "" end
  return ('<path d="M0 0H%dV%dH0ZM%d %dV%dH%dV%dZM0 %dH%dV%dH0Z" fill="#b3322b" '
    .. 'fill-opacity="0.35"/>'):format(width, APPS.top, width - APPS.right, APPS.top,
    height - APPS.bottom, width, APPS.top, height - APPS.bottom, width, height)
end

local function definition(width, height)
  local canvas = { width = width, height = height }
  return ('<g id="%%s" fill="none">%s%s%s</g>'):format(margins(width, height),
    frame(canvas, legibility.ACTION_SAFE, "#ffd34d"),
    frame(canvas, legibility.TITLE_SAFE, "#4dd8ff"))
end

--- The layer of a drawing, defined once for all of a page.
---@param pen aistudios.storyboard.Pen
---@param width integer   of the canvas, px
---@param height integer  px
---@return string
function M.layer(pen, width, height)
  return write('<use class="safe" href="#%s"/>', pens.define(pen, "safe " .. width, definition,
    width, height))
end

return M
