-- SPDX-License-Identifier: MIT
--
-- aistudios translate: dubs a video, and brings each language home.

local arguments = require "aistudios.cli.arguments"
local failure = require "aistudios.cli.failure"
local follow = require "aistudios.cli.follow"
local results = require "aistudios.cli.results"
local status = require "aistudios.cli.status"

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

--- The file of one language, whatever the service calls it.
local function path_of(pattern, language)
  local name = tostring(language):gsub("[^%w_-]", "_")
  return (pattern:gsub("{language}", name))
end

--- Brings all translations home.
local function download(context, given, translations, targets)
  local tasks = {}
  for i, item in ipairs(translations) do
    local language = item.target or targets[i] or item.name
    tasks[i] = { label = tostring(language), is_quiet = true, item = item, start = function ()
      return context.client.async:download(item.download_url, path_of(given.to, language),
        { overwrite = not given.no_overwrite })
    end }
  end
  return follow.run(context, tasks, function (task)
    task.result.project_id = task.item.project_id
    task.result.language = task.label
    results.write_video(context, task)
  end)
end

--- Waits for what was bought. Begins after a signal too: its token is to be
--- printed.
local function wait(context, given, folder)
  local translations
  local code = follow.run(context, { {
    is_continuation = true, stops_at_token = given.no_wait,
    start = function ()
      return context.client.async:wait_for_translations(folder, {
        deadline = given.deadline, interval = given.interval or context.connection.interval })
    end,
  } }, function (task) translations = task.result end)
  return translations, code
end

local function run(context, given)
  local targets = read_targets(given)
  if not targets[1] then return failure.usage(context.output, "--target is required") end
  if given.to and targets[2] and not given.to:find("{language}", 1, true) then
    return failure.usage(context.output,
      "several targets need {language} in --to, e.g. --to 'out/{language}.mp4'")
  end
  local client, code = context:connect()
  if not client then return code end
  local begun, translations
  begun, code = follow.one(context, function ()
    return client.async:translate_video(fields_of(given, targets))
  end)
  if not begun then return code end
  translations, code = wait(context, given, begun.folder_id or begun.folderId)
  if not translations then return code end
  if given.to then return download(context, given, translations, targets) end
  for i, item in ipairs(translations) do
    results.write_video(context, { result = item, label = item.target or targets[i] })
  end
  return status.done
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
