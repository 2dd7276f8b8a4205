-- SPDX-License-Identifier: MIT
--
-- ledger: what the service would have billed. A duplicate is an entry whose
-- request means the same as an earlier one: the same fields with the same
-- values, whatever the order of keys, the blanks, or the boundary of a form.

local MAX_ENTRIES = 10000
local MAX_SEEN = 200000 -- requests that a duplicate can be one of, at least

---@class aistudios.sandbox.Ledger
local Ledger = {}
Ledger.__index = Ledger

local M = {}

---@param state aistudios.sandbox.State
---@return aistudios.sandbox.Ledger
function M.new(state)
  return setmetatable({
    state = state, entries = {}, first = 1, last = 0, builds = {},
    seen = {}, seen_before = {}, seen_count = 0, duplicates = 0, credits = 0,
  }, Ledger)
end

-- The parts of a form by their names, and by their digests instead of all bytes.
local function form_of(parts)
  local form = {}
  for _, part in ipairs(parts) do
    local list = form[part.name or ""] or {}
    form[part.name or ""] = list
    list[#list + 1] = { part.filename or false, part.size, part.digest }
  end
  return form
end

-- The project of an earlier request with the same digest; notes it if there is
-- none.
local function earlier_than(self, digest, project_id)
  local earlier = self.seen[digest] or self.seen_before[digest]
  if earlier then
    self.duplicates = self.duplicates + 1
    return earlier
  end
  if self.seen_count == MAX_SEEN then
    self.seen_before, self.seen, self.seen_count = self.seen, {}, 0
  end
  self.seen[digest], self.seen_count = project_id or "?", self.seen_count + 1
end

local function make_entry(self, call, what)
  local digest = self.state.native.digest {
    call.row.name, call.path, call.query, what.part or "",
    call.parts and form_of(call.parts) or call.body,
  }
  return {
    project_id = what.project_id, endpoint = call.row.name, name = what.name,
    work = what.work, credit = 1, time = self.state:now(), request = call.entry.id,
    duplicate_of = earlier_than(self, digest, what.project_id),
  }
end

--- Bills a call.
---@param call table
---@param what table  project_id, name, work, part (of a call that does several)
function Ledger:bill(call, what)
  local entry = make_entry(self, call, what)
  self.last = self.last + 1
  self.entries[self.last] = entry
  self.credits = self.credits + 1
  if self.last - self.first >= MAX_ENTRIES then
    self.entries[self.first] = nil
    self.first = self.first + 1
  end
  self.state:emit("ledger", entry)
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
---@param limit? integer  of the entries
---@return table
function Ledger:list(limit)
  local list = {
    count = self.last, duplicates = self.duplicates, credits = self.credits,
    builds = self.builds,
  }
  local first = limit and math.max(self.first, self.last - limit + 1) or self.first
  for i = first, self.last do list[#list + 1] = self.entries[i] end
  return list
end

return M
