-- SPDX-License-Identifier: MIT
--
-- mutation: turns one comparison, constant or return around at a time, builds, and
-- runs the specs that concern the file. One that no spec notices survives.
--
--   make mutation [MUTANTS=200] [SEED=1] [FILES=PATTERN] [JOBS=2] [MUTATION_SECONDS=...]

local benches = require "spec.mutation.bench"
local core = require "aistudios.core"
local equivalent = require "spec.mutation.equivalent"
local native = require "spec.support.native"
local sites = require "spec.mutation.sites"
local support = require "spec.support"

local ROOMS = "csrc/http/*.c lua/aistudios/transport/*.lua lua/aistudios/batch/*.lua"
local GOAL = 0.9 -- the share that is to be noticed
local SECONDS = tonumber(os.getenv "MUTATION_SECONDS" or "") or math.huge -- to begin one in

local mutants, seed, jobs, wanted = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3]),
  arg[4] or ""
local folder = support.build .. "/mutation"

local function sites_in(file)
  local text = support.read_file(file)
  local found = sites.of(text, file:find "%.c$" and "c" or "lua")
  for _, site in ipairs(found) do
    site.file = file
    site.changed, site.line, site.before, site.after = sites.apply(text, site)
  end
  return found
end

-- All sites of the rooms, in an order that the seed decides.
local function choose()
  local all = {}
  for file in support.run("ls " .. ROOMS):gmatch "[^\n]+" do
    if file:find(wanted) then
      local found = sites_in(file)
      table.move(found, 1, #found, #all + 1, all)
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
    site.file, site.line, site.kind, seconds, spec and ", " .. spec or "", site.before, site.after)
end

local function read_results()
  local counts = { noticed = 0, slow = 0, survived = 0, equivalent = 0, unbuilt = 0 }
  local survivors = {}
  for verdict, text in (support.read_file(folder .. "/results") or ""):gmatch "(%a+)\t([^\n]*)\n" do
    counts[verdict] = counts[verdict] + 1
    if verdict == "survived" then survivors[#survivors + 1] = text end
  end
  return counts, survivors
end

local began_at = core.now()

local function is_enough(counts)
  return counts.noticed + counts.slow + counts.survived >= mutants
    or core.now() - began_at > SECONDS
end

-- Takes each site that is its own, until all together have judged enough.
local function work(own, all)
  local bench = benches.new(folder .. "/" .. own)
  local results = assert(io.open(folder .. "/results", "a"))
  results:setvbuf "no"
  for i = own, #all, jobs do
    if is_enough(read_results()) then break end
    local site, began = all[i], core.now()
    local verdict, spec = "equivalent", nil
    if not is_known_equivalent(site) then verdict, spec = bench:try(site.file, site.changed) end
    results:write(("%s\t%s:%d  %s  ->  %s\n"):format(verdict, site.file, site.line, site.before,
      site.after))
    print(show(i, site, verdict, spec, core.now() - began))
  end
  bench:close()
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

local function main()
  io.stdout:setvbuf "line"
  print(("mutation: %d mutants, SEED=%d, %d at a time"):format(mutants, seed, jobs))
  support.run(("rm -rf '%s' && mkdir -p '%s'"):format(folder, folder))
  local all, workers, went_well = choose(), {}, true
  for own = 1, jobs do
    workers[own] = native.fork(function () return work(own, all) end)
  end
  for _, worker in ipairs(workers) do went_well = native.wait(worker) == 0 and went_well end
  os.exit(summary() and went_well)
end

main()
