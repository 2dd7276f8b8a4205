-- SPDX-License-Identifier: MIT
--
-- service: answers requests. It runs in a state of its own; threads of the
-- server enter it one at a time. `arrive`, `answer` and `leave` are for
-- requests, everything else is what the host calls.

local faults = require "aistudios.sandbox.faults"
local fields = require "aistudios.sandbox.fields"
local http = require "aistudios.sandbox.http"
local journal = require "aistudios.sandbox.journal"
local json = require "aistudios.sandbox.json"
local ledger = require "aistudios.sandbox.ledger"
local projects = require "aistudios.sandbox.projects"
local routes = require "aistudios.sandbox.routes"
local tokens = require "aistudios.sandbox.tokens"

local Service = {}
Service.__index = Service

local M = {}

local JSON = "application/json; charset=utf-8"

local function envelope_of(problem)
  return json.encode {
    success = false, error = { code = problem.code, msg = problem.message },
  }
end

-- What the rows work on.
local function new_world(options, natives)
  local skipped = 0
  local world = { options = options, natives = natives, url = "" }
  function world.now() return natives.now() + skipped end
  function world.wall() return natives.wall() + skipped end
  function world.advance(seconds) skipped = skipped + seconds end
  function world.failure(call, problem)
    if call.row and call.row.serve then
      return { status = problem.status, type = "text/plain", body = problem.message .. "\n" }
    end
    return { status = problem.status, type = JSON, body = envelope_of(problem) }
  end
  function world.expire_token_of(call)
    world.tokens:expire(call.headers.authorization)
  end
  world.tokens = tokens.new(world, options.token_seconds, options.jwt)
  world.projects = projects.new(world)
  world.ledger = ledger.new(natives)
  world.video_size = options.video_size
  return world
end

---@param options table  of aistudios.sandbox.start, checked
---@param natives table  now, wall, random, digest
function M.new(options, natives)
  return setmetatable({
    world = new_world(options, natives), journal = journal.new(),
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

local function refusal(status, code, message)
  return { status = status, code = code, message = message }
end

-- Finds what forbids the call to do its work.
local function problem_of(world, call)
  local row = call.row
  if not row then
    return refusal(404, "not_found", "no such call: " .. call.method .. " " .. call.target)
  end
  if row.auth == "token" then
    local message = world.tokens:problem_of(call.headers.authorization)
    if message then return refusal(401, "unauthorized", message) end
  end
  if not row.rule then return nil end
  if not (call.headers["content-type"] or ""):lower():find("^application/json") then
    return refusal(400, "invalid_input", "the Content-Type must be application/json")
  end
  local body, message = json.decode(call.raw)
  if type(body) ~= "table" or not call.raw:find "^%s*{" then
    return refusal(400, "invalid_input",
      "the body must be a JSON object" .. (message and ": " .. message or ""))
  end
  call.body = body
  message = fields.problem_in(body, row.rule)
  return message and refusal(400, "invalid_input", message)
end

local function envelop(call, data, is_bare)
  if call.row.is_list then data = json.list(data) end
  return json.encode(is_bare and data or { success = true, data = data })
end

-- Does the work of a call and says what came of it.
local function perform(world, call)
  local problem = problem_of(world, call)
  if problem then return world.failure(call, problem) end
  if call.row.serve then return call.row.serve(world, call) end
  local data
  data, problem = call.row.answer(world, call)
  if not data then return world.failure(call, problem) end
  local kind = call.kind
  if kind and kind.data then kind.data(call.fault, data, call, world) end
  return { status = 200, type = JSON, body = envelop(call, data, kind and kind.is_bare) }
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
---@return table answer  what csrc/sandbox/answer.h wants
function Service:answer(id, body, is_too_large)
  local call = self.pending[id]
  self.pending[id] = nil
  call.raw = body
  self.journal:add_body(call.entry, body)
  local reply
  if is_too_large then
    reply = self.world.failure(call, refusal(413, "too_large", "the body is too large"))
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

-- ---- the host ----

function Service:set_url(url) self.world.url = url end
function Service.names() return routes.names end
function Service:requests(endpoint) return self.journal:list(endpoint) end
function Service:clear_requests() self.journal:clear() end
function Service:get_ledger() return self.world.ledger:list() end
function Service:fault(fault) self.faults:arm(fault) end
function Service:clear_faults() self.faults:clear() end
function Service:expire_tokens() return self.world.tokens:expire_all() end
function Service:advance(seconds) self.world.advance(seconds) end

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
  }
end

return M
