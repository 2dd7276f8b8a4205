local aistudios, copas = require "aistudios", require "copas"
local client = assert(aistudios.new { wait = require "aistudios.host.copas" })
local is_done = false

copas.addthread(function() -- looks as if it blocked, and holds up nobody
  print(assert(client:render(require "project", { to = "hello.mp4" })).path)
  client:close()
  is_done = true
end)

local second = 0
while not is_done do -- or copas.loop(), from copas 2.0 on
  copas.step(1)
  if second < 2 then second = second + 1 print(second) end
end
