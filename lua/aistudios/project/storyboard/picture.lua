-- SPDX-License-Identifier: MIT
--
-- picture: bytes of a picture as an address that holds them. What does not
-- begin like a picture that browsers draw is none.

local M = {}

local kinds = {
  { type = "image/png", magic = "^\x89PNG\r\n\x1A\n" },
  { type = "image/jpeg", magic = "^\xFF\xD8\xFF" },
  { type = "image/gif", magic = "^GIF8[79]a" },
  { type = "image/webp", magic = "^RIFF....WEBP" },
}

local letters = {}
for i = 0, 63 do
  letters[i] = ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    :sub(i + 1, i + 1)
end

-- Two letters for each value of twelve bits.
local pairs_of_letters

local function base64(bytes)
  if not pairs_of_letters then
    pairs_of_letters = {}
    for i = 0, 4095 do
      pairs_of_letters[i] = letters[i >> 6] .. letters[i & 63]
    end
  end
  local two, parts, rest = pairs_of_letters, {}, #bytes % 3
  for place = 1, #bytes - rest, 3 do
    local value = (">I3"):unpack(bytes, place)
    parts[#parts + 1] = two[value >> 12]
    parts[#parts + 1] = two[value & 4095]
  end
  if rest > 0 then
    local last = (">I3"):unpack(bytes:sub(-rest) .. ("\0"):rep(3 - rest))
    local text = two[last >> 12] .. two[last & 4095]
    parts[#parts + 1] = text:sub(1, rest + 1) .. ("="):rep(3 - rest)
  end
  return table.concat(parts)
end

--- Width and height of a PNG or GIF.
---@param bytes string
---@return integer? width   px; nil when it is not told here
---@return integer? height  px
function M.size(bytes)
  if bytes:find(kinds[1].magic) and #bytes >= 24 then
    local width, height = (">I4I4"):unpack(bytes, 17)
    return width, height
  elseif bytes:find(kinds[3].magic) and #bytes >= 10 then
    local width, height = ("<I2I2"):unpack(bytes, 7)
    return width, height
  end
  return nil
end

--- The bytes as a `data:` address, or nil.
---@param bytes string
---@return string?
function M.address(bytes)
  for _, kind in ipairs(kinds) do
    if bytes:find(kind.magic) then
      return "data:" .. kind.type .. ";base64," .. base64(bytes)
    end
  end
  return nil
end

return M
