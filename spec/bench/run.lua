-- SPDX-License-Identifier: MIT
--
-- run: runs benches, each in a process of its own, and ends with one table of
-- what they found beside their goals. Asserts nothing.
--
--   make bench                       all of them
--   make bench BENCH="encode step"   some
--   make bench-record                all, and their table becomes spec/bench/RESULTS.md

local cjson = require "cjson"
local support = require "spec.support"

local not_benches = { common = true, run = true, callers = true, slow_server = true, delay = true }

local function all()
  local names = {}
  for file in require "lfs".dir "spec/bench" do
    local name = file:match "^([%l_]+)%.lua$"
    if name and not not_benches[name] then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

local function run(name, rows)
  local path = os.tmpname()
  local ok = os.execute(("BENCH_ROWS='%s' lua5.4 spec/bench/%s.lua 2>&1"):format(path, name))
  for line in io.lines(path) do rows[#rows + 1] = cjson.decode(line) end
  os.remove(path)
  if not ok then rows[#rows + 1] = { bench = name, name = "failed", is_reached = false } end
end

local function number(value)
  if not value then return "" end
  return (value >= 1000 and "%.0f" or value >= 10 and "%.1f" or "%.3f"):format(value)
end

local function goal_of(row)
  return row.goal and ("%s %g"):format(row.at_least and "≥" or "≤", row.goal) or ""
end

local function verdict_of(row)
  if row.is_reached == nil then return "" end
  return row.is_reached and "yes" or "**no**"
end

local columns = { "bench", "figure", "value", "unit", "least", "median", "most", "goal", "reached" }

local function cells(row)
  return { row.bench, row.name, number(row.value), row.unit or "", number(row.min),
    number(row.median), number(row.max), goal_of(row), verdict_of(row) }
end

local function first_line(command) return support.run(command .. " | head -n 1") end

local function about()
  local cpu = support.read_file "/proc/cpuinfo":match "model name%s*: ([^\n]*)" or "?"
  return ([[Commit %s, %s. %s, %s cores, Linux %s; %s, libcurl %s, %s.
Load of the machine when it began: %s.]]):format(
    first_line "git rev-parse --short HEAD", os.date "!%F", cpu, first_line "nproc",
    first_line "uname -r | cut -d. -f1,2", first_line "lua5.4 -v", require "aistudios.core".libcurl,
    first_line "PATH=$PATH:/usr/sbin nginx -v 2>&1",
    support.read_file "/proc/loadavg":match "^%S+ %S+ %S+")
end

local function table_of(rows)
  local lines = { "| " .. table.concat(columns, " | ") .. " |",
    "| :-- | :-- | --: | :-- | --: | --: | --: | --: | :-- |" }
  for _, row in ipairs(rows) do
    lines[#lines + 1] = "| " .. table.concat(cells(row), " | ") .. " |"
  end
  return table.concat(lines, "\n") .. "\n"
end

local HEAD = [[
# Figures

Written by `make bench-record`. A ratio is of two figures of one run, whose rounds
alternated: the least of one by the least of the other; beside it the least, the median and
the most of the pairs. What a row measures is said at the head of its bench, `spec/bench/`.

]]

local beginning = about()
local rows = {}
for _, name in ipairs(#arg > 0 and arg or all()) do
  print("== " .. name)
  run(name, rows)
end

local text = beginning .. "\nAnd when it ended: "
  .. support.read_file "/proc/loadavg":match "^%S+ %S+ %S+" .. ".\n\n" .. table_of(rows)
print("\n" .. text)
local record = os.getenv "BENCH_RECORD"
if record and record ~= "" then support.write_file(record, HEAD .. text) end
