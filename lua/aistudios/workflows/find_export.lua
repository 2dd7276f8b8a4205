-- SPDX-License-Identifier: MIT
--
-- find_export: looks for the export of a project that an earlier process may
-- have made. To export once more would cost once more.

local endpoint_call = require "aistudios.workflows.endpoint_call"
local endpoints = require "aistudios.endpoints"

local M = {}

local MOST_CANDIDATES = 5 -- projects of the same name that are looked at
local BUILT = "finish"    -- state of a project that is built and not exported

--- Calls an endpoint; the error says what the answer was needed for.
local function ask(job, row, ...)
  local result, err = endpoint_call.call(job, row, ...)
  if not result then
    err.message = "cannot tell whether it was exported before: " .. err.message
  end
  return result, err
end

--- Is the project itself being rendered, or is it already?
local function is_rendered(job, id, limits)
  local seen, err = ask(job, endpoints.get_progress, id, limits)
  if not seen then -- the list may still show it
    local is_no = err.kind == "api" or err.status == 404
    return false, not is_no and err or nil
  end
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

--- Finds the copy of `built` in a list of exported projects, or itself.
local function find_in(job, list, built, id, limits)
  local looked_at = 0
  for i = #list, 1, -1 do
    local item = list[i]
    if item.project_id == id and item.state ~= BUILT then return id end
    if item.project_id ~= id and item.name == built.name
        and built.name and looked_at < MOST_CANDIDATES then
      looked_at = looked_at + 1
      local found, err = ask(job, endpoints.get_project, item.project_id, limits)
      if not found then return nil, err end
      if is_made_of(found.project, built) then return item.project_id end
    end
  end
end

--- Finds the project in which `id` is rendered: itself, or a copy, for the
--- service may answer an export with another id.
---@param job aistudios.Job
---@param id string
---@param limits aistudios.CallOptions
---@return string? project_id  nil: no export was found
---@return aistudios.Error? err  it cannot be told: do not export
function M.run(job, id, limits)
  local rendered, err = is_rendered(job, id, limits)
  if rendered then return id end
  if err then return nil, err end
  local built, list
  built, err = ask(job, endpoints.get_project, id, limits)
  if not built then return nil, err end
  list, err = ask(job, endpoints.list_projects, limits)
  if not list then return nil, err end
  return find_in(job, list.projects, built.project, id, limits)
end

return M
