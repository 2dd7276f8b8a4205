-- SPDX-License-Identifier: MIT
--
-- batch: rows through all states against a sandbox whose renders take no time,
-- on SQLite with synchronous=FULL: rows a second, cost of a row and memory with
-- few and with many; and four workers on PostgreSQL against one, with the
-- database here and 2 ms away, and what share of the machine each side takes.
-- The sandbox runs as a program of its own, a new one for each run that is
-- compared: a worker begins with the list of all projects. No films are fetched,
-- whose rate is the disk's: each is brought to it before it has its name. That
-- rate is told beside.

local aistudios = require "aistudios"
local batches = require "aistudios.batch"
local common = require "spec.bench.common"
local core = require "aistudios.core"
local support = require "spec.support"

local FEW = math.tointeger(tonumber(os.getenv "BENCH_FEW" or 1000))
local MANY = math.tointeger(tonumber(os.getenv "BENCH_MANY" or 100000))
local SHARED = math.tointeger(tonumber(os.getenv "BENCH_SHARED" or 4000))
local AT_ONCE, SHARED_AT_ONCE = 200, 400
local LEAST_PER_SECOND, MOST_MEMORY, MOST_GROWTH, LEAST_GAIN = 300, 32, 1.2, 2

local at = support.directory "bench-batch"
local kill = require "spec.support.native".kill
local server -- the sandbox

local function end_sandbox()
  if not server then return end
  kill(server.pid, 15)
  server.program:close()
  server = nil
end

-- Also after an error: Lua waits at its end for each program that it began.
local _ <close> = setmetatable({}, { __close = end_sandbox })

--- Ends the sandbox, if there is one, and starts another.
local function new_sandbox()
  end_sandbox()
  local program = assert(io.popen(("exec %s -e '%s'"):format(support.lua,
    [[require "aistudios.sandbox.program".run { render_seconds = 0 }]])))
  server = assert(aistudios.decode(program:read "l"))
  server.program = program
end

new_sandbox()
local template = assert(aistudios.decode(support.read_file "spec/examples/offer.json"))

local function rows_of(n)
  local i = 0
  return function ()
    i = i + 1
    if i <= n then return { sku = i, name = "Tea " .. i, price = "four euros" } end
  end
end

local function memory() -- MB of this process
  collectgarbage()
  collectgarbage()
  return tonumber(support.read_file "/proc/self/status":match "VmRSS:%s*(%d+)") / 1024
end

--- Runs a batch of `n` rows on SQLite; seconds for one row, and MB gained.
local function run(name, n, to)
  local directory = support.directory("bench-batch/" .. name)
  local client <close> = assert(aistudios.new { base_url = server.url, app_id = server.app_id,
    user_key = server.user_key, max_in_flight = 64 })
  local began = core.now()
  local batch <close> = assert(batches.open { store = directory .. "/batch.db",
    template = template, rows = rows_of(n), to = to, at_once = AT_ONCE })
  print(("  planned %d rows in %.1f s"):format(n, core.now() - began))
  local before = memory()
  began = core.now()
  local status = assert(batch:run(client, { interval = 0.05 }))
  local seconds = core.now() - began
  assert(status.counts.done == n, aistudios.encode(status))
  return seconds / n, memory() - before
end

run("warm", 200)
local few = run("few", FEW)
print(("  %d rows: %.0f a second"):format(FEW, 1 / few))
local many, gained = run("many", MANY)
print(("  %d rows: %.0f a second"):format(MANY, 1 / many))
common.row { name = ("rows a second, SQLite, %d rows"):format(MANY), value = 1 / many,
  unit = "rows", goal = LEAST_PER_SECOND, at_least = true }
common.figure(("a row of %d / of %d"):format(MANY, FEW), many / few, MOST_GROWTH)
common.figure("memory gained", math.max(0, gained), MOST_MEMORY, "MB")
common.row { name = ("rows a second with their films, %d rows"):format(FEW),
  value = 1 / run("films", FEW, "{sku}.mp4"), unit = "rows" }

-- CPU time in s of a process and, where they count, of its children that have ended.
local function cpu_of(pid, with_children)
  local file = io.open(("/proc/%s/stat"):format(pid))
  if not file then return 0 end -- it has ended, and counts for the one that began it
  local _ <close> = file
  local user, system, ended_user, ended_system = file:read "a"
    :match("%) " .. ("%S+ "):rep(11) .. "(%d+) (%d+) (%d+) (%d+)")
  return (user + system + (with_children and ended_user + ended_system or 0)) / 100
end

--- CPU time in s so far of the workers that have ended, of the sandbox and of the database.
local function cpu(postgres)
  local first = support.read_file(postgres.at .. "/data/postmaster.pid"):match "%d+"
  local database = cpu_of(first, true)
  for pid in support.run("pgrep -P " .. first):gmatch "%d+" do
    database = database + cpu_of(pid)
  end
  return { cpu_of("self", true) - cpu_of "self", cpu_of(server.pid), database }
end

--- Runs a batch on PostgreSQL with so many workers.
---@param host string  the directory of the server's socket, or of a proxy's
---@return number per_second  rows
---@return number[] cores  that the workers, the sandbox and the database took
local function share(postgres, host, workers)
  new_sandbox()
  local address = postgres:database()
  batches.open({ store = address, id = "bench", template = template, rows = rows_of(SHARED),
    at_once = SHARED_AT_ONCE }):close()
  local settings = aistudios.encode { app_id = server.app_id, user_key = server.user_key,
    directory = at, lease = 60, interval = 0.05, window = 1, kill_at = 0 }
  local before, began, pipes = cpu(postgres), core.now(), {}
  for i = 1, workers do
    pipes[i] = io.popen(("exec env %s spec/support/batch_worker.lua '%s' bench '%s' '%s'")
      :format(support.lua, address:gsub("host=.*", "host=" .. host), server.url, settings))
  end
  for i = 1, workers do
    assert(pipes[i]:read "a":find "^over")
    pipes[i]:close()
  end
  local seconds = core.now() - began
  support.sleep(0.5) -- in which the connections end, whose time counts for the database then
  local cores = cpu(postgres)
  for i, value in ipairs(before) do cores[i] = (cores[i] - value) / seconds end
  return SHARED / seconds, cores
end

local function compare(postgres, host, where)
  local rates = {}
  for i, workers in ipairs { 1, 4 } do
    local cores
    rates[i], cores = share(postgres, host, workers)
    print(("  PostgreSQL%s, workers: %d, rows a second: %.0f; cores: workers %.2f, sandbox %.2f, "
      .. "database %.2f"):format(where, workers, rates[i], table.unpack(cores)))
  end
  common.row { name = "four workers / one, PostgreSQL" .. where, value = rates[2] / rates[1],
    goal = LEAST_GAIN, at_least = true }
end

do
  local postgres <close> = require "spec.support.postgres".start()
  compare(postgres, postgres.at, "")
  local away = support.directory "bench-batch/away"
  os.remove(away .. "/.s.PGSQL.5432")
  local proxy = assert(io.popen(("exec %s spec/bench/delay.lua '%s/.s.PGSQL.5432' "
    .. "'%s/.s.PGSQL.5432' 1"):format(support.lua, away, postgres.at)))
  local pid = math.tointeger(tonumber(proxy:read "l"))
  local _ <close> = setmetatable({}, { __close = function () kill(pid, 15) end })
  compare(postgres, away, " 2 ms away")
end
