-- SPDX-License-Identifier: MIT
--
-- aistudios download: brings home videos that are rendered.

local errors = require "aistudios.error"
local follow = require "aistudios.cli.follow"
local failure = require "aistudios.cli.failure"
local results = require "aistudios.cli.results"
local status = require "aistudios.cli.status"

--- Which of them are done, by id; the others are told.
local function ask(context, client, ids)
  local tasks, is_done = {}, {}
  for i, id in ipairs(ids) do
    tasks[i] = { label = id, is_quiet = true, start = function ()
      return client.async:get_progress(id)
    end, id = id }
  end
  local code = follow.run(context, tasks, function (task)
    local result = task.result
    if result.download_url then
      is_done[task.id] = true
      return status.done
    end
    return failure.tell(context.output, errors.new { kind = "stalled", outcome = "rejected",
      message = ("project %s is not done: %s %%"):format(task.id, result.progress or "?"),
      project_id = task.id })
  end)
  return is_done, code
end

local function run(context, given)
  local wrong = results.clash(given)
  if wrong then return failure.usage(context.output, wrong) end
  local client, code = context:connect()
  if not client then return code end
  local is_done
  is_done, code = ask(context, client, given.id)
  local tasks = {}
  for _, id in ipairs(given.id) do
    if is_done[id] then
      tasks[#tasks + 1] = { label = id, is_quiet = true, start = function ()
        return client.async:wait_for_video(id,
          results.options(context, given, nil, results.path(given.to, id)))
      end }
    end
  end
  if not tasks[1] then return code end
  local second = follow.run(context, tasks, function (task)
    results.write_video(context, task)
  end)
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
