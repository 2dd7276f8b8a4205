-- SPDX-License-Identifier: MIT
--
-- session_async: the methods of a live session that return a job at once.

local raise = require "aistudios.util.raise"

local M = {}

---@class aistudios.SessionAsync
local SessionAsync = { __name = "aistudios.session.async" }
SessionAsync.__index = SessionAsync

-- By object: its session, and what begins to stop it.
local owners = setmetatable({}, { __mode = "k" })

--- Raises where the text of `talk` is none.
---@param text any
function M.check_text(text)
  if type(text) == "string" then return end
  raise("session:talk: a string is expected, got " .. type(text))
end

--- Like `session:talk`; the job's result is the API's answer.
---@param text string
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function SessionAsync:talk(text, options)
  M.check_text(text)
  local session = owners[self].session
  return session.client.async:talk(session.id, { message = text }, options)
end

--- Like `session:info`.
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function SessionAsync:info(options)
  local session = owners[self].session
  return session.client.async:get_session(session.id, options)
end

--- Like `session:close`.
---@param reason? "USER_CLOSED"|"TIMEOUT"|"ERROR"
---@return aistudios.Job job
function SessionAsync:close(reason)
  local owner = owners[self]
  return owner.start_close(owner.session, reason)
end

--- The object `session.async`.
---@param session aistudios.Session
---@param start_close fun(session: aistudios.Session, reason: string?): aistudios.Job
---@return aistudios.SessionAsync
function M.new(session, start_close)
  local object = setmetatable({}, SessionAsync)
  owners[object] = { session = session, start_close = start_close }
  return object
end

return M
