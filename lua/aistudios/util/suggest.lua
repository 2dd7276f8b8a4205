-- SPDX-License-Identifier: MIT
--
-- suggest: "did you mean ...?" for a name that is not known. Runs only after a
-- check has failed.

local M = {}

local FARTHEST = 3 -- edits between what was written and what is suggested

--- The number of edits between two short names, case aside: a character more,
--- less or another one, or two that changed places. More than `most` counts as
--- infinitely many.
local function distance(a, b, most)
  if math.abs(#a - #b) > most then return math.huge end
  a, b = { a:lower():byte(1, -1) }, { b:lower():byte(1, -1) }
  local before, row, new = {}, {}, {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local fewest, x = i, a[i]
    new[0] = i
    for j = 1, #b do
      local edits = row[j - 1] + (x == b[j] and 0 or 1)
      if row[j] < edits then edits = row[j] + 1 end
      if new[j - 1] < edits then edits = new[j - 1] + 1 end
      if j > 1 and i > 1 and x == b[j - 1] and a[i - 1] == b[j] and before[j - 2] < edits then
        edits = before[j - 2] + 1
      end
      new[j] = edits
      if edits < fewest then fewest = edits end
    end
    if fewest > most then return math.huge end
    before, row, new = row, new, before
  end
  return row[#b]
end

--- The name of `names` (a table keyed by name) that is nearest to `given`.
---@param given any
---@param names table<string, any>
---@param farthest? integer  edits, instead of up to 3 for a long name
---@return string? name  nil when none is near
function M.nearest(given, names, farthest)
  if type(given) ~= "string" or #given > 64 then return nil end
  local best, least = nil, (farthest or math.min(FARTHEST, (#given + 1) // 3)) + 1
  for name in pairs(names) do
    local edits = type(name) == "string" and distance(given, name, least) or math.huge
    if edits < least or (edits == least and best and name < best) then
      best, least = name, edits
    end
  end
  return best
end

--- "; did you mean 'name'?" or "".
---@param given any
---@param names table<string, any>
---@return string
function M.hint(given, names)
  local name = M.nearest(given, names)
  return name and ("; did you mean '%s'?"):format(name) or ""
end

return M
