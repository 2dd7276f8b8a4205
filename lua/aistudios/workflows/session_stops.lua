-- SPDX-License-Identifier: MIT
--
-- session_stops: which live sessions of a client are open, and how they are stopped:
-- one, or all before their client closes. A session is taken for stopped when the
-- service has confirmed it.

local copy = require "aistudios.util.copy"
local core = require "aistudios.core"
local endpoints = require "aistudios.endpoints"
local events = require "aistudios.transport.events"
local jobs = require "aistudios.jobs.job"
local method = require "aistudios.endpoints.method"
local send = require "aistudios.transport.send"

local M = {}

local ATTEMPTS = 3    -- of a stop; to stop twice does no harm
local PAUSE = 0.5     -- s between them
local CLOSE_LIMIT = 5 -- s that a closing client waits for its sessions to stop,
local CANCEL_LIMIT = 1 -- and then for the end of what it cancels

--- The sessions of one client.
---@class aistudios.SessionRegistry
---@field open table<string, true|"tried">  by id; "tried": a stop has failed
---@field objects table<string, aistudios.Session>  by id, weak
---@field starts table<aistudios.Job, true>  being started
---@field stops table<aistudios.Job, true>   being stopped
local registries = setmetatable({}, { __mode = "k" })

---@param client aistudios.Client
---@return aistudios.SessionRegistry
function M.registry_of(client)
  local registry = registries[client] or { open = {}, starts = {}, stops = {},
    objects = setmetatable({}, { __mode = "v" }) }
  registries[client] = registry
  return registry
end

--- Is it unknown whether the session was stopped, or can the stop be repeated?
local function is_doubtful(err)
  return err.outcome == "unknown" or err.retryable
end

--- Emits a warning: the session may still be billed.
local function warn(job, id, err)
  events.emit(job, { type = "warning", session_id = id, error = tostring(err),
    message = "the session could not be stopped and may still be billed" }, true)
end

--- Stops a session inside a job. `was_tried`: an earlier stop has failed.
local function stop(job, id, reason, was_tried)
  local result, err
  for attempt = 1, ATTEMPTS do
    local call, problem =
      method.prepare(job.client, endpoints.stop_session, id, { reason = reason })
    if not call then
      err = problem
      break
    end
    -- Closed here: a Lua state that is being closed runs no new finalizers.
    local _ <close> = call.body
    result, err = send.run(job, call)
    if not result and (was_tried or attempt > 1) and err.status == 404 then
      result, err = {}, nil -- the try before has reached it
    end
    if result or not is_doubtful(err) or not job:sleep(PAUSE) then break end
  end
  if err then warn(job, id, err) end
  return result and true or nil, err
end

--- Begins to stop a session. Its object, when there is one, is closed when that
--- succeeds.
---@param client aistudios.Client
---@param id string
---@param reason "USER_CLOSED"|"TIMEOUT"|"ERROR"
---@return aistudios.Job
function M.start(client, id, reason)
  local registry = M.registry_of(client)
  local session, was_tried = registry.objects[id], registry.open[id] == "tried"
  registry.open[id] = nil
  local started = jobs.start(client, "stop_session", function (job)
    job.is_firm = true -- goes on when a callback raises
    local result, err = stop(job, id, reason, was_tried)
    registry.stops[job] = nil
    if result and session then session.is_closed = true end
    if not (result or session and session.is_closed) then registry.open[id] = "tried" end
    return result, err
  end)
  if not started.is_done then registry.stops[started] = true end
  if session then session.stopping = started end
  return started
end

--- Stops the open sessions before a client closes; those that are being started
--- are waited for and then stopped. A stop that is not confirmed in time fails, with
--- a warning.
---@param client aistudios.Client
function M.all(client)
  local registry, scheduler = M.registry_of(client), client.scheduler
  local deadline = core.now() + CLOSE_LIMIT
  local function finish(set)
    local job = next(set)
    while job and core.now() < deadline do
      scheduler:run_until(job, deadline - core.now())
      if job.is_done then set[job] = nil end
      job = next(set)
    end
  end
  for _ = 1, 2 do
    for id in pairs(copy(registry.open)) do M.start(client, id, "USER_CLOSED") end
    finish(registry.starts)
  end
  finish(registry.stops)
  deadline = core.now() + CANCEL_LIMIT
  for job in pairs(registry.stops) do job:cancel() end
  finish(registry.stops)
end

return M
