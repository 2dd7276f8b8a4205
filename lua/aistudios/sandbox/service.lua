-- SPDX-License-Identifier: MIT
--
-- service: answers requests. It runs in a lua_State of its own; the server's
-- threads enter it one at a time. They call `arrive`, `answer` and `leave` for
-- each request, and `resume` for an answer that had to wait; the thread that
-- sends webhooks calls `next_webhook` and `webhook_ended`. The admin interface and
-- the methods of aistudios.Sandbox are `operate`.

local admin = require "aistudios.sandbox.admin.http"
local envelope = require "aistudios.sandbox.envelope"
local events = require "aistudios.sandbox.events"
local http = require "aistudios.sandbox.http"
local operations = require "aistudios.sandbox.admin.operations"
local routes = require "aistudios.sandbox.routes"
local scenarios = require "aistudios.sandbox.scenarios"
local validate = require "aistudios.sandbox.validate"
local worlds = require "aistudios.sandbox.worlds"

local Service = {}
Service.__index = Service

local M = {}

---@param options table  of aistudios.sandbox.start, checked
---@param native table   functions in C: now, random, digest, wake, notify
function M.new(options, native)
  collectgarbage("setpause", 140)
  local self = setmetatable({
    native = native, pending = {}, deferred = {}, sending = {}, last_id = 0, last_delivery = 0,
    events = events.new(native.notify), options = options,
  }, Service)
  self.shared = {
    native = native, url = "", video_size = options.video_size,
    emit = function (state, kind, data) self.events:add(kind, state.options.app_id, data) end,
  }
  options.world.seed = options.world.seed or tonumber(native.random(4), 16)
  self.worlds = worlds.new(options.world, self.shared)
  local first = self.worlds.first
  if options.scenario then
    local scenario, problem = scenarios.read(options.scenario)
    if not scenario then error(problem, 0) end
    first.scenario = scenario
    scenarios.apply(first, scenario)
  end
  return self
end

-- ---- requests ----

-- Gives a request to its world: its log and its faults.
local function admit(call, state)
  local entry = call.entry
  call.state = state
  entry.time = state:now()
  call.fault, call.kind = state.faults:take(entry.endpoint)
  entry.fault = call.fault and call.fault.kind
  state.request_log:add(entry)
end

local function complete(call, reply)
  local entry = call.entry
  call.state.request_log:add_answer(entry, reply, call.state:now() - entry.time)
  call.state:emit("request", {
    id = entry.id, endpoint = entry.endpoint, method = entry.method, path = entry.path,
    status = entry.status, fault = entry.fault, time = entry.time,
  })
  return reply
end

--- Registers a request whose headers were read.
---@return integer id
---@return boolean drop  true: close the connection without a response
function Service:arrive(method, target, headers, connection)
  local path, query = http.parse_target(target)
  local row, parameters = routes.find(method, path)
  local call = {
    row = row, method = method, path = parameters, query = query, headers = headers,
    target = target,
    entry = {
      endpoint = row and row.name, method = method, path = path, query = query,
      headers = headers, connection = connection,
    },
  }
  local state = self.worlds:find(row, headers, parameters)
  if state then admit(call, state) end
  if call.kind and call.kind.is_early then
    complete(call, {})
    return 0, true
  end
  self.last_id = self.last_id + 1
  self.pending[self.last_id] = call
  return self.last_id, false
end

--- Forgets a request whose connection ended before its response.
function Service:leave(id)
  local call = self.pending[id]
  if call and call.state then complete(call, {}) end
  self.pending[id], self.deferred[id] = nil, nil
end

-- Does what a call asks for and returns the response.
local function perform(state, call)
  local problem = validate.problem_of(state, call)
  if problem then return state:failure(call, problem) end
  if call.row.serve then return call.row.serve(state, call) end
  local kind = call.kind
  if call.row.answer_body and not kind and not state:is_observed() then
    return envelope.json(call.row.answer_body(state, call))
  end
  local data
  data, problem = call.row.answer(state, call)
  if not data then return state:failure(call, problem) end
  if kind and kind.data and type(data) == "table" then
    kind.data(call.fault, data, call, state)
  end
  return envelope.success(call, data, kind and kind.is_bare, state:is_observed())
end

local function acts(call)
  local kind = call.kind
  if not kind or kind.acts == true then return true end
  return kind.acts and kind.acts(call.fault)
end

