-- SPDX-License-Identifier: MIT
--
-- work: what rows of several files share: starting renders, refusals.

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

---@param message string
---@return table problem
function M.unauthorized(message)
  return { status = 401, code = "unauthorized", message = message }
end

--- What is wrong with the appId and userKey of a body; nil when nothing.
---@return table? problem
function M.credentials_problem(state, body)
  local options = state.options
  if body.appId == options.app_id and body.userKey == options.user_key then return nil end
  return M.unauthorized "appId and userKey do not belong together"
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

return M
