-- SPDX-License-Identifier: MIT
--
-- live_session: a live avatar's session as an object. It is billed until it is
-- stopped: by close, at the end of a block, after an error, when it is
-- collected, when its client closes.

local core = require "aistudios.core"
local endpoint_call = require "aistudios.workflows.endpoint_call"
local endpoints = require "aistudios.endpoints"
local events = require "aistudios.transport.events"
local jobs = require "aistudios.jobs.job"
local method = require "aistudios.endpoints.method"
local send = require "aistudios.transport.send"
local session_async = require "aistudios.workflows.session_async"

local M = {}

local ATTEMPTS = 3    -- of a stop; to stop twice does no harm
local PAUSE = 0.5     -- s between them
local CLOSE_LIMIT = 5 -- s that a closing client waits for its sessions to stop

--- The sessions of one client.
---@class aistudios.SessionRegistry
---@field open table<string, true|"tried">  by id; "tried": a stop has failed
---@field objects table<string, aistudios.Session>  by id, weak
---@field starts table<aistudios.Job, true>  being started
---@field stops table<aistudios.Job, true>   being stopped
local registries = setmetatable({}, { __mode = "k" })

local function registry_of(client)
  local registry = registries[client] or { open = {}, starts = {}, stops = {},
    objects = setmetatable({}, { __mode = "v" }) }
  registries[client] = registry
  return registry
end

---@class aistudios.Session
---@field id string
---@field voice_id? string
---@field livekit { url: string, token: string, room_name: string? }  for a LiveKit player
---@field max_session_duration? integer
---@field raw table  the whole answer
---@field is_closed boolean
---@field async aistudios.SessionAsync  the same methods, returning jobs
---@field package client aistudios.Client
local Session = { __name = "aistudios.session" }
Session.__index = Session

--- Is it unknown whether the session was stopped, or can the stop be repeated?
local function is_doubtful(err)
  return err.outcome == "unknown" or err.retryable
end

--- Emits a warning: the session may still be billed.
local function warn(job, id, err)
  events.emit(job, { type = "warning", session_id = id, error = tostring(err),
    message = "the session could not be stopped and may still be billed" })
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

--- Begins to stop a session. Its object, when there is one, is open again when
--- that fails.
local function start_stop(client, id, reason, session)
  local registry = registry_of(client)
  local was_tried = registry.open[id] == "tried"
  registry.open[id] = nil
  local started = jobs.start(client, "stop_session", function (job)
    job.is_firm = true -- goes on when a callback raises
    local result, err = stop(job, id, reason, was_tried)
    registry.stops[job] = nil
    if not result and session and not client.scheduler.is_closed then
      session.is_closed, registry.open[id] = false, "tried"
    end
    return result, err
  end)
  if not started.is_done then registry.stops[started] = true end
  return started
end

--- Makes the avatar say a text.
---@param text string
---@param options? aistudios.CallOptions
---@return true? ok
---@return aistudios.Error? err
function Session:talk(text, options)
  session_async.check_text(text)
  self.client:forbid_fork "session:talk"
  local result, err = self.client:talk(self.id, { message = text }, options)
  return result and true or nil, err
end

--- What the service knows of it.
---@param options? aistudios.CallOptions
---@return table? result
---@return aistudios.Error? err
function Session:info(options)
  self.client:forbid_fork "session:info"
  return self.client:get_session(self.id, options)
end

--- Begins to stop it. A client that was closed has stopped it.
local function start_close(session, reason)
  local client = session.client
  local is_over = session.is_closed or client.scheduler.is_closed
  session.is_closed = true
  if not is_over then return start_stop(client, session.id, reason or "USER_CLOSED", session) end
  return jobs.start(client, "stop_session", function () return true end)
end

--- Stops it, and its billing. Idempotent; tries again when it failed. Inside a
--- callback it only begins to.
---@param reason? "USER_CLOSED"|"TIMEOUT"|"ERROR"
---@return true? ok
---@return aistudios.Error? err  it may still be billed; an event says so too
function Session:close(reason)
  local job = start_close(self, reason)
  if not job.is_done and self.client.scheduler:is_in_callback() then return true end
  self.client.scheduler:run_until(job)
  return job:result()
