-- SPDX-License-Identifier: MIT
--
-- slow_system: programs whose disk or resolver is slow (slow_system.c).

local support = require "spec.support"

local LIBRARY = support.build .. "/spec/support/slow_system.so"
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
  local printed = support.run(("cd '%s' && env %s LD_PRELOAD='%s' "
    .. "LSAN_OPTIONS='suppressions=%s/.ci/lsan.supp:print_suppressions=0' "
    .. "lua5.4 run.lua %s 2>&1")
    :format(at, environment, preload, HERE, table.concat({ ... }, " ")))
  return (printed:gsub("\t", " "))
end

return M
