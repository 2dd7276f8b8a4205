-- SPDX-License-Identifier: MIT
--
-- rows.sessions: the live avatar, with its own envelope: code 1000 is success.

local json = require "aistudios.sandbox.json"
local work = require "aistudios.sandbox.work"

local SESSIONS = "/api/v2/sessions"
local MOST_AT_ONCE = 10

local function token(state, call)
  local problem = work.credentials_problem(state, call.body)
  if problem then return nil, problem end
  return { session_token = state.session_tokens:issue() }
end

local function start(state, call)
  if state.sessions:active_count() >= MOST_AT_ONCE then
    return nil, { status = 429, code = "too_many", message = "too many sessions at once" }
  end
  local session = state.sessions:start(call.body)
  return {
    session_id = session.id, voice_id = state.random:hex(12),
    max_session_duration = session.minutes, max_session_numbers = MOST_AT_ONCE,
    livekit = {
      url = "wss://livekit.example.com", room_name = "room-" .. session.id,
      token = state.random:hex(24),
    },
  }
end

local function talk(state, call)
  local session = state.sessions:get(call.path.sessionId)
  if not session or session.seconds then return nil, work.not_found "active session" end
  table.insert(session.talks, { message = call.body.message, type = call.body.type })
  return json.null
end

local function stop(state, call)
  local session = state.sessions:get(call.body.session_id)
  if not session then return nil, work.not_found "session" end
  if not state.sessions:stop(session, call.body.reason) then
    return nil, work.not_found "active session"
  end
  return json.null
end

local function page_url(call, page, size)
  local host = call.headers.host or "localhost"
  local kind = call.values.type and "&type=" .. call.values.type or ""
  return ("<https://%s%s?page=%d&page_size=%d%s>"):format(host, SESSIONS, page, size, kind)
end

local function list(state, call)
  local page = math.tointeger(call.values.page or 1)
  local size = math.tointeger(call.values.page_size or 20)
  local found, count = state.sessions:page(call.values.type, (page - 1) * size, size)
  local results = {}
  for i, session in ipairs(found) do results[i] = state.sessions:describe(session) end
  return {
    count = count, results = json.list(results),
    next = page * size < count and page_url(call, page + 1, size) or json.null,
    previous = page > 1 and page_url(call, page - 1, size) or json.null,
  }
end

local function get(state, call)
  local session = state.sessions:get(call.path.sessionId)
  if not session then return nil, work.not_found "session" end
  return state.sessions:describe(session, true)
end

return {
  {
    name = "create_session_token", method = "POST", path = SESSIONS .. "/token",
    auth = "none", is_avatar = true, answer = token,
    fields = {
      { "appId", "string", required = true },
      { "userKey", "string", required = true },
    },
  },
  {
    name = "start_session", method = "POST", path = SESSIONS .. "/start",
    auth = "bearer", is_avatar = true, answer = start,
    fields = {
      { "avatar_id", "string", required = true },
      { "avatar_persona", "object" },
      { "avatar_persona.language", "string" },
      { "avatar_persona.llm_configurations", "object" },
      { "avatar_persona.llm_configurations.provider", "string" },
      { "avatar_persona.llm_configurations.model", "string" },
      { "avatar_persona.llm_configurations.temperature", "number" },
      { "max_session_duration", "integer" },
      { "lip_audio_mode", "string" },
      { "greeting_text", "string" },
    },
  },
  {
    name = "talk", method = "POST", path = SESSIONS .. "/{sessionId}/talk",
    auth = "bearer", is_avatar = true, answer = talk,
    fields = { { "message", "string", required = true }, { "type", "string" } },
  },
  {
    name = "stop_session", method = "POST", path = SESSIONS .. "/stop",
    auth = "key", is_avatar = true, answer = stop,
    fields = {
      { "session_id", "string", required = true },
      { "reason", "string", required = true, enum = { "USER_CLOSED", "TIMEOUT", "ERROR" } },
    },
  },
  {
    name = "list_sessions", method = "GET", path = SESSIONS,
    auth = "key", is_avatar = true, answer = list,
    query = {
      { "page", "integer", min = 1, max = math.maxinteger },
      { "page_size", "integer", min = 1, max = 100 },
      { "type", "string", enum = { "active", "historic" } },
    },
  },
  {
    name = "get_session", method = "GET", path = SESSIONS .. "/{sessionId}",
    auth = "key", is_avatar = true, answer = get,
  },
}
