-- SPDX-License-Identifier: MIT
--
-- raise: an error of wrong use, at the line of the program that called into this
-- module, whatever functions of the module lie between.

local debug = rawget(_G, "debug")
local getinfo = debug and debug.getinfo

-- "@/usr/share/lua/5.4/aistudios/": how the names of this module's files begin.
local own = getinfo and getinfo(1, "S").source:gsub("util/raise%.lua$", "")

---@param message string
return function (message)
  local level = own and 2 or 3
  while own do
    local info = getinfo(level, "S")
    if not info or info.source:sub(1, #own) ~= own then break end
    level = level + 1
  end
  error(message, level)
end
