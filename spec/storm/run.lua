-- SPDX-License-Identifier: MIT
--
-- storm: many submissions to a server that misbehaves in many ways, with cancels,
-- closes, kills and resumes. What each submission is told is compared with what the
-- server has done.
--
--   make storm [STORM_N=100000] [STORM_SECONDS=...] [STORM_SEED=...] [STORM_WAYS=PATTERN]

local aistudios = require "aistudios"
local choice = require "spec.storm.choice"
local core = require "aistudios.core"
local process = require "spec.storm.process"
local records = require "spec.storm.record"
local service = require "spec.storm.service"
local support = require "spec.support"

local function number(name, default) return tonumber(os.getenv(name) or "") or default end

local N = number("STORM_N", 100000)
local SECONDS = number("STORM_SECONDS", math.huge)
local SEED = math.tointeger(number("STORM_SEED", os.time()))
local WAYS = os.getenv "STORM_WAYS" or ""

local AT_ONCE = 64
local BATCH = 4000          -- submissions between two checks
local LIFE = 30             -- submissions of a client before it is closed
local LIMITS = { connect = 1, stall = 0.4, total = 1.5 } -- s
local LONGEST_MAKE = 6      -- s of a build, an export and two waits
local MARGIN = 1.5          -- s that a job may end after its time, on a busy machine
local LONGEST_DRAIN = 60    -- s until all jobs have ended; the rest is reported
local USUAL_STEP = 0.1      -- s between two steps of this process
local VICTIMS_EVERY = 500   -- submissions
local VICTIM_RENDERS = 8
local LUA_GROWTH, MALLOC_GROWTH = 128 * 1024, 256 * 1024 -- bytes, whatever N

-- The share of submissions told unknown that had not acted: 0.192 of 89,610 with
-- STORM_SEED=20261126. These are the ways that end without a trace after they have
-- read some of a request: no client can know more of them.
-- Few submissions meet other ways than many: for these a bit more is allowed.
local MOST_UNKNOWN, MORE_FOR_FEW = 0.21, 3

local directory, server, record, first
local jobs, clients, victims = {}, {}, {}
local started, generation = 0, 0
local stepped, held_up = core.now(), 0 -- seconds that this process waited for a processor

local function new_client(port)
  generation = generation + 1
  return assert(aistudios.new {
    base_url = port.url, streaming_url = port.url, ca_file = server.ca_file,
    app_id = port.way:find "^token_" and "storm" .. generation or "storm", user_key = "key",
    check = false, retries = math.random(0, 1), timeout = LIMITS, max_response_bytes = 1 << 20,
  })
end

