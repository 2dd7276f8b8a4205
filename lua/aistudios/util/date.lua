-- SPDX-License-Identifier: MIT
--
-- date: reads the dates of HTTP and JSON, as seconds since 1970, without the
-- locale and the time zone of this machine.

local M = {}

local months = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6,
  Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}

--- Of digits. Days since 1970-01-01 are counted in a calendar whose years begin in March.
local function seconds(year, month, day, hour, minute, second)
  local y = month > 2 and tonumber(year) or tonumber(year) - 1
  local m = (month + 9) % 12
  local days = 365 * y + y // 4 - y // 100 + y // 400
    + (153 * m + 2) // 5 + tonumber(day) - 1 - 719468
  return math.tointeger(((days * 24 + hour) * 60 + minute) * 60 + second)
end

--- Of a date of HTTP, in its three forms: "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday,
--- 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994".
---@param text? string
---@return integer? seconds  nil: not such a date
function M.of_http(text)
  text = text or ""
  local day, name, year, hour, minute, second = text:match(
    "^%a+, (%d%d)[ -](%a%a%a)[ -](%d%d%d?%d?) (%d%d):(%d%d):(%d%d) GMT$")
  if not day then
    name, day, hour, minute, second, year = text:match(
      "^%a+ (%a%a%a) +(%d%d?) (%d%d):(%d%d):(%d%d) (%d%d%d%d)$")
  end
  local month = months[name]
  if not month or #year == 3 then return nil end
  if #year == 2 then year = tonumber(year) + (tonumber(year) < 70 and 2000 or 1900) end
  return seconds(year, month, day, hour, minute, second)
end

--- Of a date of ISO 8601 ("1994-11-06T08:49:37.000Z", "...+09:00"); without a zone it
--- is UTC.
---@param text any
---@return integer? seconds  nil: not such a date
function M.of_iso(text)
  if type(text) ~= "string" then return nil end
  local year, month, day, hour, minute, second, rest = text:match(
    "^(%d%d%d%d)%-(%d%d)%-(%d%d)[T ](%d%d):(%d%d):(%d%d)%.?%d*(.*)$")
  month = math.tointeger(tonumber(month))
  if not month or month < 1 or month > 12 then return nil end
  local utc = seconds(year, month, day, hour, minute, second)
  if rest == "" or rest == "Z" then return utc end
  local sign, hours, minutes = rest:match "^([+-])(%d%d):?(%d%d)$"
  if not sign then return nil end
  local offset = math.tointeger(hours * 3600 + minutes * 60)
  return sign == "+" and utc - offset or utc + offset
end

return M
