-- SPDX-License-Identifier: MIT
--
-- picture: bytes of a picture as an address that holds them. What does not
-- begin like a picture that browsers draw is none.

local M = {}

-- Frames of a JPEG that tell its size: all that begin one but the tables
-- (C4, CC) and what is kept for extensions (C8).
local function jpeg_size(bytes)
  local place = 3
  while place + 8 <= #bytes do
    local mark, code, length = bytes:byte(place, place), (">BI2"):unpack(bytes, place + 1)
    if mark ~= 0xFF then return nil end
    if code == 0xFF then
      place = place + 1 -- filling
    elseif code >= 0xC0 and code <= 0xCF and code ~= 0xC4 and code ~= 0xC8 and code ~= 0xCC then
      local height, width = (">I2I2"):unpack(bytes, place + 5)
      return width, height
    elseif code >= 0xD0 and code <= 0xD9 or length < 2 then
      return nil
    else
      place = place + 2 + length
    end
  end
end

local function png_size(bytes)
  if #bytes < 24 then return nil end
  local width, height = (">I4I4"):unpack(bytes, 17)
  return width, height
end

local function gif_size(bytes)
  if #bytes < 10 then return nil end
  local width, height = ("<I2I2"):unpack(bytes, 7)
  return width, height
end

-- By the first chunk: lossy, lossless, or extended.
local function webp_size(bytes)
  local chunk = bytes:sub(13, 16)
  if #bytes < 30 then return nil end
  if chunk == "VP8 " then
    local width, height = ("<I2I2"):unpack(bytes, 27)
    return width & 0x3FFF, height & 0x3FFF
  elseif chunk == "VP8L" then
    local bits = ("<I4"):unpack(bytes, 22)
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
  elseif chunk == "VP8X" then
    local width, height = ("<I3I3"):unpack(bytes, 25)
    return width + 1, height + 1
  end
end

local kinds = {
  { type = "image/png", magic = "^\x89PNG\r\n\x1A\n", size = png_size },
  { type = "image/jpeg", magic = "^\xFF\xD8\xFF", size = jpeg_size },
  { type = "image/gif", magic = "^GIF8[79]a", size = gif_size },
  { type = "image/webp", magic = "^RIFF....WEBP", size = webp_size },
}

local function kind_of(bytes)
  for _, kind in ipairs(kinds) do
    if bytes:find(kind.magic) then return kind end
  end
end

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

--- Width and height of a picture.
---@param bytes string
---@return integer? width   px; nil when the bytes do not tell
---@return integer? height  px
function M.size(bytes)
  local kind = kind_of(bytes)
  if not kind then return nil end
  local width, height = kind.size(bytes)
  if width and width > 0 and height > 0 then return width, height end
end

--- The bytes as a `data:` address, or nil.
---@param bytes string
---@return string?
function M.address(bytes)
  local kind = kind_of(bytes)
  return kind and "data:" .. kind.type .. ";base64," .. base64(bytes)
end

return M
