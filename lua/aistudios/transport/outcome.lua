-- SPDX-License-Identifier: MIT
--
-- outcome: what the end of an exchange means for the user's money. "It was not
-- done" is believed of the API's own envelope, of a status of the list below,
-- and of a request that was never sent. All else is unknown: a gateway answers
-- 502, or 503 with Retry-After, for requests that the service has acted on. So is a
-- status of the list above an envelope that says yes.

local M = {}

-- Whoever sends one of these has refused the request.
local refusals = {
  [400] = true, [401] = true, [403] = true, [404] = true, [405] = true, [409] = true,
  [411] = true, [413] = true, [415] = true, [422] = true, [429] = true,
}

local weights = { not_sent = 1, rejected = 2, unknown = 3 }

--- The outcome of an exchange that brought no result.
---@param response table  the core's
---@param is_no? boolean   the API's envelope says no
---@param is_yes? boolean  it says yes
---@return aistudios.Outcome
function M.of(response, is_no, is_yes)
  if response.failure then return response.sent and "unknown" or "not_sent" end
  if is_yes then return "unknown" end
  return (is_no or refusals[response.status]) and "rejected" or "unknown"
end

--- The outcome of two attempts together.
---@param a aistudios.Outcome
---@param b aistudios.Outcome
---@return aistudios.Outcome
function M.worse(a, b)
  return weights[a] > weights[b] and a or b
end

return M
