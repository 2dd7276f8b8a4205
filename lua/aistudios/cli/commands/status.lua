-- SPDX-License-Identifier: MIT
--
-- aistudios status: how far projects are, now.

local follow = require "aistudios.cli.follow"
local results = require "aistudios.cli.results"
local status = require "aistudios.cli.status"
local terminal = require "aistudios.cli.terminal"

local function write(context, task)
  local result, id = task.result, task.id
  local object = results.plain(result)
  object.project_id = object.project_id or id
  context.output:write(object, terminal.clean(("%s  %s %%  %s"):format(id,
    result.progress or "?", result.download_url or result.state or "")))
  local is_done = result.progress and result.progress >= 100 and result.download_url
  return is_done and status.done or status.partly
end

local function run(context, given)
  local client, code = context:connect()
  if not client then return code end
  local tasks = follow.tasks(given.id, function (id) return client.async:get_progress(id) end)
  return follow.run(context, tasks, function (task) return write(context, task) end)
end

---@type aistudios.cli.Command
return {
  name = "status",
  about = "Tells how far the renders of projects are",
  details = "Ends with 0 when all are done, and with 8 when some are not done yet.",
  arguments = { { "ID...", "Projects." } },
  run = run,
}
