-- SPDX-License-Identifier: MIT
--
-- ledger: what the service would have billed. A duplicate is an entry whose
-- request has the same target and content as an earlier one.

local MAX_ENTRIES = 10000

---@class aistudios.sandbox.Ledger
local Ledger = {}
Ledger.__index = Ledger

local M = {}

---@param native table
---@return aistudios.sandbox.Ledger
function M.new(native)
  return setmetatable({
    native = native, entries = {}, first = 1, last = 0, builds = {},
    seen = {}, duplicates = 0, credits = 0,
  }, Ledger)
end

-- The content of a request; of a form without its boundary.
local function content_of(call)
  if not call.parts then return call.raw end
  local texts = {}
  for i, part in ipairs(call.parts) do
    texts[i] = table.concat({ part.name or "", part.filename or "", part.size, part.digest }, "\0")
  end
  return table.concat(texts, "\n")
end

local function make_entry(self, call, what)
  local key = self.native.digest(table.concat({
    call.row.name, call.target, what.part or "", content_of(call) }, "\n"))
  local earlier = self.seen[key]
  if earlier then
    self.duplicates = self.duplicates + 1
  else
    self.seen[key] = what.project_id or "?"
  end
  return {
    project_id = what.project_id, endpoint = call.row.name, name = what.name,
    work = what.work, credit = 1, duplicate_of = earlier, time = self.native.wall(),
  }
end

--- Bills a call.
---@param call table
---@param what table  project_id, name, work, part (of a call that does several)
function Ledger:bill(call, what)
  self.last = self.last + 1
  self.entries[self.last] = make_entry(self, call, what)
  self.credits = self.credits + 1
  if self.last - self.first >= MAX_ENTRIES then
    self.entries[self.first] = nil
    self.first = self.first + 1
  end
end

--- Notes that a project was built, which costs nothing before its render.
function Ledger:note_build(call, what)
  what.work = "build"
  local entry = make_entry(self, call, what)
  entry.credit = 0
  if #self.builds < MAX_ENTRIES then table.insert(self.builds, entry) end
end

--- The last entries, oldest first, with `count`, `duplicates` and `credits`
--- of them all, and the `builds`.
---@return table
function Ledger:list()
  local list = {
    count = self.last, duplicates = self.duplicates, credits = self.credits,
    builds = self.builds,
  }
  for i = self.first, self.last do list[#list + 1] = self.entries[i] end
  return list
end

return M
