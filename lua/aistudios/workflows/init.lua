-- SPDX-License-Identifier: MIT
--
-- workflows: the operation behind every method of a client: one for each
-- endpoint, and those that are more than one call of the API.

local endpoint_call = require "aistudios.workflows.endpoint_call"
local live_session = require "aistudios.workflows.live_session"
local wait = require "aistudios.workflows.wait"

--- What a job is to run.
---@alias aistudios.Run fun(job: aistudios.Job): table?, aistudios.Error?

--- What a method does: checks its arguments, and returns what a job is to
--- run, or nil with an error for the caller, or nil, nil with a message to be
--- raised.
---@alias aistudios.Operation fun(client: aistudios.Client, ...): aistudios.Run?, any, string?

---@type table<string, aistudios.Operation>
local operations = {
  download = require "aistudios.workflows.download".operation,
  make_video = require "aistudios.workflows.make_video".operation,
  models = require "aistudios.workflows.models".operation,
  render = require "aistudios.workflows.render".operation,
  resume = require "aistudios.workflows.resume".operation,
  session = live_session.operation,
  start_session = live_session.start_operation,
  stop_session = live_session.stop_operation,
  wait_for_build = wait.operation("wait_for_build", "build"),
  wait_for_translations = wait.operation("wait_for_translations", "translations"),
  wait_for_video = wait.operation("wait_for_video", "video"),
}

for name, row in pairs(require "aistudios.endpoints") do
  operations[name] = operations[name] or endpoint_call.operation(row)
end

return operations
