-- SPDX-License-Identifier: MIT
--
-- cli.limited: runs a chunk that came from a file, for a limited time. It has
-- nothing but its own values and the methods of texts. A hook stops loops; it
-- does not stop a C function, so the methods that may take long are measured
-- before they run.

local M = {}

local MOST_INSTRUCTIONS = 100 * 1000 * 1000
local MOST_STEPS = 1e9               -- of all pattern matches
local MOST_BYTES = 64 * 1024 * 1024  -- that string.rep makes, in all

local TOO_LONG = "the project takes too long"

--- The most steps that a match may take: each quantifier may go back over the
--- whole text, and so does the place where the match begins.
---@param text string
---@param pattern string
---@return number
local function steps_of(text, pattern)
  local _, quantifiers = string.gsub(pattern, "[%*%+%-%?]", "")
  local _, pairs_of = string.gsub(pattern, "%%b", "")
  return (#text + 1.0) ^ (quantifiers + pairs_of + 1)
end

-- The methods of texts for one run.
local function methods()
  local own, steps, bytes = {}, 0, 0
  for name, method in pairs(string) do own[name] = method end
  for _, name in ipairs { "find", "match", "gmatch", "gsub" } do
    own[name] = function (text, pattern, ...)
      local is_plain = name == "find" and select(2, ...)
      steps = steps + (is_plain and #text or steps_of(text, pattern))
      if steps > MOST_STEPS then
        error(TOO_LONG .. ": a pattern with several of * + - ? on a long text", 2)
      end
      return string[name](text, pattern, ...)
    end
  end
  function own.rep(text, n, separator)
    bytes = bytes + (#text + #(separator or "")) * math.max(0, n)
    if bytes > MOST_BYTES then error("the project is too large", 2) end
    return string.rep(text, n, separator)
  end
  return own
end

--- Calls a chunk; what pcall returns.
---@param chunk function
---@return boolean ok
---@return any value  or the error
function M.call(chunk)
  local old, mask, count = debug.gethook()
  local of_texts = getmetatable ""
  local usual = of_texts.__index
  of_texts.__index = methods()
  debug.sethook(function () error(TOO_LONG, 2) end, "", MOST_INSTRUCTIONS)
  local ok, value = pcall(chunk)
  debug.sethook(old, mask, count)
  of_texts.__index = usual
  return ok, value
end

return M
