-- SPDX-License-Identifier: MIT
--
-- sessions: live avatars. A session is billed from its start until it is
-- stopped or has lasted as long as it may.

local CREDITS_PER_MINUTE = 0.5
local DEFAULT_MINUTES = 20

---@class aistudios.sandbox.Sessions
local Sessions = {}
Sessions.__index = Sessions

local M = {}

---@param state table
---@return aistudios.sandbox.Sessions
function M.new(state)
  return setmetatable({ state = state, by_id = {}, list = {} }, Sessions)
end

local function stamp(wall)
  return os.date("!%Y-%m-%dT%H:%M:%S.000Z", math.floor(wall))
end

---@param fields table  the body of start_session
---@return table session
function Sessions:start(fields)
  local state = self.state
  local minutes = type(fields.max_session_duration) == "number"
      and fields.max_session_duration or DEFAULT_MINUTES
  local session = {
    id = state.native.random(12), avatar_id = fields.avatar_id, minutes = minutes,
    began = state.now(), began_wall = state.wall(), talks = {},
  }
  if type(fields.greeting_text) == "string" then
    session.talks[1] = { type = "first_message", message = fields.greeting_text }
  end
  self.by_id[session.id] = session
  table.insert(self.list, session)
  return session
end

-- A session ends by itself when its time is over.
local function settle(self, session)
  local limit = session.minutes * 60
  if not session.seconds and self.state.now() - session.began >= limit then
    session.seconds, session.reason = limit, "TIMEOUT"
  end
end

---@param id any
---@return table? session
function Sessions:get(id)
  local session = self.by_id[id]
  if session then settle(self, session) end
  return session
end

--- Ends a session, and its billing.
---@return boolean was_active
function Sessions:stop(session, reason)
  if session.seconds then return false end
  session.seconds, session.reason = self.state.now() - session.began, reason
  return true
end

--- How long it lasted so far, in seconds.
---@return number
function Sessions:duration(session)
  return session.seconds or self.state.now() - session.began
end

---@return number
function Sessions:credits(session)
  local minutes = self:duration(session) / 60
  return math.floor(minutes * CREDITS_PER_MINUTE * 1000 + 0.5) / 1000
end

--- What a list shows of a session; `get_session` shows how it ended, too.
---@return table
function Sessions:describe(session, is_detailed)
  local seconds = self:duration(session)
  local shown = {
    sessionId = session.id, created_at = stamp(session.began_wall),
    updated_at = stamp(session.began_wall + seconds),
    duration = math.floor(seconds * 1000) / 1000, source = "API",
    credits_consumed = self:credits(session),
  }
  if is_detailed and session.seconds then
    shown.end_at, shown.end_reason = shown.updated_at, session.reason
  end
  return shown
end

--- The sessions that are active or historic, or all; the newest first.
---@param kind? string
---@return table[]
function Sessions:filter(kind)
  local found = {}
  for i = #self.list, 1, -1 do
    local session = self:get(self.list[i].id)
    local is_active = not session.seconds
    if not kind or (kind == "active") == is_active then found[#found + 1] = session end
  end
  return found
end

--- What the host is told: id, avatar, whether it is still billed, for how long.
---@return table[]
function Sessions:report()
  local report = {}
  for i, session in ipairs(self.list) do
    settle(self, session)
    report[i] = {
      session_id = session.id, avatar_id = session.avatar_id,
      is_active = not session.seconds, duration = self:duration(session),
      credits = self:credits(session), end_reason = session.reason, talks = session.talks,
    }
  end
  return report
end

return M
