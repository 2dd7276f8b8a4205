-- SPDX-License-Identifier: MIT
--
-- webhooks: reports of the progress of renders. Each is a POST of JSON, sent
-- once and to loopback addresses only. When a report is due is a function of
-- the world's clock; the thread of webhook_sender takes those that are.

local json = require "aistudios.sandbox.json"

local STEPS = { 0.25, 0.5, 0.75, 1 } -- of a render, when a report is due
local MAX_KEPT = 10000

---@class aistudios.sandbox.Webhooks
local Webhooks = {}
Webhooks.__index = Webhooks

local M = {}

---@param state aistudios.sandbox.State
---@return aistudios.sandbox.Webhooks
function M.new(state)
  return setmetatable({
    state = state, sent = {}, in_flight = 0,
    waiting = {}, first = 1, last = 0, -- ordered by the time when they are due
  }, Webhooks)
end

--- The host, port, target and authority of a loopback address; else nil.
local function parse(url)
  if url:find "[%c%s]" then return nil end
  local authority, target = url:match "^http://([^/?#]+)([^#]*)$"
  if not authority then return nil end
  local host, port = authority:match "^%[?(.-)%]?:(%d+)$"
  host = host or authority:match "^%[?(.-)%]?$"
  if host == "localhost" then host = "127.0.0.1" end
  if host ~= "::1" and not host:find "^127%.%d+%.%d+%.%d+$" then return nil end
  port = tonumber(port or 80)
  if port > 65535 then return nil end
  if not target:find "^/" then target = "/" .. target end
  return host, port, target, authority
end

-- ---- when reports are due ----

-- The parts of a render and what is reported then, in the order of sending. A
-- render that takes no time reports its end only.
local function schedule_of(seconds, stuck_at)
  if seconds == 0 and not stuck_at then return { { at = 1, part = 1 } } end
  local list = {}
  for i, part in ipairs(STEPS) do
    if part * 100 <= (stuck_at or 100) then list[i] = { at = part, part = part } end
  end
  return list
end

-- What faults make of a schedule.
local spoil = {}

function spoil.webhook_twice(list)
  local doubled = {}
  for i, report in ipairs(list) do doubled[2 * i - 1], doubled[2 * i] = report, report end
  return doubled
end

-- Each second report overtakes the one before it.
function spoil.webhook_out_of_order(list)
  for i = 2, #list, 2 do
    local first, second = list[i - 1], list[i]
    list[i - 1] = second
    list[i] = { at = second.at, part = first.part }
  end
  return list
end

function spoil.webhook_lost(list)
  for i, report in ipairs(list) do
    list[i] = { at = report.at, part = report.part, is_lost = true }
  end
  return list
end

function spoil.webhook_before_answer(list)
  table.insert(list, 1, { at = 0, part = 0 })
  return list
end

-- Puts a report behind all that are due at the same time or earlier.
local function insert(self, report)
  local at = self.last
  while at >= self.first and self.waiting[at].due > report.due do
    self.waiting[at + 1] = self.waiting[at]
    at = at - 1
  end
  self.waiting[at + 1], self.last = report, self.last + 1
end

--- Registers the address that a render reports to.
---@param project table
---@param url string
---@param fault? string  the kind of a fault of webhooks
function Webhooks:add(project, url, fault)
  local began, seconds = project.began, project.seconds
  local list = schedule_of(seconds, self.state.options.stuck_at)
  if fault then list = spoil[fault](list) end
  for _, report in ipairs(list) do
    insert(self, {
      project = project, url = url, due = began + report.at * seconds, part = report.part,
      is_lost = report.is_lost,
    })
  end
  self.state.native.wake()
end

--- To be called after the clock moved: wakes the sender.
function Webhooks:clock_moved()
  if self.first <= self.last then self.state.native.wake() end
end

--- When the first of the reports that wait is due.
---@return number? due  nil: none waits
function Webhooks:first_due()
  local report = self.waiting[self.first]
  return report and report.due
end

-- ---- sending ----

local function event_of(self, report)
  local projects, project = self.state.projects, report.project
  local event = {
    backendTaskId = projects.task_id(project), progress = math.floor(report.part * 100),
  }
  if report.part == 1 then
    event.credit = 1
    event.download_url = projects:download_url(project)
  end
  return event
end

local function keep(self, entry)
  self.sent[#self.sent + 1] = entry
  if #self.sent > MAX_KEPT then table.remove(self.sent, 1) end
  return entry
end

local function entry_of(self, report)
  if report.again then
    local old = report.again
    return { url = old.url, project_id = old.project_id, event = old.event, again = old.id }
  end
  return { url = report.url, project_id = report.project.id, event = event_of(self, report) }
end

local function problem_of(report, host)
  if report.is_lost then return "lost on demand: it was not sent" end
  if not host then return "not an http address of this machine: nothing is sent there" end
end

local function request_text(target, authority, body)
  return table.concat({
    ("POST %s HTTP/1.1"):format(target), "Host: " .. authority,
    "Content-Type: application/json", "Content-Length: " .. #body, "Connection: close",
    "", body }, "\r\n")
end

--- Takes the report that is due first from those that wait.
---@param id integer
---@return table? request  host, port, text; nil: this one is not sent
function Webhooks:take(id)
  local report = self.waiting[self.first]
  self.waiting[self.first], self.first = nil, self.first + 1
  local entry = keep(self, entry_of(self, report))
  entry.id, entry.time = id, self.state:now()
  local host, port, target, authority = parse(entry.url)
  entry.problem = problem_of(report, host)
  if entry.problem then
    self.state:emit("webhook", entry)
    return nil
  end
  self.in_flight = self.in_flight + 1
  return { host = host, port = port, text = request_text(target, authority,
    json.encode(entry.event)) }
end

local function find(self, id)
  for i = #self.sent, 1, -1 do
    if self.sent[i].id == id then return self.sent[i] end
  end
end

--- Notes the status of the answer to a report, or why there was none.
function Webhooks:was_sent(id, status, problem)
  local entry = find(self, id)
  if not entry then return end -- it was sent before a reset
  self.in_flight = self.in_flight - 1
  entry.status, entry.problem = status, problem
  self.state:emit("webhook", entry)
end

--- Sends a report once more, now, as it was.
---@param id integer
---@return boolean is_known
function Webhooks:send_again(id)
  local entry = find(self, id)
  if not entry then return false end
  insert(self, { due = -math.huge, again = entry })
  self.state.native.wake()
  return true
end

--- Whether a report that is due by `time` was not sent or not answered yet.
---@param time number
---@return boolean
function Webhooks:is_busy(time)
  local due = self:first_due()
  return self.in_flight > 0 or due ~= nil and due <= time
end

return M
