local aistudios = require "aistudios"
local client <close> = assert(aistudios.new())

local video = assert(client:render(require "project", {
  to = "hello.mp4",
  on_progress = function (seen) print(seen.phase, seen.progress) end,
}))

print(video.path)
