-- SPDX-License-Identifier: MIT
--
-- aistudios resume: goes on with what other processes began.

local arguments = require "aistudios.cli.arguments"
local follow = require "aistudios.cli.follow"
local results = require "aistudios.cli.results"

local function run(context, given)
  local client, code = context:connect()
  if not client then return code end
  local tasks = {}
  for i, token in ipairs(given.token) do
    tasks[i] = { label = token, token = token, printed = token, start = function (on_token)
      return client.async:resume(token, results.options(context, given, on_token))
    end }
  end
  return follow.run(context, tasks, function (task) results.write_video(context, task) end)
end

---@type aistudios.cli.Command
return {
  name = "resume",
  about = "Goes on from resume tokens: waits, and brings the videos home",
  details = "The video goes where the command that printed the token was told to put it. "
    .. "Nothing that was bought is bought again.",
  arguments = { { "TOKEN...", "What render, make or translate printed." } },
  options = {
    { "--deadline SECONDS", "How long to wait for each (1800).", convert = arguments.seconds },
    { "--interval SECONDS", "Between the first looks at the progress (3).",
      convert = arguments.seconds },
    { "--no-overwrite", "Refuse when there is a file of that name." },
  },
  shows_progress = true,
  run = run,
}
