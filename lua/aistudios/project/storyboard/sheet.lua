-- SPDX-License-Identifier: MIT
--
-- sheet: the contact sheet: every scene small, in order, with its number, its
-- seconds and its problems; each leads to its scene. The small drawings are the
-- large ones, referred to.

local clock = require "aistudios.project.storyboard.clock"
local scenes = require "aistudios.project.storyboard.scene"
local write = require "aistudios.util.decimal".format

local M = {}

--- A number of things in words.
---@param number integer
---@param word string  singular, with a plural in "s"
---@return string
function M.count(number, word)
  return ("%d %s%s"):format(number, word, number == 1 and "" or "s")
end

local function level(pins)
  local worst = ""
  for _, pin in ipairs(pins) do
    if pin.problem.level ~= "warning" then return ' class="error"' end
    worst = ' class="warning"'
  end
  return worst
end

--- How long a scene speaks, in words.
---@param times aistudios.storyboard.Clock
---@return string
function M.spoken(times)
  return times.spoken > 0 and clock.seconds(times.spoken) or "silent"
end

--- The sheet; "" for fewer than two scenes.
---@param all aistudios.storyboard.Prepared[]
---@param project table
---@return string
function M.html(all, project)
  if #all < 2 then return "" end
  local width, height = scenes.canvas(project)
  local parts = { ('<nav class="sheet%s" aria-label="Scenes">'):format(
    scenes.class(project)) }
  for _, one in ipairs(all) do
    parts[#parts + 1] = write('<a href="#scene-%d"%s><svg viewBox="0 0 %d %d" aria-hidden="true">'
      .. '<use href="#%s"/></svg><b>%d</b> <span>%s</span>%s</a>', one.index,
      one.pins and level(one.pins) or "", width, height, one.picture, one.index,
      M.spoken(one.times),
      one.pins and #one.pins > 0 and " <em>" .. M.count(#one.pins, "problem") .. "</em>" or "")
  end
  parts[#parts + 1] = "</nav>"
  return table.concat(parts)
end

return M
