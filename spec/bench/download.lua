-- SPDX-License-Identifier: MIT
--
-- download: a film of 1 GB over TLS to a file, beside `curl -o`: how long, and how
-- much the process grows at its peak. A download of this module is also checked to
-- be whole, and is on the disk when it is done; curl's is not. Rounds alternate.

local common = require "spec.bench.common"
local support = require "spec.support"

local BYTES = 1000 * 1000 * 1000
local ROUNDS = math.tointeger(tonumber(os.getenv "BENCH_ROUNDS" or 5))

local at = support.directory "bench-download"
common.sparse_file(at, BYTES)
local server = common.server { tls = true, files = at }
local client = common.client(server)
local url = server.url .. "/files/film.mp4"

local function status(name) -- MB
  return tonumber(support.read_file "/proc/self/status":match(name .. ":%s*(%d+)")) / 1024
end

local function ours()
  os.remove(at .. "/copy.mp4")
  local began = common.now()
  local film = assert(client:download(url, at .. "/copy.mp4"))
  assert(film.size == BYTES)
  return common.now() - began
end

local function curl()
  local began = common.now()
  support.run(("curl -sf --cacert '%s' -o '%s/copy.mp4' '%s'"):format(server.ca_file, at, url))
  return common.now() - began
end

assert(client:list_projects())
collectgarbage()
support.write_file("/proc/self/clear_refs", "5") -- the peak counts from here
local before = status "VmRSS"
local took, theirs = {}, {}
for i = 1, ROUNDS do
  theirs[i] = curl()
  took[i] = ours()
end
local grown = status "VmHWM" - before
client:close()
server:close()
support.run(("rm -r '%s'"):format(at))

print(("a download of 1 GB over TLS, %d rounds"):format(ROUNDS))
common.ratio("time / curl -o", took, theirs, 1 / 0.9)
common.figure("growth of the process", grown, 4, "MB")
