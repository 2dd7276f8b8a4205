-- SPDX-License-Identifier: MIT
--
-- cli.results: what commands print of videos, and the options that those who
-- wait for one share.

local terminal = require "aistudios.cli.terminal"

local M = {}

--- The options of a method that waits, from those of the command.
---@param context aistudios.cli.Context
---@param given table
---@param on_token? fun(token: string)
---@return table
function M.options(context, given, on_token)
  local chosen = {
    to = given.to, deadline = given.deadline, on_token = on_token,
    interval = given.interval or context.connection.interval,
  }
  if given.no_overwrite then chosen.overwrite = false end
  return chosen
end

--- A result without the answer that it was made from.
---@param result table
---@return table
function M.plain(result)
  local plain = {}
  for name, value in pairs(result) do
    if name ~= "raw" then plain[name] = value end
  end
  return plain
end

--- Writes a video that is there.
---@param context aistudios.cli.Context
---@param task aistudios.cli.Task
function M.write_video(context, task)
  local result = task.result
  local object = M.plain(result)
  object.input = task.label
  local text = result.path and ("%s  %d bytes, project %s"):format(
    terminal.clean(result.path), result.size, terminal.clean(result.project_id))
    or terminal.clean(result.download_url or result.project_id)
  context.output:write(object, text)
end

--- What a project will amount to, for people.
---@param estimate aistudios.Estimate
---@return string
function M.estimate(estimate)
  return ("%d scene%s, %d characters, about %.0f seconds of speech"):format(estimate.scenes,
    estimate.scenes == 1 and "" or "s", estimate.characters, estimate.seconds)
end

return M
