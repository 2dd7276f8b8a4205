-- SPDX-License-Identifier: MIT
--
-- run: runs benches, each in a process of its own, and ends with one table of
-- what they found beside their goals. Asserts nothing.
--
--   make bench                    all of them
--   make bench BENCH="encode step"   some

local not_benches = { common = true, run = true }

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
  local pipe = assert(io.popen(("lua5.4 spec/bench/%s.lua 2>&1"):format(name)))
  for line in pipe:lines() do
    local what, value, goal, verdict =
      line:match "^  (.-) (%d[%d.]*[%a ]*), goal (.-): (.*reached)$"
    if what then
      rows[#rows + 1] = { name .. ": " .. what, goal, value, verdict }
    end
    print(line)
  end
  if not pipe:close() then
    rows[#rows + 1] = { name, "", "failed", "NOT reached" }
  end
end

local rows = {}
for _, name in ipairs(#arg > 0 and arg or all()) do run(name, rows) end

print(("\n%-34s %12s %12s"):format("figure", "goal at most", "measured"))
for _, row in ipairs(rows) do
  print(("%-34s %12s %12s  %s"):format(row[1], row[2], row[3],
    row[4] == "reached" and "" or row[4]))
end