-- The client of a port; each serves a while, and is closed when its jobs are done, or
-- before.
local function client_of(port)
  local entry = clients[port]
  if not entry or entry.left == 0 then
    if entry then entry.is_ending = true end
    entry = { client = new_client(port), left = math.random(LIFE), jobs = 0 }
    clients[port] = entry
    clients[#clients + 1] = entry
  end
  entry.left = entry.left - 1
  return entry
end

local function submit()
  started = started + 1
  local port, kind, call = choice.of(started)
  local name = ("storm-%d"):format(started)
  local entry = client_of(port)
  local about = { way = port.way, protocol = port.protocol, kind = kind,
    longest = (kind == "make" and LONGEST_MAKE or LIMITS.total) + MARGIN }
  record:add(name, about)
  local running = { name = name, entry = entry, began = core.now(), about = about,
    held_up = held_up, job = call(entry.client.async, name) }
  local dice = math.random()
  if dice < 0.04 then
    running.cancel_at = running.began + math.random() ^ 3 * 0.1
  elseif dice < 0.045 then
    running.close_at = running.began + math.random() ^ 3 * 0.1
  end
  entry.jobs = entry.jobs + 1
  jobs[#jobs + 1] = running
end

local function expected_id(name, kind)
  local is_exported = kind == "make" or kind == "export"
  return (is_exported and service.exported_id_of or service.id_of)(name)
end

local function finish(running, now)
  local about, job = running.about, running.job
  local result, err = job:result()
  if result and about.kind ~= "read" and not about.is_resume
      and result.project_id ~= expected_id(running.name, about.kind) then
    record:fail(running.name, about, "the id of another: " .. tostring(result.project_id))
  end
  running.entry.jobs = running.entry.jobs - 1
  record:finish(running.name, result and "success" or err.outcome, err and tostring(err),
    now - running.began - (held_up - running.held_up))
end

-- ---- victims ----

local function start_victim()
  local port = victims.ports[math.random(#victims.ports)]
  local names = {}
  victims.count = victims.count + 1
  for i = 1, VICTIM_RENDERS do names[i] = ("victim-%d-%d"):format(victims.count, i) end
  for i, name in ipairs(names) do
    record:add(name, { way = port.way, protocol = port.protocol,
      kind = i % 2 == 0 and "make" or "render", ending = "killed" })
  end
  victims[#victims + 1] = { names = names, port = port,
    kill_at = core.now() + 0.05 + math.random() * 0.4,
    process = process.start_victim(directory, port.url, server.ca_file, names) }
end

-- Goes on with what a killed process had in flight.
local function resume(victim, name)
  local path = directory .. "/" .. name
  local token = support.read_file(path)
  os.remove(path)
  os.remove(path .. ".new")
  if not token or token == "" then -- never sent, or told over
    return record:finish(name, token and "unknown" or "not_sent", "no token", 0)
  end
  local entry = client_of(victim.port)
  local about = record.open[name]
  about.is_resume, about.longest = true, 10
  record.resumes = record.resumes + 1
  entry.jobs = entry.jobs + 1
  jobs[#jobs + 1] = { name = name, entry = entry, began = core.now(), about = about,
    held_up = held_up,
    job = entry.client.async:resume(token, { interval = 0.05, deadline = 1, retries = 1 }) }
end

local function kill_victims(now)
  for i = #victims, 1, -1 do
    local victim = victims[i]
    if now >= victim.kill_at then
      table.remove(victims, i)
      victim.process.kill()
      record.kills = record.kills + 1
      for _, name in ipairs(victim.names) do resume(victim, name) end
    end
  end
end

-- ---- the storm ----

local function act_on(running, now)
  if running.cancel_at and now >= running.cancel_at then
    running.cancel_at, running.about.ending = nil, "cancelled"
    running.job:cancel()
  elseif running.close_at and now >= running.close_at then
    running.close_at, running.about.ending = nil, "closed"
    running.entry.left = 0
    running.entry.client:close()
  end
end

local function step()
  local now = core.now()
  held_up = held_up + math.max(0, now - stepped - USUAL_STEP)
  stepped = now
  for i = #clients, 1, -1 do
    local entry = clients[i]
    if entry.jobs > 0 then entry.client:step() end
    if entry.jobs == 0 and entry.is_ending then
      entry.client:close()
      table.remove(clients, i)
    end
  end
  local was_busy = false
  for i = #jobs, 1, -1 do
    local running = jobs[i]
    act_on(running, now)
    if running.job:done() then
      finish(running, now)
      jobs[i] = jobs[#jobs]
      jobs[#jobs], was_busy = nil, true
    end
  end
  kill_victims(now)
  if not was_busy then support.sleep(0.0005) end
end

local function drain()
  local latest = core.now() + LONGEST_DRAIN
  while (#jobs > 0 or #victims > 0) and core.now() < latest do step() end
  for i = #clients, 1, -1 do
    clients[i].client:close()
    clients[i] = nil
  end
  clients, jobs = {}, {}
  server:settle()
  record:check()
end

-- Descriptors and threads must be those of the start; memory may not grow after the
-- first batch.
local function check_held(at_start)
  local held = process.settled(at_start)
  first = first or held
  for what, most in pairs { descriptors = at_start.descriptors, threads = at_start.threads,
    lua = first.lua + LUA_GROWTH, malloc = first.malloc + MALLOC_GROWTH } do
    if held[what] > most then
      record:fail("process", { way = "all", protocol = "all", kind = "process" },
        ("%d %s, at most %d were expected"):format(held[what], what, most))
    end
  end
  return held
end

local function run(at_start, began)
  local held
  while started < N and core.now() - began < SECONDS do
    local goal = math.min(started + BATCH, N)
    while started < goal and core.now() - began < SECONDS do
      while #jobs < AT_ONCE and started < goal do
        submit()
        if started % VICTIMS_EVERY == 0 and victims.ports[1] then start_victim() end
      end
      step()
    end
    drain()
    held = check_held(at_start)
    print(("storm: %6d submissions, %4.0f s, %d failed, %d bytes in Lua, %d in malloc"):format(
      started, core.now() - began, record.failures, held.lua, held.malloc))
  end
end

-- Renders go to ways that let them be made, most of the time.
local kind_to_renders = { good = true, good_then_close = true, close_done = true,
  accept_reset = true }

local function choose_ports()
  local chosen = {}
  victims.ports, victims.count = {}, 0
  for _, port in ipairs(server.ports) do
    if port.way:find(WAYS) then chosen[#chosen + 1] = port end
    if kind_to_renders[port.way] then table.insert(victims.ports, port) end
  end
  assert(chosen[1], "STORM_WAYS: no such way")
  choice.begin(SEED, chosen, directory, LIMITS)
  return #chosen
end

local function main()
  io.stdout:setvbuf "line"
  print(("storm: STORM_SEED=%d"):format(SEED))
  directory = support.directory "storm"
  server = process.start_server(directory, SEED)
  print(("storm: %d ports, each with its way of misbehaving"):format(choose_ports()))
  aistudios.preload()
  record = records.new(server.ledger, print)
  server:active()
  local at_start, began = process.held(), core.now()
  run(at_start, began)
  server:close()
  record:report()
  local share, all = record:needless_unknown()
  local most = MOST_UNKNOWN + MORE_FOR_FEW / math.sqrt(all)
  print(("storm: %d submissions in %.0f s, %d processes killed, %d renders resumed, "
    .. "STORM_SEED=%d"):format(started, core.now() - began, record.kills, record.resumes, SEED))
  print(("storm: %.4f of %d told unknown without having acted (at most %.2f)"):format(share, all,
    most))
  print(("storm: %d failed"):format(record.failures))
  os.exit(record.failures == 0 and (share <= most or WAYS ~= ""))
end

main()
