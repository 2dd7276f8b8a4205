-- SPDX-License-Identifier: MIT
--
-- start: how long a program takes to start and end, with and without the
-- module.

local common = require "spec.bench.common"

local ROUNDS = 201

local codes = {
  "", "require 'aistudios'",
  "require 'aistudios'.new{app_id='a',user_key='b'}:close()",
}
local quoted = {}
for i, code in ipairs(codes) do quoted[i] = ('"%s"'):format(code) end
local took = common.numbers(("%s %d lua5.4 %s"):format(
  common.program "start", ROUNDS, table.concat(quoted, " ")))

print(("from start to end, median of %d"):format(ROUNDS))
print(("  lua5.4                     %6.2f ms"):format(took[1] * 1e3))
print(("  with require 'aistudios'   %6.2f ms"):format(took[2] * 1e3))
print(("  with a client made         %6.2f ms"):format(took[3] * 1e3))
common.figure("require / lua5.4", took[2] / took[1], 3)
