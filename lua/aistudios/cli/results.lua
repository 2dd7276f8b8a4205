-- SPDX-License-Identifier: MIT
--
-- cli.results: what commands print of videos, and the options that those who
-- wait for one share.

local copy = require "aistudios.util.copy"
local terminal = require "aistudios.cli.terminal"

local M = {}

--- The options of a method that waits, from those of the command.
---@param context aistudios.cli.Context
---@param given table
---@param on_token? fun(token: string)
---@param to? string  where the file goes, instead of `given.to`
---@return table
function M.options(context, given, on_token, to)
  local chosen = {
    to = to or given.to, deadline = given.deadline, on_token = on_token,
    interval = given.interval or context.connection.interval,
  }
  if given.no_overwrite then chosen.overwrite = false end
  return chosen
end

--- The file of one project; an id cannot lead out of the directory.
---@param pattern? string  {id} stands for the project
---@param id string
---@return string?
function M.path(pattern, id)
  local name = id:gsub("[^%w_-]", "_")
  return pattern and (pattern:gsub("{id}", name))
end

--- What is wrong when the videos of several projects would have one name.
---@param given { id: string[], to: string? }
---@return string? message
function M.clash(given)
  if given.id[2] and given.to and not given.to:find("{id}", 1, true) then
    return "several projects need {id} in --to, e.g. --to 'videos/{id}.mp4'"
  end
end

--- A result without the answer that it was made from, which a list has by indexing only.
---@param result table
---@return table
function M.plain(result)
  if rawget(result, "raw") == nil then return result end
  local plain = copy(result)
  plain.raw = nil
  return plain
end

--- Writes the videos that a task has brought: one, or those of all languages.
---@param context aistudios.cli.Context
---@param task aistudios.cli.Task
function M.write_video(context, task)
  local result = task.result
  for _, item in ipairs(result) do M.write_video(context, { result = item, label = task.label }) end
  if result[1] then return end
  local object = M.plain(result)
  object.input = task.label
  local text = result.path and ("%s  %d bytes, project %s"):format(
    terminal.clean(result.path), result.size, terminal.clean(result.project_id))
    or terminal.clean((result.target and result.target .. "  " or "")
      .. (result.download_url or result.project_id))
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
