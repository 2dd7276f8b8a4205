-- SPDX-License-Identifier: MIT
--
-- storm.record: what the storm knows of its submissions, and whether what each was
-- told is true: it is compared with the server's ledger.

local M = {}

local SHOWN = 40 -- failures that are printed in full

---@class spec.storm.Record
local Record = {}
Record.__index = Record

--- @param ledger string  its path
--- @param log fun(text: string)
function M.new(ledger, log)
  return setmetatable({ ledger = ledger, read_to = 0, log = log, open = {}, failures = 0,
    totals = {}, by_way = {}, by_kind = {}, kills = 0, resumes = 0 }, Record)
end

--- A submission that is about to be made.
---@param name string
---@param about table  way, protocol, kind
function Record:add(name, about)
  self.open[name] = about
end

--- How one ended: "success" or an outcome.
function Record:finish(name, result, text, seconds)
  local about = self.open[name]
  about.result, about.text, about.seconds = result, text, seconds
end

function Record:fail(name, about, what)
  self.failures = self.failures + 1
  if self.failures > SHOWN then return end
  self.log(("FAILED %s: %s; way %s over %s, %s%s, told: %s after %.2f s: %s"):format(name, what,
    about.way, about.protocol, about.kind, about.ending and " and " .. about.ending or "",
    about.result or "nothing", about.seconds or 0, about.text or ""))
end

local function read_ledger(self)
  local acted = {}
  local file <close> = assert(io.open(self.ledger, "r"))
  file:seek("set", self.read_to)
  for name in file:lines() do acted[name] = (acted[name] or 0) + 1 end
  self.read_to = file:seek()
  return acted
end

local function count(self, about, acted)
  local cell = about.result .. (acted > 0 and " done" or " undone")
  self.by_way[about.way] = self.by_way[about.way] or {}
  self.by_kind[about.kind] = self.by_kind[about.kind] or {}
  for _, row in ipairs { self.totals, self.by_way[about.way], self.by_kind[about.kind] } do
    row[cell] = (row[cell] or 0) + 1
  end
end

-- `acted` counts what it began with, `exported` the exports.
local function judge(self, name, about, acted, exported)
  local result = about.result
  if acted > 1 or exported > 1 then
    self:fail(name, about, ("acted %d times, exported %d times"):format(acted, exported))
  end
  if not result then return self:fail(name, about, "has not ended") end
  if about.longest and about.seconds > about.longest then
    self:fail(name, about, ("took longer than %g s"):format(about.longest))
  end
  if about.kind == "read" then return end
  local is_exported = about.kind == "make" or about.kind == "export"
  if result == "success" and (is_exported and exported or acted) == 0 then
    self:fail(name, about, "a success that never was")
  elseif (result == "not_sent" or result == "rejected") and acted + exported > 0 then
    self:fail(name, about, "acted, and told that not")
  end
end

--- Judges all that were added since the last time. Nothing may be in flight, neither
--- here nor in the server.
function Record:check()
  local acted = read_ledger(self)
  for name, about in pairs(self.open) do
    local n, exported = acted[name] or 0, acted[name .. " export"] or 0
    judge(self, name, about, n, exported)
    if about.result and about.kind ~= "read" then count(self, about, n + exported) end
    acted[name], acted[name .. " export"] = nil, nil
  end
  for name, n in pairs(acted) do
    self:fail(name, { way = "?", protocol = "?", kind = "?" },
      ("acted %d times after its end, or was never sent"):format(n))
  end
  self.open = {}
end

--- The share of the submissions that were told unknown and had not acted.
---@return number share
---@return integer submissions
function Record:needless_unknown()
  local all = 0
  for _, n in pairs(self.totals) do all = all + n end
  return (self.totals["unknown undone"] or 0) / math.max(all, 1), all
end

local COLUMNS = { "success done", "rejected undone", "not_sent undone", "unknown done",
  "unknown undone" }

local function line(name, row)
  local parts = { ("%-34s"):format(name) }
  for _, column in ipairs(COLUMNS) do parts[#parts + 1] = ("%9d"):format(row[column] or 0) end
  return table.concat(parts)
end

--- The table of what each way, each kind and all were told, and whether they were done.
function Record:report()
  for _, title in ipairs { "way", "kind" } do
    local rows = self["by_" .. title]
    self.log(("%-34s  success rejected not_sent  unknown  unknown"):format "")
    self.log(("%-34s     done                       done   undone"):format(title))
    local names = {}
    for name in pairs(rows) do names[#names + 1] = name end
    table.sort(names)
    for _, name in ipairs(names) do self.log(line(name, rows[name])) end
  end
  self.log(line("all", self.totals))
end

return M
