-- SPDX-License-Identifier: MIT
--
-- batch.random_id: names that no other batch and no other worker has.

local core = require "aistudios.core"

--- Hexadecimal digits from the system's randomness.
---@param bytes integer
---@return string
return function (bytes)
  local parts = {}
  for i = 1, bytes do parts[i] = ("%02x"):format(math.floor(core.random() * 256)) end
  return table.concat(parts)
end
