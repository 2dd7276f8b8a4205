-- SPDX-License-Identifier: MIT
--
-- storyboard: the page of a project beside its JSON text in the same run, and
-- how both grow from 10 to 1,000 scenes of 20 clips. Rounds alternate and the
-- best of each counts. What is larger than the processor's caches takes longer
-- to read, also when it is encoded; what counts is what the page adds to that.
-- And how large the page of a course of 60 slides is.
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
local course = require "spec.fixtures.projects.storyboards".course()
common.figure("page of a course of 60 slides", #aistudios.storyboard(course) / 1000, 400, "kB")
local function growth(name) return figures[1000][name] / figures[10][name] / 100 end
common.figure("growth of a scene's page beside JSON's", growth "page" / growth "encode",
  GROWTH_GOAL, "times")
