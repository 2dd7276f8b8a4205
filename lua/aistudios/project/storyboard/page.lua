-- SPDX-License-Identifier: MIT
--
-- page: the storyboard as one page of HTML. It holds all that it shows, runs
-- no script, and forbids the browser to load anything.

local frame = require "aistudios.project.storyboard.frame"
local panel = require "aistudios.project.storyboard.panel"
local pins = require "aistudios.project.storyboard.pins"
local read = require "aistudios.project.storyboard.read"
local scenes = require "aistudios.project.storyboard.scene"
local text = require "aistudios.project.storyboard.text"
local timeline = require "aistudios.project.storyboard.timeline"

local M = {}

local MANY = 12 -- scenes; more get narrow marks in the strip

local HEAD = [[
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>%s – storyboard</title>
<style>
%s</style>
</head>
<body class="%s">
]]

local END = [[
<p class="end">Drawn from the project alone; nothing was asked of the service. Times are
estimates from the number of characters. Line breaks in captions are estimates too. The
service documents no unit for animations; seconds are assumed.</p>
</body>
</html>
]]

local function count(number, word)
  return ("%d %s%s"):format(number, word, number == 1 and "" or "s")
end

local function level(list)
  local worst = ""
  for _, pin in ipairs(list or {}) do
    if pin.problem.level ~= "warning" then return "error" end
    worst = "warning"
  end
  return worst
end

--- What the page shows of each scene, before it is written.
local function prepare(project, found)
  local all, seconds, last = {}, 0, pins.number(found.project, 0)
  for index, scene in read.each(project, "scenes") do
    local lines, sum = timeline.spoken(scene)
    local mine = found.scenes[index]
    all[#all + 1] = { index = index, scene = scene, lines = lines, seconds = sum, pins = mine }
    last = pins.number(mine, last)
    found.scenes[index] = nil
    seconds = seconds + sum
  end
  return all, seconds
end

local function facts(project, all, seconds, found)
  local width, height = scenes.canvas(project)
  local rows = {
    { "Scenes", tostring(#all) },
    { "Canvas", ("%d × %d px"):format(width, height) },
    { "Resolution", panel.short(read.string(project, "resolution", "1080"), 12) },
    { "Spoken", "about " .. timeline.seconds(seconds) },
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

--- All scenes in a row, as wide as they are long.
local function strip(all)
  local many = #all > MANY
  local parts = { many and '<nav class="strip many" aria-label="Scenes">'
    or '<nav class="strip" aria-label="Scenes">' }
  for _, one in ipairs(all) do
    parts[#parts + 1] = ('<a href="#scene-%d" class="%s"%s>%d%s</a>'):format(one.index,
      level(one.pins), many and "" or (' style="flex-grow:%.2f"'):format(
        math.max(one.seconds, 1)), one.index,
      (many or one.seconds == 0) and "" or " · " .. timeline.seconds(one.seconds))
  end
  parts[#parts + 1] = "</nav>"
  return table.concat(parts)
end

local function background(scene)
  local value = type(scene) == "table" and read.table(scene, "background") or {}
  local url = read.string(value, "source_url", "")
  if url == "" then return "" end
  return (' · background <bdi>%s</bdi>'):format(panel.short(url, 80))
end

local function draw_scene(pen, project, one)
  local scene = one.scene
  local layers = scenes.layers(scene)
  local spoken = one.seconds > 0 and "about " .. timeline.seconds(one.seconds) or "silent"
  local name = "Scene " .. one.index
  return ([[
<article class="scene" id="scene-%d">
<header><h2>%s</h2><p>%s · %s%s</p></header>
<div class="board"><div><figure>%s</figure>
%s%s</div>
<div>%s%s</div></div>
</article>
]]):format(one.index, name, count(#layers, "clip"), spoken,
    background(scene), frame.draw(pen, project, scene, layers, pins.by_clip(one.pins), name,
      "canvas-" .. one.index),
    timeline.html(scene, one.lines), panel.clips(layers),
    panel.script(one.lines), panel.problems(one.pins))
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
    HEAD:format(text.escape((text.head(read.string(project, "name", "Untitled"), 200))),
      require "aistudios.project.storyboard.style",
      project.orientation == "portrait" and "portrait" or "landscape"),
    ('<header class="top"><p class="small">Storyboard</p><h1><bdi dir="auto">%s</bdi></h1>')
      :format(name),
    facts(project, all, seconds, found), strip(all), panel.problems(found.project),
    "</header>\n",
  }
  local pen = scenes.pen(images, "drawn-")
  for _, one in ipairs(all) do parts[#parts + 1] = draw_scene(pen, project, one) end
  if #pen.defs > 0 then
    parts[#parts + 1] = ('<svg width="0" height="0" aria-hidden="true"><defs>%s</defs></svg>\n')
      :format(table.concat(pen.defs))
  end
  parts[#parts + 1] = END
  return table.concat(parts)
end

return M
