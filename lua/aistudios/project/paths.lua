-- SPDX-License-Identifier: MIT
--
-- paths: where in a project a value is, as Lua would write it:
-- `scenes[1].clips[2].opacity`. Lists count from 1.

local math_type = math.type

local M = {}

--- The path of a member. A key that is no Lua name is quoted, on one line.
---@param path string  of the table; "" is the project
---@param key any
---@return string
function M.join(path, key)
  if math_type(key) == "integer" then return ("%s[%d]"):format(path, key) end
  if type(key) == "string" and key:find "^[%a_][%w_]*$" then
    return path == "" and key or path .. "." .. key
  end
  return ("%s[%s]"):format(path, (("%q"):format(tostring(key)):gsub("\\\n", "\\n")))
end

--- Sorts problems or changes by path, item 2 before item 10. Those with the
--- same path keep their order.
---@generic T: { path: string }
---@param items T[]
---@return T[] items  the same list
function M.sort(items)
  if #items < 2 then return items end
  local keys = {}
  for i, item in ipairs(items) do
    keys[item] = item.path:gsub("%d+", function (digits)
      return ("0"):rep(20 - #digits) .. digits
    end) .. ("\0%09d"):format(i)
  end
  table.sort(items, function (a, b) return keys[a] < keys[b] end)
  return items
end

return M
