-- A module of Prosody that renders a project when the server has started: the
-- client's descriptor and its timeouts are in Prosody's own loop. Writes what
-- came of it to RESULT and stops the server.
-- luacheck: globals module prosody
local aistudios = require "aistudios"
local server = require "net.server"
local timer = require "util.timer"

local client = assert(aistudios.new())
local job, watch, due

local function finish()
  watch:close()
  local video, err = job:result()
  local file = assert(io.open(os.getenv "RESULT", "w"))
  file:write(video and video.path or tostring(err), "\n")
  file:close()
  client:close()
  prosody.shutdown "rendered"
end

local function step()
  if due then timer.stop(due) end
  client:step()
  if job:done() then return finish() end
  local seconds = client:timeout()
  due = seconds and timer.add_task(seconds, step)
end

module:hook_global("server-started", function ()
  job = client.async:render(dofile(os.getenv "PROJECT"), { to = os.getenv "VIDEO" })
  watch = server.watchfd(client:pollfd(), step)
  step()
end)

-- The longest time that the loop was held up.
local last, longest = nil, 0
module:add_timer(0.01, function ()
  local now = require "socket".gettime()
  longest = last and math.max(longest, now - last) or 0
  last = now
  local file = assert(io.open(os.getenv "RESULT" .. ".ticks", "w"))
  file:write(longest, "\n")
  file:close()
  return 0.01
end)
