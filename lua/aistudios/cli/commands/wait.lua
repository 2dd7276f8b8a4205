-- SPDX-License-Identifier: MIT
--
-- aistudios wait: until the videos of projects are there.

local arguments = require "aistudios.cli.arguments"
local follow = require "aistudios.cli.follow"
local results = require "aistudios.cli.results"

local function run(context, given)
  local wrong = results.clash(given)
  if wrong then return require "aistudios.cli.failure".usage(context.output, wrong) end
  local client, code = context:connect()
  if not client then return code end
  return follow.run(context, follow.tasks(given.id, function (id)
    return client.async:wait_for_video(id,
      results.options(context, given, nil, results.path(given.to, id)))
  end))
end

---@type aistudios.cli.Command
return {
  name = "wait",
  about = "Waits until the videos of projects are there, and brings them home",
  arguments = { { "ID...", "Projects." } },
  options = {
    { "--to PATH", "Where each goes, {id} stands for the project; else its address is printed." },
    { "--deadline SECONDS", "How long to wait for each (1800).", convert = arguments.seconds },
    { "--interval SECONDS", "Between the first looks at the progress (3).",
      convert = arguments.seconds },
    { "--no-overwrite", "Refuse when there is a file of that name." },
  },
  shows_progress = true,
  run = run,
}
