---@meta
-- SPDX-License-Identifier: MIT
--
-- The methods of endpoints/rows/sessions.lua, for editors; never loaded. Written by
-- `make annotations` from the rows there: change those.
-- luacheck: ignore
---@class aistudios.Client
local Client = {}
---@class aistudios.Async
local Async = {}

---@class aistudios.fields.create_session_token
---@field appId string
---@field userKey string  secret

---@class aistudios.result.create_session_token: aistudios.Result
---@field session_token string

--- Issues a session token for the live avatar.
--- (POST /api/v2/sessions/token, aistudioV3/reference/interactive-avatar/create-session-token)
---@param fields? aistudios.fields.create_session_token
---@param options? aistudios.CallOptions
---@return aistudios.result.create_session_token? result
---@return aistudios.Error? err
function Client:create_session_token(fields, options) end

--- Issues a session token for the live avatar.
---@param fields? aistudios.fields.create_session_token
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:create_session_token(fields, options) end

---@class aistudios.result.get_session: aistudios.Result
---@field session_id string

--- Fetches the details of one session.
--- (GET /api/v2/sessions/{sessionId}, aistudioV3/reference/interactive-avatar/get-session-detail)
---@param sessionId string
---@param options? aistudios.CallOptions
---@return aistudios.result.get_session? result
---@return aistudios.Error? err
function Client:get_session(sessionId, options) end

--- Fetches the details of one session.
---@param sessionId string
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:get_session(sessionId, options) end

---@class aistudios.fields.list_sessions
---@field page? integer  1 or more
---@field page_size? integer  1 to 100
---@field type? "active"|"historic"

---@class aistudios.result.list_sessions: aistudios.Result
---@field results table[]
---@field [integer] table

--- Lists the sessions of the account, a page at a time.
--- (GET /api/v2/sessions, aistudioV3/reference/interactive-avatar/list-sessions)
---@param fields? aistudios.fields.list_sessions
---@param options? aistudios.CallOptions
---@return aistudios.result.list_sessions? result
---@return aistudios.Error? err
function Client:list_sessions(fields, options) end

--- Lists the sessions of the account, a page at a time.
---@param fields? aistudios.fields.list_sessions
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:list_sessions(fields, options) end

---@class aistudios.fields.start_session.avatar_persona.llm_configurations.custom_settings
---@field greeting_text? string
---@field system_prompt? string

---@class aistudios.fields.start_session.avatar_persona.llm_configurations
---@field custom_settings? aistudios.fields.start_session.avatar_persona.llm_configurations.custom_settings
---@field model? string
---@field provider? "openai"|"anthropic"|"google"|"custom"|string
---@field temperature? number

---@class aistudios.fields.start_session.avatar_persona
---@field language? string
---@field llm_configurations? aistudios.fields.start_session.avatar_persona.llm_configurations

---@class aistudios.fields.start_session
---@field avatar_id string
---@field avatar_persona? aistudios.fields.start_session.avatar_persona
---@field greeting_text? string
---@field lip_audio_mode? string
---@field max_session_duration? integer

---@class aistudios.result.start_session: aistudios.Result
---@field session_id string

--- Starts a session with a live avatar and brings the access to its stream.
--- (POST /api/v2/sessions/start, aistudioV3/reference/interactive-avatar/start-session)
---@param fields aistudios.fields.start_session
---@param options? aistudios.SessionOptions
---@return aistudios.result.start_session? result
---@return aistudios.Error? err
function Client:start_session(fields, options) end

--- Starts a session with a live avatar and brings the access to its stream.
---@param fields aistudios.fields.start_session
---@param options? aistudios.SessionOptions
---@return aistudios.Job job
function Async:start_session(fields, options) end

---@class aistudios.fields.stop_session
---@field reason? "USER_CLOSED"|"TIMEOUT"|"ERROR"  USER_CLOSED when absent

---@class aistudios.result.stop_session: aistudios.Result

--- Ends a session and its billing.
--- (POST /api/v2/sessions/stop, aistudioV3/reference/interactive-avatar/stop-session)
---@param session_id string
---@param fields? aistudios.fields.stop_session
---@param options? aistudios.CallOptions
---@return aistudios.result.stop_session? result
---@return aistudios.Error? err
function Client:stop_session(session_id, fields, options) end

--- Ends a session and its billing.
---@param session_id string
---@param fields? aistudios.fields.stop_session
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:stop_session(session_id, fields, options) end

---@class aistudios.fields.talk
---@field message string
---@field type? string

---@class aistudios.result.talk: aistudios.Result

--- Makes the avatar of a session say a text.
--- (POST /api/v2/sessions/{sessionId}/talk, aistudioV3/reference/interactive-avatar/talk)
---@param sessionId string
---@param fields aistudios.fields.talk
---@param options? aistudios.SessionOptions
---@return aistudios.result.talk? result
---@return aistudios.Error? err
function Client:talk(sessionId, fields, options) end

--- Makes the avatar of a session say a text.
---@param sessionId string
---@param fields aistudios.fields.talk
---@param options? aistudios.SessionOptions
---@return aistudios.Job job
function Async:talk(sessionId, fields, options) end
