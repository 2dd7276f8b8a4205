-- SPDX-License-Identifier: MIT
--
-- jobs: what a job costs when there are few and when there are many: calls that are
-- all begun at once and answered, items of client:each, and a step while nothing
-- comes for the jobs that wait. CPU time of the process, the I/O thread's included.

local common = require "spec.bench.common"

local FLIGHT, ROUNDS = 64, 3
local FEW, MANY, MOST_QUEUED = 100, 100000, 60000

local server = common.server()
local client <close> = common.client(server, { max_in_flight = FLIGHT })
assert(client:list_projects())

--- Seconds of each of `count` calls that are begun together.
local function together(count)
  local jobs, began = {}, os.clock()
  for i = 1, count do jobs[i] = client.async:list_projects() end
  while client:step(1) do end
  for i = 1, count do assert(jobs[i]:result()) end
  return (os.clock() - began) / count
end

--- Seconds of each of `count` items.
local function each(count)
  local items = {}
  for i = 1, count do items[i] = i end
  local began = os.clock()
  local results, errors = client:each(items, function () return client:list_projects() end,
    { at_once = FLIGHT })
  assert(results.n == count and next(errors) == nil)
  return (os.clock() - began) / count
end

--- Seconds of a step with so many jobs that wait.
local function step(count)
  local silent = common.silent_server()
  local other <close> = common.client(silent, { max_in_flight = 8 })
  for _ = 1, count do other.async:list_projects() end
  other:step(0.2)
  local STEPS = 10000
  local began = os.clock()
  for _ = 1, STEPS do other:step() end
  local seconds = (os.clock() - began) / STEPS
  other:close()
  silent.close()
  return seconds
end

--- Few jobs at a time as often as many would be.
local function repeated(f, few)
  local sum, times = 0, 20
  for _ = 1, times do sum = sum + f(few) end
  return sum / times
end

local function compare(name, f, many, goal)
  local few_seconds, many_seconds = {}, {}
  for i = 1, ROUNDS do
    collectgarbage()
    few_seconds[i] = repeated(f, FEW)
    collectgarbage()
    many_seconds[i] = f(many)
  end
  print(("  %-22s %7.2f us with %d, %7.2f us with %d"):format(name,
    math.min(table.unpack(few_seconds)) * 1e6, FEW,
    math.min(table.unpack(many_seconds)) * 1e6, many))
  common.ratio(("%s, %d / %d"):format(name, many, FEW), many_seconds, few_seconds, goal)
end

print "the cost of a job"
compare("call begun at once", together, MOST_QUEUED, 1.5)
compare("item of client:each", each, MANY, 1.5)
local idle = step(MOST_QUEUED)
common.figure(("step, %d jobs wait"):format(MOST_QUEUED), idle * 1e6, 1, "us")
server:close()
