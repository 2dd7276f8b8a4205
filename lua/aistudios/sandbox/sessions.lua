-- SPDX-License-Identifier: MIT
--
-- sessions: live avatars. A session is billed from its start until it is
-- stopped or has lasted as long as it may.

local stamp = require "aistudios.sandbox.clock".stamp

local CREDITS_PER_MINUTE = 0.5
local DEFAULT_MINUTES = 20
local MAX_KEPT = 100000

---@class aistudios.sandbox.Sessions
local Sessions = {}
Sessions.__index = Sessions

local M = {}

---@param state table
---@return aistudios.sandbox.Sessions
function M.new(state)
  return setmetatable({
    state = state, by_id = {}, list = {}, first = 1, last = 0, active = {},
  }, Sessions)
end

---@param fields table  the body of start_session
---@return table session
function Sessions:start(fields)
  local state = self.state
  local minutes = type(fields.max_session_duration) == "number"
      and fields.max_session_duration or DEFAULT_MINUTES
  local session = {
    id = state.random:hex(12), avatar_id = fields.avatar_id, minutes = minutes,
    began = state:now(), talks = {},
  }
  if type(fields.greeting_text) == "string" then
    session.talks[1] = { type = "first_message", message = fields.greeting_text }
  end
  self.last = self.last + 1
  session.number = self.last
  self.by_id[session.id], self.list[self.last] = session, session
  table.insert(self.active, session)
  if self.last - self.first >= MAX_KEPT then
    self.by_id[self.list[self.first].id] = nil
    self.list[self.first], self.first = nil, self.first + 1
  end
  return session
end

local function finish(self, session, seconds, reason)
  session.seconds, session.reason = seconds, reason
  for i, each in ipairs(self.active) do
    if each == session then table.remove(self.active, i) end
  end
end

-- A session ends by itself when its time is over.
local function settle(self, session)
  local limit = session.minutes * 60
  if not session.seconds and self.state:now() - session.began >= limit then
    finish(self, session, limit, "TIMEOUT")
  end
end

local function settle_all(self)
  for i = #self.active, 1, -1 do settle(self, self.active[i]) end
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
  finish(self, session, self.state:now() - session.began, reason)
  return true
end

--- How long it lasted so far, in seconds.
---@return number
function Sessions:duration(session)
  return session.seconds or self.state:now() - session.began
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
    sessionId = session.id, created_at = stamp(session.began),
    updated_at = stamp(session.began + seconds),
    duration = math.floor(seconds * 1000) / 1000, source = "API",
    credits_consumed = self:credits(session),
  }
  if is_detailed and session.seconds then
    shown.end_at, shown.end_reason = shown.updated_at, session.reason
  end
  return shown
end

--- A page of the sessions that are active or historic, or of all; the newest
--- first.
---@param kind? "active"|"historic"
---@param skip integer   how many of the newest are left out
---@param limit integer
---@return table[] page
---@return integer count  of all on all pages
function Sessions:page(kind, skip, limit)
  settle_all(self)
  local total = self.last - self.first + 1
  if kind == "active" then
    local page = {}
    for i = #self.active - skip, math.max(#self.active - skip - limit, 0) + 1, -1 do
      page[#page + 1] = self.active[i]
    end
    return page, #self.active
  end
  return self:newest(kind, skip, limit), kind and total - #self.active or total
end

-- At most ten sessions are active, so few are passed over.
function Sessions:newest(kind, skip, limit)
  local page, at = {}, self.last - skip
  if kind then
    for i = #self.active, 1, -1 do -- those among the `skip` newest count for none
      if self.active[i].number > at then at = at - 1 end
    end
  end
  while at >= self.first and #page < limit do
    local session = self.list[at]
    if not kind or session.seconds then page[#page + 1] = session end
    at = at - 1
  end
  return page
end

---@return integer
function Sessions:active_count()
  settle_all(self)
  return #self.active
end

--- What the host is told: id, avatar, whether it is still billed, for how long.
---@return table[]
function Sessions:report()
  settle_all(self)
  local report = {}
  for i = self.first, self.last do
    local session = self.list[i]
    report[#report + 1] = {
      session_id = session.id, avatar_id = session.avatar_id,
      is_active = not session.seconds, duration = self:duration(session),
      credits = self:credits(session), end_reason = session.reason, talks = session.talks,
    }
  end
  return report
end

return M
