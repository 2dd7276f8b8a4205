local aistudios = require "aistudios"
local log = assert(io.open("events.jsonl", "a"))

local client <close> = assert(aistudios.new {
  on_event = function(event) -- what happens, without secrets, a line each
    event.time = os.date "!%FT%TZ"
    log:write(assert(aistudios.encode(event, { sort_keys = true })), "\n")
  end,
})

assert(client:render(require "project", { to = "hello.mp4" }))
log:close()
