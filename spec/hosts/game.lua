-- SPDX-License-Identifier: MIT
--
-- game: a game at 60 frames a second whose frame steps the client once, while
-- 64 calls and a download of 100 MB run over TLS, with callbacks. Returns and
-- prints how long the steps took and how many frames came late.
--
-- As games do, it lets Lua's collector work in small steps: by default one
-- takes up to a millisecond, more than all else in a frame.
--
-- Usage: lua5.4 spec/hosts/game.lua [SECONDS]   (with the paths of the specs)

local common = require "spec.bench.common"
local support = require "spec.support"

local FRAME, CALLS, BYTES = 1 / 60, 64, 100 * 1000 * 1000
local LATE = 0.002 -- s; a frame that ends this long after its time is late

local M = {}

-- Keeps CALLS calls on their way; each that has ended is replaced.
local function keep_busy(client, jobs, seen)
  for i = 1, CALLS do
    local job = jobs[i]
    if not job or job:done() then
      if job then assert(job:result()) end
      seen.calls = seen.calls + 1
      jobs[i] = client.async:list_projects()
    end
  end
end

---@param seconds number
---@return table seen  steps (seconds each), frames, late, calls, events, progress
function M.run(seconds)
  local at = support.directory "game"
  local file = "/files/" .. common.sparse_file(at, BYTES)
  local server = common.server { tls = true, files = at,
    rate = math.ceil(BYTES / seconds) }
  local seen = { steps = {}, frames = 0, late = 0, calls = 0, events = 0, progress = 0 }
  local client <close> = common.client(server, { max_in_flight = CALLS + 1,
    on_event = function() seen.events = seen.events + 1 end })
  local download = client.async:download(server.url .. file, at .. "/got.mp4",
    { on_progress = function() seen.progress = seen.progress + 1 end })
  local jobs, due = {}, common.now()
  repeat
    keep_busy(client, jobs, seen)
    local began = common.now()
    client:step(0)
    local ended = common.now()
    seen.frames = seen.frames + 1
    seen.steps[seen.frames] = ended - began
    due = due + FRAME
    if ended > due + LATE then seen.late = seen.late + 1 end
    if ended < due then support.sleep(due - ended) end
  until download:done()
  assert(download:result())
  client:close()
  server:close()
  return seen
end

---@param seen table
---@return string
function M.report(seen)
  local function at(share) return common.quantile(seen.steps, share) * 1e6 end
  return ("%d frames, %d late; a step took %.0f us (50 %%), %.0f us (99.9 %%), "
    .. "%.0f us (worst); %d calls, %d events, %d times progress"):format(
    seen.frames, seen.late, at(0.5), at(0.999), at(1), seen.calls, seen.events,
    seen.progress)
end

if arg and arg[0] and arg[0]:find("game.lua", 1, true) then
  collectgarbage("incremental", 0, 12, 10) -- less at a time, over several frames
  print(M.report(M.run(tonumber(arg[1]) or 5)))
end

return M
