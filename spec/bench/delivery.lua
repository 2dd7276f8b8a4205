-- SPDX-License-Identifier: MIT
--
-- delivery: what it costs to hand an answer that has come to its job. 2,000
-- calls are over before the first step; the steps that end their jobs are
-- timed, beside a loop that only takes the same answers from the core. The
-- answers of these calls are read as always. With it, the same when the host
-- counts instructions with a debug hook, as hosts with a budget do. Rounds
-- alternate; the best of each counts.

local common = require "spec.bench.common"
local core = require "aistudios.core"
local support = require "spec.support"

local COUNT, ROUNDS, HOOK_EVERY = 2000, 5, 1000

local server = common.server()

local function wait_for_all(client, completed)
  repeat core.now() until client:stats().completed - completed >= COUNT
end

--- Seconds of all steps.
local function with_jobs(client, hook)
  local jobs = {}
  local before = client:stats().completed
  for i = 1, COUNT do jobs[i] = client.async:list_projects() end
  wait_for_all(client, before)
  local all = 0
  if hook then debug.sethook(hook, "", HOOK_EVERY) end
  repeat
    local began = common.now()
    local is_busy = client:step()
    all = all + common.now() - began
  until not is_busy
  debug.sethook()
  for i = 1, COUNT do assert(jobs[i]:result()) end
  return all
end

--- Seconds to take as many answers, of which nothing is read.
local function with_core()
  local handle <close> = core.client { token = "bench-token-1", max_in_flight = 64 }
  local request = { method = "GET", url = server.url .. common.PROJECT, auth = "token",
    replayable = true, brief = true }
  for i = 1, COUNT do assert(handle:submit(i, request)) end
  repeat until handle:stats().completed >= COUNT
  local began, taken = common.now(), 0
  repeat
    if support.take(handle) then taken = taken + 1 else handle:wait(0.1) end
  until taken == COUNT
  return common.now() - began
end

local client <close> = common.client(server, { max_in_flight = 64 })
assert(client:list_projects())
local plain, jobs, hooked = math.huge, math.huge, math.huge
for _ = 1, ROUNDS do
  collectgarbage()
  plain = math.min(plain, with_core())
  collectgarbage()
  jobs = math.min(jobs, with_jobs(client))
  collectgarbage()
  hooked = math.min(hooked, with_jobs(client, function () end))
end
server:close()

print(("%d answers that have come, best of %d rounds"):format(COUNT, ROUNDS))
print(("  taken from the core        %6.2f us each"):format(plain / COUNT * 1e6))
print(("  job ended, answer read     %6.2f us each"):format(jobs / COUNT * 1e6))
print(("  the same, with a hook      %6.2f us each"):format(hooked / COUNT * 1e6))
common.figure("with a debug hook / without", hooked / jobs, 1.3)
