-- SPDX-License-Identifier: MIT
--
-- work: what rows of several files share: starting renders, refusals, scenes.

local json = require "aistudios.sandbox.json"

local M = {}

--- The fields that every call which may render takes.
M.export_rows = {
  { "isExport", "boolean" },
  { "workspaceId", "string" },
  { "resolution", "string", enum = { "4k", "1080", "720", "480" } },
  { "webhookUrl", "string" },
}

--- Several lists of rows as one.
function M.joined(...)
  local rows = {}
  for _, some in ipairs { ... } do
    for _, row in ipairs(some) do rows[#rows + 1] = row end
  end
  return rows
end

---@param what string
---@return table problem
function M.not_found(what)
  return { status = 404, code = "not_found", message = "no such " .. what }
end

---@param message string
---@return table problem
function M.invalid(message)
  return { status = 400, code = "invalid_input", message = message }
end

--- The project of that id, or nil and the problem.
function M.project(state, id)
  local project = state.projects:get(id)
  if not project then return nil, M.not_found "project" end
  return project
end

--- Starts the render that the call asks for, and bills it.
function M.export(state, call, project)
  state.projects:export(project)
  state.ledger:bill(call, { project_id = project.id, name = project.name, work = "render" })
  local url = call.body.webhookUrl
  if type(url) == "string" then state.webhooks:add(project, url, call.webhook_fault) end
end

--- Starts the render unless the call says no; `default` when it says nothing.
function M.export_if_wanted(state, call, project, default)
  local wanted = call.body.isExport
  if type(wanted) ~= "boolean" then wanted = default end
  if wanted then M.export(state, call, project) end
end

--- The scenes of a project that was made here: one per text, with an avatar, a
--- title and a subtitle.
---@param texts string[]
---@param model? string
---@param clothes? string
---@return string json
function M.scenes_text(texts, model, clothes)
  local scenes = {}
  model, clothes = model or "M000045058", clothes or "BG00002320"
  for i, text in ipairs(texts) do
    scenes[i] = {
      sceneIdx = i - 1,
      background = { id = "background", type = "background", source_type = "image",
        source_url = "/images/background/bg_blue_gradient.png" },
      scripts = { { org = text, isTTS = false, tts = json.null, modelId = model,
        clothId = clothes } },
      clips = {
        { id = "avatar-" .. i, type = "aiModel", layer = 1, left = 600, top = 100, width = 679,
          height = 2229, model = { ai_name = model, emotion = clothes } },
        { id = "title-" .. i, type = "textImage", layer = 2, left = 80, top = 80, width = 900,
          height = 120, fill = "#ffffff", fontSize = 60, text = "Title " .. i, tag = "title" },
        { id = "subtitle-" .. i, type = "textImage", layer = 3, left = 80, top = 220, width = 900,
          height = 80, fill = "#ffffff", fontSize = 36, text = "Subtitle " .. i,
          tag = "subtitles" },
      },
    }
  end
  return json.encode(json.list(scenes))
end

return M
