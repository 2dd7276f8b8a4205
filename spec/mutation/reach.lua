-- SPDX-License-Identifier: MIT
--
-- mutation.reach: which spec runs which lines, and how long it takes: each is run alone
-- under the collector of `make coverage`. What was found is kept in build/mutation until
-- the spec or a file of the module changes.

local core = require "aistudios.core"
local read = require "spec.coverage.read"
local support = require "spec.support"

local M = {}

-- Those that are held against changed files; spec/batch/kill_spec.lua takes minutes.
local SPECS = "spec/http spec/lua spec/transport spec/batch spec/workflows spec/jobs "
  .. "spec/client_spec.lua spec/config_spec.lua spec/sandbox/multipart_spec.lua "
  .. "spec/endpoints/request_spec.lua"
local SECONDS = 300 -- for one of them; one that takes longer is not used

-- Seconds of specs that a mutant is held against, best first; 0: all that run its line.
local MOST = tonumber(os.getenv "MUTATION_SECONDS" or "") or 200
local OF_ROOM = 3  -- times as good are the specs of the file's room

---@class spec.mutation.Reach
---@field spec string
---@field seconds number  that it takes
---@field lines coverage.Lines
---@field counts table<string, integer>  lines of a file that it runs

local kept -- spec -> file with what was found

local function kept_files()
  if kept then return kept end
  kept = {}
  local of_module = support.run "git ls-files csrc lua | sort | xargs cat | sha256sum"
  local specs = support.run(("find %s -name '*_spec.lua' ! -name kill_spec.lua"):format(SPECS))
  for spec in specs:gmatch "[^\n]+" do
    local sum = support.run(("{ echo '%s'; cat '%s'; } | sha256sum"):format(of_module, spec))
    kept[#kept + 1] = { spec = spec,
      at = ("%s/mutation/reach/%s"):format(support.build, sum:match "%x+") }
  end
  return kept
end

local function add_lines(text, found)
  for file, lines in pairs(found) do
    local numbers, has_any = {}, false
    for n, has_run in pairs(lines) do
      numbers[#numbers + 1] = has_run and n or -n
      has_any = has_any or has_run
    end
    if has_any then text[#text + 1] = file .. " " .. table.concat(numbers, " ") end
  end
end

local function measure(bench, one)
  local at, began = bench.at .. "/build/coverage", core.now()
  support.run(("rm -f '%s/lines.map'; find '%s' -name '*.gcda' -delete"):format(at, at))
  local status = bench:run(("make -s covered-specs BUSTED=%s"):format(one.spec), SECONDS)
  local seconds = core.now() - began
  local text = { tostring(seconds) }
  if seconds < SECONDS then
    add_lines(text, read.lua(at .. "/lines.map"))
    add_lines(text, read.c(at))
  end
  support.write_file(one.at, table.concat(text, "\n"))
  print(("reach: %.1f s, status %d: %s"):format(seconds, status, one.spec))
end

--- Measures every `jobs`th spec that has not been.
---@param bench spec.mutation.Bench
---@param own integer
---@param jobs integer
function M.measure(bench, own, jobs)
  local is_built = false
  for i, one in ipairs(kept_files()) do
    if i % jobs == own % jobs and not support.exists(one.at) then
      if not is_built then bench:build "coverage-programs" end
      is_built = true
      measure(bench, one)
    end
  end
end

local function read_one(one)
  local text = support.read_file(one.at)
  local found = { spec = one.spec, seconds = tonumber(text:match "^[^\n]+"), lines = {},
    counts = {} }
  for file, numbers in text:gmatch "\n(%S+)([^\n]*)" do
    local lines, count = {}, 0
    for word in numbers:gmatch "%S+" do
      local n = tonumber(word)
      lines[math.abs(n)] = n > 0
      if n > 0 then count = count + 1 end
    end
    found.lines[file], found.counts[file] = lines, count
  end
  return found
end

---@return spec.mutation.Reach[]
function M.read()
  local all = {}
  for i, one in ipairs(kept_files()) do all[i] = read_one(one) end
  return all
end

--- The specs that run a line; if it has no instructions (a constant): those that run any
--- of the file. First those that run the most of the file in a second, those of its room
--- before others, so many of them as may be run.
---@param all spec.mutation.Reach[]
---@param file string
---@param line integer
---@return spec.mutation.Reach[]
function M.of(all, file, line)
  local found = {}
  for _, one in ipairs(all) do
    local lines = one.lines[file]
    if lines and lines[line] ~= false then found[#found + 1] = one end
  end
  local room = file:match "([^/]+)/[^/]+$"
  local function cost(one)
    local is_of_room = one.spec:find("/" .. room .. "/", 1, true)
    return one.seconds / one.counts[file] / (is_of_room and OF_ROOM or 1)
  end
  table.sort(found, function (a, b) return cost(a) < cost(b) end)
  local sum = 0
  for i, one in ipairs(found) do
    sum = sum + one.seconds
    if MOST > 0 and sum > MOST and i > 1 then return { table.unpack(found, 1, i - 1) } end
  end
  return found
end

return M
