-- SPDX-License-Identifier: MIT
--
-- blank: does a text show nothing? Unicode's spaces and line ends, zero-width
-- characters and the byte order mark do not.

-- UTF-8 of U+00A0 and U+00AD; U+1680, U+2000 to U+200F, U+2028 to U+202F, U+205F to
-- U+2064, U+3000 and U+FEFF.
local invisible = { "\xC2[\xA0\xAD]", "\xE1\x9A\x80", "\xE2\x80[\x80-\x8F\xA8-\xAF]",
  "\xE2\x81[\x9F-\xA4]", "\xE3\x80\x80", "\xEF\xBB\xBF" }

---@param text string
---@return boolean
return function (text)
  if text:find "[!-~]" then return false end
  for _, pattern in ipairs(invisible) do text = text:gsub(pattern, "") end
  return not text:find "[^ \t-\r]"
end
