-- SPDX-License-Identifier: MIT
--
-- memory: how much the process grows with each job that waits, and while it
-- downloads 1 GB, at its peak.

local common = require "spec.bench.common"
local support = require "spec.support"

local BYTES = 1000 * 1000 * 1000

local function status(name)
  return tonumber(support.read_file "/proc/self/status":match(name .. ":%s*(%d+)")) / 1024
end

local JOBS = 10000

local starts = {
  request = function(client) return client.async:get_project "an-id" end,
  wait = function(client) return client.async:wait_for_video "an-id" end,
}

--- The child: bytes for each of many jobs of a server that says nothing.
local function report_jobs(start)
  local silent = common.silent_server()
  local client = common.client(silent)
  local jobs = { start(client) }
  collectgarbage()
  local before = status "VmRSS"
  for i = 2, JOBS + 1 do jobs[i] = start(client) end
  assert(#jobs == JOBS + 1)
  collectgarbage()
  print((status "VmRSS" - before) * 1024 / JOBS)
  client:close()
  silent.close()
end

if arg[1] then return report_jobs(starts[arg[1]]) end

print(("%d jobs that wait"):format(JOBS))
for what in pairs(starts) do
  local kilobytes = common.numbers("lua5.4 spec/bench/memory.lua " .. what)[1]
  common.figure("a job that waits, " .. what, kilobytes, 3, "KB")
end

local at = support.directory "bench-memory"
common.sparse_file(at, BYTES)
local server = common.server { tls = true, files = at }
local client = common.client(server)
local url = server.url .. "/files/film.mp4"

assert(client:list_projects())
collectgarbage()
support.write_file("/proc/self/clear_refs", "5") -- the peak counts from here
local before, began = status "VmRSS", common.now()
local film = assert(client:download(url, at .. "/copy.mp4"))
local took = common.now() - began
local grown = status "VmHWM" - before
assert(film.size == BYTES)
client:close()
server:close()
support.run(("rm -r '%s'"):format(at))

print(("a download of 1 GB over TLS, HTTP/2, %.1f s, from %.1f MB"):format(took, before))
common.figure("growth of the process", grown, 4, "MB")
