-- SPDX-License-Identifier: MIT
--
-- storyboard: the page of a project beside its JSON text in the same run, of 10
-- and of 1,000 scenes of 20 clips. Rounds alternate and the best of each counts.
-- And how large pages of 60 scenes are: of a course, and of 20 clips each. The six
-- projects of the fixtures, most of them small, beside their JSON text too: their checks
-- and their pages, in instructions that callgrind counts, and in time, of which a text of
-- some kB takes so little that the ratio differs twofold between machines.
-- lua5.4 spec/bench/storyboard.lua

local aistudios = require "aistudios"
local common = require "spec.bench.common"
local fixtures = require "spec.fixtures.projects.storyboards"
local support = require "spec.support"

local ROUNDS = 5
local GOAL, GROWTH_GOAL = 30, 1.2

-- CPU seconds of one call.
local function seconds(f, project)
  collectgarbage()
  local began = os.clock()
  f(project)
  return os.clock() - began
end

if arg[1] == "child" then
  local scenes, f = tonumber(arg[2]), aistudios[arg[3]]
  local project = scenes and common.editor_project(scenes) or fixtures[arg[2]]()
  for _ = 1, tonumber(arg[4]) do f(project) end
  return
end

-- Instructions of one call: those of many less those of few.
---@param name string|integer  a fixture, or how many scenes
local function instructions(name, what)
  local counts = {}
  for i, calls in ipairs { 2, 12 } do
    local said = support.run(("valgrind --tool=callgrind --callgrind-out-file=/dev/null lua5.4 "
      .. "spec/bench/storyboard.lua child %s %s %d 2>&1"):format(name, what, calls))
    counts[i] = tonumber(said:match "Collected : (%d+)")
  end
  return (counts[2] - counts[1]) / 10
end

local function best(project, rounds)
  local encode, page, board = math.huge, math.huge, aistudios.storyboard
  for _ = 1, rounds do
    encode = math.min(encode, seconds(aistudios.encode, project))
    page = math.min(page, seconds(board, project))
  end
  return encode, page
end

for _, scenes in ipairs { 10, 1000 } do
  local project = common.editor_project(scenes)
  local encode, page = best(project, scenes == 10 and 20 * ROUNDS or ROUNDS)
  print(("  %4d scenes: JSON %d kB in %.2f ms, page %d kB in %.1f ms"):format(scenes,
    #aistudios.encode(project) // 1024, encode * 1e3,
    #aistudios.storyboard(project) // 1024, page * 1e3))
  common.figure(("storyboard / encode, %d scenes"):format(scenes), page / encode, GOAL, "times")
end

local measured = { "encode", "check", "storyboard" }
local ratios = {}
for _, name in ipairs { "news", "portrait", "course", "template", "subtitles", "languages" } do
  local project = fixtures[name]()
  local calls = name == "course" and 10 or 100
  local least, counted = { encode = math.huge, check = math.huge, storyboard = math.huge }, {}
  for _ = 1, 2 * ROUNDS do
    for _, what in ipairs(measured) do
      least[what] = math.min(least[what], seconds(function ()
        for _ = 1, calls do aistudios[what](project) end
      end) / calls)
    end
  end
  for _, what in ipairs(measured) do counted[what] = instructions(name, what) end
  print(("  %-10s JSON in %6.1f us, check in %6.1f us, page in %7.1f us"):format(name,
    least.encode * 1e6, least.check * 1e6, least.storyboard * 1e6))
  ratios[#ratios + 1] = { name = name, time = least, instructions = counted }
end
for what, goal in pairs { check = 3, storyboard = GOAL } do
  for _, one in ipairs(ratios) do
    for _, unit in ipairs { "instructions", "time" } do
      common.figure(("%s / encode, %s, in %s"):format(what, one.name, unit),
        one[unit][what] / one[unit].encode, unit == "instructions" and goal or nil, "times")
    end
  end
end

local course = fixtures.course()
common.figure("page of a course of 60 slides", #aistudios.storyboard(course) / 1000, 400, "kB")
common.figure("page of 60 scenes of 20 clips",
  #aistudios.storyboard(common.editor_project(60)) / 1000, 400, "kB")
local function growth(what) return instructions(300, what) / instructions(10, what) / 30 end
common.figure("a scene of 300 / of 10, in instructions", growth "storyboard", GROWTH_GOAL, "times")
