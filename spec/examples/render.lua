local aistudios = require "aistudios"
local client <close> = assert(aistudios.new())

local video, err = client:render(require "project", {
  to = "hello.mp4",
  on_progress = function (seen) print(seen.phase, seen.progress) end,
})

print(video and video.path or err)
