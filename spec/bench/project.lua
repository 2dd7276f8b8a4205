-- SPDX-License-Identifier: MIT
--
-- project: the check of a project beside encoding the same project, and how
-- both grow from 10 to 1,000 scenes of 20 clips. Rounds of both alternate, and
-- the best round of each counts.  lua5.4 spec/bench/project.lua

local aistudios = require "aistudios"
local check = require "aistudios.project.check"
local review = require "aistudios.project.review"

local ROUNDS = 15
local GOAL, LINEAR = 3, 1.5

local function whole(scenes)
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

local function measure(project, calls)
  local best = { encode = math.huge, check = math.huge, review = math.huge }
  local functions = { encode = aistudios.encode, check = check, review = review }
  for _ = 1, calls == 1 and 5 or ROUNDS do
    for name, f in pairs(functions) do
      best[name] = math.min(best[name], round(f, project, calls))
    end
  end
  return best
end

local function row(name, best)
  print(("  %-22s %10.1f %10.1f %10.1f   %.2f"):format(name, best.encode * 1e6,
    best.check * 1e6, best.review * 1e6, best.check / best.encode))
  return best.check / best.encode
end

print(("%-24s %10s %10s %10s   %s"):format("us of CPU", "encode", "check", "review",
  "check / encode"))
local worst = row("hello project", measure(dofile "spec/fixtures/hello.lua", 4000))
local sizes = {}
for _, size in ipairs { 10, 100, 1000 } do
  local best = measure(whole(size), 1000 // size)
  worst = math.max(worst, row(size .. " scenes of 20 clips", best))
  sizes[size] = best
end
print(("  check / encode at most %.2f, goal %.1f: %s"):format(worst, GOAL,
  worst <= GOAL and "reached" or "NOT reached"))
-- What is larger than the processor's caches takes longer to read, also when
-- it is encoded; what counts is what a check adds to that.
local function growth(name) return sizes[1000][name] / sizes[10][name] / 100 end
for _, name in ipairs { "check", "review" } do
  local beside = growth(name) / growth "encode"
  print(("  (a scene among 1,000 to one among 10: %s %.2f, encode %.2f)"):format(name,
    growth(name), growth "encode"))
  print(("  %s growth / encode's %.2f, goal %.1f: %s"):format(name, beside, LINEAR,
    beside <= LINEAR and "reached" or "NOT reached"))
end
