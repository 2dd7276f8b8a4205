-- SPDX-License-Identifier: MIT
--
-- world: all that the rows work on: the clock, the account, what was made.

local envelope = require "aistudios.sandbox.envelope"
local ledger = require "aistudios.sandbox.ledger"
local media = require "aistudios.sandbox.media"
local projects = require "aistudios.sandbox.projects"
local sessions = require "aistudios.sandbox.sessions"
local tokens = require "aistudios.sandbox.tokens"
local webhooks = require "aistudios.sandbox.webhooks"

local M = {}

---@param options table  of aistudios.sandbox.start, checked
---@param natives table
---@return table world
function M.new(options, natives)
  local skipped = 0
  local world = {
    options = options, natives = natives, url = "", video_size = options.video_size,
    documents = {}, folders = {}, is_observed = options.shape == "observed",
  }
  function world.now() return natives.now() + skipped end
  function world.wall() return natives.wall() + skipped end
  function world.advance(seconds)
    skipped = skipped + seconds
    world.webhooks:look_again()
  end
  function world.failure(call, problem)
    return envelope.failure(call, problem, world.is_observed)
  end
  function world.expire_token_of(call)
    local header = call.headers.authorization or ""
    world.tokens:expire(header)
    world.session_tokens:expire(header:match "^Bearer (.+)$")
  end
  world.tokens = tokens.new(world, options.token_seconds, options.jwt)
  world.session_tokens = tokens.new(world, options.token_seconds, true)
  world.projects = projects.new(world)
  world.ledger = ledger.new(natives)
  world.media = media.new(world)
  world.sessions = sessions.new(world)
  world.webhooks = webhooks.new(world)
  return world
end

return M
