-- SPDX-License-Identifier: MIT
--
-- trim: a text without the blanks around it. What a server says may be long, and a
-- pattern that begins or ends with blanks takes the square of that: this one does not.

---@param text string
---@return string
return function (text)
  local first = text:find "[^ \t-\r]" -- by no locale
  return first and text:match("^.*[^ \t-\r]", first) or ""
end
