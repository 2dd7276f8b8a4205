-- SPDX-License-Identifier: MIT
--
-- service: answers requests. It runs in a state of its own; threads of the
-- server enter it one at a time. `arrive`, `answer` and `leave` are for
-- requests, `next_letter` and `was_brought` for the courier, everything else
-- is what the host calls.

local envelope = require "aistudios.sandbox.envelope"
local faults = require "aistudios.sandbox.faults"
local http = require "aistudios.sandbox.http"
local journal = require "aistudios.sandbox.request_log"
local judge = require "aistudios.sandbox.validate"
local routes = require "aistudios.sandbox.routes"
local worlds = require "aistudios.sandbox.state"

local Service = {}
Service.__index = Service

local M = {}

---@param options table  of aistudios.sandbox.start, checked
---@param natives table  now, wall, random, digest, wake
function M.new(options, natives)
  collectgarbage("setpause", 140)
  return setmetatable({
    world = worlds.new(options, natives), journal = journal.new(),
    faults = faults.new(), pending = {}, last_id = 0,
  }, Service)
end

-- ---- requests ----

--- A request whose headers are here.
---@return integer id
---@return boolean drop
function Service:arrive(method, target, headers, connection)
  local path, query = http.parse_target(target)
  local row, parameters = routes.find(method, path)
  local fault, kind = self.faults:take(row and row.name)
  local entry = {
    endpoint = row and row.name, method = method, path = path, query = query,
    headers = headers, connection = connection, fault = fault and fault.kind,
  }
  self.last_id = self.last_id + 1
  entry.id = self.last_id
  self.journal:add(entry)
  if kind and kind.is_early then return 0, true end
  self.pending[entry.id] = {
    row = row, method = method, path = parameters, query = query, headers = headers,
    target = target, fault = fault, kind = kind, entry = entry,
  }
  return entry.id, false
end

--- A request that ended before it was answered.
function Service:leave(id)
  self.pending[id] = nil
end

-- Does the work of a call and says what came of it.
local function perform(world, call)
  local problem = judge.problem_of(world, call)
  if problem then return world.failure(call, problem) end
  if call.row.serve then return call.row.serve(world, call) end
  local data
  data, problem = call.row.answer(world, call)
  if not data then return world.failure(call, problem) end
  local kind = call.kind
  if kind and kind.data and type(data) == "table" then
    kind.data(call.fault, data, call, world)
  end
  return envelope.success(call, data, kind and kind.is_bare, world.is_observed)
end

local function acts(call)
  local kind = call.kind
  if not kind or kind.acts == true then return true end
  return kind.acts and kind.acts(call.fault)
end

local function reply_to(world, call)
  local kind, fault = call.kind, call.fault
  if kind and kind.before then kind.before(fault, call, world) end
  local reply = acts(call) and perform(world, call) or nil
  if kind and kind.after then reply = kind.after(fault, reply, call, world) end
  return reply
end

--- The answer to a request whose body is here.
---@param id integer
---@param body string        of a form only its beginning
---@param size integer       of all of it
---@param is_too_large boolean
---@param parts? table[]     of a form
---@return table answer      what csrc/sandbox/http_response.h wants
function Service:answer(id, body, size, is_too_large, parts)
  local call = self.pending[id]
  self.pending[id] = nil
  call.raw, call.parts = body, parts
  call.entry.parts = parts
  self.journal:add_body(call.entry, body, size)
  local reply
  if is_too_large then
    reply = self.world.failure(call, { status = 413, code = "too_large",
      message = "the body is too large" })
  else
    reply = reply_to(self.world, call)
  end
  call.entry.status = reply.status
  reply.headers = reply.headers or {}
  if reply.type then
    table.insert(reply.headers, "Content-Type")
    table.insert(reply.headers, reply.type)
  end
  return reply
end

-- ---- the courier ----

function Service:next_letter() return self.world.webhooks:next_letter() end

function Service:was_brought(id, status, problem)
  self.world.webhooks:was_brought(id, status, problem)
end

-- ---- the host ----

function Service:set_url(url) self.world.url = url end
function Service:set_shape(shape) self.world.is_observed = shape == "observed" end
function Service.names() return routes.names end
function Service:requests(endpoint) return self.journal:list(endpoint) end
function Service:clear_requests() self.journal:clear() end
function Service:get_ledger() return self.world.ledger:list() end
function Service:get_sessions() return self.world.sessions:report() end
function Service:get_webhooks() return self.world.webhooks.sent end
function Service:fault(fault) self.faults:arm(fault) end
function Service:clear_faults() self.faults:clear() end
function Service:advance(seconds) self.world.advance(seconds) end

function Service:expire_tokens()
  return self.world.tokens:expire_all() + self.world.session_tokens:expire_all()
end

--- Gives the film of a project, or of all, other bytes and another tag.
function Service:replace_film(id)
  for key, project in pairs(self.world.projects.by_id) do
    if not id or key == id then project.version = project.version + 1 end
  end
end

function Service:stats()
  local world = self.world
  return {
    requests = self.journal.total, by_endpoint = self.journal.counts,
    projects = world.projects:count(), renders = world.ledger.last,
    duplicates = world.ledger.duplicates, credits = world.ledger.credits,
    active_sessions = #world.sessions:filter "active",
  }
end

return M
