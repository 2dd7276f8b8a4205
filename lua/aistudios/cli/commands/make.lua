-- SPDX-License-Identifier: MIT
--
-- aistudios make: a video from documents, a topic, a web page or a script. Its
-- options are those of the API's calls.

local aistudios = require "aistudios"
local arguments = require "aistudios.cli.arguments"
local failure = require "aistudios.cli.failure"
local fields_of = require "aistudios.cli.fields"
local files = require "aistudios.cli.files"
local follow = require "aistudios.cli.follow"
local results = require "aistudios.cli.results"

local rows = {
  docs = aistudios.api.docs_to_video, topic = aistudios.api.topic_to_video,
  url = aistudios.api.url_to_video, scripts = aistudios.api.scripts_to_video,
}

-- What the API's options are about.
local abouts = {
  audience = "Who it is for.", duration = "Seconds; not for docs.",
  language = "The language of the video, e.g. en.", media = "Where its pictures are from.",
  model = "The avatar.", objective = "What it is to achieve.",
  scriptOption = "Of scripts: use the text as it is, or let it be rewritten.",
  speed = "Of the speech.", style = "Of generated pictures.", templateId = "The template.",
  tone = "How it speaks.", useGenerativeHighQuality = "Better generated pictures.",
  voiceOnly = "No avatar, only its voice.",
}

--- "useGenerativeHighQuality" as "use-generative-high-quality".
local function flag_of(name)
  return (name:gsub("%u", function (letter) return "-" .. letter:lower() end))
end

local function choices_of(rule)
  if not rule.enum then return nil end
  local choices = {}
  for i, value in ipairs(rule.enum) do choices[i] = tostring(value) end
  return choices
end

--- The options of the four calls together, by their names there.
local function options_of_rows()
  local found, names = {}, {}
  for _, row in pairs(rows) do
    for name, rule in pairs(row.fields.options.fields) do
      if not found[name] then names[#names + 1] = name end
      found[name] = rule
    end
  end
  table.sort(names)
  return found, names
end

local rules, names = options_of_rows()

local function read_source(kind, sources)
  if kind == "docs" then return { files = sources } end
  local text = sources[1]
  if sources[2] then return nil, kind .. " takes one SOURCE; put its words into quotes" end
  if kind == "scripts" and (text == "-" or text:sub(1, 1) == "@") then
    local message
    text, message = files.read((text:gsub("^@", "")))
    if not text then return nil, message end
  end
  if not text:find "%S" then return nil, "the SOURCE is empty" end -- a pipe that failed
  return { [kind] = text }
end

--- The fields of the call; nil and a message when the arguments are wrong.
local function read_fields(given)
  local fields, message = read_source(given.kind, given.source)
  if not fields then return nil, message end
  for _, name in ipairs(names) do
    local value = given[flag_of(name):gsub("-", "_")]
    if value == true then value = "true" end
    if value ~= nil then
      message = fields_of.read(rows[given.kind], fields, ("options.%s=%s"):format(name, value))
      if message then return nil, message end
    end
  end
  return fields
end

local function run(context, given)
  local fields, message = read_fields(given)
  if not fields then return failure.usage(context.output, message) end
  local client, code = context:connect()
  if not client then return code end
  local workspace = given.workspace or context.connection.profile.workspace
  return follow.run(context, { {
    stops_at_token = given.no_wait,
    start = function (on_token)
      local chosen = results.options(context, given, on_token)
      if workspace or given.resolution then
        chosen.export = { workspaceId = workspace, resolution = given.resolution }
      end
      return client.async:make_video(given.kind, fields, chosen)
    end,
  } })
end

local command = {
  name = "make",
  about = "Makes a video from documents, a topic, a web page or a script; this costs credits",
  details = "The service builds a project, which then is rendered. The resume token is printed "
    .. "each time it changes: the last one goes on without buying anything twice.",
  arguments = {
    { "KIND", "docs, topic, url or scripts.", choices = { "docs", "topic", "url", "scripts" } },
    { "SOURCE...", "Documents; else the topic, the address, or the script: a text, @FILE or -." },
  },
  options = {
    { "--to PATH", "Where the video goes; without it, its address is printed." },
    { "--no-wait", "End as soon as it is begun; the token goes on from there." },
    { "--deadline SECONDS", "How long to wait for each part (1800).",
      convert = arguments.seconds },
    { "--interval SECONDS", "Between the first looks at the progress (3).",
      convert = arguments.seconds },
    { "--resolution NAME", "4k, 1080, 720 or 480.", choices = { "4k", "1080", "720", "480" } },
    { "--workspace ID", "The workspace of the project." },
    { "--no-overwrite", "Refuse when there is a file of that name." },
  },
  shows_progress = true,
  run = run,
}

for _, name in ipairs(names) do
  local rule = rules[name]
  local flag = "--" .. flag_of(name)
  table.insert(command.options, { rule.type == "boolean" and flag or flag .. " VALUE",
    abouts[name] or ("The API's option %s."):format(name), choices = choices_of(rule) })
end

---@type aistudios.cli.Command
return command
