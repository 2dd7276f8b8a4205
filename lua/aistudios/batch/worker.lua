-- SPDX-License-Identifier: MIT
--
-- batch.worker: takes rows, sends, and writes what came of it. One turn waits
-- for the client, collects what has ended, and writes all of it in one
-- transaction; only then the next requests go out. Any number of workers, in
-- any processes, share a store. It blocks its thread for the store's disk.

local aistudios = require "aistudios"
local core = require "aistudios.core"
local failures = require "aistudios.batch.failures"
local film_places = require "aistudios.batch.film_places"
local journal = require "aistudios.batch.journal"
local statements = require "aistudios.batch.statements"
local sweepers = require "aistudios.batch.sweeper"

local M = {}

local LEASE = 60                 -- s
local SHORTEST, LONGEST = 3, 15  -- s between two looks at a row
local SWEEP_LEASE = 5            -- s in which a sweeper that is gone keeps others from sweeping
local RENDER_DEADLINE = 1800     -- s
local WINDOW = 300               -- s in which an unknown row is looked for before the end
local LONGEST_PAUSE = 120        -- s of the account, where the service says nothing
local STORE_PAUSE = 1            -- s before the store is tried again
local STORE_PATIENCE = 600       -- s
local TICK = 0.25                -- s of a turn at most
local LINGER = 0.01              -- s in which changes may wait for others to be committed with
local MANY = 64                  -- changes that wait no more

---@class aistudios.batch.Worker
---@field store aistudios.batch.Store
---@field client aistudios.Client
---@field batch table     its row of the store
---@field flights table<aistudios.batch.Flight, true>  a late one may be of a row that was
---  taken again
---@field changes aistudios.batch.Change[]  to be written
local Worker = { __name = "aistudios.batch.worker" }
Worker.__index = Worker

---@class aistudios.batch.RunOptions
---@field lease? number      s that a row stays this worker's without a heartbeat, 1 to 86400 (60)
---@field interval? number   s between the first looks at a row, 0.01 to 3600 (3)
---@field longest_interval? number  s between two looks, 0.01 to 3600 (15)
---@field deadline? number   s for one render (1800)
---@field window? number     s in which unknown rows are looked for before the end (300)
---@field on_change? fun(change: table)  told of each row that is in another state
---@field on_problem? fun(err: aistudios.Error)  told once when the store cannot be used, each time;
---  nothing is sent until it can
---@field wait? fun(seconds: number)  lets the client work; client:step by default

--- A function that waits for the client, also while it has no jobs.
---@param client aistudios.Client
---@return fun(seconds: number)
function M.wait_for(client)
  return function (seconds)
    client:step()
    client.scheduler:block(seconds)
    client:step()
  end
end

-- A callback of the host, which ends the work in order when it raises: rows whose change is
-- written are sent, or given back.
local function guard(worker, callback)
  return function (argument)
    if not callback or worker.has_cause then return end
    local ok, cause = pcall(callback, argument)
    if ok then return end
    worker.cause, worker.has_cause = cause, true
    worker:stop()
  end
end

--- Makes a worker; `run` does the work.
---@param store aistudios.batch.Store
---@param client aistudios.Client
---@param batch table
---@param chosen aistudios.batch.RunOptions
---@return aistudios.batch.Worker? worker
---@return aistudios.Error? err
function M.new(store, client, batch, chosen)
  local project, err = aistudios.decode(batch.template)
  local template
  if project then template, err = aistudios.template(project) end
  if not template then return nil, err end
  local shortest = chosen.interval or SHORTEST
  local self = setmetatable({
    store = store, client = client, batch = batch, template = template,
    fill = { coerce = true, empty = true, extra = true },
    shortest = shortest, longest = math.max(shortest, chosen.longest_interval or LONGEST),
    render_deadline = chosen.deadline or RENDER_DEADLINE, window = chosen.window or WINDOW,
    download_pause = chosen.download_pause, webhook = chosen.webhook,
    places = chosen.places or film_places.new(),
    wait = chosen.wait or M.wait_for(client),
    flights = {}, count = 0, changes = {}, downloads = {}, troubles = 0,
    last_beat = core.now(), beat_at = 0, sweep_at = 0, claim_at = 0, look_at = 0, retry_at = 0,
  }, Worker)
  self.on_change = guard(self, chosen.on_change)
  self.on_problem = guard(self, chosen.on_problem)
  self.sweeper = sweepers.new(self)
  return self
end