end

function Session:__close(err)
  self:close(err ~= nil and "ERROR" or "USER_CLOSED")
end

-- A finalizer runs at any moment, inside the scheduler too: the next step
-- stops the session.
function Session:__gc()
  local scheduler = self.client.scheduler
  if self.is_closed or scheduler.is_closed then return end
  self.is_closed = true
  local deferred = scheduler.deferred
  deferred[#deferred + 1] = function ()
    local client, id = self.client, self.id
    if registry_of(client).open[id] then start_stop(client, id, "USER_CLOSED") end
  end
end

function Session:__tostring()
  return ("%s: %s (%s)"):format(Session.__name, self.id, self.is_closed and "closed" or "open")
end

--- Stops the open sessions before a client closes; those that are being started
--- are waited for and then stopped.
local function stop_all(client)
  local registry = registry_of(client)
  local deadline = core.now() + CLOSE_LIMIT
  local function finish(set)
    local job = next(set)
    while job and core.now() < deadline do
      client.scheduler:run_until(job, deadline - core.now())
      if job.is_done then set[job] = nil end
      job = next(set)
    end
  end
  finish(registry.starts)
  for id in pairs(registry.open) do start_stop(client, id, "USER_CLOSED") end
  finish(registry.stops)
end

local function new_session(client, result)
  local registry = registry_of(client)
  local session = setmetatable({
    client = client, id = result.session_id, voice_id = result.voice_id,
    livekit = result.livekit, max_session_duration = result.max_session_duration,
    raw = result.raw, is_closed = false,
  }, Session)
  session.async = session_async.new(session, start_close)
  registry.open[session.id], registry.objects[session.id] = true, session
  return session
end

--- Stops a session of whose start the caller gets an error.
local function abandon(client, id)
  registry_of(client).open[id] = true
  start_stop(client, id, "ERROR")
end

--- Starts a session. A start that is on its way is let end, whatever the host
--- wants meanwhile: only its answer has the id by which the session is stopped.
local function start(job, call)
  local client = job.client
  local registry, scheduler = registry_of(client), client.scheduler
  scheduler.on_close = scheduler.on_close or function () stop_all(client) end
  registry.starts[job], job.awaits_answer = true, true
  local result, err = endpoint_call.run(job, call)
  registry.starts[job], job.awaits_answer = nil, nil
  if result and not job.is_cancelled then return result end
  if result then
    err = send.cancelled(job, "unknown")
    err.session_id = result.session_id
  end
  if err.session_id then
    err.message = err.message .. "; the session that it started is being stopped"
    abandon(client, err.session_id)
  elseif err.outcome == "unknown" then
    err.message = err.message .. "; a session may run and be billed, see list_sessions"
  end
  return nil, err
end

--- Starts a session, whose object stops it.
---@type aistudios.Operation
function M.operation(client, given, chosen)
  local call, err, misuse = method.prepare(client, endpoints.start_session, given, chosen)
  if not call then return nil, err, misuse and misuse:gsub("^start_session", "session") end
  return function (job)
    local result, problem = start(job, call)
    if not result then return nil, problem end
    return new_session(client, result)
  end
end

--- Starts a session that the caller stops.
---@type aistudios.Operation
function M.start_operation(client, given, chosen)
  local call, err, misuse = method.prepare(client, endpoints.start_session, given, chosen)
  if not call then return nil, err, misuse end
  return function (job) return start(job, call) end
end

--- Forgets a session that was stopped, and tells its object.
local function mark_stopped(client, id)
  local registry = registry_of(client)
  local session = registry.objects[id]
  registry.open[id] = nil
  if session then session.is_closed = true end
end

--- Stops a session by its id.
---@type aistudios.Operation
function M.stop_operation(client, id, given, chosen)
  local call, err, misuse = method.prepare(client, endpoints.stop_session, id, given, chosen)
  if not call then return nil, err, misuse end
  return function (job)
    local result, problem = endpoint_call.run(job, call)
    if result or (problem.kind == "api" and problem.status == 404) then
      mark_stopped(client, type(id) == "table" and id.session_id or id)
    end
    return result, problem
  end
end

return M
