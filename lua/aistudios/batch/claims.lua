-- SPDX-License-Identifier: MIT
--
-- batch.claims: takes rows to buy for a worker, as far as the limits and the
-- account of the batch allow. Who asks has kept others from claiming before.

local left_of = require "aistudios.batch.budget"
local statements = require "aistudios.batch.statements"

local M = {}

-- How many more rows may be bought, and what stands in the way.
local function room_of(limits, account)
  if limits.account and limits.account ~= account then return 0, "account" end
  if limits.cancelled_at or limits.moved_to then return 0, "cancelled" end
  local room = limits.at_once - limits.active
  local left = left_of(limits)
  if left < 1 then return 0, "budget" end
  if limits.is_paused == true or limits.is_paused == 1 then return 0, "pause" end
  return math.tointeger(math.min(room, left)) or room
end

-- The statements that keep others from claiming for the rest of the transaction.
local function before_claim(self)
  local list = {}
  for i, text in ipairs(self.database.sql.before_claim) do
    list[i] = { text, { batch = self.batch } }
  end
  return list
end

--- Makes the batch one of the worker's account, where it is not of another.
---@param self aistudios.batch.Store
---@param is_local boolean  the account's host is this machine
---@return boolean? is_taken
---@return aistudios.batch.StoreError? err
function M.take_account(self, is_local)
  return self.database:transaction(function ()
    local list = before_claim(self)
    list[#list + 1] = { statements.take_account, { batch = self.batch, account = self.account,
      is_local = is_local and 1 or 0 } }
    local results, err = self.database:run_all(list)
    if not results then return nil, err end
    return results[#results][1] ~= nil
  end)
end

--- Takes rows that wait, and reserves what they cost. Inside a transaction, which it ends
--- when it takes some: until then, nobody else claims.
---@param self aistudios.batch.Store
---@param count integer  at most
---@return aistudios.batch.Row[]? rows
---@return table|aistudios.batch.StoreError limits  with the `reason` when none may be taken
function M.take(self, count)
  local list = before_claim(self)
  list[#list + 1] = { statements.limits, { batch = self.batch, account = self.account } }
  local results, err = self.database:run_all(list)
  if not results then return nil, err end
  local limits = results[#results][1]
  local room
  room, limits.reason = room_of(limits, self.account)
  count = math.min(count, room)
  if count <= 0 then return {}, limits end
  local rows
  rows, err = self.database:finish(statements.claim, { batch = self.batch,
    worker = self.worker, lease = self.lease, count = count })
  if not rows then return nil, err end
  return rows, limits
end

return M
