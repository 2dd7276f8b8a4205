-- SPDX-License-Identifier: MIT
--
-- project: two checks beside encoding the same project: `aistudios.check`, which
-- finds errors and warnings, and what each call that sends a project does: it looks
-- for errors while it encodes. Projects: the seed project, clips with the fields that an
-- editor writes, and the shortest clips that the builder makes; both grow from
-- 10 to 1,000 scenes of 20 clips. Rounds alternate, and the best of each counts. And with
-- captions in twelve scripts, all different: of these the slowest. Two have no goal: Thai
-- captions that so nearly fill their boxes that a dictionary counts their lines, and a project
-- that the check has something to say about in each scene.
-- lua5.4 spec/bench/project.lua

local aistudios = require "aistudios"
local common = require "spec.bench.common"
local marshal = require "aistudios.project.fast_path".marshal
local support = require "spec.support"
local text_fit = require "aistudios.project.text_fit"

local ROUNDS = 15
local CAPTION, FULL = 28, 38 -- width of a caption, in font sizes; of one that fills its box
local GOAL, LINEAR = 3, 1.5

local function shortest(scenes)
  local project = aistudios.project { name = "Many scenes" }
  for i = 1, scenes do
    project:scene { background = "#ffffff" }
      :avatar { model = "M000045058", clothes = "BG00002320", say = "Scene " .. i }
    for j = 2, 20 do
      if j % 3 == 0 then
        project:image { "https://example.com/" .. j .. ".png", size = "quarter",
          at = { j * 20, j * 10 } }
      elseif j % 3 == 1 then
        project:text { "Line " .. j, at = { "10%", j * 40 }, animation = "fade-in" }
      else
        project:shape { "Star", fill = "#ff0000", at = { j * 50, j * 30 } }
      end
    end
  end
  return project:build()
end

-- CPU seconds of one call, garbage of its own included.
local function round(f, project, calls)
  collectgarbage()
  local start = os.clock()
  for _ = 1, calls do f(project) end
  return (os.clock() - start) / calls
end

local functions = { encode = aistudios.encode, check = aistudios.check, marshal = marshal }

local function measure(project, calls)
  local best = { encode = math.huge, check = math.huge, marshal = math.huge }
  for _ = 1, calls == 1 and 5 or ROUNDS do
    for name, f in pairs(functions) do
      best[name] = math.min(best[name], round(f, project, calls))
    end
  end
  return best
end

local function row(name, project, calls)
  local best = measure(project, calls)
  print(("  %-34s %10.1f %10.1f %10.1f"):format(name, best.encode * 1e6,
    best.check * 1e6, best.marshal * 1e6))
  for _, what in ipairs { "check", "marshal" } do
    common.figure(("%s / encode, %s"):format(what, name), best[what] / best.encode, GOAL, "times")
  end
  return best
end

print(("%-36s %10s %10s %10s"):format("us of CPU", "encode", "check", "marshal"))
row("hello project", support.project(), 4000)
for name, make in pairs { editor = common.editor_project, shortest = shortest } do
  local sizes = {}
  for _, size in ipairs { 10, 100, 1000 } do
    sizes[size] = row(("%d scenes, %s clips"):format(size, name), make(size), 1000 // size)
  end
  -- What is larger than the processor's caches takes longer to read, also when
  -- it is encoded; what counts is what a check adds to that.
  local function growth(what) return sizes[1000][what] / sizes[10][what] / 100 end
  for _, what in ipairs { "check", "marshal" } do
    common.figure(("growth of a scene's %s beside JSON's, %s clips"):format(what, name),
      growth(what) / growth "encode", LINEAR, "times")
  end
end

-- Clips of an editor whose captions are the words of a text, at another one's start each.
local function captioned(text, scenes, width)
  local project, words, number = common.editor_project(scenes), {}, 0
  for word in text:gmatch "[^ ]+" do words[#words + 1] = word end
  for _, scene in ipairs(project.scenes) do
    for _, clip in ipairs(scene.clips) do
      if clip.type == "textImage" then
        number = number + 1
        local first = number % #words
        local turned = ("%d %s %s"):format(number, table.concat(words, " ", first + 1),
          table.concat(words, " ", 1, first))
        clip.text = text_fit.lines(turned, width, 1)[1]
      end
    end
  end
  return project
end

-- Each scene's caption stands outside the safe area.
local function warned(scenes)
  local project = aistudios.project { name = "A warning for each scene" }
  for i = 1, scenes do
    project:scene { background = "#ffffff" }
      :avatar { model = "M000045058", clothes = "BG00002320", say = "This is scene " .. i .. "." }
      :text { "Line " .. i, at = { "10%", 40 } }
  end
  return project:build()
end

local with_warnings = measure(warned(60), 100)
common.figure("check / encode, 60 scenes with a warning each",
  with_warnings.check / with_warnings.encode, nil, "times")

local function ratio_of(text, width)
  local best = measure(captioned(text.text, 10, width), 100)
  return best.check / best.encode
end

local slowest, name = 0, nil
for _, text in ipairs(require "spec.fixtures.texts") do
  local ratio = ratio_of(text, CAPTION)
  if text.name == "Thai" then
    common.figure("check / encode, captions in Thai that fill their boxes", ratio_of(text, FULL),
      nil, "times")
  end
  print(("  captions: %-24s check / encode %.2f"):format(text.name, ratio))
  if ratio > slowest then slowest, name = ratio, text.name end
end
common.figure(("check / encode, captions in the slowest script (%s)"):format(name), slowest, GOAL,
  "times")
