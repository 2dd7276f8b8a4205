-- SPDX-License-Identifier: MIT
--
-- batch.postgres_sql: what only PostgreSQL (14 or newer) has of batch.schema
-- and of the statements.
--
-- Locks. A transaction of a worker changes rows, then its own line of
-- aistudios_money; one that claims locks the batch, and waits for no row after
-- that. So workers wait for each other while one claims, and for a row that two
-- of them change. Should that ever be a circle, PostgreSQL ends one of
-- them (40P01), and the worker writes its changes again.

local schema = require "aistudios.batch.schema"

local M = {}

M.integer, M.real, M.text = "bigint", "double precision", "text"
M.identity = "bigint generated always as identity primary key"

--- No two connections have one number at a time.
M.connection = "pg_backend_pid()"

--- Seconds since 1970 by the database's clock.
M.now = "extract(epoch from clock_timestamp())::double precision"

--- Ends the choice of rows that others may be choosing from.
M.skip_locked = "for update skip locked"

--- Makes the choice of a `with` once.
M.materialized = "materialized"

--- The rows that a statement has changed, for its trigger.
M.changed = "from new_rows new join old_rows old using (batch_id, number)"

M.least, M.greatest = "least", "greatest"

--- The changes of rows in @changes, as a table.
M.changes = (function ()
  local columns = {}
  for i, column in ipairs(schema.change) do columns[i] = column[1] .. " " .. M[column[2]] end
  return ("jsonb_to_recordset(@changes::jsonb) as c (%s)"):format(table.concat(columns, ", "))
end)()

--- Of each connection. A transaction that a worker leaves open ends by itself.
M.setup = [[
set statement_timeout = '25s';
set lock_timeout = '20s';
set idle_in_transaction_session_timeout = '30s';
set synchronous_commit = on;
]]

M.begin = "begin"

local triggers = [[
create function aistudios_row_changed() returns trigger language plpgsql as $$
#variable_conflict use_column
begin ]] .. schema.after_change .. [[ return null; end $$;
create trigger aistudios_row_changed after update on aistudios_row
referencing new table as new_rows old table as old_rows
for each statement execute function aistudios_row_changed();
create function aistudios_kept() returns trigger language plpgsql as $$
begin
  raise exception 'nothing of a batch is ever removed, and no event changed';
end $$;
create trigger aistudios_event_fixed before update on aistudios_event
for each row execute function aistudios_kept();
]]

for _, name in ipairs(schema.kept) do
  triggers = triggers .. ([[
create trigger %s_kept before delete on %s
for each row execute function aistudios_kept();
]]):format(name, name)
end

M.find_schema = "select 1 from pg_class where oid = to_regclass('aistudios_schema')"

M.schema = schema.script("begin;\nselect pg_advisory_xact_lock(hashtext('aistudios_schema'));\n"
  .. schema.tables .. triggers .. "commit;\n", M)

-- By class (two letters) or whole SQLSTATE; without one the connection is lost.
local kinds = {
  [""] = "broken", ["08"] = "broken", ["57"] = "broken", ["58"] = "broken", ["XX"] = "broken",
  ["25"] = "broken", -- the transaction was ended by a limit
  ["53"] = "full", ["40"] = "busy", ["55P03"] = "busy", ["57014"] = "busy", ["23"] = "constraint",
}

--- What an error is about, by its SQLSTATE.
---@param code string
---@return "busy"|"full"|"broken"|"constraint"|"other"
function M.kind_of(code)
  return kinds[code] or kinds[code:sub(1, 2)] or "other"
end

--- Becomes, or stays, the one sweeper of the batch, for @seconds seconds.
--- The lock is the session's, and ends with it.
M.take_sweep = [[
update aistudios_batch set sweeper = @worker, sweeper_until = {now} + @seconds
where id = @batch and (sweeper = @worker and exists (select 1 from pg_locks
    where locktype = 'advisory' and pid = pg_backend_pid())
  or pg_try_advisory_lock(hashtextextended('aistudios ' || @batch, 0)))
returning id]]

--- Is not the sweeper any more.
M.leave_sweep = [[
select pg_advisory_unlock(hashtextextended('aistudios ' || id, 0)) from aistudios_batch
where id = @batch and sweeper = @worker]]

--- Before a claim. It keeps others from claiming for the rest of the transaction, and
--- that is why it has one of its own which waits for no disk.
M.before_claim = { "set local synchronous_commit = off",
  "select id from aistudios_batch where id = @batch for no key update" }

--- In the transaction after a claim, whose commit brings the claim to the disk too. That
--- waits for the disk only if it has written something: the connection's own line.
M.flush_claim = [[
update aistudios_money set spent_jobs = spent_jobs
where batch_id = @batch and connection = ]] .. M.connection

return M
