-- SPDX-License-Identifier: MIT
--
-- page: the storyboard as one page of HTML. It holds all that it shows, runs one
-- script, which plays it, and forbids the browser any other and to load anything.

local clock = require "aistudios.project.storyboard.clock"
local frame = require "aistudios.project.storyboard.frame"
local panel = require "aistudios.project.storyboard.panel"
local pins = require "aistudios.project.storyboard.pins"
local player = require "aistudios.project.storyboard.player"
local read = require "aistudios.project.storyboard.read"
local scenes = require "aistudios.project.storyboard.scene"
local sheet = require "aistudios.project.storyboard.sheet"
local text = require "aistudios.project.storyboard.text"
local timeline = require "aistudios.project.storyboard.timeline"

local M = {}

local HEAD = [[
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src '%s'">
<title>%s – storyboard</title>
<style>
%s</style>
</head>
<body class="%s">
]]

local END = [[
<p class="end">Drawn from the project alone; nothing was asked of the service. Times are
estimates from the number of characters. Line breaks in captions are estimates too. The
service documents no unit for animations; seconds are assumed, and that in-right comes in from
the right edge and out-right leaves over it.</p>
<script>%s</script>
</body>
</html>
]]

local count = sheet.count

---@class aistudios.storyboard.Prepared  what the page shows of a scene
---@field index integer
---@field scene any
---@field times aistudios.storyboard.Clock
---@field pins? aistudios.storyboard.Pin[]
---@field picture string  id of its drawing

--- What the page shows of each scene, before it is written.
local function prepare(project, found)
  local all, seconds, last = {}, 0, pins.number(found.project, 0)
  for index, scene in read.each(project, "scenes") do
    local times, mine = clock.of(scene), found.scenes[index]
    all[#all + 1] = { index = index, scene = scene, times = times, pins = mine,
      picture = "picture-" .. index }
    last = pins.number(mine, last)
    found.scenes[index] = nil
    seconds = seconds + times.spoken
  end
  return all, seconds
end

local function facts(project, all, seconds, found)
  local width, height = scenes.canvas(project)
  local rows = {
    { "Scenes", tostring(#all) },
    { "Canvas", ("%d × %d px"):format(width, height) },
    { "Resolution", panel.short(read.string(project, "resolution", "1080"), 12) },
    { "Spoken", "about " .. clock.seconds(seconds) },
    { "Problems", found.errors + found.warnings == 0 and "none"
      or count(found.errors, "error") .. ", " .. count(found.warnings, "warning") },
  }
  local parts = { '<dl class="facts">' }
  for _, row in ipairs(rows) do
    parts[#parts + 1] = ("<div><dt>%s</dt><dd>%s</dd></div>"):format(row[1], row[2])
  end
  parts[#parts + 1] = "</dl>"
  return table.concat(parts)
end

local function background(scene)
  local value = type(scene) == "table" and read.table(scene, "background") or {}
  local url = read.string(value, "source_url", "")
  if url == "" then return "" end
  return (' · background <bdi>%s</bdi>'):format(panel.short(read.decoded(url), 80))
end

local function draw_scene(pen, project, one)
  local scene, times = one.scene, one.times
  local layers = scenes.layers(scene)
  local name = "Scene " .. one.index
  return ([[
<article class="scene" id="scene-%d" data-length="%.2f">
<header><h2>%s</h2><p>%s · %s%s</p></header>
<div class="board"><div class="seen"><figure>%s</figure>%s</div>
<div class="told">%s%s</div></div>
%s</article>
]]):format(one.index, times.length, name, count(#layers, "clip"),
    times.spoken > 0 and "about " .. sheet.spoken(times) or "silent", background(scene),
    frame.draw(pen, project, scene, layers, pins.by_clip(one.pins), name, one.picture),
    timeline.html(scene, times), panel.script(times.lines), panel.problems(one.pins),
    panel.clips(layers))
end

--- The page.
---@param project table
---@param images? table<string, string>
---@return string
function M.html(project, images)
  local found = pins.of(project)
  local all, seconds = prepare(project, found)
  local name = panel.short(read.string(project, "name", "Untitled project"), 200)
  local parts = {
    HEAD:format(player.hash,
      text.escape((text.head(read.string(project, "name", "Untitled"), 200))),
      require "aistudios.project.storyboard.style",
      project.orientation == "portrait" and "portrait" or "landscape"),
    ('<header class="top"><p class="small">Storyboard</p><h1><bdi dir="auto">%s</bdi></h1>')
      :format(name),
    facts(project, all, seconds, found), panel.problems(found.project),
    sheet.html(all, scenes.canvas(project)), "</header>\n<main>\n",
  }
  local pen = scenes.pen(images, "drawn-")
  pen.is_playable = true
  for _, one in ipairs(all) do parts[#parts + 1] = draw_scene(pen, project, one) end
  parts[#parts + 1] = "</main>\n"
  if #pen.defs > 0 then
    parts[#parts + 1] = ('<svg width="0" height="0" aria-hidden="true"><defs>%s</defs></svg>\n')
      :format(table.concat(pen.defs))
  end
  parts[#parts + 1] = END:format(player.script)
  return table.concat(parts)
end

return M
