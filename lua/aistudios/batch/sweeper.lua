-- SPDX-License-Identifier: MIT
--
-- batch.sweeper: looks for all workers at once at what the service makes of
-- the rows that nobody holds: `rendering` and `unknown`. One list of the
-- account's projects tells of many rows. An unknown row that the list does not
-- show stays unknown: that there is no trace proves nothing.

local goals = require "aistudios.workflows.goals"

local M = {}

local MOST_ROWS = 1000      -- in one sweep
local MOST_POLLS = 16       -- rows that are asked for one by one at a time
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
  return more
end

--- What is known of a rendering row now: a change, or nothing.
local function judge(worker, row, seen)
  if goals.is_failure(seen.state) then
    return change(row, "give_up", { outcome = "unknown",
      message = worker.client:redact(("the service failed at it; its state is '%s'")
        :format(seen.state)):sub(1, 200) })
  end
  if seen.download_url and (seen.progress == nil or tonumber(seen.progress) == 100) then
    return change(row, "complete")
  end
  if row.age > worker.render_deadline then
    return change(row, "give_up", { outcome = "unknown", message =
      ("it was bought, and is not there after %d s; retry looks again and buys nothing")
        :format(worker.render_deadline) })
  end
end

--- Evidence that an unknown row was bought.
local function found(row, project_id)
  return change(row, "buy", { project_id = project_id, message = "found at the service" })
end

local function is_exported(item)
  return item.download_url ~= nil or not UNTOUCHED[item.state]
end

--- Reads a list; the rows that it does not show are left in `rows`.
local function read_list(self, list, rows)
  local by_id, by_name, worker = {}, {}, self.worker
  for number, row in pairs(rows) do
    if row.state == "rendering" then
      by_id[row.project_id] = number
    else
      by_name[row.name] = number
      if row.draft_id then by_id[row.draft_id] = number end
    end
  end
  for _, item in ipairs(list) do
    local number = by_id[item.project_id] or by_name[item.name]
    local row = number and rows[number]
    if row and row.state == "unknown" and is_exported(item) then
      worker:add(found(row, item.project_id))
      rows[number] = nil
    elseif row and row.state == "rendering" and item.project_id == row.project_id then
      worker:add(judge(worker, row, item))
      rows[number] = nil
    end
  end
end

local function wants_list(self, rows, count)
  local has_unknown = false
  for _, row in pairs(rows) do has_unknown = has_unknown or row.state == "unknown" end
  return has_unknown or count >= FEW and self.list_size <= LIST_COST * count
    and self.list_size <= LONGEST_LIST
end

-- Rows that are to be asked for one by one, in the order of their turn.
local function ask_each(self, rows)
  for _, row in pairs(rows) do
    if row.project_id or row.draft_id then self.queue[#self.queue + 1] = row end
  end
end

--- Begins with the rows that are due, when the last ones are done with.
local function begin(self)
  local worker = self.worker
  if self:is_busy() then return end
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

local function take_list(self)
  if not self.list or not self.list.is_done then return end
  local result = self.list:result()
  local rows = self.rows
  self.list, self.rows = nil, nil
  if not result then return end -- they are due again soon
  self.list_size = #result.projects
  read_list(self, result.projects, rows)
  local left, count = {}, 0
  for number, row in pairs(rows) do
    local is_late = row.state == "rendering" and row.age > self.worker.longest
    if count < MOST_POLLS and (is_late or row.draft_id and row.state == "unknown") then
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
      if seen and row.state == "rendering" then
        worker:add(judge(worker, row, seen))
      elseif seen and (seen.download_url or (tonumber(seen.progress) or 0) > 0) then
        worker:add(found(row, row.draft_id))
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

--- Takes what has come, and begins anew when it is time. Only while this worker is
--- the sweeper.
---@param is_due boolean
function Sweeper:turn(is_due)
  local before = #self.worker.changes
  take_list(self)
  take_polls(self)
  -- Rows whose change is not written yet would be looked at again.
  if is_due and #self.worker.changes == before then
    begin(self)
    take_polls(self)
  end
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
