-- SPDX-License-Identifier: MIT
--
-- bytes: choices from the bytes of a fuzzer. Behind the last byte every choice
-- is the first, so that what is built from them ends.

local Bytes = { __name = "spec.fuzz.bytes" }
Bytes.__index = Bytes

--- A whole number from 0 to n - 1, at most 255.
function Bytes:below(n)
  local byte = self.text:byte(self.at) or 0
  self.at = self.at + 1
  return byte % n
end

function Bytes:pick(list) return list[self:below(#list) + 1] end

--- Up to n bytes as they are.
function Bytes:take(n)
  local text = self.text:sub(self.at, self.at + n - 1)
  self.at = self.at + n
  return text
end

function Bytes:rest() return self.text:sub(self.at) end

function Bytes:is_over() return self.at > #self.text end

return function (text) return setmetatable({ text = text, at = 1 }, Bytes) end
