-- SPDX-License-Identifier: MIT
--
-- session: a live avatar's session as an object. It is billed until it is
-- stopped, so everything here is about stopping it: by close, at the end of a
-- block, after an error, when it is forgotten, when its client ends.

local api = require "aistudios.endpoints"
local call = require "aistudios.transport.send"
local carry = require "aistudios.transport.carry"
local core = require "aistudios.core"
local endpoint = require "aistudios.endpoints.method"
local jobs = require "aistudios.jobs.job"

local M = {}

local ATTEMPTS = 3    -- of a stop; to stop twice does no harm
local PAUSE = 0.5     -- s between them
local FAREWELL = 5    -- s that a closing client gives its sessions

---@class aistudios.Session
---@field id string
---@field voice_id? string
---@field livekit { url: string, token: string, room_name: string? }  for a LiveKit player
---@field max_session_duration? integer
---@field raw table  the whole answer
---@field is_closed boolean
---@field package client aistudios.Client
local Session = { __name = "aistudios.session" }
Session.__index = Session

--- Was it only the answer that went missing?
local function is_doubtful(err)
  return err.outcome == "unknown" or err.retryable
end

--- Says that money may still be running.
local function warn(job, id, err)
  call.emit(job, { type = "warning", session_id = id, error = tostring(err),
    message = "the session could not be stopped and may still be billed" })
end

--- Stops a session inside a job; `was_tried` by an earlier one in vain?
local function stop(job, id, reason, was_tried)
  local result, err
  for attempt = 1, ATTEMPTS do
    local made, problem = endpoint.prepare(job.client, api.stop_session, id, { reason = reason })
    if not made then
      err = problem
      break
    end
    -- Let go of here: a state that closes finalizes nothing that is new.
    local _ <close> = made.request.body
    result, err = call.run(job, made)
    if not result and (was_tried or attempt > 1) and err.status == 404 then
      result, err = {}, nil -- the try before has reached it
    end
    if result or not is_doubtful(err) or not job.loop:sleep(job, PAUSE) then break end
  end
  if err then warn(job, id, err) end
  return result and true or nil, err
end

local function start_stop(client, id, reason)
  local was_tried = client.open_sessions[id] == "tried"
  client.open_sessions[id] = nil
  return jobs.start(client, "stop_session", function (job)
    job.is_firm = true -- a callback that raises keeps nothing from being stopped
    client.session_stops[job] = true
    local result, err = stop(job, id, reason, was_tried)
    client.session_stops[job] = nil
    return result, err
  end)
end

--- Makes the avatar say a text.
---@param text string
---@param options? aistudios.CallOptions
---@return true? ok
---@return aistudios.Error? err
function Session:talk(text, options)
  if type(text) ~= "string" then
    error("session:talk: a string is expected, got " .. type(text), 2)
  end
  local result, err = self.client:talk(self.id, { message = text }, options)
  return result and true or nil, err
end

--- What the service knows of it.
---@param options? aistudios.CallOptions
---@return table? result
---@return aistudios.Error? err
function Session:info(options)
  return self.client:get_session(self.id, options)
end

--- Stops it, and its billing. Idempotent; tries again when it failed. Inside a
--- callback it only begins to.
---@param reason? "USER_CLOSED"|"TIMEOUT"|"ERROR"
---@return true? ok
---@return aistudios.Error? err  it may still be billed; an event says so too
function Session:close(reason)
  if self.is_closed then return true end
  self.is_closed = true
  local client = self.client
  if client.loop.is_closed then return true end -- which stopped it
  local job = start_stop(client, self.id, reason or "USER_CLOSED")
  if client.loop:is_in_callback() then return true end
  client:run_until(job)
  local ok, err = job:result()
  if not ok and not client.loop.is_closed then
    self.is_closed, client.open_sessions[self.id] = false, "tried"
  end
  return ok, err
end

function Session:__close(err)
  self:close(err ~= nil and "ERROR" or "USER_CLOSED")
end

-- A finalizer runs at any moment, inside the loop too: the next step stops it.
function Session:__gc()
  local loop = self.client.loop
  if self.is_closed or loop.is_closed then return end
  self.is_closed = true
  loop.errands[#loop.errands + 1] = function ()
    local client, id = self.client, self.id
    if client.open_sessions[id] then start_stop(client, id, "USER_CLOSED") end
  end
end

function Session:__tostring()
  return ("%s: %s (%s)"):format(Session.__name, self.id, self.is_closed and "closed" or "open")
end

--- Stops what is still open, before a client closes; what is just being
--- started is waited for, and stopped then.
local function part(client)
  local deadline = core.now() + FAREWELL
  local function finish(set)
    local job = next(set)
    while job and core.now() < deadline do
      client:run_until(job, deadline - core.now())
      if job.is_done then set[job] = nil end
      job = next(set)
    end
  end
  finish(client.session_starts)
  for id in pairs(client.open_sessions) do start_stop(client, id, "USER_CLOSED") end
  finish(client.session_stops)
end

local function adopt(client, result)
  local session = setmetatable({
    client = client, id = result.session_id, voice_id = result.voice_id,
    livekit = result.livekit, max_session_duration = result.max_session_duration,
    raw = result.raw, is_closed = false,
  }, Session)
  client.open_sessions[session.id] = true
  return session
end

local function start(job, made)
  local client = job.client
  client.loop.farewell = client.loop.farewell or function () part(client) end
  client.session_starts[job] = true
  local result, err = carry.run(job, made)
  client.session_starts[job] = nil
  if result then return adopt(client, result) end
  if err.session_id then -- it runs, and nobody will have it
    client.open_sessions[err.session_id] = true
    start_stop(client, err.session_id, "ERROR")
  end
  if err.outcome == "unknown" then
    err.message = err.message .. "; a session may run and be billed, see list_sessions"
  end
  return nil, err
end

--- Starts a session.
---@type aistudios.Operation
function M.operation(client, given, chosen)
  local made, err, wrong = endpoint.prepare(client, api.start_session, given, chosen)
  if not made then return nil, err, wrong and wrong:gsub("^start_session", "session") end
  return function (job) return start(job, made) end
end

return M
