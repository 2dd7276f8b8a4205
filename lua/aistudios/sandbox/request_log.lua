-- SPDX-License-Identifier: MIT
--
-- request_log: the requests that the sandbox received. It keeps the last ones,
-- bounded in number and in bytes, and counts all of them.

local MAX_ENTRIES = 10000
local MAX_BYTES = 32 * 1024 * 1024 -- of all bodies together
local MAX_BODY = 4 * 1024 * 1024   -- of one body; a longer one is cut

---@class aistudios.sandbox.RequestLog
local RequestLog = {}
RequestLog.__index = RequestLog

local M = {}

---@return aistudios.sandbox.RequestLog
function M.new()
  return setmetatable({
    entries = {}, first = 1, last = 0, bytes = 0,
    counts = {}, total = 0,
  }, RequestLog)
end

local function drop_first(self)
  local entry = self.entries[self.first]
  self.entries[self.first] = nil
  self.first = self.first + 1
  self.bytes = self.bytes - #(entry.body or "")
  entry.is_dropped = true
end

--- Adds a request whose body is still to come.
---@param entry table
function RequestLog:add(entry)
  self.last = self.last + 1
  self.entries[self.last] = entry
  self.total = self.total + 1
  local name = entry.endpoint or "unknown"
  self.counts[name] = (self.counts[name] or 0) + 1
  if self.last - self.first >= MAX_ENTRIES then drop_first(self) end
end

--- Adds the body to a request that was added before.
---@param entry table
---@param body string
---@param size integer  of all of it
function RequestLog:add_body(entry, body, size)
  if entry.is_dropped then return end
  body = body:sub(1, MAX_BODY)
  if size > #body then entry.body_size = size end
  entry.body = body
  self.bytes = self.bytes + #body
  while self.bytes > MAX_BYTES and self.first < self.last do drop_first(self) end
end

--- The requests that are kept, oldest first.
---@param endpoint? string  of this endpoint only
---@return table[]
function RequestLog:list(endpoint)
  local list = {}
  for i = self.first, self.last do
    local entry = self.entries[i]
    if not endpoint or entry.endpoint == endpoint then list[#list + 1] = entry end
  end
  return list
end

--- Forgets the requests; the counts go on.
function RequestLog:clear()
  while self.first <= self.last do drop_first(self) end
end

return M
