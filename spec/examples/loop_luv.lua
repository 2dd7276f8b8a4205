local aistudios, uv, host = require "aistudios", require "luv", require "aistudios.host.luv"
local client = assert(aistudios.new { wait = host })

host.spawn(function() -- looks as if it blocked, and holds up nobody
  print(assert(client:render(require "project", { to = "hello.mp4" })).path)
  client:close()
end)

local timer, second = uv.new_timer(), 0
timer:start(1000, 1000, function()
  second = second + 1
  print(second)
  if second == 2 then timer:close() end
end)
uv.run()
