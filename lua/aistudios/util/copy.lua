-- SPDX-License-Identifier: MIT
--
-- copy: a table's members in another table; what is inside is shared.

--- Copies the members of `from`, as pairs shows them, into `to`.
---@param from? table
---@param to? table  a new one when absent
---@return table to
return function (from, to)
  to = to or {}
  if from then
    for name, value in pairs(from) do to[name] = value end
  end
  return to
end
