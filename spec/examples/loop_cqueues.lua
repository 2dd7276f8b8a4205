local aistudios, cqueues = require "aistudios", require "cqueues"
local client = assert(aistudios.new { wait = require "aistudios.host.cqueues" })
local loop = cqueues.new()

loop:wrap(function() -- looks as if it blocked, and holds up nobody
  print(assert(client:render(require "project", { to = "hello.mp4" })).path)
  client:close()
end)

loop:wrap(function()
  for second = 1, 2 do cqueues.sleep(1) print(second) end
end)

assert(loop:loop())
