-- SPDX-License-Identifier: MIT
--
-- state: one world: an AppId and its UserKey with a clock, random numbers,
-- tokens, projects, a ledger, sessions, webhooks, faults and a request log of
-- its own. The rows of endpoints read and change it.

local clocks = require "aistudios.sandbox.clock"
local copy = require "aistudios.util.copy"
local envelope = require "aistudios.sandbox.envelope"
local faults = require "aistudios.sandbox.faults"
local ledger = require "aistudios.sandbox.ledger"
local media = require "aistudios.sandbox.media"
local projects = require "aistudios.sandbox.projects"
local randoms = require "aistudios.sandbox.random"
local request_log = require "aistudios.sandbox.request_log"
local sessions = require "aistudios.sandbox.sessions"
local tokens = require "aistudios.sandbox.tokens"
local webhooks = require "aistudios.sandbox.webhooks"

---@class aistudios.sandbox.State
local State = {}
State.__index = State

local M = {}

-- What is made anew by a reset.
local function make_anew(self)
  local options = copy(self.initial)
  self.options = options
  self.clock = clocks.new(self.native, options.clock)
  self.random = randoms.new(options.seed, options.app_id)
  self.documents, self.folders, self.rate = {}, {}, {}
  self.tokens = tokens.new(self, options.jwt)
  self.session_tokens = tokens.new(self, true)
  self.projects = projects.new(self)
  self.ledger = ledger.new(self)
  self.media = media.new(self)
  self.sessions = sessions.new(self)
  self.webhooks = webhooks.new(self)
  self.faults = faults.new(self)
  self.request_log = request_log.new()
end

---@param options table  of options.world, checked
---@param shared table   native (functions in C), registry (see worlds.lua), url,
---                      video_size, emit (function (state, kind, data))
---@return aistudios.sandbox.State
function M.new(options, shared)
  local self = setmetatable({
    initial = options, shared = shared, native = shared.native, video_size = shared.video_size,
  }, State)
  make_anew(self)
  return self
end

--- Makes it as it was at its start: nothing was asked, nothing is armed.
function State:reset()
  self.tokens:forget_all()
  self.session_tokens:forget_all()
  make_anew(self)
end

--- Changes settings.
---@param settings table  of options.settings
function State:set(settings)
  copy(settings, self.options)
  self.projects.lists:forget()
  self:emit("settings", settings)
end

---@return number seconds  since 1970, by the clock of this world
function State:now() return self.clock:now() end

--- Makes its clock another one.
---@param parsed table  of clock.parse
function State:set_clock(parsed)
  self.clock:set(parsed)
  self.projects.lists:forget()
  self:clock_moved()
end

--- Moves its clock forward.
---@param time number
function State:move_to(time)
  self.clock:move_to(time)
  self:clock_moved()
end

function State:clock_moved()
  self.webhooks:clock_moved()
  self:emit("clock", self.clock:describe())
end

---@return string  base URL of the sandbox
function State:url() return self.shared.url end

--- Tells who follows the events that something happened.
---@param kind string
---@param data table
function State:emit(kind, data) self.shared.emit(self, kind, data) end

---@return boolean  answers are as clients met them, not as they are documented
function State:is_observed() return self.options.shape == "observed" end

--- The response that refuses a call.
---@param call table
---@param problem table  status, code, message
function State:failure(call, problem)
  return envelope.failure(call, problem, self:is_observed())
end

--- Expires the token of a call.
function State:expire_token_of(call)
  local header = call.headers.authorization or ""
  self.tokens:expire(header)
  self.session_tokens:expire(header:match "^Bearer (.+)$")
end

--- Whether this call exceeds `rate_limit` calls in a second.
---@return boolean
function State:is_over_rate()
  local limit = self.options.rate_limit
  if not limit then return false end
  local second, rate = math.floor(self:now()), self.rate
  if rate.second ~= second then rate.second, rate.count = second, 0 end
  rate.count = rate.count + 1
  return rate.count > limit
end

return M
