-- SPDX-License-Identifier: MIT
--
-- client: what a program talks to. Every method exists twice, here where it
-- waits and in `client.async` where it returns a job at once; both are made
-- from the same operation, and waiting is stepping until the job is done.

local api = require "aistudios.endpoints"
local config = require "aistudios.config"
local core = require "aistudios.core"
local endpoint = require "aistudios.endpoints.method"
local jobs = require "aistudios.jobs.job"
local loops = require "aistudios.jobs.scheduler"

local M = {}

local SECRETS_KEPT = 8 -- tokens of answers, for redaction

--- What a job is to run.
---@alias aistudios.Run fun(job: aistudios.Job): table?, aistudios.Error?

--- What a method does: checks its arguments, and returns what a job is to
--- run, or nil with an error for the caller, or nil, nil with a message to be
--- raised.
---@alias aistudios.Operation fun(client: aistudios.Client,
---  ...): aistudios.Run?, aistudios.Error?, string?

---@class aistudios.Client
---@field async aistudios.Async   the same methods, returning jobs
---@field package loop aistudios.Loop
---@field package handle table    the core's client
---@field package policy table    options without secrets
local Client = { __name = "aistudios.client" }
Client.__index = Client

---@class aistudios.Async
local Async = { __name = "aistudios.async" }
Async.__index = Async

local secrets = setmetatable({}, { __mode = "k" }) -- by client; never shown
local owners = setmetatable({}, { __mode = "k" })  -- of async tables

local function expect(value, class, what)
  if getmetatable(value) ~= class then
    error(("%s: call it with a colon, on a client"):format(what), 3)
  end
end

--- Raises in a child of the process that made the client.
local function forbid_fork(client, what)
  local ok, message = pcall(client.handle.fd, client.handle)
  if not ok then error(what .. ": " .. message, 3) end
end

local function forbid_callback(client, what)
  if client.loop:is_in_callback() then
    error(("%s: not inside a callback of the same client (client.async works "
      .. "there)"):format(what), 3)
  end
end

--- Makes both methods of an operation.
---@param name string
---@param operation aistudios.Operation
local function define(name, operation)
  Async[name] = function (self, ...)
    expect(self, Async, name)
    local client = owners[self]
    forbid_fork(client, name)
    local run, err, misuse = operation(client, ...)
    if misuse then error(misuse, 2) end
    return jobs.start(client, name, run, err)
  end
  Client[name] = function (self, ...)
    expect(self, Client, name)
    forbid_fork(self, name)
    forbid_callback(self, name)
    local run, err, misuse = operation(self, ...)
    if misuse then error(misuse, 2) end
    if not run then return nil, err end
    local job = jobs.start(self, name, run)
    self:run_until(job)
    return job:result()
  end
end

for name, row in pairs(api) do define(name, endpoint.operation(row)) end
for name, operation in pairs(require "aistudios.workflows") do
  define(name, operation)
end

--- The projects of the account in a `for`. An error is raised.
---@param filter? table  members that an item must have, e.g. { state = "exported" }
---@return fun(): table?
function Client:projects(filter)
  expect(self, Client, "projects")
  return require "aistudios.workflows.iterators".projects(self, filter)
end

--- The live sessions of the account in a `for`; pages are fetched as needed.
--- An error is raised.
---@param fields? { type: "active"|"historic"?, page_size: integer? }
---@return fun(): table?
function Client:sessions(fields)
  expect(self, Client, "sessions")
  return require "aistudios.workflows.iterators".sessions(self, fields)
end

--- Waits as the host wants it; blocks when that function returns false. An
--- error there ends the job.
local function wait(client, job, seconds)
  local wait_of_host = client.policy.wait
  if not wait_of_host or client.loop.is_collected then
    return client.loop:pause(seconds)
  end
  local limit = client.loop:timeout()
  if seconds and not (limit and limit < seconds) then limit = seconds end
  local ok, cause = pcall(wait_of_host, client, limit)
  if ok and cause == false then return client.loop:pause(seconds) end
  if ok then return end
  job:abort(cause)
  client.loop:pause(0.05)
