-- SPDX-License-Identifier: MIT
--
-- timeouts: the time limits of one call, in seconds; 0 is no limit. What the
-- call itself was given counts first, then what the client was given, then
-- the defaults of the call's class, then those of the client.

local option_rules = require "aistudios.util.option_rules"

local M = {}

-- Some calls answer only when the work is done, or take whole files.
local classes = { long = { stall = 300, total = 900 } }

---@param client aistudios.Client
---@param given? aistudios.Timeouts|number  a number is the total
---@param class? "long"
---@return aistudios.Timeouts
function M.of_call(client, given, class)
  local policy, defaults = client.policy, classes[class]
  if not given and not defaults then return policy.timeout end
  if type(given) ~= "table" then given = { total = given } end
  local limits = {}
  for name in pairs(option_rules.timeouts) do
    local seconds = given[name] or policy.timeout_given[name]
      or defaults and defaults[name] or policy.timeout[name]
    limits[name] = seconds == math.huge and 0 or seconds
  end
  return limits
end

--- A download has no limit of its whole time unless it is given one.
---@param client aistudios.Client
---@param given? aistudios.Timeouts|number
---@return aistudios.Timeouts
function M.of_download(client, given)
  if type(given) ~= "table" then given = { total = given } end
  return M.of_call(client, {
    connect = given.connect, stall = given.stall, total = given.total or math.huge,
  })
end

return M
