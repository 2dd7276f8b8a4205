-- SPDX-License-Identifier: MIT
--
-- instructions: what one create_project costs, in instructions of the host's
-- thread and of the I/O thread, counted by callgrind. 64 are in flight. A run
-- of many calls less a run of few: what is paid once does not count. Beside it all that
-- the same calls cost the bare C program (multi.c), whose one thread does nothing else.
-- A step delivers for so many microseconds; as callgrind makes a process some SLOWER
-- times slower, that limit is as many times longer here.
--
--   lua5.4 spec/bench/instructions.lua [profile]   `profile` keeps callgrind's files

local common = require "spec.bench.common"
local support = require "spec.support"

local FLIGHT, FEW, MANY, SLOWER = 64, 1000, 3000, 50

local function upvalue(f, name)
  for i = 1, 255 do
    local found, value = debug.getupvalue(f, i)
    if found == name then return value, i end
  end
  error("no upvalue " .. name)
end

-- All functions of the scheduler share this limit.
local function lengthen_steps(client)
  local run = upvalue(client.scheduler.run, "run_completions")
  local budget, i = upvalue(run, "BUDGET")
  debug.setupvalue(run, i, budget * SLOWER)
end

--- The child: makes calls of `server`, and nothing else.
local function calls(url, count, wants_check)
  local client <close> = common.client({ url = url },
    { max_in_flight = FLIGHT, check = wants_check })
  lengthen_steps(client)
  local project = support.project()
  project.isExport = true
  common.create_projects(client, project, count, FLIGHT)
end

if arg[1] == "child" then
  return calls(arg[2], tonumber(arg[3]), arg[4] == "check")
end

-- Instructions that the file of callgrind says.
local function total(path)
  for line in io.lines(path) do
    local sum = line:match "^totals: (%d+)"
    if sum then return tonumber(sum) end
  end
end

--- Instructions of the host's thread, and of the busiest other one.
local function count(server, directory, calls_made, check)
  local out = ("%s/callgrind.%s.%d"):format(directory, check, calls_made)
  support.run(("valgrind -q --tool=callgrind --separate-threads=yes "
    .. "--callgrind-out-file='%s' lua5.4 spec/bench/instructions.lua child '%s' %d %s "
    .. "2>/dev/null"):format(out, server.url, calls_made, check))
  local sums = {}
  for thread = 1, 3 do
    local sum, at = total(("%s-%02d"):format(out, thread)), math.min(thread, 2)
    if sum then sums[at] = math.max(sums[at] or 0, sum) end
  end
  return sums
end

-- Those of the C program.
local function count_bare(server, directory, calls_made)
  local project = support.project()
  project.isExport = true
  local out, body = directory .. "/callgrind.c." .. calls_made, directory .. "/project.json"
  support.write_file(body, assert(require "aistudios".encode(project)))
  support.run(("valgrind -q --tool=callgrind --callgrind-out-file='%s' %s calls '%s' bench-token "
    .. "'%s' %d %d 2>/dev/null"):format(out, common.program "multi",
    server.url .. common.PROJECT, body, calls_made, FLIGHT))
  return total(out)
end

local server = common.server()
local directory = support.directory "instructions"
local io_thread
print(("instructions of a create_project, %d in flight, HTTP/1.1"):format(FLIGHT))
for _, check in ipairs { "no-check", "check" } do
  local few, many = count(server, directory, FEW, check), count(server, directory, MANY, check)
  for thread, name in ipairs { "host's thread", "I/O thread" } do
    local cost = (many[thread] - few[thread]) / (MANY - FEW) / 1000
    common.figure(("%s, %s"):format(name, check), cost,
      thread == 1 and (check == "check" and 120 or 100) or 70, "thousand instructions")
    if thread == 2 then io_thread = math.max(cost, io_thread or 0) end
  end
end
local bare = (count_bare(server, directory, MANY) - count_bare(server, directory, FEW))
  / (MANY - FEW) / 1000
common.figure("the C program, which neither marshals nor checks", bare, nil,
  "thousand instructions")
common.figure("I/O thread / the C program", io_thread / bare, 1, "times")
if arg[1] == "profile" then print(directory) end
server:close()
