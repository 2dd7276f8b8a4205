-- SPDX-License-Identifier: MIT
--
-- rows.simple: a video or a voice from one text.

local work = require "aistudios.sandbox.work"

local speech_rows = {
  { "language", "string", required = true },
  { "text", "string", required = true },
  { "model", "string", required = true },
}

local function project_of(state, call)
  return state.projects:create {
    name = call.body.text:sub(1, 40),
    outline = { texts = { call.body.text }, model = call.body.model, clothes = call.body.clothes },
  }
end

-- The table says that isExport is false by default; the samples assume true.
local function video(state, call)
  local project = project_of(state, call)
  work.export_if_wanted(state, call, project, state.options.simple_video_exports)
  return { projectId = project.id }
end

local function custom(state, call)
  local project = project_of(state, call)
  work.export_if_wanted(state, call, project, true)
  return { projectId = project.id, taskId = state.projects.task_id(project) }
end

local function audio(state, call)
  local url, name = state.media:make "wav"
  state.ledger:bill(call, { project_id = name, name = call.body.text, work = "generation" })
  return { fileName = name, downloadUrl = url, metaList = require "aistudios.sandbox.json".list {} }
end

local SIMPLE = "/api/odin/v3/simple"

return {
  {
    name = "create_simple_video", method = "POST", path = SIMPLE .. "/video",
    auth = "token", answer = video,
    fields = work.joined(speech_rows, { { "clothes", "string", required = true },
      { "ttsType", "object" } }, work.export_rows),
  },
  {
    name = "create_simple_audio", method = "POST", path = SIMPLE .. "/audio",
    auth = "token", answer = audio,
    fields = work.joined(speech_rows, { { "tts", "object" } }),
  },
  {
    name = "create_simple_custom", method = "POST", path = SIMPLE .. "/custom",
    auth = "token", answer = custom,
    fields = work.joined(speech_rows, work.export_rows),
  },
}
