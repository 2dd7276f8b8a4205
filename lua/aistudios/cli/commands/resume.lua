-- SPDX-License-Identifier: MIT
--
-- aistudios resume: goes on with what other processes began.

local arguments = require "aistudios.cli.arguments"
local copy = require "aistudios.util.copy"
local follow = require "aistudios.cli.follow"
local newest_tokens = require "aistudios.cli.newest_tokens"
local results = require "aistudios.cli.results"

local function run(context, given)
  local client, code = context:connect()
  if not client then return code end
  local tasks = {}
  for i, token in ipairs(given.token) do
    local newest = newest_tokens.find(token)
    local is_newest = newest ~= nil or given.newest
    tasks[i] = { label = token, token = token, printed = token,
      place = newest_tokens.place(token), start = function (on_token)
      return client.async:resume(newest or token,
        copy(results.options(context, given, on_token), { is_newest = is_newest }))
    end }
  end
  return follow.run(context, tasks)
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
    { "--newest", "TOKEN is the last one that was printed: export what it says is not exported. "
      .. "Not needed on the machine where it was printed." },
    { "--no-overwrite", "Refuse when there is a file of that name." },
  },
  shows_progress = true,
  run = run,
}
