-- SPDX-License-Identifier: MIT
--
-- batch: rows through all states against a sandbox whose renders take no time,
-- on SQLite with synchronous=FULL: rows a second, cost of a row and memory with
-- few and with many; and four workers on PostgreSQL against one. The sandbox
-- runs as a program of its own. No films are fetched, whose rate is the disk's:
-- each is brought to it before it has its name. That rate is told beside.

local aistudios = require "aistudios"
local batches = require "aistudios.batch"
local common = require "spec.bench.common"
local core = require "aistudios.core"
local support = require "spec.support"

local FEW = math.tointeger(tonumber(os.getenv "BENCH_FEW" or 1000))
local MANY = math.tointeger(tonumber(os.getenv "BENCH_MANY" or 100000))
local SHARED = math.tointeger(tonumber(os.getenv "BENCH_SHARED" or 4000))
local AT_ONCE = 200
local LEAST_PER_SECOND, MOST_MEMORY, MOST_GROWTH, LEAST_GAIN = 300, 32, 1.2, 2

local at = support.directory "bench-batch"
local program = assert(io.popen(("exec %s -e '%s'"):format(support.lua,
  [[require "aistudios.sandbox.program".run { render_seconds = 0 }]])))
local server = assert(aistudios.decode(program:read "l"))
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

--- Seconds in which so many workers do a batch on PostgreSQL, to which each statement
--- takes `round_trip` seconds more.
local function share(postgres, workers, round_trip)
  local options = { store = postgres:database(), id = "bench", template = template,
    rows = rows_of(SHARED), at_once = AT_ONCE }
  batches.open(options):close()
  local settings = aistudios.encode { app_id = server.app_id, user_key = server.user_key,
    directory = at, lease = 60, interval = 0.05, window = 1, kill_at = 0,
    round_trip = round_trip }
  local began, pipes = core.now(), {}
  for i = 1, workers do
    pipes[i] = io.popen(("exec env %s spec/support/batch_worker.lua '%s' bench '%s' '%s'")
      :format(support.lua, options.store, server.url, settings))
  end
  for i = 1, workers do
    assert(pipes[i]:read "a":find "^over")
    pipes[i]:close()
  end
  return core.now() - began
end

do
  local postgres <close> = require "spec.support.postgres".start()
  local one, four = share(postgres, 1), share(postgres, 4)
  print(("  PostgreSQL: %.0f rows a second with one worker, %.0f with four"):format(
    SHARED / one, SHARED / four))
  common.row { name = "four workers / one, PostgreSQL", value = one / four, goal = LEAST_GAIN,
    at_least = true }
end

require "spec.support.native".kill(server.pid, 15)
program:close()
