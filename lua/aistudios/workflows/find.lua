-- SPDX-License-Identifier: MIT
--
-- find: looks for what was sent when the answer never came: a project, or the
-- export of one. To send it once more would cost once more. What has just begun
-- may be invisible for a while, so one look proves nothing.

local core = require "aistudios.core"
local date = require "aistudios.util.date"
local endpoint_call = require "aistudios.workflows.endpoint_call"
local endpoints = require "aistudios.endpoints"
local errors = require "aistudios.error"
local fingerprint = require "aistudios.workflows.fingerprint"
local method = require "aistudios.endpoints.method"
local send = require "aistudios.transport.send"

local M = {}

local INTERVAL = 3      -- s between two looks
local MOST_LOOKS = 100
local DEADLINE = 1800   -- s for all looks
local MOST_CREATED = 20 -- projects of the same name that one look asks for,
local MOST_EXPORTS = 5  -- and of an export
local CLOCK_ERROR = 600 -- s between this machine's clock and the service's, at most
local BUILT = "finish"  -- state of a project that is built and not exported

--- Is it known that this project became of what another call has sent?
local function is_of_another(search, id)
  local known, plan = search.job.client.known_projects, search.plan
  local owner = known and known.owners[id]
  return owner and (owner.id ~= plan.id or owner.sent ~= plan.sent or owner.call ~= plan.call)
end

--- The one candidate; an error when there are more, for nothing tells which it is.
local function only(search, candidates)
  if #candidates < 2 then return candidates[1] end
  return nil, errors.new {
    kind = "api", outcome = "unknown", next = "look",
    message = ("%d projects look like what was %s before, and nothing tells which it is: %s")
      :format(#candidates, search.done, table.concat(candidates, ", ")) }
end


--- Calls an endpoint; the error says what the answer was needed for.
local function ask(search, row, id)
  local result, err = endpoint_call.call(search.job, row, id, search.limits)
  if err then
    err.message = ("cannot tell whether it was %s before: %s"):format(search.done, err.message)
  end
  return result, err
end

--- Can the next look succeed where this one failed?
local function is_passing(err)
  return err.kind == "network" or err.kind == "timeout" or err.kind == "protocol"
    or err.kind == "http" and err.retryable
end

--- Looks until there is something to be seen, for as long as a render may be
--- invisible.
local function run(search, look, most)
  local job, chosen = search.job, search.chosen
  local pause = chosen.interval or INTERVAL
  local deadline = core.now() + (chosen.deadline or DEADLINE)
  for count = 1, MOST_LOOKS do
    local found, err = look(search)
    if found or err and not is_passing(err) then return found, err end
    if not err and count >= (most or MOST_LOOKS) then return nil end
    if count == MOST_LOOKS or core.now() + pause > deadline then return nil, err end
    if not job:sleep(pause) then return nil, send.cancelled(job, "unknown") end
  end
end

--- `others` are the projects that were looked at and are not the one.
local function new_search(job, plan, chosen, done)
  return { job = job, chosen = chosen, done = done, others = {},
    plan = plan, limits = method.call_options(chosen) }
end

-- ---- a project that was sent ----

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

local function look_for_project(search)
  local list, err = ask(search, endpoints.list_projects)
  if not list then return nil, err end
  local asked, candidates = 0, {}
  for _, item in ipairs(list.projects) do
    local id = item.project_id
    if id and not search.others[id] and not is_of_another(search, id)
        and is_new(search, item) ~= false
        and fingerprint.has_name(search.fingerprint, item.name) and asked < MOST_CREATED then
      local found
      asked = asked + 1
      found, err = ask(search, endpoints.get_project, id)
      if not found then return nil, err end
      local is_one = is_wanted(search, found.project)
      if is_one then candidates[#candidates + 1] = id else search.others[id] = true end
    end
  end
  return only(search, candidates)
end

--- Finds a project that was sent to be created and rendered.
---@param job aistudios.Job
---@param plan aistudios.Plan  of the goal `create_sent`
---@param chosen aistudios.RenderOptions  `interval` is the pause between two looks
---@return string? project_id  nil without an error: the last look saw none
---@return aistudios.Error? err  it cannot be told
function M.project(job, plan, chosen)
  if not fingerprint.is_current(plan.id) then return nil end
  local search = new_search(job, plan, chosen, "created")
  search.fingerprint, search.sent = plan.id, plan.sent
  return run(search, look_for_project)
end

-- ---- the export of a project ----

--- Is the project itself being rendered, or is it already?
local function is_rendered(search)
  local seen, err = ask(search, endpoints.get_progress, search.id)
  if not seen then -- the list may still show it
    local is_no = err.kind == "api" or err.status == 404
    return false, not is_no and err or nil
  end
  return seen.download_url ~= nil
    or type(seen.progress) == "number" and seen.progress > 0
end

local function has_scenes(project)
  return type(project.scenes) == "table" and next(project.scenes) ~= nil
end

--- Was `candidate` made of `built`? It has the name, is not older, and looks the same
--- where the scenes of both are known.
local function is_made_of(candidate, built)
  if candidate.name ~= built.name then return false end
  if has_scenes(candidate) and has_scenes(built)
      and fingerprint.of(candidate) ~= fingerprint.of(built) then
    return false
  end
  -- The dates are ISO 8601, so their order is that of their texts.
  local earlier, later = built.createdAt, candidate.createdAt
  return type(earlier) ~= "string" or type(later) ~= "string" or later >= earlier
end

--- Finds the copy of the project in a list of exported projects, or itself.
local function find_in(search, list)
  local built, asked, candidates = search.built, 0, {}
  for i = #list, 1, -1 do
    local item = list[i]
    local id = item.project_id
    if id == search.id and item.state ~= BUILT then return id end
    if id and id ~= search.id and item.name == built.name and built.name
        and not search.others[id] and not is_of_another(search, id) and asked < MOST_EXPORTS then
      asked = asked + 1
      local found, err = ask(search, endpoints.get_project, id)
      if not found then return nil, err end
      local is_one = is_made_of(found.project, built)
      if is_one then candidates[#candidates + 1] = id else search.others[id] = true end
    end
  end
  return only(search, candidates)
end

local function look_for_export(search)
  local rendered, err = is_rendered(search)
  if rendered then return search.id end
  if err then return nil, err end
  local found, list
  if not search.built then
    found, err = ask(search, endpoints.get_project, search.id)
    if not found then return nil, err end
    search.built = found.project
  end
  list, err = ask(search, endpoints.list_projects)
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
function M.export(job, id, chosen, most)
  local search = new_search(job, { id = id }, chosen, "exported")
  search.id = id
  return run(search, look_for_export, most)
end

return M
