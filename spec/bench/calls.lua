-- SPDX-License-Identifier: MIT
--
-- calls: create_project of the seed project with 1, 16 and 64 in flight, beside a
-- C program of libcurl's multi interface that posts ready-made bytes, and beside
-- luasocket with lua-cjson: its HTTP client, and its TCP with HTTP by hand, which knows
-- just this answer. Each round is a process of its own and begins without connections;
-- rounds of all alternate, and the least of each counts. The server is nginx, or one that
-- takes 20 ms for an answer: from 10 to 30, as in use, or
-- exactly 20, where the answers to the C program come all at once, as it had sent all
-- requests at once. Lua-cURL is not here: Debian has it for Lua 5.1 and 5.2 only.

local aistudios = require "aistudios"
local common = require "spec.bench.common"
local support = require "spec.support"

local ROUNDS = math.tointeger(tonumber(os.getenv "BENCH_ROUNDS" or 9))

local project = support.project()
project.isExport = true
local body = support.directory "bench" .. "/project.json"
support.write_file(body, assert(aistudios.encode(project)))

local function c_command(server, count, flight)
  return ("%s calls '%s' bench-token '%s' %d %d %s"):format(common.program "multi",
    server.url .. common.PROJECT, body, count, flight,
    server.ca_file and "'" .. server.ca_file .. "'" or "")
end

local function lua_command(kind, server, count, flight)
  return ("lua5.4 spec/bench/callers.lua %s '%s' %d %d %s"):format(kind, server.url, count,
    flight, server.ca_file and "'" .. server.ca_file .. "'" or "")
end

--- Wall and processor seconds of each round, by kind.
local function measure(server, kinds, count, flight, before)
  local seen = {}
  for _, kind in ipairs(kinds) do seen[kind] = { wall = {}, cpu = {} } end
  for round = 1, ROUNDS do
    for _, kind in ipairs(kinds) do
      local command = kind == "c" and c_command(server, count, flight)
        or lua_command(kind, server, count, flight)
      local found = common.numbers((before or "") .. command)
      seen[kind].wall[round], seen[kind].cpu[round] = found[1], found[2]
    end
  end
  return seen
end

--- Microseconds of each call.
local function tell(name, seen, count)
  for kind, figures in pairs(seen) do
    print(("  %-34s %-10s wall %7.1f us, CPU %7.1f us"):format(name, kind,
      common.quantile({ table.unpack(figures.wall) }, 0) / count * 1e6,
      common.quantile({ table.unpack(figures.cpu) }, 0) / count * 1e6))
  end
end

local function compare(name, seen, kind, goals)
  common.ratio(name .. ": wall / C", seen[kind].wall, seen.c.wall, goals.wall)
  common.ratio(name .. ": CPU / C", seen[kind].cpu, seen.c.cpu, goals.cpu)
end

local function bench(name, server, count, flight, goals, before)
  local seen = measure(server, { "c", "aistudios", "unchecked" }, count, flight, before)
  tell(name, seen, count)
  compare(name, seen, "aistudios", goals)
  compare(name .. ", check off", seen, "unchecked", goals.unchecked or {})
end

print(("calls of create_project, %d rounds"):format(ROUNDS))
do
  local server = common.server()
  server.ca_file = nil -- it has no TLS
  local name = "HTTP/1.1, 1 at a time"
  local seen = measure(server, { "c", "aistudios", "socket.http", "luasocket" }, 2000, 1)
  tell(name, seen, 2000)
  compare(name, seen, "aistudios", {})
  for _, kind in ipairs { "socket.http", "luasocket" } do
    common.ratio(("%s: wall / %s"):format(name, kind), seen.aistudios.wall, seen[kind].wall,
      kind == "socket.http" and 1 or nil)
    common.ratio(("%s: CPU / %s"):format(name, kind), seen.aistudios.cpu, seen[kind].cpu)
  end
  bench("HTTP/1.1, 16 in flight", server, 4000, 16, {})
  bench("HTTP/1.1, 64 in flight", server, 8000, 64,
    { wall = 1.35, cpu = 1.9, unchecked = { wall = 1.35, cpu = 1.7 } })
  for _, pid in ipairs(server:workers()) do
    support.run(("taskset -pc 1 %d >/dev/null"):format(pid))
  end
  bench("HTTP/1.1, 64 in flight, a core for each side", server, 8000, 64,
    { unchecked = { cpu = 1.75 } }, "taskset -c 0 ")
  server:close()
end
do
  local server = common.server { tls = true, http2 = false }
  bench("TLS, HTTP/1.1, 1 at a time", server, 1000, 1, {})
  bench("TLS, HTTP/1.1, 64 in flight", server, 4000, 64, {})
  server:close()
end

for _, case in ipairs {
  { "a server that takes 10 to 30 ms, 64 in flight", 20, { cpu = 0.8 } },
  { "a server that takes exactly 20 ms, 64 in flight", 0, {} },
} do
  local name, spread, goals = table.unpack(case)
  local pipe = assert(io.popen("echo $$; exec lua5.4 spec/bench/slow_server.lua " .. spread))
  local pid = tonumber(pipe:read "l")
  local slow <close> = setmetatable({ url = "http://127.0.0.1:" .. pipe:read "l" }, {
    __close = function ()
      require "spec.support.native".kill(pid, 9)
      pipe:close()
    end,
  })
  bench(name, slow, 4000, 64, goals)
end
