-- SPDX-License-Identifier: MIT
--
-- find_export: looks for the export of a project that an earlier process may
-- have made. To export once more would cost once more.

local endpoint_call = require "aistudios.workflows.endpoint_call"
local endpoints = require "aistudios.endpoints"
local looks = require "aistudios.workflows.looks"

local M = {}

local MOST_CANDIDATES = 5  -- projects of the same name that one look asks for
local BUILT = "finish"     -- state of a project that is built and not exported

--- Calls an endpoint; the error says what the answer was needed for.
local function ask(search, row, ...)
  local result, err = endpoint_call.call(search.job, row, ...)
  if not result then
    err.message = "cannot tell whether it was exported before: " .. err.message
  end
  return result, err
end

--- Is the project itself being rendered, or is it already?
local function is_rendered(search)
  local seen, err = ask(search, endpoints.get_progress, search.id, search.limits)
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

--- Finds the copy of the project in a list of exported projects, or itself.
local function find_in(search, list)
  local built, looked_at = search.built, 0
  for i = #list, 1, -1 do
    local item = list[i]
    local id = item.project_id
    if id == search.id and item.state ~= BUILT then return id end
    if id ~= search.id and item.name == built.name and built.name
        and not search.others[id] and looked_at < MOST_CANDIDATES then
      looked_at = looked_at + 1
      local found, err = ask(search, endpoints.get_project, id, search.limits)
      if not found then return nil, err end
      if is_made_of(found.project, built) then return id end
      search.others[id] = true
    end
  end
end

--- Looks once.
local function look(search)
  local rendered, err = is_rendered(search)
  if rendered then return search.id end
  if err then return nil, err end
  local found, list
  if not search.built then
    found, err = ask(search, endpoints.get_project, search.id, search.limits)
    if not found then return nil, err end
    search.built = found.project
  end
  list, err = ask(search, endpoints.list_projects, search.limits)
  if not list then return nil, err end
  return find_in(search, list.projects)
end

--- Finds the project in which `id` is rendered: itself, or a copy, for the
--- service may answer an export with another id.
---@param job aistudios.Job
---@param id string
---@param chosen aistudios.FlowOptions  `interval` is the pause between two looks
---@param most? integer  how many looks that see nothing are enough (100)
---@return string? project_id  nil without an error: the last look saw no export
---@return aistudios.Error? err  it cannot be told: do not export
function M.run(job, id, chosen, most)
  local search = { job = job, id = id, others = {},
    limits = { timeout = chosen.timeout, retries = chosen.retries } }
  return looks.run(job, chosen, function () return look(search) end, most)
end

return M
