-- SPDX-License-Identifier: MIT
--
-- state: what the rows read and change: the clock, the tokens, the projects,
-- the ledger, the sessions, the webhooks.

local envelope = require "aistudios.sandbox.envelope"
local ledger = require "aistudios.sandbox.ledger"
local media = require "aistudios.sandbox.media"
local projects = require "aistudios.sandbox.projects"
local sessions = require "aistudios.sandbox.sessions"
local tokens = require "aistudios.sandbox.tokens"
local webhooks = require "aistudios.sandbox.webhooks"

local M = {}

---@param options table  of aistudios.sandbox.start, checked
---@param native table
---@return table state
function M.new(options, native)
  local skipped = 0
  local state = {
    options = options, native = native, url = "", video_size = options.video_size,
    documents = {}, folders = {}, is_observed = options.shape == "observed",
  }
  function state.now() return native.now() + skipped end
  function state.wall() return native.wall() + skipped end
  function state.advance(seconds)
    skipped = skipped + seconds
    state.webhooks:clock_jumped()
  end
  function state.failure(call, problem)
    return envelope.failure(call, problem, state.is_observed)
  end
  function state.expire_token_of(call)
    local header = call.headers.authorization or ""
    state.tokens:expire(header)
    state.session_tokens:expire(header:match "^Bearer (.+)$")
  end
  state.tokens = tokens.new(state, options.token_seconds, options.jwt)
  state.session_tokens = tokens.new(state, options.token_seconds, true)
  state.projects = projects.new(state)
  state.ledger = ledger.new(native)
  state.media = media.new(state)
  state.sessions = sessions.new(state)
  state.webhooks = webhooks.new(state)
  return state
end

return M
