local aistudios = require "aistudios"
local host = require "aistudios.host.luasocket"
local client = assert(aistudios.new { wait = host })

host.spawn(function() -- looks as if it blocked, and holds up nobody
  print(assert(client:render(require "project", { to = "hello.mp4" })).path)
  client:close()
end)

local second, is_busy = 0, true
while is_busy do -- sockets of your own go into the second argument
  is_busy = select(2, host.step(1))
  if second < 2 then second = second + 1 print(second) end
end
