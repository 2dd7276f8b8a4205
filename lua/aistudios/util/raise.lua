-- SPDX-License-Identifier: MIT
--
-- raise: an error of wrong use, at the line of the program that called into this
-- module, whatever functions of the module lie between.

-- "@/usr/share/lua/5.4/aistudios/": how the names of this module's files begin.
local own = debug and debug.getinfo(1, "S").source:gsub("util/raise%.lua$", "")

---@param message string
return function (message)
  local level = 2
  while own do
    local info = debug.getinfo(level, "S")
    if not info or info.source:sub(1, #own) ~= own then break end
    level = level + 1
  end
  error(message, own and level or 3)
end