--- Adds a change for the next transaction.
---@param change? aistudios.batch.Change
function Worker:add(change)
  if change then self.changes[#self.changes + 1] = change end
end

--- May a paid call be sent? Not when the store may think that this worker is gone.
---@return boolean
function Worker:may_submit()
  return not self.is_stopping and core.now() - self.last_beat < self.store.lease / 2
end

--- Ends the work in order: what was sent is waited for, nothing else is begun.
function Worker:stop()
  if self.is_stopping then return end
  self.is_stopping = true
  for flight in pairs(self.flights) do
    if flight.job and flight.job.cancel and flight.step ~= "submit" then flight.job:cancel() end
  end
end

--- Ends the work because of an error that concerns every row.
---@param err aistudios.Error
function Worker:fail(err)
  self.err = self.err or err
  self:stop()
end

--- Notes that the service refuses for now, or cannot be reached: all workers wait.
---@param err aistudios.Error
function Worker:trouble(err)
  self.troubles = self.troubles + 1
  local is_clear = err.status == 429 or err.outcome == "not_sent" or err.retry_after
  if not is_clear and self.troubles < 3 then return end
  local pause = math.min(LONGEST_PAUSE, self.shortest * 2 ^ math.min(self.troubles - 1, 10))
  pause = math.min(statements.LONGEST_PAUSE, math.max(pause, err.retry_after or 0))
  self.account_pause = math.max(self.account_pause or 0, pause)
end

--- Notes that the store cannot be used now; nothing is sent until it can.
---@param err aistudios.batch.StoreError
function Worker:store_failed(err)
  local now = core.now()
  if not self.broken_since then
    self.broken_since = now
    self.on_problem(failures.of_store(err))
  end
  self.retry_at, self.needs_reconcile = now + STORE_PAUSE, true
  local is_lasting = err.kind == "other" or now - self.broken_since > STORE_PATIENCE
  if is_lasting then
    self.gave_up = failures.of_store(err)
    self.gave_up.outcome = "unknown"
  end
end

-- ---- one turn ----

local function beat(self, now)
  if now < self.beat_at then return end
  local ok, err = self.store:beat()
  if not ok then return self:store_failed(err) end
  self.last_beat, self.beat_at = now, now + self.store.lease / 4
end

-- Becomes the sweeper, or stays it.
local function take_sweep(self, now)
  local seconds = math.min(self.store.lease, math.max(SWEEP_LEASE, 4 * self.shortest))
  local rows, err = self.store:run("take_sweep", { seconds = seconds })
  if not rows then return self:store_failed(err) end
  if not self.is_sweeper and rows[1] then self.expire_at = 0 end
  self.is_sweeper = rows[1] ~= nil
  self.renew_at = self.is_sweeper and now + seconds / 2 or 0
end

local function sweep(self, now)
  if now < self.sweep_at or self.is_stopping then return end
  if now >= (self.renew_at or 0) then take_sweep(self, now) end
  if self.needs_reconcile then return end
  if self.is_sweeper and now >= (self.expire_at or 0) then
    self.expire_at = now + math.min(self.store.lease / 4, 5)
    local count, err = self.store:expire()
    if not count then return self:store_failed(err) end
  end
  if not self.is_sweeper or self.sweeper:begin() then self.sweep_at = now + self.shortest end
end

-- Changes that come one after the other share a commit.
function Worker:may_linger(now)
  local count = #self.changes
  if count == 0 then
    self.lingers_since = nil
    return false
  end
  self.lingers_since = self.lingers_since or now
  if count < MANY and now - self.lingers_since < LINGER then return true end
  self.lingers_since = nil
  return false
end

local function turn(self)
  if self.client.scheduler.is_closed and not self.is_stopping then
    self:fail(failures.refusal "the client was closed")
  end
  local pause = math.min(TICK, self.shortest)
  if self.changes[1] and core.now() >= self.retry_at then pause = math.min(pause, LINGER) end
  self.wait(pause)
  journal.collect(self)
  self.sweeper:collect()
  local now = core.now()
  if now < self.retry_at or self:may_linger(now) then return end
  if self.needs_reconcile then
    local known = {}
    for flight in pairs(self.flights) do known[flight.row.number] = true end
    local ok, err = self.store:reconcile(known)
    if not ok then return self:store_failed(err) end
    self.needs_reconcile = false
  end
  beat(self, now)
  if self.needs_reconcile then return end
  journal.drop_late_submits(self)
  journal.write(self, now)
  if not self.needs_reconcile then sweep(self, now) end
  if not self.needs_reconcile then self.broken_since = nil end -- all that was to be written is
end

--- Is there nothing left that happens by itself?
local function is_over(self)
  if self.gave_up then return true end
  if next(self.flights) or self.changes[1] then return false end
  if self.sweeper:is_busy() and not self.is_stopping then return false end
  if self.is_stopping then return true end
  local now = core.now()
  if now < self.look_at or self.needs_reconcile then return false end
  self.look_at = now + math.min(self.shortest, 1)
  local busy, err = self.store:busy(self.window)
  if not busy then
    self:store_failed(err)
    return false
  end
  if busy.active or busy.sought then return false end
  return not busy.waiting or self.reason == "budget" or self.reason == "cancelled"
end

--- Works until nothing is left to do by itself.
---@return true? ok
---@return aistudios.Error? err  the work ended early; the rows are as the store says
function Worker:run()
  while not is_over(self) do turn(self) end
  self.sweeper:stop()
  if self.is_sweeper then self.store:run "leave_sweep" end
  local err = self.gave_up or self.err
  if err then return nil, err end
  return true
end

M.LEASE = LEASE

return M
