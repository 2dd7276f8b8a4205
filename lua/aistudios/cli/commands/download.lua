-- SPDX-License-Identifier: MIT
--
-- aistudios download: brings home videos that are rendered.

local errors = require "aistudios.error"
local follow = require "aistudios.cli.follow"
local failure = require "aistudios.cli.failure"
local results = require "aistudios.cli.results"
local status = require "aistudios.cli.status"

--- Those that are done; the others are told.
local function ask(context, client, ids)
  local done = {}
  local tasks = follow.tasks(ids, function (id) return client.async:get_progress(id) end)
  local code = follow.run(context, tasks, function (task)
    local result = task.result
    if result.download_url then
      done[#done + 1] = task.id
      return status.done
    end
    return failure.tell(context.output, errors.new { kind = "stalled", outcome = "rejected",
      message = ("project %s is not done: %s %%"):format(task.id, result.progress or "?"),
      project_id = task.id })
  end)
  return done, code
end

local function run(context, given)
  local wrong = results.clash(given)
  if wrong then return failure.usage(context.output, wrong) end
  local client, code = context:connect()
  if not client then return code end
  local done
  done, code = ask(context, client, given.id)
  if not done[1] then return code end
  local second = follow.run(context, follow.tasks(done, function (id)
    return client.async:wait_for_video(id,
      results.options(context, given, nil, results.path(given.to, id)))
  end))
  if code == status.done then return second end
  return second == status.done and status.partly or second
end

---@type aistudios.cli.Command
return {
  name = "download",
  about = "Brings home the videos of projects that are rendered",
  details = "A download that was cut off is continued.",
  arguments = { { "ID...", "Projects." } },
  options = {
    { "--to PATH", "Where the video goes; {id} stands for the project.", is_required = true },
    { "--no-overwrite", "Refuse when there is a file of that name." },
  },
  shows_progress = true,
  run = run,
}
