-- SPDX-License-Identifier: MIT
--
-- client: the object that a program uses. Every method exists twice: here it
-- waits, in `client.async` it returns a job at once. Both are made from the
-- same operation; waiting is stepping until the job is done.

local config = require "aistudios.config"
local core = require "aistudios.core"
local each = require "aistudios.workflows.each"
local errors = require "aistudios.error"
local iterators = require "aistudios.workflows.iterators"
local jobs = require "aistudios.jobs.job"
local raise = require "aistudios.util.raise"
local schedulers = require "aistudios.jobs.scheduler"
local token_check = require "aistudios.workflows.token_check"

local M, start = {}, jobs.start
local is_foreign, is_ready = core.client_methods.is_foreign, core.client_methods.ready

local SECRETS_KEPT = 8 -- of session tokens, for redaction; as many as the core takes

---@class aistudios.Client
---@field async aistudios.Async   the same methods, returning jobs
---@field package scheduler aistudios.Scheduler
---@field package handle table    the core's client
---@field package policy table    options without secrets
---@field package known_projects? table  see workflows/render
---@field package wants_new_token boolean  the next call fetches another
local Client = { __name = "aistudios.client" }
Client.__index = Client

---@class aistudios.Async
local Async = { __name = "aistudios.async" }
Async.__index = Async
M.Client, M.Async = Client, Async

local secrets = setmetatable({}, { __mode = "k" }) -- by client; never shown
local owners = setmetatable({}, { __mode = "k" })  -- of async tables

local function expect(value, class, what)
  if getmetatable(value) ~= class then
    raise(("%s: call it with a colon, on a client"):format(what))
  end
end

--- Raises in a child of the process that made the client.
---@package
---@param what string  that method
function Client:forbid_fork(what)
  if is_foreign(self.handle) then
    raise(what .. ": this client was made before fork; make a new client in the child")
  end
end

local function forbid_callback(client, what, may_yield)
  local scheduler = client.scheduler
  if not (may_yield and scheduler:is_worker()) and scheduler:is_in_callback() then
    raise(("%s: not inside a callback of the same client (client.async works "
      .. "there)"):format(what))
  end
end

--- Makes both methods of an operation.
---@param name string
---@param operation aistudios.Operation
local function define(name, operation)
  Async[name] = function (self, a, b, c)
    local client = owners[self] or expect(self, Async, name)
    if is_foreign(client.handle) then client:forbid_fork(name) end
    local run, with, misuse = operation(client, a, b, c)
    if misuse then raise(misuse) end
    return start(client, name, run, with)
  end
  Client[name] = function (self, a, b, c)
    local scheduler = secrets[self] and self.scheduler or expect(self, Client, name)
    if is_foreign(self.handle) then self:forbid_fork(name) end
    if next(scheduler.in_callback) then forbid_callback(self, name, true) end
    local run, with, misuse = operation(self, a, b, c)
    if misuse then raise(misuse) end
    if not run then return nil, with end
    local job = start(self, name, run, with)
    scheduler:run_until(job)
    return job:result()
  end
end

for name, operation in pairs(require "aistudios.workflows") do
  define(name, operation)
end

--- The projects of the account in a `for`. An error is raised.
---@param filter? table  members that an item must have, e.g. { state = "exported" }
---@return fun(): table?
function Client:projects(filter)
  expect(self, Client, "projects")
  self:forbid_fork "projects"
  return iterators.projects(self, filter)
end

--- The live sessions of the account in a `for`; pages are fetched as needed.
--- An error is raised.
---@param fields? { type: "active"|"historic"?, page_size: integer? }
---@return fun(): table?
function Client:sessions(fields)
  expect(self, Client, "sessions")
  self:forbid_fork "sessions"
  return iterators.sessions(self, fields)
end

--- Calls `f(item, index)` for each item of a list, many at a time: inside of it a call
--- of this client waits without holding up the others. It returns a result and an
--- error, or a job of `client.async`. An error that it raises fails its item alone.
---@param items any[]
---@param f fun(item: any, index: integer): any, any
---@param options? aistudios.EachOptions
---@return any[] results   in the order of the items; `n` is their number
---@return table<integer, any> errors  by the same places; empty when all went well
function Client:each(items, f, options)
  expect(self, Client, "each")
  self:forbid_fork "each"
  forbid_callback(self, "each")
  return each.run(self, jobs.Job, items, f, options)
end

--- The same as a job: `job:result()` is the results and the errors.
function Async:each(items, f, options)
  expect(self, Async, "each")
  local client = owners[self]
  client:forbid_fork "each"
  return jobs.start(client, "each", each.task(client, jobs.Job, items, f, options))
end

