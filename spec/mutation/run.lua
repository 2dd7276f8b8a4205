-- SPDX-License-Identifier: MIT
--
-- mutation: turns one comparison, constant or return around at a time, builds,
-- and runs the specs that concern the file. One that no spec notices survives.
-- Works in a copy of the checkout, below build/.
--
--   lua5.4 spec/mutation/run.lua MUTANTS SEED [PATTERN]   (make mutation)

local native = require "spec.support.native"
local sites = require "spec.mutation.sites"
local specs = require "spec.mutation.specs"
local equivalent = require "spec.mutation.equivalent"
local support = require "spec.support"
local core = require "aistudios.core"

local ROOMS = "csrc/http/*.c lua/aistudios/transport/*.lua lua/aistudios/batch/*.lua"
local GOAL = 0.9           -- the share that is to be noticed
local BUILD, BUILD_SECONDS = "make -s -j2 spec-programs", 300
local FIRST_SECONDS = 600  -- for a stage that has not been timed
local SLACK = 15           -- s beyond three times what a stage takes unchanged

local mutants, seed = tonumber(arg[1]), tonumber(arg[2])
local wanted = arg[3] or ""
local copy = ("%s/mutation/%d"):format(support.build, native.pid())
local log, status_file = copy .. ".log", copy .. ".status"

-- Runs a command in the copy; everything that it started is ended. A command that
-- takes too long is killed first and alone, so that what guards its servers acts.
local function run(command, seconds)
  os.execute(([[cd '%s' && setsid -w sh -c '
    timeout --foreground -s KILL %d %s >"%s" 2>&1 </dev/null
    status=$?; echo $status >"%s"; [ $status != 137 ] || sleep 3; kill -KILL 0' 2>/dev/null]])
    :format(copy, math.ceil(seconds), command, log, status_file))
  return tonumber(support.read_file(status_file)) -- 137: it took too long
end

local function make_copy()
  support.run(("rm -rf '%s' && mkdir -p '%s' && git ls-files -z | "
    .. "xargs -0 cp --parents -t '%s' && ln -s '%s/.git' '%s/.git'")
    :format(copy, copy, copy, support.run "pwd", copy))
  assert(run(BUILD, BUILD_SECONDS) == 0, "the copy does not build")
end

local function stages_of(file)
  for _, rule in ipairs(specs) do
    if file:find(rule[1]) then return { table.unpack(rule, 2) } end
  end
  error("no specs for " .. file)
end

local times = {} -- of stages that pass on the unchanged copy

local function run_stage(stage)
  local began = core.now()
  local limit = times[stage] and 3 * times[stage] + SLACK or FIRST_SECONDS
  local status = run(("make -s specs BUSTED=\"--no-keep-going %s\""):format(stage), limit)
  return status, core.now() - began
end

-- The stages of a file, the quickest first. Each must pass while nothing is changed.
local function timed_stages(file)
  local stages = stages_of(file)
  for _, stage in ipairs(stages) do
    if not times[stage] then
      local status, seconds = run_stage(stage)
      if status ~= 0 then status, seconds = run_stage(stage) end
      assert(status == 0, "fails unchanged: " .. stage .. "\n" .. (support.read_file(log) or ""))
      times[stage] = seconds
    end
  end
  table.sort(stages, function (a, b) return times[a] < times[b] end)
  return stages
end

local function is_c(file) return file:find "%.c$" ~= nil end

--- All sites of the rooms, then as many of them as are wanted, by the seed.
local function choose()
  local all = {}
  for file in support.run("ls " .. ROOMS):gmatch "[^\n]+" do
    local text = support.read_file(file)
    local found = file:find(wanted) and sites.of(text, is_c(file) and "c" or "lua") or {}
    for _, site in ipairs(found) do
      site.file = file
      all[#all + 1] = site
    end
  end
  math.randomseed(seed)
  for i = #all, 2, -1 do
    local j = math.random(i)
    all[i], all[j] = all[j], all[i]
  end
  return all
end

local function is_equivalent(mutant)
  for _, known in ipairs(equivalent) do
    if known.file == mutant.file and known.before == mutant.before
        and known.after == mutant.after then
      return true
    end
  end
  return false
end

-- What the compiler makes of a file of the copy; nil: nothing.
local function compiled(file)
  if not is_c(file) then
    local chunk = loadfile(copy .. "/" .. file)
    return chunk and string.dump(chunk, true)
  end
  local status = run(("cc -std=c11 -O2 -D_GNU_SOURCE -Icsrc $(pkg-config --cflags lua5.4 libcurl) "
    .. "-w -S -o out.s %s"):format(file), BUILD_SECONDS)
  return status == 0 and support.read_file(copy .. "/out.s") or nil
end

-- Runs the specs on a changed copy.
local function judge(file, stages)
  if is_c(file) and run(BUILD, BUILD_SECONDS) ~= 0 then return "unbuilt" end
  for _, stage in ipairs(stages) do
    local status = run_stage(stage)
    if status ~= 0 then return status == 137 and "slow" or "noticed" end
  end
  return "survived"
end

--- "noticed", "slow", "survived", "equivalent" or "unbuilt".
local function try(site)
  local original = support.read_file(site.file)
  local stages = timed_stages(site.file)
  local changed
  changed, site.line, site.before, site.after = sites.apply(original, site)
  if is_equivalent(site) then return "equivalent" end
  local before = compiled(site.file)
  support.write_file(copy .. "/" .. site.file, changed)
  local after = compiled(site.file)
  local verdict = not after and "unbuilt" or before == after and "equivalent"
    or judge(site.file, stages)
  support.write_file(copy .. "/" .. site.file, original)
  if is_c(site.file) then assert(run(BUILD, BUILD_SECONDS) == 0, "the original does not build") end
  return verdict
end

local function print_mutant(number, site, verdict, seconds)
  print(("%3d %-10s %s:%d %s (%.0f s)\n      - %s\n      + %s"):format(number, verdict, site.file,
    site.line, site.kind, seconds, site.before, site.after))
end

local function summary(counts, survivors)
  local judged = counts.noticed + counts.slow + counts.survived
  local share = (counts.noticed + counts.slow) / math.max(judged, 1)
  print(("mutation: seed %d: %d of %d noticed (%.1f %%), %d of these by a time limit; "
    .. "%d equivalent, %d did not build"):format(seed, counts.noticed + counts.slow, judged,
    100 * share, counts.slow, counts.equivalent, counts.unbuilt))
  for _, text in ipairs(survivors) do print("survived: " .. text) end
  return share >= GOAL
end

local function main()
  io.stdout:setvbuf "line"
  print(("mutation: %d mutants, SEED=%d"):format(mutants, seed))
  make_copy()
  local counts = { noticed = 0, slow = 0, survived = 0, equivalent = 0, unbuilt = 0 }
  local survivors, done = {}, 0
  for _, site in ipairs(choose()) do
    if done == mutants then break end
    local began = core.now()
    local verdict = try(site)
    counts[verdict] = counts[verdict] + 1
    if verdict ~= "unbuilt" then
      done = done + 1
      print_mutant(done, site, verdict, core.now() - began)
    end
    if verdict == "survived" then
      survivors[#survivors + 1] = ("%s:%d  %s  ->  %s"):format(site.file, site.line, site.before,
        site.after)
    end
  end
  local is_good = summary(counts, survivors)
  support.run(("rm -rf '%s' '%s' '%s'"):format(copy, log, status_file))
  os.exit(is_good)
end

main()