end

--- Steps until `job` has ended or `seconds` are over.
---@package
---@param job aistudios.Job
---@param seconds? number
---@return boolean done
function Client:run_until(job, seconds)
  local deadline = seconds and core.now() + seconds
  while not job.is_done do
    if not self.loop:run() and not job.is_done then
      local left = deadline and deadline - core.now()
      if left and left <= 0 then break end
      wait(self, job, left)
    end
  end
  return job.is_done
end

--- Runs what is ready; when nothing is, waits for it, at most `seconds`.
--- Takes microseconds without `seconds`. Not inside a callback.
---@param seconds? number  0 when absent
---@return boolean busy  are there jobs left?
function Client:step(seconds)
  expect(self, Client, "step")
  if seconds ~= nil and (type(seconds) ~= "number" or seconds ~= seconds) then
    error("step: a number of seconds is expected, got "
      .. (seconds ~= seconds and "nan" or type(seconds)), 2)
  end
  forbid_fork(self, "step")
  forbid_callback(self, "step")
  local loop = self.loop
  if not loop:run() and seconds and seconds > 0 and loop.jobs > 0 then
    loop:pause(seconds)
    loop:run()
  end
  return loop.jobs > 0
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
  return self.loop:timeout()
end

--- Has `step` something to do that the descriptor does not tell of? As
--- luasocket's select asks for it.
---@return boolean
function Client:dirty()
  return self.loop:timeout() == 0
end

--- Figures: `jobs` not done, requests `queued` and `running`, requests
--- `completed`, `token_fetches`, `bytes_sent`, `bytes_received`.
---@return table<string, integer>
function Client:stats()
  local stats = self.handle:stats()
  stats.jobs = self.loop.jobs
  return stats
end

--- Ends all jobs, which fail with kind `cancelled`, and lets go of the I/O
--- thread. Idempotent; inside a callback it happens right after that.
function Client:close()
  expect(self, Client, "close")
  self.loop:close()
end

Client.__close = Client.close

-- Nobody is left to hear of its jobs; only what would go on costing is ended
-- with care.
function Client:__gc()
  self.loop.is_collected = true
  if self.loop.farewell then
    pcall(self.loop.close, self.loop)
  end
  self.handle:close()
end

function Client:__tostring()
  return ("%s: %s (%s)"):format(Client.__name, self.policy.base_url,
    self.loop.is_closed and "closed" or "open")
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

--- Remembers that an answer's text is a secret.
---@package
---@param text string
function Client:keep_secret(text)
  if type(text) ~= "string" or text == "" then return end
  local issued = secrets[self].issued
  issued[1 + secrets[self].count % SECRETS_KEPT] = text
  secrets[self].count = secrets[self].count + 1
end

--- A text without the secrets of this client.
---@package
---@param text string
---@return string
function Client:redact(text)
  for _, secret in ipairs(secrets[self].issued) do
    text = text:gsub(secret:gsub("%W", "%%%0"), "[secret]")
  end
  return self.handle:redact(text)
end

--- Makes a client; see aistudios.new.
---@param options table
---@return aistudios.Client? client
---@return aistudios.Error? err
---@return string? misuse
function M.new(options)
  local read, err, misuse = config.read(options)
  if not read then return nil, err, misuse end
  local handle = core.client(read.core)
  local client = setmetatable({
    handle = handle, policy = read.policy, loop = loops.new(handle),
    told = {}, requests = 0, token_fetches = 0, open_sessions = {}, session_starts = {},
    session_stops = {},
  }, Client)
  local wait_of_host = read.policy.wait
  if type(wait_of_host) == "table" then
    client.loop.host, client.loop.client = wait_of_host, client
  end
  client.async = setmetatable({}, Async)
  owners[client.async] = client
  secrets[client] = { app_id = read.core.app_id, user_key = read.core.user_key,
    issued = {}, count = 0 }
  return client
end

M.Client, M.Async = Client, Async

return M
