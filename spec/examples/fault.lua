local sandbox <close> = require "aistudios.sandbox".start { render_seconds = 0.2 }
local client <close> = assert(sandbox:client())

sandbox:fault { on = "create_project", kind = "drop_after_read" }
local project = require "project"
local video, err = client:create_project(project)

print(video, err.outcome)  -- nil, unknown: it may have been rendered
print(#sandbox:ledger())   -- 1: and here it was