local function over_rate(state, call)
  local reply = state:failure(call, {
    status = 429, code = "too_many_requests", message = "too many requests in a second",
  })
  reply.headers = { "Retry-After", "1" }
  return reply
end

local function reply_to(state, call)
  if call.row and not call.row.serve and state:is_over_rate() then
    return over_rate(state, call)
  end
  local kind, fault = call.kind, call.fault
  if kind and kind.before then kind.before(fault, call, state) end
  local reply = acts(call) and perform(state, call) or nil
  if kind and kind.after then reply = kind.after(fault, reply, call, state) end
  return reply
end

local function finish(self, id, call, reply)
  self.pending[id] = nil
  reply.headers = reply.headers or {}
  if reply.type then
    table.insert(reply.headers, "Content-Type")
    table.insert(reply.headers, reply.type)
  end
  return complete(call, reply)
end

-- Tells to call `resume(id)` when something happened, and after so many seconds
-- at the latest.
local function defer(self, id, seconds, resume)
  self.deferred[id] = resume
  return { defer = id, seconds = seconds }
end

-- The answer after the reports that are due were sent.
local function after_webhooks(self, id, call, reply)
  local state = call.state
  if not state.webhooks:is_busy(state:now()) then return finish(self, id, call, reply) end
  return defer(self, id, 10, function () return after_webhooks(self, id, call, reply) end)
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
  call.raw, call.parts = body, parts
  call.entry.parts = parts
  if not call.state then admit(call, self.worlds:of_body(body)) end
  local state = call.state
  state.request_log:add_body(call.entry, body, size)
  local reply
  if call.kind and call.kind.is_early then
    reply = { drop = true }
  elseif is_too_large then
    reply = state:failure(call, { status = 413, code = "too_large",
      message = "the body is too large" })
  else
    reply = reply_to(state, call)
  end
  if call.kind and call.kind.waits_for_webhooks then
    return after_webhooks(self, id, call, reply)
  end
  return finish(self, id, call, reply)
end

--- Goes on with what was deferred.
---@param id integer
function Service:resume(id)
  local resume = self.deferred[id]
  self.deferred[id] = nil
  return resume()
end

-- ---- webhooks ----

-- The world whose next report is due first, and the seconds until then. One of
-- whose reports one is on its way has to wait for its end.
local function first_due(self)
  local found, least
  for _, state in ipairs(self.worlds.list) do
    local webhooks = state.webhooks
    local due = webhooks.in_flight == 0 and webhooks:first_due()
    local left = due and state.clock:seconds_until(due)
    if left and (not least or left < least) then found, least = state, left end
  end
  return found, least
end

--- The report that is due: its id, host, port and the text of the request. Or
--- nil and the seconds until one is due; less than 0: none is waiting.
function Service:next_webhook()
  while true do
    local state, left = first_due(self)
    if not state or left == math.huge then return nil, -1 end
    if left > 0 then return nil, left end
    self.last_delivery = self.last_delivery + 1
    local request = state.webhooks:take(self.last_delivery)
    if request then
      self.sending[self.last_delivery] = state.webhooks
      return self.last_delivery, request.host, request.port, request.text
    end
  end
end

function Service:webhook_ended(id, status, problem)
  self.sending[id]:was_sent(id, status, problem)
  self.sending[id] = nil
end

-- ---- operations ----

--- To be called before all others.
---@param url string  base URL of the sandbox
---@return integer seed
function Service:begin(url)
  self.shared.url = url
  return self.worlds.first.options.seed
end

--- Runs an operation for aistudios.Sandbox.
---@param name string
---@param app_id? string  of the world; nil: the first
---@param arguments table
---@return any result       nil: there is none
---@return string? problem
---@return integer? id      neither: call `resume(id)` when something happened,
---@return number? seconds  and after so many seconds at the latest
function Service:operate(name, app_id, arguments)
  return operations.run(self, name, app_id, arguments)
end

--- Answers a request of the admin interface.
---@return table response  see csrc/sandbox/http_response.h
function Service:admin(method, target, headers, body, is_too_large)
  return admin.answer(self, {
    method = method, target = target, headers = headers, body = body,
    is_too_large = is_too_large,
  })
end

--- The events after one, as an event stream sends them.
---@param last integer  the id of that one
---@return string text  "" when there is none
---@return integer id   of the last event in it
function Service:events_text(last)
  return admin.events_text(self.events:after(last)), math.max(last, self.events.last)
end

return M
