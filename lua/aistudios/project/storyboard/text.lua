-- SPDX-License-Identifier: MIT
--
-- text: makes any string safe to stand in XML and HTML. Markup, entities and
-- control characters in it stay what they are: characters. Bytes that are not
-- UTF-8 are shown as U+FFFD.

local utf8_char, utf8_len = utf8.char, utf8.len

local M = {}

local UNKNOWN = utf8_char(0xFFFD)

local entities = {
  ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;",
  ['"'] = "&quot;", ["'"] = "&#39;",
}

-- Control characters are drawn as the pictures that Unicode has for them.
for code = 0, 31 do
  if code ~= 9 and code ~= 10 then
    entities[string.char(code)] = utf8_char(0x2400 + code)
  end
end
entities["\127"] = utf8_char(0x2421)

--- Repairs what is not UTF-8 and what XML does not allow (U+FFFE, U+FFFF).
---@param text string
---@return string
function M.valid(text)
  if not text:find "[\128-\255]" then return text end
  local good, bad = utf8_len(text)
  if not good then
    local parts, from = {}, 1
    while bad do
      parts[#parts + 1] = text:sub(from, bad - 1)
      parts[#parts + 1] = UNKNOWN
      from = bad + 1
      bad = select(2, utf8_len(text, from))
    end
    parts[#parts + 1] = text:sub(from)
    text = table.concat(parts)
  end
  if text:find("\xEF\xBF", 1, true) then
    text = text:gsub("\xEF\xBF[\xBE\xBF]", UNKNOWN)
  end
  if text:find("\xC2", 1, true) then -- the second set of control characters
    text = text:gsub("\xC2[\x80-\x9F]", UNKNOWN)
  end
  return text
end

--- For element content and quoted attribute values.
---@param text string
---@return string
function M.escape(text)
  if text:find "^[%w ,.:_/-]*$" then return text end -- most are
  text = M.valid(text)
  if not text:find "[&<>\"'%c]" then return text end
  return (text:gsub("[&<>\"'%c]", entities))
end

--- At most `limit` characters, and how many were left off.
---@param text string
---@param limit integer
---@return string head
---@return integer left_off  characters; 0 when all are there
function M.head(text, limit)
  if #text <= limit then return text, 0 end
  text = M.valid(text)
  local place = utf8.offset(text, limit + 1)
  if not place or place > #text then return text, 0 end
  return text:sub(1, place - 1), utf8_len(text, place) or #text - place + 1
end

return M
