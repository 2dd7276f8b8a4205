local aistudios = require "aistudios"
local scheduler = require "aistudios.host.scheduler"
local client = assert(aistudios.new { wait = scheduler })

scheduler.spawn(function() -- looks as if it blocked, and holds up nobody
  print(assert(client:render(require "project", { to = "hello.mp4" })).path)
  client:close()
end)

local sleep = require "socket".sleep -- stands for the host
for tick = 1, math.huge do
  if not scheduler.tick() then break end
  if tick <= 2 then print(tick) end
  sleep(0.05)
end
