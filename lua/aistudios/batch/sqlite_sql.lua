-- SPDX-License-Identifier: MIT
--
-- batch.sqlite_sql: what only SQLite (3.38 or newer) has of batch.schema and
-- of the statements.

local schema = require "aistudios.batch.schema"

local M = {}

M.integer, M.real, M.text = "integer", "real", "text"
M.identity = "integer primary key autoincrement"

--- There is one writer at a time.
M.connection = "0"

--- Seconds since 1970 by the database's clock.
M.now = "((julianday('now') - 2440587.5) * 86400.0)"

--- Ends the choice of rows that others may be choosing from.
M.skip_locked = ""

--- Makes the choice of a `with` once.
M.materialized = ""

--- The row that was changed, for its trigger.
M.changed = ""

M.least, M.greatest = "min", "max"

--- The changes of rows in @changes, as a table. With its limit it is made once, and rows are
--- found by its numbers; without, each row of the batch is compared with each change.
M.changes = (function ()
  local columns = {}
  for i, column in ipairs(schema.change) do
    columns[i] = ("value ->> '%s' as %s"):format(column[1], column[1])
  end
  return ("(select %s from json_each(@changes) limit -1) as c"):format(table.concat(columns, ", "))
end)()

--- Of each connection.
M.setup = [[
pragma journal_mode = wal;
pragma synchronous = full;
pragma foreign_keys = on;
pragma wal_autocheckpoint = 1000;
]]

M.begin = "begin immediate"

local triggers = [[
create trigger aistudios_row_changed after update of state, money, credit on aistudios_row
begin ]] .. schema.after_change .. [[ end;
create trigger aistudios_event_fixed before update on aistudios_event
begin select raise(abort, 'no event of a batch is ever changed'); end;
]]

for _, name in ipairs(schema.kept) do
  triggers = triggers .. ([[
create trigger %s_kept before delete on %s
begin select raise(abort, 'nothing of a batch is ever removed'); end;
]]):format(name, name)
end

M.find_schema = "select 1 from sqlite_master where name = 'aistudios_schema'"

M.schema = schema.script("begin immediate;\n" .. schema.tables .. triggers .. "commit;\n", M)

--- What an error is about, by its number.
---@param code integer
---@return "busy"|"full"|"broken"|"constraint"|"other"
function M.kind_of(code)
  local primary = code & 0xFF
  if primary == 5 or primary == 6 then return "busy" end        -- BUSY, LOCKED
  if primary == 13 then return "full" end                       -- FULL
  if primary == 19 then return "constraint" end                 -- CONSTRAINT
  local is_broken = primary == 7 or primary == 10 or primary == 14 -- NOMEM, IOERR, CANTOPEN
  if is_broken then return "broken" end
  return "other"
end

--- Becomes, or stays, the one sweeper of the batch, for @seconds seconds.
M.take_sweep = [[
update aistudios_batch set sweeper = @worker, sweeper_until = {now} + @seconds
where id = @batch and (sweeper is null or sweeper = @worker
  or sweeper_until < {now} or sweeper_until > {now} + 2 * @seconds)
returning id]]

--- Is not the sweeper any more.
M.leave_sweep = [[
update aistudios_batch set sweeper = null, sweeper_until = null
where id = @batch and sweeper = @worker]]

--- Before a claim: `begin immediate` keeps others from claiming.
M.before_claim = {}

return M
