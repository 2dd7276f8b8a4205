-- SPDX-License-Identifier: MIT
--
-- trace: looks for the export of a project that an earlier process may have
-- made. To export once more would cost once more.

local api = require "aistudios.api"
local call = require "aistudios.call"
local endpoint = require "aistudios.endpoint"

local M = {}

local MOST_CANDIDATES = 5 -- projects of the same name that are looked at

local function ask(job, row, ...)
  local made = endpoint.prepare(job.client, row, ...)
  return made and call.run(job, made)
end

--- Is the project itself being rendered, or is it already?
local function is_rendered(job, id, limits)
  local seen = ask(job, api.get_progress, id, limits)
  if not seen then return false end
  return seen.download_url ~= nil
    or type(seen.progress) == "number" and seen.progress > 0
end

--- Was `candidate` made of `built`? It has the name, and is not older. The
--- dates are ISO 8601, so their order is that of their texts.
local function is_made_of(candidate, built)
  if candidate.name ~= built.name then return false end
  local earlier, later = built.createdAt, candidate.createdAt
  return type(earlier) ~= "string" or type(later) ~= "string" or later >= earlier
end

--- Finds the project in which `id` is rendered: itself, or a copy, for the
--- service may answer an export with another id.
---@param job aistudios.Job
---@param id string
---@param limits aistudios.CallOptions
---@return string? project_id  nil: there is no trace of an export
function M.find_export(job, id, limits)
  if is_rendered(job, id, limits) then return id end
  local built = ask(job, api.get_project, id, limits)
  local list = built and built.project.name and ask(job, api.list_projects, limits)
  if not list then return nil end
  local looked_at = 0
  for i = #list.projects, 1, -1 do
    local item = list.projects[i]
    if item.project_id ~= id and item.name == built.project.name
        and looked_at < MOST_CANDIDATES then
      looked_at = looked_at + 1
      local found = ask(job, api.get_project, item.project_id, limits)
      if found and is_made_of(found.project, built.project) then return item.project_id end
    end
  end
end

return M
