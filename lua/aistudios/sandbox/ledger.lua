-- SPDX-License-Identifier: MIT
--
-- ledger: every piece of work that would have been billed. A duplicate is one
-- whose request has the same path and the same bytes as an earlier one.

local MAX_ENTRIES = 10000

---@class aistudios.sandbox.Ledger
local Ledger = {}
Ledger.__index = Ledger

local M = {}

---@param natives table
---@return aistudios.sandbox.Ledger
function M.new(natives)
  return setmetatable({
    natives = natives, entries = {}, first = 1, last = 0,
    seen = {}, duplicates = 0, credits = 0,
  }, Ledger)
end

--- Bills a call.
---@param call table    the request: row, path, raw
---@param project_id string
---@param name? string
---@param credit? integer
function Ledger:bill(call, project_id, name, credit)
  local key = self.natives.digest(call.target .. "\n" .. call.raw)
  local earlier = self.seen[key]
  if earlier then
    self.duplicates = self.duplicates + 1
  else
    self.seen[key] = project_id
  end
  self.last = self.last + 1
  self.credits = self.credits + (credit or 1)
  self.entries[self.last] = {
    project_id = project_id, endpoint = call.row.name, name = name,
    credit = credit or 1, duplicate_of = earlier, time = self.natives.wall(),
  }
  if self.last - self.first >= MAX_ENTRIES then
    self.entries[self.first] = nil
    self.first = self.first + 1
  end
end

--- The last entries, oldest first, with `count`, `duplicates` and `credits`
--- of them all.
---@return table
function Ledger:list()
  local list = {
    count = self.last, duplicates = self.duplicates, credits = self.credits,
  }
  for i = self.first, self.last do list[#list + 1] = self.entries[i] end
  return list
end

return M
