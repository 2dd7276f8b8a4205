-- SPDX-License-Identifier: MIT
--
-- webhooks: reports of the progress of renders. Each is a POST of JSON, sent
-- once, to loopback addresses only, by the thread of webhook_sender.

local json = require "aistudios.sandbox.json"

local STEPS = { 0.25, 0.5, 0.75, 1 } -- of a render, when a report is due
local MAX_KEPT = 10000

---@class aistudios.sandbox.Webhooks
local Webhooks = {}
Webhooks.__index = Webhooks

local M = {}

---@param state table
---@return aistudios.sandbox.Webhooks
function M.new(state)
  return setmetatable({ state = state, waiting = {}, sent = {}, last_id = 0 }, Webhooks)
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
  if not target:find "^/" then target = "/" .. target end
  return host, math.tointeger(tonumber(port or 80)), target, authority
end

local function keep(self, entry)
  self.sent[#self.sent + 1] = entry
  if #self.sent > MAX_KEPT then table.remove(self.sent, 1) end
  return entry
end

--- Registers the address that a render reports to.
---@param project table
---@param url string
function Webhooks:add(project, url)
  if not parse(url) then
    keep(self, { url = url, project_id = project.id, time = self.state.native.wall(),
      problem = "not an http address of this machine: nothing is sent there" })
    return
  end
  table.insert(self.waiting, { project = project, url = url, step = 1 })
  self.state.native.wake()
end

--- To be called after the clock jumped: wakes the sender.
function Webhooks:clock_jumped()
  if self.waiting[1] then self.state.native.wake() end
end

local function due_of(self, hook)
  return hook.project.began + STEPS[hook.step] * self.state.options.render_seconds
end

local function event_of(self, hook)
  local project = hook.project
  local event = { backendTaskId = project.task_id, progress = math.floor(STEPS[hook.step] * 100) }
  if STEPS[hook.step] == 1 then
    event.credit = 1
    event.download_url = self.state.projects:download_url(project)
  end
  return event
end

-- Leaves out steps that a later one has overtaken.
local function skip_passed(self, hook)
  while hook.step < #STEPS do
    local next_due = hook.project.began + STEPS[hook.step + 1] * self.state.options.render_seconds
    if next_due > self.state.now() then return end
    hook.step = hook.step + 1
  end
end

local function first_due(self)
  local first, least
  for i, hook in ipairs(self.waiting) do
    local due = due_of(self, hook)
    if not least or due < least then first, least = i, due end
  end
  return first, least
end

--- The report that is due: its id, host, port and the text of the request. Or
--- nil and the seconds until one is due; less than 0: none is waiting.
function Webhooks:next_letter()
  local index, due = first_due(self)
  if not index then return nil, -1 end
  local left = due - self.state.now()
  if left > 0 then return nil, left end
  local hook = self.waiting[index]
  skip_passed(self, hook)
  local host, port, target, authority = parse(hook.url)
  local event = event_of(self, hook)
  local body = json.encode(event)
  self.last_id = self.last_id + 1
  keep(self, { id = self.last_id, url = hook.url, project_id = hook.project.id, event = event,
    time = self.state.native.wall() })
  hook.step = hook.step + 1
  if hook.step > #STEPS then table.remove(self.waiting, index) end
  return self.last_id, host, port, table.concat({
    ("POST %s HTTP/1.1"):format(target), "Host: " .. authority,
    "Content-Type: application/json", "Content-Length: " .. #body, "Connection: close",
    "", body }, "\r\n")
end

--- Notes the status of the answer to a report, or why there was none.
function Webhooks:was_brought(id, status, problem)
  for i = #self.sent, 1, -1 do
    local entry = self.sent[i]
    if entry.id == id then
      entry.status, entry.problem = status, problem
      return
    end
  end
end

return M
