-- SPDX-License-Identifier: MIT
--
-- text: makes any string safe to stand in XML and HTML. Markup, entities and
-- control characters in it stay what they are: characters. Bytes that are not
-- UTF-8 are shown as U+FFFD.

local core = require "aistudios.core"

local M = {}

--- Repairs what is not UTF-8, what XML does not allow (U+FFFE, U+FFFF), and the second set
--- of control characters.
---@type fun(text: string): string
M.valid = core.text_valid

--- For element content and quoted attribute values. Control characters are drawn as the
--- pictures that Unicode has for them.
---@type fun(text: string): string
M.escape = core.text_escaped

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
  return text:sub(1, place - 1), utf8.len(text, place) or #text - place + 1
end

return M
