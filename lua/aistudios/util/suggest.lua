-- SPDX-License-Identifier: MIT
--
-- suggest: "did you mean ...?" for a name that is not known. Runs only after a
-- check has failed.

local M = {}

local FARTHEST = 3 -- edits between what was written and what is suggested

--- The number of edits between two short names, case aside: a character more,
--- less or another one, or two that changed places.
local function distance(a, b)
  a, b = a:lower(), b:lower()
  local before, row = {}, {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local new = { [0] = i }
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      new[j] = math.min(row[j] + 1, new[j - 1] + 1, row[j - 1] + cost)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        new[j] = math.min(new[j], before[j - 2] + 1)
      end
    end
    before, row = row, new
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
    local edits = type(name) == "string" and distance(given, name) or math.huge
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
