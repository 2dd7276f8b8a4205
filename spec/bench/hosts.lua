-- SPDX-License-Identifier: MIT
--
-- hosts: what a client costs the loop it lives in: how often a call wakes its
-- coroutine, and the memory of a job that waits for its turn and of one that
-- runs. No goals: figures to watch.

local common = require "spec.bench.common"

package.path = package.path .. ";" .. require "spec.support".elsewhere

local COROUTINES, CALLS = 20, 50

local hosts = {}

function hosts.cqueues(start)
  local loop = require "cqueues".new()
  for _ = 1, COROUTINES do loop:wrap(start) end
  assert(loop:loop())
  loop:close()
  return require "aistudios.host.cqueues"
end

function hosts.luv(start)
  local coroutines = require "aistudios.host.coroutines"
  for _ = 1, COROUTINES do coroutines.spawn(start) end
  require "luv".run()
end

function hosts.luasocket(start)
  local host = require "aistudios.host.luasocket"
  for _ = 1, COROUTINES do host.spawn(start) end
  repeat local _, busy = host.step() until not busy
end

function hosts.copas(start)
  local copas, left = require "copas", COROUTINES
  for _ = 1, COROUTINES do
    copas.addthread(function()
      start()
      left = left - 1
    end)
  end
  while left > 0 do copas.step(1) end
end

-- The adapter, counting how often it is waited.
local function counting(name, seen)
  local host = require("aistudios.host." .. name)
  return setmetatable({ wake = host.wake, close = host.close }, {
    __call = function(_, client, seconds)
      seen.waits = seen.waits + 1
      return host(client, seconds)
    end,
  })
end

local server = common.server()

for _, name in ipairs { "cqueues", "luv", "luasocket", "copas" } do
  local seen = { waits = 0 }
  local client <close> = common.client(server,
    { wait = counting(name, seen), max_in_flight = COROUTINES })
  hosts[name](function()
    for _ = 1, CALLS do assert(client:list_projects()) end
  end)
  print(("  %-10s %.2f wake-ups a call, %d coroutines"):format(name,
    seen.waits / (COROUTINES * CALLS), COROUTINES))
end

local function resident()
  local file <close> = assert(io.open "/proc/self/status")
  return tonumber(file:read "a":match "VmRSS:%s+(%d+)") * 1024
end

-- The growth of the process by `count` jobs that do not end.
local function weigh(count, in_flight, options)
  local silent = common.silent_server()
  options.max_in_flight = in_flight
  local client <close> = common.client(silent, options)
  client.async:list_projects()
  collectgarbage()
  local before, jobs = resident(), {}
  for i = 1, count do jobs[i] = client.async:list_projects() end
  client:step(0.5)
  assert(not jobs[count]:done())
  local grown = resident() - before
  client:close()
  silent:close()
  return grown / count
end

server:close()
print(("  a queued job takes %.1f KiB, a running one %.1f KiB"):format(
  weigh(20000, 1, { token = "bench-token" }) / 1024,
  weigh(500, 1000, { token = "bench-token" }) / 1024))
