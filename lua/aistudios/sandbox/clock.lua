-- SPDX-License-Identifier: MIT
--
-- clock: what time it is in a world. Everything that depends on time is a
-- function of `now`, in seconds since 1970. A clock is
--   real     the machine's time
--   offset   the machine's time and a number of seconds
--   frozen   one instant, which only `advance` and `set` move

local date = require "aistudios.util.date"

---@class aistudios.sandbox.Clock
local Clock = {}
Clock.__index = Clock

local M = {}

M.END = 1e11 -- no clock goes on beyond; s since 1970, the year 5138

local FORMS = "'real', 'frozen', 'frozen:TIME', 'offset:SECONDS', or a table of mode, time "
    .. "and offset; a TIME is 2026-01-31T00:00:00Z or seconds since 1970"

--- Reads a point in time.
---@param value any  seconds since 1970, or "2026-01-31T00:00:00Z"
---@return number? time
local function parse_time(value)
  local number = tonumber(value)
  if number and number >= 0 and number < M.END then return number + 0.0 end
  local time = type(value) == "string" and value:find "Z$" and date.of_iso(value)
  if not time or M.stamp(time):sub(1, 19) ~= value:sub(1, 19) then return nil end -- no 31 June
  return time + tonumber(value:match "%.%d+" or 0)
end

local function is_seconds(value)
  return type(value) == "number" and value == value and math.abs(value) < M.END
end

local parse_text

local function parse_table(value)
  local mode = value.mode or (value.time and "frozen") or (value.offset and "offset") or "real"
  local parsed = { mode = mode }
  for name in pairs(value) do
    if name ~= "mode" and name ~= "time" and name ~= "offset" then return nil end
  end
  if mode == "frozen" and value.time ~= nil then
    parsed.time = parse_time(value.time)
    return parsed.time and parsed
  elseif mode == "offset" then
    parsed.offset = value.offset or 0
    return is_seconds(parsed.offset) and parsed
  end
  return (mode == "real" or mode == "frozen") and parsed
end

function parse_text(value)
  local mode, rest = value:match "^(%a+):?(.*)$"
  if mode == "offset" then return parse_table { mode = mode, offset = tonumber(rest) or 0 / 0 } end
  return parse_table { mode = mode, time = rest ~= "" and rest or nil }
end

--- Reads a description of a clock.
---@param value any
---@return table? parsed    mode, time, offset
---@return string? problem  what it must be
function M.parse(value)
  local parsed = type(value) == "table" and parse_table(value)
      or type(value) == "string" and parse_text(value)
  if parsed then return parsed end
  return nil, FORMS
end

---@param native table   now
---@param parsed? table  of M.parse
---@return aistudios.sandbox.Clock
function M.new(native, parsed)
  local self = setmetatable({ native = native }, Clock)
  self:set(parsed or { mode = "real" })
  return self
end

---@return number seconds  since 1970, with a fraction
function Clock:now()
  return self.time or self.native.now() + self.offset
end

--- Makes it another clock. One that is frozen without a time stops here.
---@param parsed table  of M.parse
function Clock:set(parsed)
  local now = self.mode and self:now() or self.native.now()
  self.mode, self.offset, self.time = parsed.mode, parsed.offset or 0, nil
  if parsed.mode == "frozen" then self.time = parsed.time or now end
end

--- Moves it forward to `time`; not back. A real clock gets an offset.
---@param time number
function Clock:move_to(time)
  local missing = time - self:now()
  if missing <= 0 then return end
  if self.time then
    self.time = time
  else
    self.mode, self.offset = "offset", self.offset + missing
  end
end

--- How long the machine runs until it is `time`; `math.huge`: never by itself.
---@param time number
---@return number seconds  0 when it is that late
function Clock:seconds_until(time)
  local left = math.max(time - self:now(), 0)
  return left > 0 and self.time and math.huge or left
end

--- A time as the API writes it.
---@param time number
---@return string
function M.stamp(time)
  return os.date("!%Y-%m-%dT%H:%M:%S.000Z", math.floor(time)) --[[@as string]]
end

---@return table  mode, time, now, offset
function Clock:describe()
  local now = self:now()
  return { mode = self.mode, now = now, time = M.stamp(now), offset = self.offset }
end

return M
