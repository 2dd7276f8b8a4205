-- SPDX-License-Identifier: MIT
--
-- operations: the methods that are more than one call of the API.

local wait = require "aistudios.wait"

---@type table<string, aistudios.Operation>
return {
  download = require "aistudios.download".operation,
  make_video = require "aistudios.flow".operation,
  models = require "aistudios.lists".models,
  render = require "aistudios.render".operation,
  resume = require "aistudios.resume".operation,
  session = require "aistudios.session".operation,
  wait_for_build = wait.operation("wait_for_build", "build"),
  wait_for_translations = wait.operation("wait_for_translations", "translations"),
  wait_for_video = wait.operation("wait_for_video", "video"),
}
