-- SPDX-License-Identifier: MIT
--
-- batch.store: what the worker asks of the database. Nothing here sends a
-- request, and no decision about a row is kept anywhere else.

local aistudios = require "aistudios"
local states = require "aistudios.batch.states"
local statements = require "aistudios.batch.statements"

local M = {}

local changes = {} -- by the name of the transition: its statement
for name, transition in pairs(states.transitions) do
  changes[name] = states.statement(transition)
end

---@class aistudios.batch.Row
---@field number integer
---@field key string
---@field fields string  the values of the template, as JSON
---@field path? string
---@field attempt integer
---@field state string
---@field name? string
---@field draft_id? string
---@field project_id? string

--- A change of one row that is to be written.
---@class aistudios.batch.Change
---@field transition string  a name of states.transitions
---@field number integer
---@field attempt integer
---@field is_applied? boolean  afterwards: false when the row was not there any more

---@class aistudios.batch.Store
---@field database aistudios.batch.Database
---@field batch string   its id
---@field worker string  random for each start
---@field lease number   seconds
local Store = { __name = "aistudios.batch.store" }
Store.__index = Store

---@param database aistudios.batch.Database
---@param batch string
---@param worker string
---@param lease number
---@return aistudios.batch.Store
function M.new(database, batch, worker, lease)
  return setmetatable({ database = database, batch = batch, worker = worker, lease = lease },
    Store)
end

--- Runs a statement of batch.statements with these values besides its own.
function Store:run(name, values)
  values = values or {}
  values.batch, values.worker, values.lease = self.batch, self.worker, self.lease
  return self.database:run(statements[name] or self.database.sql[name], values)
end

--- Leaves a line in the journal of a row.
function Store:note(kind, number, attempt, message, project_id)
  return self:run("note", { kind = kind, number = number, attempt = attempt, message = message,
    project_id = project_id })
end

-- Did an earlier try of the same change, whose commit nobody answered, take place?
local function was_done(self, change)
  local rows, err = self:run("row_state", change)
  if not rows then return nil, err end
  local row, transition = rows[1], states.transitions[change.transition]
  return row ~= nil and row.attempt == change.attempt and row.state == transition.to
    and (not transition.is_leased or row.worker == self.worker)
    and (change.project_id == nil or row.project_id == change.project_id)
end

-- A change that changed nothing: it was done before, or it is late, which is noted.
local function settle_late(self, change)
  local was, err = was_done(self, change)
  if err then return err end
  change.is_applied = was
  if was then return nil end
  local rows
  rows, err = self:note("late", change.number, change.attempt, ("%s: the row is elsewhere; %s")
    :format(change.transition, change.message or "nothing was changed"), change.project_id)
  return not rows and err or nil
end

