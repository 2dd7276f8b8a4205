-- SPDX-License-Identifier: MIT
--
-- batch.store: what the worker asks of the database. Nothing here sends a
-- request, and no decision about a row is kept anywhere else.

local aistudios = require "aistudios"
local claims = require "aistudios.batch.claims"
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
---@field account? string  see batch.account; of a worker
local Store = { __name = "aistudios.batch.store" }
Store.__index = Store

---@param database aistudios.batch.Database
---@param batch string
---@param worker string
---@param lease number
---@param account? string
---@return aistudios.batch.Store
function M.new(database, batch, worker, lease, account)
  return setmetatable({ database = database, batch = batch, worker = worker, lease = lease,
    account = account }, Store)
end

--- Runs a statement of batch.statements with these values besides its own.
function Store:run(name, values)
  values = values or {}
  values.batch, values.worker, values.lease = self.batch, self.worker, self.lease
  values.account = self.account
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

-- Takes from the list one change of each row, by transition; the others are later.
local function take_round(list)
  local round, rest, seen = {}, {}, {}
  for _, change in ipairs(list) do
    local to = rest
    if not seen[change.number] then
      to = round[change.transition] or {}
      if not to[1] then round[#round + 1], round[change.transition] = to, to end
    end
    to[#to + 1] = change
    seen[change.number] = true
  end
  return round, rest
end

local function in_order(a, b) return a.number < b.number end

-- A text from elsewhere as both databases take it: UTF-8 without NUL.
local function clean(text)
  if not text then return nil end
  if not utf8.len(text) then text = text:gsub("[\x80-\xFF]", "?") end
  return (text:gsub("%z", "?"))
end

-- The statement that writes changes of one transition.
local function statement_of(self, alike)
  table.sort(alike, in_order) -- two workers lock rows in one order
  local values = aistudios.array {}
  for i, change in ipairs(alike) do
    values[i] = { of_number = change.number, of_attempt = change.attempt,
      new_draft_id = clean(change.draft_id), new_name = change.name,
      new_project_id = clean(change.project_id), new_outcome = change.outcome,
      new_message = clean(change.message), new_bytes = change.bytes, new_delay = change.delay,
      drops_draft = change.drops_draft and 1 or nil }
  end
  return { changes[alike[1].transition], { batch = self.batch, worker = self.worker,
    lease = self.lease, changes = assert(aistudios.encode(values)) } }
end

-- Notes of changes whether they changed their row; the error, if any.
local function settle(self, alike, rows)
  local changed = {}
  for _, row in ipairs(rows) do changed[row.number] = true end
  for _, change in ipairs(alike) do
    change.is_applied = changed[change.number] or false
    local err = not change.is_applied and settle_late(self, change)
    if err then return err end
  end
end

-- Writes changes and then runs more statements; the rows of each of these, or an error.
local function write_all(self, list, more)
  local results, round
  repeat
    round, list = take_round(list)
    local written = {}
    for i, alike in ipairs(round) do written[i] = statement_of(self, alike) end
    if not list[1] then table.move(more or {}, 1, #(more or {}), #written + 1, written) end
    local err
    results, err = self.database:run_all(written)
    if not results then return nil, err end
    for i, alike in ipairs(round) do
      err = settle(self, alike, results[i])
      if err then return nil, err end
    end
  until not list[1]
  return table.move(results, #round + 1, #results, 1, {})
end

---@class aistudios.batch.Taken
---@field changes aistudios.batch.Change[]
---@field waiting aistudios.batch.Row[]
---@field ready aistudios.batch.Row[]
---@field limits? table  of the batch, with `reason` when none may be taken

--- Writes changes and takes rows, in one transaction. Where claims of workers wait for each
--- other, the claim is one of its own before it, which waits for no disk: the next commit
--- brings it there too, and nobody knows of its rows before.
---@param list aistudios.batch.Change[]
---@param wanted { waiting: integer, ready: integer }  rows that there is room for
---@return aistudios.batch.Taken? taken
---@return aistudios.batch.StoreError? err
function Store:write(list, wanted)
  local database = self.database
  local flush = database.sql.flush_claim
  local taken = { waiting = {}, ready = {}, changes = list }
  local function take_waiting()
    local rows, limits = claims.take(self, wanted.waiting)
    if not rows then return nil, limits end
    taken.waiting, taken.limits = rows, limits
    return taken
  end
  if flush and wanted.waiting > 0 then
    local ok, err = database:transaction(take_waiting)
    if not ok then return nil, err end
  end
  return database:transaction(function ()
    local more, values = {}, { batch = self.batch, worker = self.worker, lease = self.lease,
      count = wanted.ready }
    if wanted.ready > 0 then more[1] = { statements.claim_ready, values } end
    if taken.waiting[1] then more[#more + 1] = { flush, values } end
    local results, err = write_all(self, list, more)
    if not results then return nil, err end
    if wanted.ready > 0 then taken.ready = results[1] end
    if wanted.waiting > 0 and not flush then return take_waiting() end
    return taken
  end)
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
    rows, err = write_all(self, list)
    return rows and true, err
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
