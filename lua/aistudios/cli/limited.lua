-- SPDX-License-Identifier: MIT
--
-- cli.limited: runs a chunk that came from a file, for a limited time and in
-- limited memory. It has nothing but its own values and the methods of texts. A
-- hook stops loops; it does not stop a C function, so the methods that may take
-- long are measured before they run.

local core = require "aistudios.core"

local M = {}

local MOST_INSTRUCTIONS = 100 * 1000 * 1000
local MOST_SECONDS = 10
local LOOK_INSTRUCTIONS = 100        -- from one look at the time to the next
local MOST_STEPS = 1e9               -- of all pattern matches
local MOST_BYTES = 64 * 1024 * 1024  -- that string.rep makes, in all
local MOST_MEMORY = 256 * 1024 * 1024

local TOO_LONG, TOO_LARGE = "the project takes too long", "the project is too large"

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

-- Raises an error that names the line of the chunk that is at work, where it is
-- not lost by a tail call.
local function stopper(chunk)
  local source = debug.getinfo(chunk, "S").source
  return function (message)
    local level, frame = 2, debug.getinfo(2, "S")
    while frame and frame.source ~= source do
      level, frame = level + 1, debug.getinfo(level + 1, "S")
    end
    error(message, frame and level or 0)
  end
end

-- The methods of texts for one run.
local function methods(stop)
  local own, steps, bytes = {}, 0, 0
  for name, method in pairs(string) do own[name] = method end
  for _, name in ipairs { "find", "match", "gmatch", "gsub" } do
    own[name] = function (text, pattern, ...)
      local is_plain = name == "find" and select(2, ...)
      steps = steps + (is_plain and #text or steps_of(text, pattern))
      if steps > MOST_STEPS then
        stop(TOO_LONG .. ": a pattern with several of * + - ? on a long text")
      end
      return string[name](text, pattern, ...)
    end
  end
  function own.rep(text, n, separator)
    bytes = bytes + (#text + #(separator or "")) * math.max(0, n)
    if bytes > MOST_BYTES then stop(TOO_LARGE) end
    return string.rep(text, n, separator)
  end
  return own
end

local function end_when_late(stop)
  local ends_at, left = core.now() + MOST_SECONDS, MOST_INSTRUCTIONS
  debug.sethook(function ()
    left = left - LOOK_INSTRUCTIONS
    if left < 0 or core.now() > ends_at then stop(TOO_LONG) end
  end, "", LOOK_INSTRUCTIONS)
end

--- Calls a chunk; what pcall returns.
---@param chunk function
---@return boolean ok
---@return any value  or the error
function M.call(chunk)
  local old, mask, count = debug.gethook()
  local of_texts = getmetatable ""
  local usual = of_texts.__index
  local stop = stopper(chunk)
  of_texts.__index = methods(stop)
  end_when_late(stop)
  local ok, value = core.with_memory_limit(MOST_MEMORY, chunk)
  debug.sethook(old, mask, count)
  of_texts.__index = usual
  if value == "not enough memory" then value = TOO_LARGE end
  return ok, value
end

return M
