-- SPDX-License-Identifier: MIT
--
-- mutation: turns one comparison, constant or return around at a time, builds, and
-- runs the specs that run its line. One that no spec notices survives.
--
--   make mutation [MUTANTS=200] [SEED=1] [FILES=PATTERNS] [JOBS=3] [AGAIN=1] [MUTATION_SECONDS=300]
--
-- PATTERNS are Lua's, each of "file:line:" (FILES="token.c:210: states").
-- What was judged with the same seed is kept until `make clean`: a run that was ended goes
-- on. AGAIN: those that survived, or took too long, are judged again, by the specs as they
-- are now.

local benches = require "spec.mutation.bench"
local core = require "aistudios.core"
local equivalent = require "spec.mutation.equivalent"
local native = require "spec.support.native"
local reach = require "spec.mutation.reach"
local sites = require "spec.mutation.sites"
local support = require "spec.support"

local ROOMS = "csrc/http/*.c lua/aistudios/transport/*.lua lua/aistudios/batch/*.lua"
local GOAL = 0.9 -- the share that is to be noticed

local mutants, seed, jobs = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3])
local wanted = { table.unpack(arg, 4) }
local is_again = os.getenv "AGAIN" ~= nil
local folder = support.build .. "/mutation"
local results_path = ("%s/results-%d"):format(folder, seed)

local function sites_in(file)
  local text, count = support.read_file(file), {}
  local found = sites.of(text, file:find "%.c$" and "c" or "lua")
  for _, site in ipairs(found) do
    site.file = file
    site.changed, site.line, site.before, site.after = sites.apply(text, site)
    local name = ("%s  %s  ->  %s"):format(file, site.before, site.after)
    count[name] = (count[name] or 0) + 1
    site.name = count[name] == 1 and name or ("%s  (%d)"):format(name, count[name])
  end
  return found
end

local function is_wanted(site)
  for _, pattern in ipairs(wanted) do
    if ("%s:%d:"):format(site.file, site.line):find(pattern) then return true end
  end
  return not wanted[1]
end

-- All sites of the rooms, in an order that the seed decides.
local function choose()
  local all = {}
  for file in support.run("ls " .. ROOMS):gmatch "[^\n]+" do
    for _, site in ipairs(sites_in(file)) do
      if is_wanted(site) then all[#all + 1] = site end
    end
  end
  math.randomseed(seed)
  for i = #all, 2, -1 do
    local j = math.random(i)
    all[i], all[j] = all[j], all[i]
  end
  return all
end

local function is_known_equivalent(site)
  for _, known in ipairs(equivalent) do
    if known.file == site.file and known.before == site.before and known.after == site.after then
      return true
    end
  end
  return false
end

local function show(number, site, verdict, spec, seconds)
  return ("%3d %-10s %s:%d %s (%.0f s%s)\n      - %s\n      + %s"):format(number, verdict,
    site.file, site.line, site.kind, seconds, spec and ", " .. spec.spec or "", site.before,
    site.after)
end

-- The verdicts of this seed: how often each, the survivors, and which mutants were judged.
local function read_results()
  local counts = { noticed = 0, slow = 0, survived = 0, equivalent = 0, unbuilt = 0 }
  local survivors, judged = {}, {}
  for verdict, name in (support.read_file(results_path) or ""):gmatch "(%a+)\t([^\n]*)\n" do
    counts[verdict], judged[name] = counts[verdict] + 1, true
    if verdict == "survived" then survivors[#survivors + 1] = name end
  end
  return counts, survivors, judged
end

local function forget_doubtful()
  local text = support.read_file(results_path) or ""
  support.write_file(results_path, (text:gsub("survived\t[^\n]*\n", "")
    :gsub("slow\t[^\n]*\n", "")))
end

local function is_enough(counts)
  return counts.noticed + counts.slow + counts.survived >= mutants
end

-- Takes each site that is its own and not judged, until all have judged enough together.
local function work(own, all)
  local bench, found = benches.open(folder .. "/" .. own), reach.read()
  local _, _, judged = read_results()
  local results = assert(io.open(results_path, "a"))
  results:setvbuf "no"
  for i = own, #all, jobs do
    if is_enough(read_results()) then break end
    local site = all[i]
    if not judged[site.name] then
      local began, verdict, spec = core.now(), "equivalent", nil
      if not is_known_equivalent(site) then
        verdict, spec = bench:try(site.file, site.changed, reach.of(found, site.file, site.line))
      end
      results:write(("%s\t%s\n"):format(verdict, site.name))
      print(show(i, site, verdict, spec, core.now() - began))
    end
  end
  return true
end

local function summary()
  local counts, survivors = read_results()
  local noticed = counts.noticed + counts.slow
  local judged = noticed + counts.survived
  local share = noticed / math.max(judged, 1)
  print(("mutation: SEED=%d: %d of %d noticed (%.1f %%), %d of these by a time limit; "
    .. "%d equivalent, %d did not build"):format(seed, noticed, judged, 100 * share, counts.slow,
    counts.equivalent, counts.unbuilt))
  table.sort(survivors)
  for _, text in ipairs(survivors) do print("survived: " .. text) end
  return share >= GOAL
end

-- Runs `f` in `jobs` processes; false if one of them failed.
local function in_each(f)
  local workers, went_well = {}, true
  for own = 1, jobs do
    workers[own] = native.fork(function () return f(own) end)
  end
  for _, worker in ipairs(workers) do went_well = native.wait(worker) == 0 and went_well end
  return went_well
end

local function main()
  io.stdout:setvbuf "line"
  print(("mutation: %d mutants, SEED=%d, %d at a time"):format(mutants, seed, jobs))
  support.run(("mkdir -p '%s/reach'"):format(folder))
  local all = choose()
  if is_again then forget_doubtful() end
  assert(in_each(function (own)
    reach.measure(benches.new(folder .. "/" .. own), own, jobs)
    return true
  end), "not every spec could be measured")
  local went_well = in_each(function (own) return work(own, all) end)
  os.exit(summary() and went_well)
end

main()
