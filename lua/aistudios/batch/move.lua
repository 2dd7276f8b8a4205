-- SPDX-License-Identifier: MIT
--
-- batch.move: takes a planned batch from its file to a server. The file says
-- so before the first row is copied, and is of no more use for work then, so no
-- row can be bought from both.

local databases = require "aistudios.batch.database"
local failures = require "aistudios.batch.failures"
local stores = require "aistudios.batch.store"

local M = {}

local PAGE = 500 -- rows

local function copy_rows(from, to, info)
  local ok, err = to:run("insert_batch", info)
  local after = 0
  while ok do
    local rows
    rows, err = from:run("rows_after", { after = after, count = PAGE })
    if not rows then return nil, err end
    if not rows[1] then break end
    for _, row in ipairs(rows) do
      row.is_final = row.finished_at ~= nil
      ok, err = to:run("insert_row", row)
      if not ok then return nil, err end
      after = row.number
    end
  end
  if ok then ok, err = to:run("count_rows", { count = info.row_count }) end
  if not ok then return nil, err end
  return true
end

-- Notes in the file where the batch is from now on. No worker claims from it after that.
local function leave(store, shown)
  local rows, err = store:run "batch"
  if not rows then return nil, err end
  if rows[1].moved_to then return true end
  rows, err = store:run "has_begun"
  if not rows then return nil, err end
  if rows[1] then return "begun" end
  rows, err = store:run("move", { store = shown })
  if not rows then return nil, err end
  return true
end

--- Copies a batch to a server, unless it is there. May be called again after a crash.
---@param batch aistudios.Batch
---@param address string  postgresql://...
---@return true? ok
---@return aistudios.Error? err
function M.run(batch, address)
  local info, err = batch:info()
  if not info then return nil, err end
  local shown = databases.shown(address)
  if info.moved_to and info.moved_to ~= shown then
    return nil, failures.refusal("the batch is in another store: " .. info.moved_to)
  end
  local database, problem = databases.open(address)
  if not database then return nil, failures.of_store(problem) end
  local _ <close> = database
  local ok
  ok, problem = batch.database:transaction(function () return leave(batch.store, shown) end)
  if not ok then return nil, failures.of_store(problem) end
  if ok == "begun" then
    return nil, failures.refusal "the batch was begun in its file, and has to end there"
  end
  local target = stores.new(database, batch.id, batch.store.worker, batch.store.lease)
  ok, problem = database:transaction(function ()
    local there, why = target:run "batch"
    if not there then return nil, why end
    if there[1] then return true end
    return copy_rows(batch.store, target, info)
  end)
  if ok then return true end
  return nil, failures.of_store(problem)
end

return M
