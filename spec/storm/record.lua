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
    totals = {}, by_way = {}, kills = 0, resumes = 0 }, Record)
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
  local totals = self.totals
  totals[cell] = (totals[cell] or 0) + 1
  local row = self.by_way[about.way] or { count = 0, seconds = 0 }
  self.by_way[about.way] = row
  row[cell] = (row[cell] or 0) + 1
  row.count, row.seconds = row.count + 1, row.seconds + (about.seconds or 0)
end

local function judge(self, name, about, acted)
  local result = about.result
  if acted > 1 then self:fail(name, about, ("acted %d times"):format(acted)) end
  if not result then return self:fail(name, about, "has not ended") end
  if about.longest and about.seconds > about.longest then
    self:fail(name, about, ("took longer than %g s"):format(about.longest))
  end
  if about.kind == "read" then return end
  if result == "success" and acted == 0 then
    self:fail(name, about, "a success that never was")
  elseif (result == "not_sent" or result == "rejected") and acted > 0 then
    self:fail(name, about, "acted, and told that not")
  end
end

--- Judges all that were added since the last time. Nothing may be in flight, neither
--- here nor in the server.
function Record:check()
  local acted = read_ledger(self)
  for name, about in pairs(self.open) do
    judge(self, name, about, acted[name] or 0)
    if about.result and about.kind ~= "read" then count(self, about, acted[name] or 0) end
    acted[name] = nil
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

--- The table of all ways, or only its last line.
function Record:report(is_whole)
  self.log(("%-34s  success rejected not_sent  unknown  unknown"):format "")
  self.log(("%-34s     done                       done   undone"):format "way")
  local names = {}
  for name in pairs(self.by_way) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(is_whole and names or {}) do self.log(line(name, self.by_way[name])) end
  self.log(line("all", self.totals))
end

return M