-- Takes the changes of one transition from the list, at most one of a row; those of a
-- row stay in their order.
local function take_alike(list)
  local alike, rest, seen = {}, {}, {}
  for _, change in ipairs(list) do
    local is_next = change.transition == list[1].transition and not seen[change.number]
    local to = is_next and alike or rest
    to[#to + 1] = change
    seen[change.number] = true
  end
  return alike, rest
end

local function in_order(a, b) return a.number < b.number end

-- A text from elsewhere as both databases take it: UTF-8 without NUL.
local function clean(text)
  if not text then return nil end
  if not utf8.len(text) then text = text:gsub("[\x80-\xFF]", "?") end
  return (text:gsub("%z", "?"))
end

-- Writes changes of one transition with one statement.
local function write_alike(self, alike)
  table.sort(alike, in_order) -- two workers lock rows in one order
  local values, changed = aistudios.array {}, {}
  for i, change in ipairs(alike) do
    values[i] = { of_number = change.number, of_attempt = change.attempt,
      new_draft_id = clean(change.draft_id), new_name = change.name,
      new_project_id = clean(change.project_id), new_outcome = change.outcome,
      new_message = clean(change.message), new_bytes = change.bytes, new_delay = change.delay }
  end
  local rows, problem = self.database:run(changes[alike[1].transition], { batch = self.batch,
    worker = self.worker, lease = self.lease, changes = assert(aistudios.encode(values)) })
  if not rows then return problem end
  for _, row in ipairs(rows) do changed[row.number] = true end
  for _, change in ipairs(alike) do
    change.is_applied = changed[change.number] or false
    local err = not change.is_applied and settle_late(self, change)
    if err then return err end
  end
end

-- Writes changes; the error, if any.
local function write_all(self, list)
  while list[1] do
    local alike
    alike, list = take_alike(list)
    local err = write_alike(self, alike)
    if err then return err end
  end
end

--- Writes changes and takes rows, in one transaction.
---@param list aistudios.batch.Change[]
---@param wanted { waiting: integer, ready: integer }  rows that there is room for
---@return { waiting: aistudios.batch.Row[], ready: aistudios.batch.Row[], limits: table }? taken
---@return aistudios.batch.StoreError? err
function Store:write(list, wanted)
  return self.database:transaction(function ()
    local taken = { waiting = {}, ready = {}, changes = list }
    local err = write_all(self, list)
    if err then return nil, err end
    if wanted.ready > 0 then
      taken.ready, err = self:run("claim_ready", { count = wanted.ready })
      if not taken.ready then return nil, err end
    end
    if wanted.waiting > 0 then
      taken.waiting, taken.limits = self:claim(wanted.waiting)
      if not taken.waiting then return nil, taken.limits end
    end
    return taken
  end)
end

--- How many more rows may be bought, and what stands in the way.
---@param limits table  the batch
---@return integer room
---@return "budget"|"pause"|"cancelled"|nil reason
local function room_of(limits)
  if limits.cancelled_at or limits.moved_to then return 0, "cancelled" end
  local room = limits.at_once - limits.active
  local jobs = limits.spent_jobs + limits.reserved_jobs
  local left = limits.max_jobs and limits.max_jobs - jobs or math.huge
  if limits.max_credits then
    local known = limits.credited_jobs
    local price = known > 0 and limits.spent_credits / known or 1
    local credits = limits.max_credits - limits.spent_credits - (jobs - known) * price
    left = math.min(left, price > 0 and credits // price or math.huge)
  end
  if left < 1 then return 0, "budget" end
  if limits.pause > 0 then return 0, "pause" end
  return math.tointeger(math.min(room, left)) or room
end

--- Takes rows that wait, and reserves what they cost. Inside a transaction, as its last
--- step: until it ends, nobody else claims.
---@return aistudios.batch.Row[]? rows
---@return table limits  of the batch, with `reason` when none may be taken
function Store:claim(count)
  local rows, err = true, nil
  if self.database.sql.lock_claims then rows, err = self:run "lock_claims" end
  if rows then rows, err = self:run "limits" end
  if not rows then return nil, err end
  local limits = rows[1]
  local room
  room, limits.reason = room_of(limits)
  count = math.min(count, room)
  if count <= 0 then return {}, limits end
  rows, err = self:run("claim", { count = count })
  if not rows then return nil, err end
  return rows, limits
end

--- Is anything left that happens by itself?
---@param window number  s in which unknown rows are looked for
---@return { waiting: boolean, active: boolean, sought: boolean }? busy
---@return aistudios.batch.StoreError? err
function Store:busy(window)
  local rows, err = self:run("busy", { window = window })
  if not rows then return nil, err end
  for name, value in pairs(rows[1]) do rows[1][name] = value == true or value == 1 end
  return rows[1]
end

--- Extends the leases of this worker.
function Store:beat() return self:run "beat" end

-- What becomes of a row that its worker does not know of.
local let_go = { claimed = "release", submitting = "lose", downloading = "put_back" }

--- Lets go of rows that this worker has and does not know of: a commit whose
--- answer was lost had taken them.
---@param known table<integer, any>  by number
---@return boolean? ok
---@return aistudios.batch.StoreError? err
function Store:reconcile(known)
  return self.database:transaction(function ()
    local rows, err = self:run "own_rows"
    if not rows then return nil, err end
    local list = {}
    for _, row in ipairs(rows) do
      if not known[row.number] then
        list[#list + 1] = { number = row.number, attempt = row.attempt,
          transition = let_go[row.state] }
      end
    end
    err = write_all(self, list)
    if err then return nil, err end
    return true
  end)
end

--- Takes back what workers left that are gone: everything returns, but what may
--- have been sent is unknown. Each statement is a transaction.
---@return integer? count  of rows
---@return aistudios.batch.StoreError? err
function Store:expire()
  local total = 0
  for _, name in ipairs { "expire_claimed", "expire_submitting", "expire_downloading",
    "shorten_leases" } do
    local rows, count = self:run(name)
    if not rows then return nil, count end
    total = total + count
  end
  return total
end

return M
