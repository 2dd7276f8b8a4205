-- SPDX-License-Identifier: MIT
--
-- retry: whether a failed call is sent again by itself, and when. A call that
-- may cost is repeated only when the service surely did nothing.

local core = require "aistudios.core"
local date = require "aistudios.util.date"
local os = rawget(_G, "os")

local M = {}

local FIRST, LONGEST = 0.5, 8 -- s; the bounds of the backoff
local LONGEST_ASKED = 366 * 86400 -- s; more is told as this
local PATIENCE = 120          -- s; a longer Retry-After is not waited for

-- Besides all from 500 up.
local passing_status = { [408] = true, [425] = true, [429] = true }

local passing_failure = {
  resolve = true, connect = true, descriptors = true, timeout = true, stall = true,
  network = true,
}

--- The seconds that an answer asks to wait.
---@param headers? table<string, string>
---@return number?
function M.asked(headers)
  local text = headers and headers["retry-after"]
  if not text then return nil end
  local seconds = text:find "^[%s%d.]+$" and tonumber(text)
  if not seconds then
    local time = date.of_http(text)
    local now = date.of_http(headers.date) or os and os.time()
    seconds = time and now and math.max(0, time - now)
  end
  return seconds and math.min(seconds, LONGEST_ASKED)
end

--- May this failure pass by itself?
---@param response table  the core's
---@return boolean
function M.is_passing(response)
  if response.failure then return passing_failure[response.failure] or false end
  return response.status >= 500 or passing_status[response.status] or false
end

--- Is the call to be sent again, if there is time?
local function is_wanted(row, response, outcome, is_no)
  if row.is_replayable or response.failure then
    return M.is_passing(response) and (row.is_replayable or outcome == "not_sent")
  end
  return response.status == 429 and outcome ~= "unknown"
    or (is_no and M.asked(response.headers) ~= nil)
end

--- How long to wait before the call is sent again.
---@param row aistudios.Row
---@param response table   how it ended
---@param outcome aistudios.Outcome
---@param is_no? boolean   the API's envelope says no
---@param repeats integer  how often it was sent again already
---@param left number      seconds until its deadline
---@return number? seconds nil: not again
function M.pause(row, response, outcome, is_no, repeats, left)
  if not is_wanted(row, response, outcome, is_no) then return nil end
  local pause = core.random() * math.min(LONGEST, FIRST * 2.0 ^ repeats)
  local asked = M.asked(response.headers)
  if asked and asked > PATIENCE then return nil end
  if asked and asked > pause then pause = asked end
  return pause < left and pause or nil
end

return M
