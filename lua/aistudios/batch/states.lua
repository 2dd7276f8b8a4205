-- SPDX-License-Identifier: MIT
--
-- batch.states: the states of a row, and the one table of how it gets from one
-- to another. A transition names the states that it may begin in and the attempt
-- that it belongs to; the database refuses it otherwise.
--
--   waiting -> claimed -> submitting -> rendering -> ready -> downloading -> done
--
-- `submitting` is committed before the body of the paid call goes out. Nobody
-- can know what became of a row that is left in it, so it becomes `unknown`,
-- never `waiting`. The money of a row is none, reserved or spent.

local M = {}

--- In the order of a row's life; for reports, `unknown` first.
M.names = { "unknown", "failed", "waiting", "claimed", "submitting", "rendering", "ready",
  "downloading", "done", "cancelled" }

--- States in which a row takes one of the places of `at_once`.
M.active = "'claimed', 'submitting', 'rendering', 'ready', 'downloading'"

--- A transition of one row.
---@class aistudios.batch.Transition
---@field from string[]
---@field to string
---@field money "none"|"reserved"|"spent"|"kept"  kept: as it was
---@field is_leased? boolean  the worker has the row for the time of a lease
---@field is_owned? boolean   only the worker that has the row may do it
---@field is_final? boolean
---@field sets? string[]      columns that get a value

---@type table<string, aistudios.batch.Transition>
M.transitions = {
  -- The draft is there, and the next thing sent is the call that is paid for.
  submit = { from = { "claimed" }, to = "submitting", money = "reserved", is_leased = true,
    is_owned = true, sets = { "draft_id", "name" } },
  -- Proof that nothing was bought.
  release = { from = { "claimed", "submitting", "unknown" }, to = "waiting", money = "none",
    sets = { "outcome", "message", "delay", "dropped_draft" } },
  refuse = { from = { "claimed", "submitting", "unknown" }, to = "failed", money = "none",
    is_final = true, sets = { "outcome", "message", "dropped_draft" } },
  -- Nobody knows.
  lose = { from = { "submitting" }, to = "unknown", money = "reserved",
    sets = { "outcome", "message", "delay" } },
  -- Proof that it was bought, however late.
  buy = { from = { "submitting", "unknown" }, to = "rendering", money = "spent",
    sets = { "name", "project_id", "message", "delay" } },
  complete = { from = { "rendering" }, to = "ready", money = "spent",
    sets = { "project_id", "delay" } },
  give_up = { from = { "rendering" }, to = "failed", money = "spent", is_final = true,
    sets = { "outcome", "message" } },
  deliver = { from = { "downloading" }, to = "done", money = "spent", is_owned = true,
    is_final = true, sets = { "bytes", "message" } },
  put_back = { from = { "downloading" }, to = "ready", money = "spent", is_owned = true,
    sets = { "message", "delay" } },
  fail_delivery = { from = { "downloading" }, to = "failed", money = "spent", is_owned = true,
    is_final = true, sets = { "outcome", "message" } },
}

local columns = {
  draft_id = "draft_id = new_draft_id",
  dropped_draft = "draft_id = case when drops_draft = 1 then null else draft_id end",
  name = "name = coalesce(new_name, name)",
  project_id = "project_id = coalesce(new_project_id, project_id)",
  outcome = "outcome = new_outcome",
  message = "message = new_message", bytes = "bytes = new_bytes",
  delay = "due_at = {now} + coalesce(new_delay, 0)",
}

local function list(states)
  return "'" .. table.concat(states, "', '") .. "'"
end

--- The statement of a transition, for all rows of {changes} that are of @batch; where it
--- is owned or leased of @worker, and for @lease seconds. It brings the numbers of the
--- rows that it changed.
---@param transition aistudios.batch.Transition
---@return string sql
function M.statement(transition)
  local sets = { ("state = '%s', money = '%s', changed_at = {now}")
    :format(transition.to, transition.money) }
  sets[#sets + 1] = transition.is_leased and "lease_until = {now} + @lease"
    or "worker = null, lease_until = null"
  sets[#sets + 1] = "finished_at = " .. (transition.is_final and "{now}" or "null")
  for _, column in ipairs(transition.sets) do sets[#sets + 1] = columns[column] end
  return ("update aistudios_row set %s\nfrom {changes}\nwhere batch_id = @batch and "
    .. "number = of_number and attempt = of_attempt and state in (%s)%s\nreturning number"):format(
    table.concat(sets, ", "), list(transition.from),
    transition.is_owned and " and worker = @worker" or "")
end

return M
