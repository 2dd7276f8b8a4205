-- SPDX-License-Identifier: MIT
--
-- memory: how much the process grows with each job that waits.

local common = require "spec.bench.common"
local support = require "spec.support"

local JOBS = 10000

local starts = {
  request = function(client) return client.async:get_project "an-id" end,
  wait = function(client) return client.async:wait_for_video "an-id" end,
}

local function resident() -- KB of this process
  return tonumber(support.read_file "/proc/self/status":match "VmRSS:%s*(%d+)")
end

--- The child: kilobytes for each of many jobs of a server that says nothing.
local function report_jobs(start)
  local silent = common.silent_server()
  local client = common.client(silent)
  local jobs = { start(client) }
  collectgarbage()
  local before = resident()
  for i = 2, JOBS + 1 do jobs[i] = start(client) end
  assert(#jobs == JOBS + 1)
  collectgarbage()
  print((resident() - before) / JOBS)
  client:close()
  silent.close()
end

if arg[1] then return report_jobs(starts[arg[1]]) end

print(("%d jobs that wait"):format(JOBS))
for what in pairs(starts) do
  local kilobytes = common.numbers("lua5.4 spec/bench/memory.lua " .. what)[1]
  common.figure("a job that waits, " .. what, kilobytes, 3, "KB")
end
