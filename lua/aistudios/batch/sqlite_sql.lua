-- SPDX-License-Identifier: MIT
--
-- batch.sqlite_sql: the tables of a batch in SQLite 3.35 or newer. The same as
-- those of postgres_sql; the constraints say what a state promises.

local M = {}

--- Seconds since 1970 by the database's clock.
M.now = "((julianday('now') - 2440587.5) * 86400.0)"

--- Ends the choice of rows that others may be choosing from.
M.skip_locked = ""

--- Makes the choice of a `with` once.
M.materialized = ""

M.least, M.greatest = "min", "max"

--- Of each connection.
M.setup = [[
pragma journal_mode = wal;
pragma synchronous = full;
pragma foreign_keys = on;
pragma wal_autocheckpoint = 1000;
]]

M.begin = "begin immediate"

M.schema = [[
create table if not exists aistudios_schema (version integer primary key);
insert into aistudios_schema select 1 where not exists (select 1 from aistudios_schema);

create table if not exists aistudios_batch (
  id text primary key,
  created_at real not null,
  template text not null,
  template_path text,
  to_pattern text,
  is_direct integer not null check (is_direct in (0, 1)),
  is_confirmed integer not null default 0 check (is_confirmed in (0, 1)),
  moved_to text,
  row_count integer not null default 0,
  at_once integer not null default 5 check (at_once > 0),
  max_jobs integer check (max_jobs >= 0),
  max_credits real check (max_credits >= 0),
  spent_jobs integer not null default 0 check (spent_jobs >= 0),
  reserved_jobs integer not null default 0 check (reserved_jobs >= 0),
  spent_credits real not null default 0 check (spent_credits >= 0),
  credited_jobs integer not null default 0,
  due_at real not null default 0,
  cancelled_at real,
  sweeper text,
  sweeper_until real
);

create table if not exists aistudios_row (
  batch_id text not null references aistudios_batch,
  number integer not null check (number > 0),
  key text not null,
  fields text not null,
  path text,
  state text not null check (state in ('waiting', 'claimed', 'submitting', 'unknown',
    'rendering', 'ready', 'downloading', 'done', 'failed', 'cancelled')),
  money text not null default 'none' check (money in ('none', 'reserved', 'spent')),
  attempt integer not null default 0 check (attempt >= 0),
  worker text,
  lease_until real,
  due_at real not null default 0,
  name text,
  draft_id text,
  project_id text,
  outcome text,
  message text,
  credit real,
  bytes integer,
  changed_at real not null,
  finished_at real,
  primary key (batch_id, number),
  unique (batch_id, key),
  unique (batch_id, path),
  check ((worker is not null) = (state in ('claimed', 'submitting', 'downloading'))),
  check ((worker is null) = (lease_until is null)),
  check ((finished_at is not null) = (state in ('done', 'failed', 'cancelled'))),
  check ((money = 'reserved') = (state in ('claimed', 'submitting', 'unknown'))),
  check (money = 'spent' or state not in ('rendering', 'ready', 'downloading', 'done')),
  check (money <> 'spent' or state in ('rendering', 'ready', 'downloading', 'done', 'failed')),
  check ((money = 'spent') = (project_id is not null)),
  check (attempt > 0 or state in ('waiting', 'failed', 'cancelled')),
  check (name is not null or state not in ('submitting', 'unknown', 'rendering')),
  check (bytes is not null or state <> 'done')
);
create index if not exists aistudios_row_state on aistudios_row (batch_id, state, number);

create table if not exists aistudios_event (
  id integer primary key autoincrement,
  batch_id text not null references aistudios_batch,
  number integer,
  attempt integer,
  at real not null,
  worker text,
  kind text not null,
  from_state text,
  to_state text,
  money text,
  project_id text,
  message text
);
create index if not exists aistudios_event_row on aistudios_event (batch_id, number, id);

create trigger if not exists aistudios_row_changed
after update of state, money on aistudios_row
when old.state <> new.state or old.money <> new.money
begin
  insert into aistudios_event (batch_id, number, attempt, at, worker, kind, from_state, to_state,
    money, project_id, message)
  values (new.batch_id, new.number, new.attempt, new.changed_at,
    coalesce(new.worker, old.worker), 'state', old.state, new.state, new.money, new.project_id,
    new.message);
end;
create trigger if not exists aistudios_row_money
after update of money on aistudios_row
when old.money <> new.money
begin
  update aistudios_batch set
    spent_jobs = spent_jobs + (new.money = 'spent') - (old.money = 'spent'),
    reserved_jobs = reserved_jobs + (new.money = 'reserved') - (old.money = 'reserved')
  where id = new.batch_id;
end;
create trigger if not exists aistudios_row_kept before delete on aistudios_row
begin select raise(abort, 'no row of a batch is ever removed'); end;
create trigger if not exists aistudios_event_kept before delete on aistudios_event
begin select raise(abort, 'no event of a batch is ever removed'); end;
create trigger if not exists aistudios_event_fixed before update on aistudios_event
begin select raise(abort, 'no event of a batch is ever changed'); end;
]]

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

--- Locks the batch for the rest of a transaction: `begin immediate` has done it.
M.lock_batch = nil

return M
