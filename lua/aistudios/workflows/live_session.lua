-- SPDX-License-Identifier: MIT
--
-- live_session: a live avatar's session as an object. It is billed until it is
-- stopped: by close, at the end of a block, after an error, when it is
-- collected, when its client closes.

local endpoint_call = require "aistudios.workflows.endpoint_call"
local endpoints = require "aistudios.endpoints"
local errors = require "aistudios.error"
local jobs = require "aistudios.jobs.job"
local method = require "aistudios.endpoints.method"
local raise = require "aistudios.util.raise"
local send = require "aistudios.transport.send"
local session_stops = require "aistudios.workflows.session_stops"

local M = {}

local registry_of = session_stops.registry_of

---@class aistudios.Session
---@field id string
---@field voice_id? string
---@field livekit { url: string, token: string, room_name: string? }  for a LiveKit player
---@field max_session_duration? integer
---@field raw table  the whole answer
---@field is_closed boolean  the service has confirmed that it was stopped
---@field async aistudios.SessionAsync  the same methods, returning jobs
---@field package client aistudios.Client
---@field package stopping? aistudios.Job  the last stop
local Session = { __name = "aistudios.session" }
Session.__index = Session

local function check_text(text)
  if type(text) == "string" then return end
  raise("session:talk: a string is expected, got " .. type(text))
end

--- Makes the avatar say a text.
---@param text string
---@param options? aistudios.CallOptions
---@return true? ok
---@return aistudios.Error? err
function Session:talk(text, options)
  check_text(text)
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

--- Begins to stop it, unless it is being stopped or was.
local function start_close(session, reason)
  local client, stopping = session.client, session.stopping
  if session.is_closed then
    return jobs.start(client, "stop_session", function () return true end)
  end
  if stopping and not stopping.is_done then return stopping end
  if not client.scheduler.is_closed then
    return session_stops.start(client, session.id, reason or "USER_CLOSED")
  end
  return jobs.start(client, "stop_session", nil, errors.new { kind = "cancelled",
    outcome = "unknown", endpoint = "stop_session", session_id = session.id,
    message = "the client was closed before the session was stopped; it may still be billed" })
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

--- The same methods, which return a job at once.
---@class aistudios.SessionAsync
---@field package session aistudios.Session
local SessionAsync = { __name = "aistudios.session.async" }
SessionAsync.__index = SessionAsync

--- Like `session:talk`; the job's result is the API's answer.
---@param text string
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function SessionAsync:talk(text, options)
  check_text(text)
  return self.session.client.async:talk(self.session.id, { message = text }, options)
end

--- Like `session:info`.
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function SessionAsync:info(options)
  return self.session.client.async:get_session(self.session.id, options)
end

--- Like `session:close`.
---@param reason? "USER_CLOSED"|"TIMEOUT"|"ERROR"
---@return aistudios.Job job
function SessionAsync:close(reason) return start_close(self.session, reason) end

function Session:__close(err)
  self:close(err ~= nil and "ERROR" or "USER_CLOSED")
end

-- A finalizer runs at any moment, inside the scheduler too: the next step
-- stops the session.
function Session:__gc()
  local scheduler = self.client.scheduler
  if self.is_closed or scheduler.is_closed then return end
  local deferred = scheduler.deferred
  deferred[#deferred + 1] = function ()
    local client, id = self.client, self.id
    if registry_of(client).open[id] then session_stops.start(client, id, "USER_CLOSED") end
  end
end

function Session:__tostring()
  return ("%s: %s (%s)"):format(Session.__name, self.id, self.is_closed and "closed" or "open")
end

local function new_session(client, result)
  local registry = registry_of(client)
  local session = setmetatable({
    client = client, id = result.session_id, voice_id = result.voice_id,
    livekit = result.livekit, max_session_duration = result.max_session_duration,
    raw = result.raw, is_closed = false,
  }, Session)
  session.async = setmetatable({ session = session }, SessionAsync)
  registry.open[session.id], registry.objects[session.id] = true, session
  return session
end

--- Stops a session of whose start the caller gets an error.
local function abandon(client, id)
  registry_of(client).open[id] = true
  session_stops.start(client, id, "ERROR")
end

--- Starts a session. A start that is on its way is let end, whatever the host
--- wants meanwhile: only its answer has the id by which the session is stopped.
local function start(job, call)
  local client = job.client
  local registry, scheduler = registry_of(client), client.scheduler
  scheduler.on_close = scheduler.on_close or function () session_stops.all(client) end
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
