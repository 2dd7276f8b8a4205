-- SPDX-License-Identifier: MIT
--
-- batch.sweeper: looks for all workers at once at what the service makes of
-- the rows that nobody holds: `rendering` and `unknown`. One list of the
-- account's projects tells of many rows. An unknown row that the list does not
-- show stays unknown: that there is no trace proves nothing.

local failures = require "aistudios.batch.failures"
local format = require "aistudios.util.decimal".format
local goals = require "aistudios.workflows.goals"

local M = {}

local LONGEST_STATE = 200   -- bytes of what is told of a state
local MOST_ROWS = 1000      -- in one sweep
local MOST_POLLS = 64      -- rows that are asked for one by one at a time
local FEW = 4               -- rows: fewer are asked for one by one
local LIST_COST = 20        -- items of a list that cost as much as asking for one row
local LONGEST_LIST = 10000  -- items; longer lists are asked for unknown rows only
local UNTOUCHED = { created = true, finish = true } -- states of a draft

---@class aistudios.batch.Sweeper
---@field worker aistudios.batch.Worker
---@field list_size integer  of the last list
---@field polls table        rows that are being asked for
local Sweeper = { __name = "aistudios.batch.sweeper" }
Sweeper.__index = Sweeper

---@param worker aistudios.batch.Worker
---@return aistudios.batch.Sweeper
function M.new(worker)
  return setmetatable({ worker = worker, list_size = 0, polls = {}, queue = {} }, Sweeper)
end

local function change(row, transition, more)
  more = more or {}
  more.transition, more.number, more.attempt = transition, row.number, row.attempt
  more.key = row.key
  return more
end

--- What is known of a rendering row now: a change, or nothing. `seen` is empty where the
--- service told nothing: there is the deadline still.
local function change_of_seen(worker, row, seen)
  if goals.is_failure(seen.state) then
    return change(row, "give_up", { outcome = "unknown",
      message = failures.cut(worker.client:redact(("the service failed at it; its state is '%s'")
        :format(seen.state)), LONGEST_STATE) })
  end
  if seen.download_url and (seen.progress == nil or tonumber(seen.progress) == 100) then
    return change(row, "complete", { project_id = seen.project_id })
  end
  if row.age > worker.render_deadline then
    return change(row, "give_up", { outcome = "unknown", message =
      format("it was bought, and is not there after %g s; retry looks again and buys nothing",
        worker.render_deadline) })
  end
end

--- Evidence that an unknown row was bought; `name`, where it was under another than the last.
local function found(row, project_id, name)
  return change(row, "buy", { project_id = project_id, name = name,
    message = "found at the service" })
end

local function is_exported(item)
  return item.download_url ~= nil or not UNTOUCHED[item.state]
end

-- Is the project of its export not known? A row that was found by its draft has that, and
-- one that only a webhook told of has none.
local function is_sought(row)
  return row.state == "unknown" or row.project_id == row.draft_id
end

--- Reads a list; the rows that it does not show are left in `rows`.
local function read_list(self, list, rows)
  local by_id, by_name, worker = {}, {}, self.worker
  for number, row in pairs(rows) do
    if is_sought(row) then by_name[row.name] = number end
    by_id[row.project_id or row.draft_id or ""] = number
  end
  for _, item in ipairs(list) do
    local number = item.project_id and (by_id[item.project_id] or by_name[item.name or false])
    local row = number and rows[number]
    if row and (not is_sought(row) or is_exported(item)) then
      worker:add(row.state == "unknown" and found(row, item.project_id)
        or change_of_seen(worker, row, item))
      rows[number] = nil
    end
  end
end

local function wants_list(self, rows, count)
  local has_sought = false
  for _, row in pairs(rows) do has_sought = has_sought or is_sought(row) end
  return has_sought or count >= FEW and self.list_size <= LIST_COST * count
    and self.list_size <= LONGEST_LIST
end

-- Rows that are to be asked for one by one, in the order of their turn.
local function ask_each(self, rows)
  for _, row in pairs(rows) do
    if row.project_id or row.draft_id then self.queue[#self.queue + 1] = row end
  end
end

--- Begins with the rows that are due.
local function begin(self)
  local worker = self.worker
  local due, err = worker.store:run("due", { count = MOST_ROWS, shortest = worker.shortest,
    longest = worker.longest })
  if not due then return worker:store_failed(err) end
  if not due[1] then return end
  local rows = {}
  for _, row in ipairs(due) do rows[row.number] = row end
  if wants_list(self, rows, #due) then
    self.list, self.rows = worker.client.async:list_projects(), rows
  else
    ask_each(self, rows)
  end
end

-- The attempt of an unknown row that a signed webhook reports, if one does.
local function reported(worker, row)
  local reports = worker.store:run("webhook_of", { number = row.number, attempt = row.attempt })
  return reports and reports[1] and reports[1].attempt
end

-- Does the draft of an unknown row say that it was bought?
local function is_begun(seen)
  return seen and (seen.download_url or (tonumber(seen.progress) or 0) > 0)
end

local function take_list(self)
  if not self.list or not self.list.is_done then return end
  local result = self.list:result()
  local rows = self.rows
  self.list, self.rows = nil, nil
  if not result then -- they are due again soon
    for _, row in pairs(rows) do
      if row.state == "rendering" then self.worker:add(change_of_seen(self.worker, row, {})) end
    end
    return
  end
  self.list_size = #result.projects
  read_list(self, result.projects, rows)
  local left, count = {}, 0
  for number, row in pairs(rows) do
    local is_late = row.state == "rendering" and row.age > self.worker.longest
    local is_nameless = not (row.project_id or row.draft_id)
    local attempt = is_nameless and row.state == "unknown" and reported(self.worker, row)
    if attempt then
      local name = row.name:gsub("%d+%]$", ("%d]"):format(attempt)) -- as project_of made it
      self.worker:add(found(row, nil, name))
    elseif is_nameless and row.state == "rendering" then
      self.worker:add(change_of_seen(self.worker, row, {}))
    elseif count < MOST_POLLS and (is_late or row.draft_id and is_sought(row)) then
      left[number], count = row, count + 1
    end
  end
  ask_each(self, left)
end

local function take_polls(self)
  local worker = self.worker
  for row, job in pairs(self.polls) do
    if job.is_done then
      self.polls[row] = nil
      local seen = job:result()
      if row.state == "unknown" then
        if is_begun(seen) or reported(worker, row) then worker:add(found(row, row.draft_id)) end
      else
        worker:add(change_of_seen(worker, row, seen or {}))
      end
    end
  end
  local running = 0
  for _ in pairs(self.polls) do running = running + 1 end
  while running < MOST_POLLS and self.queue[1] do
    local row = table.remove(self.queue)
    self.polls[row] = worker.client.async:get_progress(row.project_id or row.draft_id)
    running = running + 1
  end
end

--- Takes what has come.
function Sweeper:collect()
  take_list(self)
  take_polls(self)
end

--- Begins anew, when nothing is waited for any more. Its worker has written all changes:
--- a row whose change is not written would be looked at again.
---@return boolean has_begun
function Sweeper:begin()
  if self:is_busy() then return false end
  begin(self)
  take_polls(self)
  return true
end

--- Is an answer waited for?
---@return boolean
function Sweeper:is_busy()
  return self.list ~= nil or next(self.polls) ~= nil or self.queue[1] ~= nil
end

--- Forgets what was asked.
function Sweeper:stop()
  if self.list then self.list:cancel() end
  for _, job in pairs(self.polls) do job:cancel() end
  self.list, self.polls, self.queue = nil, {}, {}
end

return M
