-- SPDX-License-Identifier: MIT
--
-- batch.journal: writes what a worker has decided, in one transaction a turn,
-- and begins what follows from it. Nothing is sent before its change is
-- committed.

local failures = require "aistudios.batch.failures"
local flights = require "aistudios.batch.flights"
local transitions = require "aistudios.batch.states".transitions

local M = {}

-- Rows that there is room for.
local function wanted(self, now)
  if self.is_stopping or not self:may_submit() or now < self.claim_at then
    return { waiting = 0, ready = 0 }
  end
  -- No more than its client can soon begin: the rest is for other workers.
  local most = math.min(self.batch.at_once, 2 * self.client.policy.max_in_flight)
  local room = math.max(0, most - self.count)
  return { waiting = room, ready = room }
end

local function start(self, flight, step)
  self:add(flights.begin(self, flight, step))
end

local function take(self, rows, step)
  for _, row in ipairs(rows) do
    local flight = { row = row }
    self.flights[flight], self.count = true, self.count + 1
    self.on_change { number = row.number, key = row.key, state = row.state, attempt = row.attempt }
    start(self, flight, step)
  end
end

local function forget(self, flight)
  if not self.flights[flight] then return end
  self.claim_at = 0
  self.flights[flight], self.count = nil, self.count - 1
end

-- What follows a change that was written.
local function follow(self, change)
  local flight = change.flight
  if change.is_applied then
    self.reason = nil
    if change.transition == "complete" then self.claim_at = 0 end
    local to = transitions[change.transition].to
    self.on_change { number = change.number, key = change.key, state = to,
      attempt = change.attempt, message = change.message, project_id = change.project_id }
  end
  if not flight then return end
  if change.is_applied and change.next_step then
    return start(self, flight, change.next_step)
  end
  forget(self, flight)
end

-- A change that the store's constraints refuse must not hold up the others.
local function write_each(self, list)
  for _, change in ipairs(list) do
    local taken, err = self.store:write({ change }, { waiting = 0, ready = 0 })
    if not taken and err.kind ~= "constraint" then
      self:add(change)
      self:store_failed(err)
    else
      if not taken then
        change.is_applied = false
        local instead = flights.instead(change)
        if instead then write_each(self, { instead }) end
        self.store:note("refused", change.number, change.attempt, err.message)
        self.needs_reconcile = true
      end
      follow(self, change)
    end
  end
end

--- Writes the changes of a worker, and takes rows that there is room for.
---@param self aistudios.batch.Worker
---@param now number
function M.write(self, now)
  if self.account_pause then
    local ok, err = self.store:run("pause", { delay = self.account_pause })
    if not ok then return self:store_failed(err) end
    self.account_pause = nil
  end
  local list, want = self.changes, wanted(self, now)
  if not list[1] and want.waiting == 0 and want.ready == 0 then return end
  local taken, err = self.store:write(list, want)
  if not taken then
    if err.kind ~= "constraint" then return self:store_failed(err) end
    self.changes = {}
    return write_each(self, list)
  end
  self.changes = {}
  for _, change in ipairs(list) do follow(self, change) end
  if taken.limits and taken.limits.reason == "account" then
    self:fail(failures.other_account())
  end
  if taken.limits and not list[1] then -- which may be of before these changes
    self.reason = taken.limits.reason
    if not taken.waiting[1] and not taken.ready[1] then
      self.claim_at = now + math.min(self.shortest, 1)
    end
  end
  take(self, taken.waiting, "draft")
  take(self, taken.ready, "download")
end

--- Makes changes of what has ended.
---@param self aistudios.batch.Worker
function M.collect(self)
  for flight in pairs(self.flights) do
    if flight.job and flight.job.is_done then self:add(flights.finish(self, flight)) end
  end
end

--- After a heartbeat that came too late, nothing that is not sent may be sent.
---@param self aistudios.batch.Worker
function M.drop_late_submits(self)
  if self:may_submit() then return end
  for _, change in ipairs(self.changes) do
    if change.transition == "submit" then
      change.transition, change.next_step = "release", nil
      change.outcome, change.message = "not_sent", "stopped before sending"
    end
  end
end

return M
