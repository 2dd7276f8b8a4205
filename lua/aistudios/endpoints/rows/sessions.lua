-- SPDX-License-Identifier: MIT
--
-- rows.sessions: rows of the live avatar, on its own host with its own
-- envelope: code 1000 is success. A session is billed until it is stopped.

local text = { type = "string" }
local session_in_path = { type = "id", at = "path", required = true }

---@type table<string, aistudios.Row>
local M = {}

-- Without fields it uses the client's own credentials.
M.create_session_token = {
  about = "Issues a session token for the live avatar.",
  method = "POST", path = "/token", host = "interactive",
  page = "reference/interactive-avatar/create-session-token", auth = "none",
  takes = "optional fields", takes_credentials = true, is_replayable = true,
  fields = {
    appId = { type = "string", required = true },
    userKey = { type = "string", required = true, is_secret = true },
  },
  answer = { needs = { "session_token" }, secret = "session_token" },
}

M.start_session = {
  about = "Starts a session with a live avatar and brings the access to its stream.",
  method = "POST", path = "/start", host = "interactive",
  page = "reference/interactive-avatar/start-session", auth = "session_bearer",
  is_billed = true,
  fields = {
    avatar_id = { type = "string", required = true, is_filled = true },
    avatar_persona = { type = "object", fields = {
      language = text,
      llm_configurations = { type = "object", fields = {
        provider = { type = "string",
          examples = { "openai", "anthropic", "google", "custom" } },
        model = text,
        temperature = { type = "number" },
        custom_settings = { type = "object", fields = {
          greeting_text = text,
          system_prompt = text,
        } },
      } },
    } },
    max_session_duration = { type = "integer" },
    lip_audio_mode = text,
    greeting_text = text,
  },
  answer = { needs = { "session_id" } },
}

M.talk = {
  about = "Makes the avatar of a session say a text.",
  method = "POST", path = "/{sessionId}/talk", host = "interactive",
  page = "reference/interactive-avatar/talk", auth = "session_bearer",
  identity = "sessionId", main = "message", is_billed = true,
  fields = {
    sessionId = session_in_path,
    message = { type = "string", required = true, is_filled = true },
    type = text,
  },
  answer = {},
}

M.stop_session = {
  about = "Ends a session and its billing.",
  method = "POST", path = "/stop", host = "interactive",
  page = "reference/interactive-avatar/stop-session", auth = "studio_api_key",
  identity = "session_id", takes = "optional fields",
  fields = {
    session_id = { type = "id", required = true },
    reason = { type = "string", required = true, default = "USER_CLOSED",
      enum = { "USER_CLOSED", "TIMEOUT", "ERROR" } },
  },
  answer = {},
}

M.list_sessions = {
  about = "Lists the sessions of the account, a page at a time.",
  method = "GET", path = "", host = "interactive",
  page = "reference/interactive-avatar/list-sessions", auth = "studio_api_key",
  takes = "optional fields",
  fields = {
    page = { type = "integer", at = "query", min = 1 },
    page_size = { type = "integer", at = "query", min = 1, max = 100 },
    type = { type = "string", at = "query", enum = { "active", "historic" } },
  },
  answer = { list = "results" },
}

M.get_session = {
  about = "Fetches the details of one session.",
  method = "GET", path = "/{sessionId}", host = "interactive",
  page = "reference/interactive-avatar/get-session-detail", auth = "studio_api_key",
  identity = "sessionId",
  fields = { sessionId = session_in_path },
  answer = { needs = { "session_id" } },
}

return M
