-- SPDX-License-Identifier: MIT
--
-- slow_system: programs whose disk or resolver is slow (slow_system.c).

local support = require "spec.support"

-- From a folder of support.directory: the loader splits LD_PRELOAD at blanks, which the
-- whole path may have.
local LIBRARY = "../support/slow_system.so"
local HERE = support.run "pwd"

local M = { LIBRARY = LIBRARY }

--- The library of the sanitizer under which this process runs.
local function sanitizer()
  return support.read_file "/proc/self/maps":match "(/%S*/lib[at]san%.so[%.%d]*)"
end

--- Runs Lua code in a process of its own, in an empty directory.
---@param environment string  variables of slow_system.c, as for env
---@param code string
---@param ... string  its arguments
---@return string printed
function M.run(environment, code, ...)
  local at = support.directory "slow_system"
  support.write_file(at .. "/run.lua", code)
  local preload = (sanitizer() or "") .. " " .. LIBRARY
  local words = ""
  for _, word in ipairs { ... } do words = words .. " " .. support.quote(tostring(word)) end
  local printed = support.run(("cd '%s' && env %s LD_PRELOAD='%s' "
    .. "LSAN_OPTIONS='suppressions=%s/.ci/lsan.supp:print_suppressions=0' "
    .. "lua5.4 run.lua%s 2>&1")
    :format(at, environment, preload, HERE, words))
  return (printed:gsub("\t", " "))
end

return M
