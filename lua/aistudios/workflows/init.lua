-- SPDX-License-Identifier: MIT
--
-- operations: the methods that are more than one call of the API.

local wait = require "aistudios.workflows.wait"

---@type table<string, aistudios.Operation>
return {
  download = require "aistudios.workflows.download".operation,
  make_video = require "aistudios.workflows.make_video".operation,
  models = require "aistudios.workflows.iterators".models,
  render = require "aistudios.workflows.render".operation,
  resume = require "aistudios.workflows.resume".operation,
  session = require "aistudios.workflows.live_session".operation,
  wait_for_build = wait.operation("wait_for_build", "build"),
  wait_for_translations = wait.operation("wait_for_translations", "translations"),
  wait_for_video = wait.operation("wait_for_video", "video"),
}
