-- SPDX-License-Identifier: MIT
--
-- storyboard: the page of a project beside its JSON text in the same run, and
-- how both grow from 10 to 1,000 scenes of 20 clips. Rounds alternate and the
-- best of each counts. What is larger than the processor's caches takes longer
-- to read, also when it is encoded; what counts is what the page adds to that.
-- And how large pages of 60 scenes are: of a course, and of 20 clips each. The six
-- projects of the fixtures, most of them small, beside their JSON text too: their checks
-- and their pages.
-- lua5.4 spec/bench/storyboard.lua

local aistudios = require "aistudios"
local common = require "spec.bench.common"

local ROUNDS = 5
local GOAL, GROWTH_GOAL = 30, 1.5

-- CPU seconds of one call.
local function seconds(f, project)
  collectgarbage()
  local began = os.clock()
  f(project)
  return os.clock() - began
end

local function best(project, rounds)
  local encode, page, board = math.huge, math.huge, aistudios.storyboard
  for _ = 1, rounds do
    encode = math.min(encode, seconds(aistudios.encode, project))
    page = math.min(page, seconds(board, project))
  end
  return encode, page
end

local figures = {}
for _, scenes in ipairs { 10, 1000 } do
  local project = common.editor_project(scenes)
  local encode, page = best(project, scenes == 10 and 20 * ROUNDS or ROUNDS)
  figures[scenes] = { encode = encode, page = page }
  print(("  %4d scenes: JSON %d kB in %.2f ms, page %d kB in %.1f ms"):format(scenes,
    #aistudios.encode(project) // 1024, encode * 1e3,
    #aistudios.storyboard(project) // 1024, page * 1e3))
  common.figure(("storyboard / encode, %d scenes"):format(scenes), page / encode, GOAL, "times")
end

local fixtures = require "spec.fixtures.projects.storyboards"
local ratios = {}
for _, name in ipairs { "news", "portrait", "course", "template", "subtitles", "languages" } do
  local project = fixtures[name]()
  local calls = name == "course" and 10 or 100
  local least = { encode = math.huge, check = math.huge, storyboard = math.huge }
  for _ = 1, 2 * ROUNDS do
    for what, f in pairs { encode = aistudios.encode, check = aistudios.check,
      storyboard = aistudios.storyboard } do
      least[what] = math.min(least[what], seconds(function ()
        for _ = 1, calls do f(project) end
      end) / calls)
    end
  end
  print(("  %-10s JSON in %6.1f us, check in %6.1f us, page in %7.1f us"):format(name,
    least.encode * 1e6, least.check * 1e6, least.storyboard * 1e6))
  ratios[#ratios + 1] = { name = name, check = least.check / least.encode,
    storyboard = least.storyboard / least.encode }
end
for what, goal in pairs { check = 3, storyboard = GOAL } do
  for _, one in ipairs(ratios) do
    common.figure(("%s / encode, %s"):format(what, one.name), one[what], goal, "times")
  end
end

local course = fixtures.course()
common.figure("page of a course of 60 slides", #aistudios.storyboard(course) / 1000, 400, "kB")
common.figure("page of 60 scenes of 20 clips",
  #aistudios.storyboard(common.editor_project(60)) / 1000, 400, "kB")
local function growth(name) return figures[1000][name] / figures[10][name] / 100 end
common.figure("growth of a scene's page beside JSON's", growth "page" / growth "encode",
  GROWTH_GOAL, "times")
