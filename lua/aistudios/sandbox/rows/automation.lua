-- SPDX-License-Identifier: MIT
--
-- rows.automation: the tools that build a project, which is to be exported
-- when it is built.

local work = require "aistudios.sandbox.work"

local function text(name) return { "options." .. name, "string" } end

-- The options that the tools share, and `more` of their own.
local function option_rows(...)
  return work.joined({
    { "options", "object" },
    text "language", text "objective", text "audience", text "tone", text "templateId",
    text "model",
    { "options.speed", "number", min = 0.5, max = 1.5 },
    { "options.media", "string", enum = { "search", "free", "premium", "generative" } },
    { "options.useGenerativeHighQuality", "boolean" },
    { "options.style", "string", enum = { "realistic", "digitalPainting", "sketch",
      "oilPainting", "pixelArt", "watercolor", "lowPoly", "cyberpunk", "fantasy", "anime" } },
    { "options.voiceOnly", "boolean" },
  }, ...)
end

local duration = { { "options.duration", "integer", enum = { 30, 60, 90, 120, 150, 180 } } }

local function build(state, call, name, texts)
  local project = state.projects:create {
    name = name:sub(1, 40), build_began = state:now(),
    outline = { texts = texts, model = (call.body.options or {}).model },
  }
  state.ledger:note_build(call, { project_id = project.id, name = project.name })
  return project
end

local function tool(field)
  return function (state, call)
    local project = build(state, call, call.body[field], { call.body[field] })
    return { projectId = project.id, automationJobId = state.random:hex(12) }
  end
end

local function upload(state, call)
  local results = {}
  for i, file in ipairs(call.body.files) do
    local uri = state.random:hex(16) .. file.filename:match "%.[^.]+$"
    state.documents[uri] = file.filename
    results[i] = { uri = uri, fileName = file.filename }
  end
  return { uploadResults = results }
end

local function documents_problem(call, state)
  if #call.body.files == 0 then return "files must have at least one document" end
  for i, file in ipairs(call.body.files) do
    if not state.documents[file.uri] then
      return ("files[%d].uri is none that was uploaded"):format(i - 1)
    end
  end
end

local function from_documents(state, call)
  local texts = {}
  for i, file in ipairs(call.body.files) do texts[i] = "From " .. file.fileName end
  return { projectId = build(state, call, call.body.files[1].fileName, texts).id }
end

-- The id is in the query, or, as short samples of the vendor have it, the path.
local function progress(state, call)
  local id = call.values and call.values.projectId or call.path.projectId
  local project, problem = work.project(state, id)
  if not project then return nil, problem end
  local done = state.projects:build_progress(project)
  return { progress = done, state = done >= 100 and "finish" or "building" }
end

local AUTOMATION = "/api/odin/v3/automation"
local project_id = { { "projectId", "string", required = true } }

return {
  {
    name = "upload_docs", method = "POST", path = AUTOMATION .. "/docs-to-video/upload-files",
    auth = "token", answer = upload,
    form = { { "files", "file", required = true, many = true, kinds = {
      "txt", "pdf", "xls", "xlsx", "doc", "docs", "docx", "pptx", "ppt" } } },
  },
  {
    name = "docs_to_video", method = "POST", path = AUTOMATION .. "/docs-to-video",
    auth = "token", answer = from_documents, check = documents_problem,
    fields = work.joined({
      { "files", "array", required = true },
      { "files[].uri", "string", required = true },
      { "files[].fileName", "string", required = true },
    }, option_rows()),
  },
  {
    name = "topic_to_video", method = "POST", path = AUTOMATION .. "/topic_to_video",
    auth = "token", answer = tool "topic",
    fields = work.joined({ { "topic", "string", required = true } }, option_rows(duration)),
  },
  {
    name = "url_to_video", method = "POST", path = AUTOMATION .. "/url_to_video",
    auth = "token", answer = tool "url",
    fields = work.joined({ { "url", "string", required = true, address = true } },
      option_rows(duration)),
  },
  {
    name = "scripts_to_video", method = "POST", path = AUTOMATION .. "/scripts_to_video",
    auth = "token", answer = tool "scripts",
    fields = work.joined({ { "scripts", "string", required = true } }, option_rows(duration, {
      { "options.scriptOption", "string", enum = { "ai", "original" } } })),
  },
  {
    name = "get_automation_progress", method = "GET", path = AUTOMATION .. "/progress",
    auth = "token", answer = progress, query = project_id,
  },
  {
    name = "get_automation_progress", method = "GET", path = AUTOMATION .. "/progress/",
    auth = "token", answer = progress, query = project_id,
  },
  {
    name = "get_automation_progress", method = "GET",
    path = AUTOMATION .. "/progress/{projectId}", auth = "token", answer = progress,
  },
}
