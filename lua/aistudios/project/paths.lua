-- SPDX-License-Identifier: MIT
--
-- path: where in a project something is, as Lua would write it:
-- `scenes[1].clips[2].opacity`. Lists count from 1; names that are none in Lua
-- stand in quotes, on one line.

local math_type = math.type

--- The path of a member.
---@param path string  of the table; "" is the project
---@param key any
---@return string
return function (path, key)
  if math_type(key) == "integer" then return ("%s[%d]"):format(path, key) end
  if type(key) == "string" and key:find "^[%a_][%w_]*$" then
    return path == "" and key or path .. "." .. key
  end
  return ("%s[%s]"):format(path, (("%q"):format(tostring(key)):gsub("\\\n", "\\n")))
end
