-- SPDX-License-Identifier: MIT
--
-- random: identifiers and numbers that follow from a seed (splitmix64). The
-- same seed gives the same sequence on every machine. Not for secrets.

---@class aistudios.sandbox.Random
local Random = {}
Random.__index = Random

local M = {}

-- One number for a seed and a name (FNV-1a over the name).
local function mixed(seed, name)
  local hash = seed ~ 0xcbf29ce484222325
  for i = 1, #name do hash = (hash ~ name:byte(i)) * 0x100000001b3 end
  return hash
end

---@param seed integer
---@param name string  another name, another sequence
---@return aistudios.sandbox.Random
function M.new(seed, name)
  return setmetatable({ x = mixed(seed, name) }, Random)
end

---@return integer  64 bits
function Random:next()
  self.x = self.x + 0x9e3779b97f4a7c15
  local z = self.x
  z = (z ~ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ~ (z >> 27)) * 0x94d049bb133111eb
  return z ~ (z >> 31)
end

---@param n integer  bytes
---@return string    2 * n hexadecimal digits
function Random:hex(n)
  local words = {}
  for i = 1, (n + 7) // 8 do words[i] = ("%016x"):format(self:next()) end
  return table.concat(words):sub(1, 2 * n)
end

---@return number  from 0 up to, but not including, 1
function Random:number()
  return (self:next() >> 11) * 2.0 ^ -53
end

return M
