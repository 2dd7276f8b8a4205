-- SPDX-License-Identifier: MIT
--
-- aistudios translate: dubs a video, and brings each language home.

local arguments = require "aistudios.cli.arguments"
local failure = require "aistudios.cli.failure"
local follow = require "aistudios.cli.follow"
local results = require "aistudios.cli.results"

--- The codes of all --target, each of which may hold several.
local function read_targets(given)
  local targets = {}
  for _, text in ipairs(given.target) do
    for code in text:gmatch "[^,%s]+" do targets[#targets + 1] = code end
  end
  return targets
end

local function fields_of(given, targets)
  local is_address = given.source:find "^https?://" ~= nil
  return {
    [is_address and "url" or "file"] = given.source, targets = targets,
    original = given.original, numberOfSpeakers = given.speakers,
    isDubbingOnly = given.dubbing_only, isRemoveBGM = given.remove_music,
    isCaptionFile = given.captions,
  }
end

--- Waits for what was bought, and brings it home. Begins after a signal too: its
--- token is to be printed.
local function wait(context, given, folder)
  return follow.run(context, { {
    is_continuation = true, stops_at_token = given.no_wait,
    start = function (on_token)
      return context.client.async:wait_for_translations(folder,
        results.options(context, given, on_token))
    end,
  } })
end

local function run(context, given)
  local targets = read_targets(given)
  if not targets[1] then return failure.usage(context.output, "--target is required") end
  if given.to and targets[2] and not given.to:find("{language}", 1, true) then
    return failure.usage(context.output,
      "several targets need {language} in --to, e.g. --to 'out/{language}.mp4'")
  end
  local begun, code = follow.one(context, function (async)
    return async:translate_video(fields_of(given, targets))
  end)
  if not begun then return code end
  return wait(context, given, begun.folderId)
end

---@type aistudios.cli.Command
return {
  name = "translate",
  about = "Dubs a video into other languages; this costs credits",
  details = "The resume token is printed before anything is waited for.",
  arguments = { { "SOURCE", "The video: a file, or an address of YouTube." } },
  options = {
    { "--target CODES", "Languages, e.g. en-US,ko-KR; may be repeated.", is_repeated = true },
    { "--to PATH", "Where each goes; {language} stands for its code." },
    { "--original CODE", "The language of the source; else it is found out." },
    { "--speakers N", "How many speak, 1 to 5." },
    { "--dubbing-only", "Leave the picture as it is." },
    { "--remove-music", "Remove the music." },
    { "--captions", "Add captions." },
    { "--no-wait", "End as soon as it is begun; the token goes on from there." },
    { "--deadline SECONDS", "How long to wait (1800).", convert = arguments.seconds },
    { "--interval SECONDS", "Between the first looks at the progress (3).",
      convert = arguments.seconds },
    { "--no-overwrite", "Refuse when there is a file of that name." },
  },
  shows_progress = true,
  run = run,
}
