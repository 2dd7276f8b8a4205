-- SPDX-License-Identifier: MIT
--
-- find_created: looks for a project that was sent to be created and rendered
-- when the answer never came. To create it once more would cost once more. A
-- render that has just begun may be invisible for a while.

local date = require "aistudios.util.date"
local endpoint_call = require "aistudios.workflows.endpoint_call"
local endpoints = require "aistudios.endpoints"
local fingerprint = require "aistudios.workflows.fingerprint"
local looks = require "aistudios.workflows.looks"

local M = {}

local CLOCK_ERROR = 600    -- s between this machine's clock and the service's, at most
local MOST_CANDIDATES = 20 -- projects of the same name that one look asks for

local function ask(search, row, ...)
  local result, err = endpoint_call.call(search.job, row, ...)
  if not result then
    err.message = "cannot tell whether it was created before: " .. err.message
  end
  return result, err
end

--- Was it created after the request was sent? Nil: nobody knows, for a
--- date is missing.
local function is_new(search, project)
  local created = date.of_iso(project.createdAt)
  return created and search.sent and created >= search.sent - CLOCK_ERROR
end

--- Is it the one? One without a date may be as old as any.
local function is_wanted(search, project)
  return is_new(search, project) and fingerprint.of(project) == search.fingerprint
end

local function look(search)
  local list, err = ask(search, endpoints.list_projects, search.limits)
  if not list then return nil, err end
  local asked = 0
  for _, item in ipairs(list.projects) do
    local id = type(item) == "table" and item.project_id
    if id and not search.others[id] and is_new(search, item) ~= false
        and fingerprint.has_name(search.fingerprint, item.name) and asked < MOST_CANDIDATES then
      local found
      asked = asked + 1
      found, err = ask(search, endpoints.get_project, id, search.limits)
      if not found then return nil, err end
      if is_wanted(search, found.project) then return id end
      search.others[id] = true
    end
  end
end

--- Finds the project that was sent.
---@param job aistudios.Job
---@param plan aistudios.Plan  of the goal `create_sent`
---@param chosen aistudios.RenderOptions  `interval` is the pause between two looks
---@return string? project_id  nil without an error: the last look saw none
---@return aistudios.Error? err
function M.run(job, plan, chosen)
  local search = { job = job, fingerprint = plan.id, sent = plan.sent, others = {},
    limits = { timeout = chosen.timeout, retries = chosen.retries } }
  return looks.run(job, chosen, function () return look(search) end)
end

return M
