-- SPDX-License-Identifier: MIT
--
-- looks: looks again and again for what an earlier process may have made. What
-- has just begun may be invisible for a while, so one look proves nothing.

local core = require "aistudios.core"
local send = require "aistudios.transport.send"

local M = {}

local INTERVAL = 3    -- s between two looks
local MOST_LOOKS = 100
local DEADLINE = 1800 -- s for all looks

--- Can the next look succeed where this one failed?
local function is_passing(err)
  return err.kind == "network" or err.kind == "timeout" or err.kind == "protocol"
    or err.kind == "http" and err.retryable
end

--- Looks until there is something to be seen, for as long as a render may be
--- invisible.
---@param job aistudios.Job
---@param chosen aistudios.WaitOptions  `interval` is the pause between two looks
---@param look fun(): string?, aistudios.Error?
---@param most? integer  how many looks that see nothing are enough (100)
---@return string? found  nil without an error: the last look saw nothing
---@return aistudios.Error? err  it cannot be told
function M.run(job, chosen, look, most)
  local pause = chosen.interval or INTERVAL
  local deadline = core.now() + (chosen.deadline or DEADLINE)
  for count = 1, MOST_LOOKS do
    local found, err = look()
    if found or err and not is_passing(err) then return found, err end
    if not err and count >= (most or MOST_LOOKS) then return nil end
    if count == MOST_LOOKS or core.now() + pause > deadline then return nil, err end
    if not job:sleep(pause) then return nil, send.cancelled(job, "unknown") end
  end
end

return M
