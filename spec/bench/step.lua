-- SPDX-License-Identifier: MIT
--
-- step: how long a frame is held up while 64 calls over TLS and a download of
-- 100 MB run: by client:step(0), alone and while a peer of another client sends
-- small HTTP/2 frames without pause, and by a C program that calls
-- curl_multi_perform on the frame. Rounds of all alternate; the best round
-- of each counts, since a worst step also shows what else the machine does.
-- As games do, the program lets Lua's collector work in small steps, and an eighth as
-- much for each allocated byte: by default it sweeps a megabyte within one frame, which
-- takes most of a millisecond, more than all else there. What that costs is shown beside it.
-- Beside the time on the clock stands the time that the host's thread had of a core: where
-- two cores have more to do than they can, the first one holds what others did meanwhile.
-- The connections are there before the frames count: handshakes would weigh
-- on the frames of the C program alone.

local common = require "spec.bench.common"
local native = require "spec.support.native"
local support = require "spec.support"

local FLIGHT, ROUNDS, FRAME = 64, 4, 1 / 60
local BYTES, BYTES_PER_SECOND = 100 * 1000 * 1000, 50 * 1000 * 1000
local WARM_FRAMES = 30 -- as in multi.c

local at = support.directory "bench-step"
local file = "/files/" .. common.sparse_file(at, BYTES)
local server = common.server { tls = true, http2 = false, files = at,
  rate = BYTES_PER_SECOND }
local command = ("%s frames '%s' bench-token '%s' %d '%s' '%s/c.mp4'"):format(
  common.program "multi", server.url .. common.PROJECT, server.ca_file,
  FLIGHT, server.url .. file, at)

-- Each job that has ended makes room for the next one, once a frame.
local function refill(client, jobs)
  for i = 1, FLIGHT do
    if not jobs[i] or jobs[i]:done() then
      if jobs[i] then assert(jobs[i]:result()) end
      jobs[i] = client.async:list_projects()
    end
  end
end

-- A client whose server floods it, with a call that goes on.
local function attack(peer)
  local client = common.client(peer, { token = "bench-token", retries = 0,
    timeout = { total = 1 } })
  local job
  return client, function ()
    if not job or job:done() then job = client.async:list_projects() end
    client:step(0)
  end
end

-- The seconds of each step, and in `own` those that its thread had of a core; `more` is
-- called in each frame, and not timed.
local function ours(more)
  local client <close> = common.client(server, { max_in_flight = FLIGHT + 1 })
  local took, jobs, next_frame, download = { own = {} }, {}, common.now(), nil
  repeat
    if #took == WARM_FRAMES and not download then
      took = { own = {} }
      download = client.async:download(server.url .. file, at .. "/lua.mp4")
    end
    refill(client, jobs)
    if more then more() end
    local own, began = native.thread_clock(), common.now()
    client:step(0)
    local ended = common.now()
    took.own[#took + 1] = native.thread_clock() - own
    took[#took + 1] = ended - began
    next_frame = next_frame + FRAME
    if next_frame > ended then support.sleep(next_frame - ended) end
  until download and download:done()
  assert(download:result())
  return took
end

-- The seconds of a step with nothing to do.
local function idle()
  local client <close> = common.client(server)
  client:list_projects()
  local count = 200000
  local began = common.now()
  for _ = 1, count do client:step(0) end
  return (common.now() - began) / count
end

local function best(known, took)
  local worst = common.quantile(took, 1)
  if known and known.worst <= worst then return known end
  return { worst = worst, middle = common.quantile(took, 0.5), count = #took,
    most = common.quantile(took, 0.999), own = took.own and common.quantile(took.own, 0.999) }
end

local function under_attack()
  local peer <close> = require "spec.support.hostile_peer".start "h2_updates"
  local client, on_frame = attack(peer)
  local took = ours(on_frame)
  client:close()
  return took
end

local plain, lua, default, attacked
for _ = 1, ROUNDS do
  plain = best(plain, common.numbers(command))
  collectgarbage("incremental", 0, 12, 10) -- steps for 1 KiB
  lua = best(lua, ours())
  attacked = best(attacked, under_attack())
  collectgarbage("incremental", 0, 100, 13) -- the default: 8 KiB
  default = best(default, ours())
end
local resting = idle()
server:close()

local function show(name, row)
  print(("  %-19s %5d frames, 50 %%: %4.0f us, 99.9 %%: %4.0f us, worst: %4.0f us")
    :format(name, row.count, row.middle * 1e6, row.most * 1e6, row.worst * 1e6))
end

print(("a frame with %d calls over TLS and a download of 100 MB"):format(FLIGHT))
show("curl_multi_perform", plain)
show("client:step(0)", lua)
show("... under attack", attacked)
show("... default gc", default)
common.figure("worst step / C", lua.worst / plain.worst, 0.05)
for name, row in pairs { ["a step"] = lua, ["a step under attack"] = attacked } do
  common.figure(name .. ", median", row.middle * 1e6, 100, "us")
  common.figure(name .. ", 99.9 %", row.most * 1e6, 400, "us")
  common.figure(name .. ", worst", row.worst * 1e6, nil, "us")
  common.figure(name .. ", 99.9 %, of a core", row.own * 1e6, nil, "us")
end
common.figure("a step without work", resting * 1e6, 1, "us")
