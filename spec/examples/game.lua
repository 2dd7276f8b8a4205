local aistudios = require "aistudios"
local client = assert(aistudios.new())
local job = client.async:render(require "project", { to = "hello.mp4" })

local function update() -- the game calls it once a frame
  client:step()
  return not job:done()
end

local socket = require "socket" -- stands for the game
while update() do socket.sleep(1 / 60) end
print(assert(job:result()).path)
client:close()
