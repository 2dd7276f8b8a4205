-- SPDX-License-Identifier: MIT
--
-- page: the storyboard as one page of HTML. It holds all that it shows, runs one
-- script, which plays it, and forbids the browser any other and to load anything.

local clock = require "aistudios.project.storyboard.clock"
local frame = require "aistudios.project.storyboard.frame"
local panel = require "aistudios.project.storyboard.panel"
local pens = require "aistudios.project.storyboard.pen"
local pins = require "aistudios.project.storyboard.pins"
local player = require "aistudios.project.storyboard.player"
local read = require "aistudios.project.storyboard.read"
local safe_areas = require "aistudios.project.storyboard.safe_areas"
local scenes = require "aistudios.project.storyboard.scene"
local sheet = require "aistudios.project.storyboard.sheet"
local text = require "aistudios.project.storyboard.text"
local timeline = require "aistudios.project.storyboard.timeline"
local write = require "aistudios.util.decimal".format

local M = {}

-- What every page begins and ends with.
local BEGINNING = ([[
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src '%s'">
<title>]]):format(player.hash)
local STYLE = " – storyboard</title>\n<style>\n" .. require "aistudios.project.storyboard.style"
  .. safe_areas.style
local BODY = '</style>\n</head>\n<body>\n<header class="top"><p class="small">'

local NOTE = [[
<p class="end">Drawn from the project alone; nothing was asked of the service. Times are
estimates from the number of characters. Line breaks in captions are estimates too. The
service documents no unit for animations; seconds are assumed, and that in-right comes in from
the right edge and out-right leaves over it.</p>
]]

local END = NOTE .. "<script>" .. player.script .. "</script>\n</body>\n</html>\n"

local MOST_PIECES = 1000 -- of a page, before they are put together

local count = sheet.count

---@class aistudios.storyboard.Prepared  what the page shows of a scene
---@field index integer
---@field id string      of its part of the page
---@field scene any
---@field times aistudios.storyboard.Clock
---@field pins? aistudios.storyboard.Pin[]
---@field picture string  id of its drawing

--- What a page shows of each scene, before it is written.
---@param project table
---@param found aistudios.storyboard.Pins  of the project
---@param prefix string  begins the ids of its scenes
---@param last integer   number of the last pin so far
---@return aistudios.storyboard.Prepared[] all
---@return number seconds  spoken
---@return integer last
function M.prepare(project, found, prefix, last)
  local all, seconds = {}, 0
  last = pins.number(found.project, last)
  for index, scene in read.each(project, "scenes") do
    local times, mine = clock.of(scene), found.scenes[index]
    all[#all + 1] = { index = index, scene = scene, times = times, pins = mine,
      id = prefix .. "scene-" .. index, picture = prefix .. "picture-" .. index }
    last = pins.number(mine, last)
    found.scenes[index] = nil
    seconds = seconds + times.spoken
  end
  return all, seconds, last
end

--- A list of facts, each with its name.
---@param rows string[][]
---@return string
function M.facts(rows)
  local parts = { '<dl class="facts">' }
  for _, row in ipairs(rows) do
    parts[#parts + 1] = ("<div><dt>%s</dt><dd>%s</dd></div>"):format(row[1], row[2])
  end
  parts[#parts + 1] = "</dl>" .. safe_areas.switch
  return table.concat(parts)
end

local function facts(project, all, seconds, found)
  local width, height = scenes.canvas(project)
  return M.facts {
    { "Scenes", tostring(#all) },
    { "Canvas", ("%d × %d px"):format(width, height) },
    { "Resolution", panel.short(read.string(project, "resolution", "1080"), 12) },
    { "Spoken", "about " .. clock.seconds(seconds) },
    { "Problems", found.errors + found.warnings == 0 and "none"
      or count(found.errors, "error") .. ", " .. count(found.warnings, "warning") },
  }
end

local function background(scene)
  local value = type(scene) == "table" and read.table(scene, "background") or {}
  local url = read.string(value, "source_url", "")
  if url == "" then return "" end
  return (' · background <bdi>%s</bdi>'):format(panel.short(read.decoded(url), 80))
end

--- A scene with all that is told of it.
---@param parts string[]  which it is appended to
---@param pen aistudios.storyboard.Pen
---@param project table
---@param one aistudios.storyboard.Prepared
function M.scene(parts, pen, project, one)
  local scene, times = one.scene, one.times
  local layers = scenes.layers(scene)
  local name = "Scene " .. one.index
  parts[#parts + 1] = write([[
<article class="scene%s" id="%s" data-length="%.2f">
<header><h2>%s</h2><p>%s · %s%s%s</p></header>
<div class="board"><div class="seen"><figure>]], scenes.class(project), one.id, times.length, name,
    count(#layers, "clip"), times.spoken > 0 and "about " or "", sheet.spoken(times),
    background(scene))
  frame.draw(parts, pen, project, scene, layers, pins.by_clip(one.pins), name, one.picture)
  parts[#parts + 1] = "</figure>"
  timeline.draw(parts, scene, times)
  parts[#parts + 1] = '</div>\n<div class="told">'
  panel.script(parts, times.lines)
  parts[#parts + 1] = panel.problems(one.pins)
  parts[#parts + 1] = "</div></div>\n"
  panel.clips(parts, layers)
  parts[#parts + 1] = "</article>\n"
end

--- The pieces of a page, of which there is the beginning.
---@param project table
---@param kind string    what the page is, in words
---@param style string   besides that of every page
---@return string[] parts
function M.begin(project, kind, style)
  return { BEGINNING, text.escape((text.head(read.string(project, "name", "Untitled"), 200))),
    STYLE, style, BODY, kind, '</p><h1><bdi dir="auto">',
    panel.short(read.string(project, "name", "Untitled project"), 200), "</bdi></h1>" }
end

--- The whole page, with what its drawings share at its end.
---@param parts string[]
---@param pen aistudios.storyboard.Pen
---@return string
function M.finish(parts, pen)
  parts[#parts + 1] = "</main>\n"
  if #pen.defs > 0 then
    parts[#parts + 1] = ('<svg width="0" height="0" aria-hidden="true"><defs>%s</defs></svg>\n')
      :format(table.concat(pen.defs))
  end
  parts[#parts + 1] = END
  return table.concat(parts)
end

--- The page.
---@param project table
---@param images? table<string, string>
---@return string
function M.html(project, images)
  local found = pins.of(project)
  local all, seconds = M.prepare(project, found, "", 0)
  local parts = M.begin(project, "Storyboard", "")
  parts[#parts + 1] = facts(project, all, seconds, found)
  parts[#parts + 1] = panel.problems(found.project)
  parts[#parts + 1] = sheet.html(all, project)
  parts[#parts + 1] = '</header>\n<main class="scenes">\n'
  local pen = pens.new(images, true)
  local written = {} -- a long list of pieces costs more than to put some together
  for _, one in ipairs(all) do
    if #parts > MOST_PIECES then
      written[#written + 1] = table.concat(parts)
      parts = {}
    end
    M.scene(parts, pen, project, one)
  end
  local rest = M.finish(parts, pen)
  if #written == 0 then return rest end
  written[#written + 1] = rest
  return table.concat(written)
end

return M
