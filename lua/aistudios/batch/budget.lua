-- SPDX-License-Identifier: MIT
--
-- batch.budget: what the limits of a batch leave to buy.

--- How many more videos may be bought; without a limit, math.huge. A video whose credits
--- no webhook told is taken for one of the average, or for one credit while none is known.
---@param batch table  as batch.statements brings it: limits, spent, reserved
---@return number
return function (batch)
  local jobs = batch.spent_jobs + batch.reserved_jobs
  local left = batch.max_jobs and batch.max_jobs - jobs or math.huge
  if batch.max_credits then
    local known = batch.credited_jobs
    local price = known > 0 and batch.spent_credits / known or 1
    local credits = batch.max_credits - batch.spent_credits - (jobs - known) * price
    left = math.min(left, price > 0 and credits // price or math.huge)
  end
  return left
end
