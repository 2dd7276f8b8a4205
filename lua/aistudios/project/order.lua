-- SPDX-License-Identifier: MIT
--
-- order: sorts problems or changes by path, item 2 before item 10. What has
-- the same path keeps its order.

---@generic T: { path: string }
---@param items T[]
---@return T[] items  the same list
return function (items)
  local places, count = {}, #items
  for i, item in ipairs(items) do
    places[item] = item.path:gsub("%d+", function (digits)
      return ("0"):rep(20 - #digits) .. digits
    end) .. ("\0%09d"):format(i)
  end
  if count > 1 then
    table.sort(items, function (a, b) return places[a] < places[b] end)
  end
  return items
end
