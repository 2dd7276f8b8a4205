-- SPDX-License-Identifier: MIT
--
-- base64: bytes as text.

local M = {}

local COMMON = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

local function encode(text, digits)
  local out = {}
  for i = 1, #text, 3 do
    local a, b, c = text:byte(i, i + 2)
    local word = a << 16 | (b or 0) << 8 | (c or 0)
    for shift = 18, c and 0 or b and 6 or 12, -6 do
      local digit = (word >> shift & 63) + 1
      out[#out + 1] = digits:sub(digit, digit)
    end
  end
  return table.concat(out)
end

---@param text string
---@return string  with padding
function M.standard(text)
  return encode(text, COMMON .. "+/") .. ("="):rep(-#text % 3)
end

---@param text string
---@return string  for addresses and tokens, without padding
function M.url(text)
  return encode(text, COMMON .. "-_")
end

return M
