-- SPDX-License-Identifier: MIT
--
-- rows.tools: the generators, which answer at once, and dubbing.

local public_url = require "aistudios.project.public_url"
local work = require "aistudios.sandbox.work"

local LANGUAGES = {
  "en-US", "hi-IN", "pt-PT", "zh-CN", "es-ES", "fr-FR", "de-DE", "ja-JP", "ar-SA", "ru-RU",
  "ko-KR", "id-ID", "it-IT", "nl-NL", "tr-TR", "pl-PL", "sv-SE", "fil-PH", "ms-MY", "ro-RO",
  "uk-UA", "el-GR", "cs-CZ", "da-DK", "fi-FI", "bg-BG", "hr-HR", "sk-SK", "ta-IN", "vi-VN",
}

local topic = { "topic", "string", required = true }

local function bill(state, call, id, name)
  state.ledger:bill(call, { project_id = id, name = name, work = "generation" })
end

local function generate_text(state, call)
  bill(state, call, nil, call.body.topic)
  return { script = ("This is a script about %s."):format(call.body.topic) }
end

-- A generator that answers with a file of a kind.
local function generator(kind, field)
  return function (state, call)
    local url, name = state.media:make(kind)
    bill(state, call, name, call.body[field])
    return { downloadUrl = url }
  end
end

local function dubbing_problem(call)
  local body = call.body
  if not body.file and not body.url then return "file or url is required" end
  local why = body.url and public_url(body.url)
  if why then return "url " .. why end
  local speakers = body.numberOfSpeakers
  if speakers and speakers ~= "auto" and not speakers:find "^[1-5]$" then
    return "numberOfSpeakers must be auto or from 1 to 5"
  end
end

local function translate(state, call)
  local source = call.body.file and call.body.file.filename or call.body.url
  local folder = { id = state.random:hex(12), projects = {} }
  for i = 0, 9 do
    local target = call.body["target_" .. i]
    if target then
      local project = state.projects:create { name = ("%s (%s)"):format(source, target) }
      state.projects:export(project)
      table.insert(folder.projects, project)
      state.ledger:bill(call, { project_id = project.id, name = project.name, work = "dubbing",
        part = target })
    end
  end
  state.folders[folder.id] = folder
  return { folderId = folder.id }
end

local function translation_progress(state, call)
  local folder = state.folders[call.values.folderId]
  if not folder then return nil, work.not_found "folder" end
  local found = {}
  for i, project in ipairs(folder.projects) do
    found[i] = {
      projectId = project.id, name = project.name,
      progress = state.projects:progress(project),
      download_url = state.projects:download_url(project),
    }
  end
  return found
end

local TOOLS, DUBBING = "/api/odin/v3/tools", "/api/odin/v3/automation/translatevideos"

return {
  {
    name = "generate_text", method = "POST", path = TOOLS .. "/text-generator",
    auth = "token", answer = generate_text, fields = { topic },
  },
  {
    name = "generate_image", method = "POST", path = TOOLS .. "/image-generator",
    auth = "token", answer = generator("png", "topic"),
    fields = {
      topic,
      { "style", "string", enum = { "PHOTOGRAPHIC", "VECTOR_IMAGE", "ILLUSTRATION", "3D" } },
      { "size", "string", enum = { "LANDSCAPE", "PORTRAIT", "SQUARE" } },
    },
  },
  {
    name = "generate_video", method = "POST", path = TOOLS .. "/video-generator",
    auth = "token", answer = generator("mp4", "topic"), fields = { topic },
  },
  {
    name = "generate_voice", method = "POST", path = TOOLS .. "/voice-generator",
    auth = "token", answer = generator("wav", "script"),
    fields = {
      { "script", "string", required = true },
      { "model", "string", required = true },
      { "type", "string", required = true }, { "language", "string", required = true },
    },
  },
  {
    name = "translate_video", method = "POST", path = DUBBING,
    auth = "token", answer = translate, check = dubbing_problem,
    form = {
      { "file", "file" }, { "url", "string" }, { "original", "string" },
      { "originalSrt", "file" },
      { "target_0", "string", required = true, enum = LANGUAGES },
      { "target_%d", "string", enum = LANGUAGES },
      { "targetSrt_%d", "file" },
      { "isDubbingOnly", "boolean" }, { "isRemoveBGM", "boolean" },
      { "isCaptionFile", "boolean" }, { "numberOfSpeakers", "string" },
    },
  },
  {
    name = "get_translation_progress", method = "GET", path = DUBBING,
    auth = "token", answer = translation_progress, is_list = true,
    query = { { "folderId", "string", required = true } },
    observed = function (data)
      if #data == 1 then return data[1] end
      return data
    end,
  },
}