--- Runs the jobs that are ready; when none is, waits for one, at most `seconds`.
--- Takes microseconds without `seconds`. Not inside a callback.
---@param seconds? number  0 when absent
---@return boolean busy  are there jobs left?
function Client:step(seconds)
  local scheduler = secrets[self] and self.scheduler or expect(self, Client, "step")
  if seconds ~= 0 and seconds ~= nil and (type(seconds) ~= "number" or seconds ~= seconds) then
    raise("step: a number of seconds is expected, got "
      .. (seconds ~= seconds and "nan" or type(seconds)))
  end
  local has_come = is_ready(self.handle)
  if has_come == nil then self:forbid_fork("step") end
  if next(scheduler.in_callback) then forbid_callback(self, "step") end
  if not scheduler:run(has_come) and seconds and seconds > 0 and scheduler.jobs > 0 then
    scheduler:block(seconds)
    scheduler:run()
  end
  return scheduler.jobs > 0 or scheduler.ready.first <= scheduler.ready.last
end

--- A descriptor that is readable when `step` has something to do. It stays
--- the same until `close`; take it out of your loop before that.
---@return integer fd
function Client:pollfd()
  return self.handle:fd()
end

--- The same, as luasocket's select asks for it.
---@return integer fd
function Client:getfd()
  return self.handle:fd()
end

--- What to wait for on `pollfd`, as cqueues asks for it.
---@return "r"
function Client:events() -- luacheck: ignore self
  return "r"
end

--- Seconds until `step` is due even if nothing comes; nil: not by itself.
---@return number? seconds
function Client:timeout()
  return self.scheduler:timeout()
end

--- Has `step` something to do that the descriptor does not show? As
--- luasocket's select asks for it.
---@return boolean
function Client:dirty()
  return self.scheduler:timeout() == 0
end

--- Figures: `jobs` not done, requests `queued` and `running`, requests
--- `completed`, `token_fetches`, `bytes_sent`, `bytes_received`; and in `token_problem`
--- why the `token_store` could not be read or written, if it could not.
---@return table<string, integer|string>
function Client:stats()
  local stats = self.handle:stats()
  stats.jobs, stats.token_problem = self.scheduler.jobs, self.token_problem
  return stats
end

for _, name in ipairs { "pollfd", "getfd", "events", "timeout", "dirty", "stats" } do
  local f = Client[name]
  Client[name] = function (self)
    expect(self, Client, name)
    return f(self, self:forbid_fork(name))
  end
end

--- Ends all jobs, which fail with kind `cancelled`, and leaves the I/O thread.
--- Idempotent; inside a callback it happens right after that.
function Client:close()
  expect(self, Client, "close")
  self.scheduler:close()
end

Client.__close = Client.close

-- Nobody waits for its jobs any more; only what goes on being billed is ended in order.
function Client:__gc()
  self.scheduler.is_collected = true
  if self.scheduler.on_close then
    pcall(self.scheduler.close, self.scheduler)
  end
  self.handle:close()
end

function Client:__tostring()
  return ("%s: %s (%s)"):format(Client.__name, self.policy.base_url,
    self.scheduler.is_closed and "closed" or "open")
end

function Async:__tostring()
  return ("%s: %s"):format(Async.__name, owners[self].policy.base_url)
end

--- The credentials as the API's token call wants them.
---@package
function Client:credentials()
  local own = secrets[self]
  return { appId = own.app_id, userKey = own.user_key }
end

--- The session token that the client's sessions share.
---@package
---@param token? string|false  the new one; false: forget it
---@return string?
function Client:session_token(token)
  local own = secrets[self]
  if token ~= nil then own.session_token = token or nil end
  return own.session_token
end

--- Forgets the access token: the next call that needs one fetches another. For
--- tokens that were revoked; one that has ended is renewed by itself.
function Client:forget_token()
  expect(self, Client, "forget_token")
  self:forbid_fork "forget_token"
  self.wants_new_token = true
end

---@package
function Client:renew_token(...) return token_check.renew(...) end -- luacheck: ignore self

--- Records a secret that came or was sent, for redaction.
---@package
---@param text string
function Client:keep_secret(text)
  local own = secrets[self]
  if type(text) ~= "string" then return end
  for _, known in ipairs(own.issued) do if known == text then return end end
  own.issued[1 + own.count % SECRETS_KEPT] = text
  own.count = own.count + 1
end

--- A text without the secrets of this client; `most`: of some more bytes than these.
---@package
---@param text string
---@return string
function Client:redact(text, most)
  return self.handle:redact(text, secrets[self].issued, most)
end

--- Makes a client; see aistudios.new.
---@param options table
---@return aistudios.Client? client
---@return aistudios.Error? err
---@return string? misuse
function M.new(options)
  local read, err, misuse = config.read(options)
  if not read then return nil, err, misuse end
  local handle, cause = core.client(read.core)
  if not handle then
    return nil, errors.new { kind = "file", outcome = "not_sent", retryable = true,
      message = cause }
  end
  local client = setmetatable({ handle = handle, policy = read.policy,
    wants_new_token = false }, Client)
  client.scheduler = schedulers.new(client, handle, read.policy.wait)
  client.async = setmetatable({}, Async)
  owners[client.async] = client
  secrets[client] = { app_id = read.core.app_id, user_key = read.core.user_key,
    issued = {}, count = 0 }
  return client
end

return M
