-- SPDX-License-Identifier: MIT
--
-- service: answers requests. It runs in a lua_State of its own; the server's
-- threads enter it one at a time. They call `arrive`, `answer` and `leave` for
-- each request; the thread that sends webhooks calls `next_letter` and
-- `was_brought`; the methods of aistudios.Sandbox call the rest.

local envelope = require "aistudios.sandbox.envelope"
local faults = require "aistudios.sandbox.faults"
local http = require "aistudios.sandbox.http"
local request_logs = require "aistudios.sandbox.request_log"
local routes = require "aistudios.sandbox.routes"
local states = require "aistudios.sandbox.state"
local validate = require "aistudios.sandbox.validate"

local Service = {}
Service.__index = Service

local M = {}

---@param options table  of aistudios.sandbox.start, checked
---@param native table  functions in C: now, wall, random, digest, wake
function M.new(options, native)
  collectgarbage("setpause", 140)
  return setmetatable({
    state = states.new(options, native), request_log = request_logs.new(),
    faults = faults.new(), pending = {}, last_id = 0,
  }, Service)
end

-- ---- requests ----

--- Registers a request whose headers were read.
---@return integer id
---@return boolean drop  true: close the connection without a response
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
  self.request_log:add(entry)
  if kind and kind.is_early then return 0, true end
  self.pending[entry.id] = {
    row = row, method = method, path = parameters, query = query, headers = headers,
    target = target, fault = fault, kind = kind, entry = entry,
  }
  return entry.id, false
end

--- Forgets a request whose connection ended before its response.
function Service:leave(id)
  self.pending[id] = nil
end

-- Does what a call asks for and returns the response.
local function perform(state, call)
  local problem = validate.problem_of(state, call)
  if problem then return state.failure(call, problem) end
  if call.row.serve then return call.row.serve(state, call) end
  local data
  data, problem = call.row.answer(state, call)
  if not data then return state.failure(call, problem) end
  local kind = call.kind
  if kind and kind.data and type(data) == "table" then
    kind.data(call.fault, data, call, state)
  end
  return envelope.success(call, data, kind and kind.is_bare, state.is_observed)
end

local function acts(call)
  local kind = call.kind
  if not kind or kind.acts == true then return true end
  return kind.acts and kind.acts(call.fault)
end

local function reply_to(state, call)
  local kind, fault = call.kind, call.fault
  if kind and kind.before then kind.before(fault, call, state) end
  local reply = acts(call) and perform(state, call) or nil
  if kind and kind.after then reply = kind.after(fault, reply, call, state) end
  return reply
end

--- The response to a request that was read whole.
---@param id integer
---@param body string        of a form only its beginning
---@param size integer       of all of it
---@param is_too_large boolean
---@param parts? table[]     of a form
---@return table response    see csrc/sandbox/http_response.h
function Service:answer(id, body, size, is_too_large, parts)
  local call = self.pending[id]
  self.pending[id] = nil
  call.raw, call.parts = body, parts
  call.entry.parts = parts
  self.request_log:add_body(call.entry, body, size)
  local reply
  if is_too_large then
    reply = self.state.failure(call, { status = 413, code = "too_large",
      message = "the body is too large" })
  else
    reply = reply_to(self.state, call)
  end
  call.entry.status = reply.status
  reply.headers = reply.headers or {}
  if reply.type then
    table.insert(reply.headers, "Content-Type")
    table.insert(reply.headers, reply.type)
  end
  return reply
end

-- ---- webhooks ----

function Service:next_letter() return self.state.webhooks:next_letter() end

function Service:was_brought(id, status, problem)
  self.state.webhooks:was_brought(id, status, problem)
end

-- ---- methods of aistudios.Sandbox ----

function Service:set_url(url) self.state.url = url end
function Service:set_shape(shape) self.state.is_observed = shape == "observed" end
function Service.names() return routes.names end
function Service:requests(endpoint) return self.request_log:list(endpoint) end
function Service:clear_requests() self.request_log:clear() end
function Service:get_ledger() return self.state.ledger:list() end
function Service:get_sessions() return self.state.sessions:report() end
function Service:get_webhooks() return self.state.webhooks.sent end
function Service:fault(fault) self.faults:arm(fault) end
function Service:clear_faults() self.faults:clear() end
function Service:advance(seconds) self.state.advance(seconds) end

function Service:expire_tokens()
  return self.state.tokens:expire_all() + self.state.session_tokens:expire_all()
end

--- Gives the video of a project, or of all, other bytes and another ETag.
function Service:replace_video(id)
  for key, project in pairs(self.state.projects.by_id) do
    if not id or key == id then project.version = project.version + 1 end
  end
end

function Service:stats()
  local state = self.state
  return {
    requests = self.request_log.total, by_endpoint = self.request_log.counts,
    projects = state.projects:count(), renders = state.ledger.last,
    duplicates = state.ledger.duplicates, credits = state.ledger.credits,
    active_sessions = #state.sessions:filter "active",
  }
end

return M
