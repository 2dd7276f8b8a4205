-- SPDX-License-Identifier: MIT
--
-- request_log: the requests that a world received. It keeps the last ones,
-- bounded in number and in bytes, and counts all of them.

local MAX_ENTRIES = 10000
local MAX_BYTES = 32 * 1024 * 1024 -- of all bodies together
local MAX_BODY = 4 * 1024 * 1024   -- of one body; a longer one is cut
local MAX_ANSWER = 64 * 1024       -- of the body of one answer; of a longer one
local KEPT_OF_ANSWER = 4096        -- its beginning is kept

---@class aistudios.sandbox.RequestLog
local RequestLog = {}
RequestLog.__index = RequestLog

local M = {}

---@return aistudios.sandbox.RequestLog
function M.new()
  return setmetatable({
    entries = {}, answers = {}, first = 1, last = 0, bytes = 0, counts = {}, total = 0,
  }, RequestLog)
end

local function drop_first(self)
  local at = self.first
  local entry, answer = self.entries[at], self.answers[at]
  self.bytes = self.bytes - #(entry.body or "") - (answer and #answer.body or 0)
  self.entries[at], self.answers[at] = nil, nil
  self.first = at + 1
end

local function keep_bounds(self)
  while self.bytes > MAX_BYTES and self.first < self.last do drop_first(self) end
end

--- Adds a request whose body is still to come, and gives it its id.
---@param entry table
function RequestLog:add(entry)
  self.total = self.total + 1
  self.last = self.last + 1
  entry.id = self.last
  self.entries[self.last] = entry
  local name = entry.endpoint or "unknown"
  self.counts[name] = (self.counts[name] or 0) + 1
  if self.last - self.first >= MAX_ENTRIES then drop_first(self) end
end

--- Adds the body to a request that was added before.
---@param entry table
---@param body string
---@param size integer  of all of it
function RequestLog:add_body(entry, body, size)
  if not self.entries[entry.id] then return end
  body = #body > MAX_BODY and body:sub(1, MAX_BODY) or body
  if size > #body then entry.body_size = size end
  entry.body = body
  self.bytes = self.bytes + #body
  keep_bounds(self)
end

--- Adds the answer to a request, which is then complete.
---@param entry table
---@param answer table    status, headers, body, video
---@param seconds number  since the request came, by the world's clock
function RequestLog:add_answer(entry, answer, seconds)
  entry.status, entry.is_complete, entry.seconds = answer.status, true, seconds
  if not self.entries[entry.id] then return end
  local body = answer.body or ""
  local size = answer.video and answer.video.length or #body
  if #body > MAX_ANSWER then body = body:sub(1, KEPT_OF_ANSWER) end
  self.answers[entry.id] = { headers = answer.headers, body = body, size = size }
  self.bytes = self.bytes + #body
  keep_bounds(self)
end

---@param id any
---@return table? entry
---@return table? answer  headers (name, value, name, value), body, size
function RequestLog:get(id)
  return self.entries[id], self.answers[id]
end

--- The requests that are kept, oldest first.
---@param filter? fun(entry: table): boolean
---@return table[]
function RequestLog:list(filter)
  local list = {}
  for i = self.first, self.last do
    local entry = self.entries[i]
    if not filter or filter(entry) then list[#list + 1] = entry end
  end
  return list
end

--- Forgets the requests; ids and counts go on.
function RequestLog:clear()
  while self.first <= self.last do drop_first(self) end
end

return M
