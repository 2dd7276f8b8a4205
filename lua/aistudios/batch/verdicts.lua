-- SPDX-License-Identifier: MIT
--
-- batch.verdicts: what a person says of rows: again, not any more, bought, not
-- bought. Each is one transaction.

local errors = require "aistudios.error"
local failures = require "aistudios.batch.failures"
local raise = require "aistudios.util.raise"

local M = {}

--- See Batch:retry.
---@param self aistudios.Batch
function M.retry(self)
  local count, err = self.database:transaction(function ()
    local total = 0
    for _, name in ipairs { "retry_unbought", "retry_bought", "revive_batch" } do
      local rows, changed = self.store:run(name)
      if not rows then return nil, changed end
      if name ~= "revive_batch" then total = total + changed end
    end
    return total
  end)
  if count then return count end
  return nil, failures.of_store(err)
end

--- See Batch:cancel. Nobody claims after the first statement, whose commit the second
--- waits for; a claim locks the batch while it has rows.
---@param self aistudios.Batch
function M.cancel(self)
  local rows, count = self.store:run "cancel_batch"
  if rows then rows, count = self.store:run "cancel_rows" end
  if not rows then return nil, failures.of_store(count) end
  return count
end

-- Raises unless a verdict says one thing: what says nothing must not buy again.
local function check(verdict)
  local count = 0
  if type(verdict) == "table" then
    for name, value in pairs(verdict) do
      local is_verdict = name == "bought" and type(value) == "string"
        or name == "not_bought" and value == true
      count = count + (is_verdict and 1 or 2)
    end
  end
  if count ~= 1 then
    raise "batch:resolve: a table with either bought, the id of a project, or not_bought = true"
  end
end

--- See Batch:resolve.
---@param self aistudios.Batch
---@param key string
---@param verdict { bought: string }|{ not_bought: true }
function M.resolve(self, key, verdict)
  check(verdict)
  local row, err = self:row(key)
  if not row then return nil, err end
  if verdict.bought and not verdict.bought:find "^[^%c%s]+$" then
    return nil, failures.refusal(("'%s' is no project's id"):format(errors.line(verdict.bought)))
  end
  local seen
  seen, err = self.store:run(verdict.bought and "other_of_project" or "webhook_of",
    { number = row.number, attempt = row.attempt, project_id = verdict.bought })
  if not seen then return nil, failures.of_store(err) end
  if seen[1] then
    return nil, failures.refusal(verdict.bought
      and ("the project is that of row '%s'"):format(seen[1].key)
      or ("a signed webhook says that row '%s' was bought"):format(key))
  end
  local change = { number = row.number, attempt = row.attempt,
    message = "a person said so", outcome = not verdict.bought and "not_sent" or nil,
    transition = verdict.bought and "buy" or "release", project_id = verdict.bought }
  if row.state ~= "unknown" then
    return nil, failures.refusal(("row '%s' is not unknown, but %s"):format(key, row.state))
  end
  local taken, problem = self.store:write({ change }, { waiting = 0, ready = 0 })
  if not taken then return nil, failures.of_store(problem) end
  if change.is_applied then return true end
  return nil, failures.refusal(("row '%s' is not unknown any more"):format(key))
end

return M
