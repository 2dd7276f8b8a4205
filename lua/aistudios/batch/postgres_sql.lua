-- SPDX-License-Identifier: MIT
--
-- batch.postgres_sql: the tables of a batch in PostgreSQL 12 or newer. The same
-- as those of sqlite_sql; the constraints say what a state promises.

local M = {}

--- Seconds since 1970 by the database's clock.
M.now = "extract(epoch from clock_timestamp())::double precision"

--- Ends the choice of rows that others may be choosing from.
M.skip_locked = "for update skip locked"

--- Makes the choice of a `with` once.
M.materialized = "materialized"

M.least, M.greatest = "least", "greatest"

--- Of each connection. A transaction that a worker leaves open ends by itself.
M.setup = [[
set statement_timeout = '25s';
set lock_timeout = '20s';
set idle_in_transaction_session_timeout = '30s';
set synchronous_commit = on;
]]

M.begin = "begin"

M.schema = [[
begin;
select pg_advisory_xact_lock(hashtext('aistudios_schema'));
create table if not exists aistudios_schema (version bigint primary key);
insert into aistudios_schema select 1 where not exists (select 1 from aistudios_schema);

create table if not exists aistudios_batch (
  id text primary key,
  created_at double precision not null,
  template text not null,
  template_path text,
  to_pattern text,
  is_direct bigint not null check (is_direct in (0, 1)),
  is_confirmed bigint not null default 0 check (is_confirmed in (0, 1)),
  moved_to text,
  row_count bigint not null default 0,
  at_once bigint not null default 5 check (at_once > 0),
  max_jobs bigint check (max_jobs >= 0),
  max_credits double precision check (max_credits >= 0),
  spent_jobs bigint not null default 0 check (spent_jobs >= 0),
  reserved_jobs bigint not null default 0 check (reserved_jobs >= 0),
  spent_credits double precision not null default 0 check (spent_credits >= 0),
  credited_jobs bigint not null default 0,
  due_at double precision not null default 0,
  cancelled_at double precision,
  sweeper text,
  sweeper_until double precision
);

create table if not exists aistudios_row (
  batch_id text not null references aistudios_batch,
  number bigint not null check (number > 0),
  key text not null,
  fields text not null,
  path text,
  state text not null check (state in ('waiting', 'claimed', 'submitting', 'unknown',
    'rendering', 'ready', 'downloading', 'done', 'failed', 'cancelled')),
  money text not null default 'none' check (money in ('none', 'reserved', 'spent')),
  attempt bigint not null default 0 check (attempt >= 0),
  worker text,
  lease_until double precision,
  due_at double precision not null default 0,
  name text,
  draft_id text,
  project_id text,
  outcome text,
  message text,
  credit double precision,
  bytes bigint,
  changed_at double precision not null,
  finished_at double precision,
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
  id bigint generated always as identity primary key,
  batch_id text not null references aistudios_batch,
  number bigint,
  attempt bigint,
  at double precision not null,
  worker text,
  kind text not null,
  from_state text,
  to_state text,
  money text,
  project_id text,
  message text
);
create index if not exists aistudios_event_row on aistudios_event (batch_id, number, id);

create or replace function aistudios_row_changed() returns trigger language plpgsql as $$
begin
  insert into aistudios_event (batch_id, number, attempt, at, worker, kind, from_state, to_state,
    money, project_id, message)
  values (new.batch_id, new.number, new.attempt, new.changed_at,
    coalesce(new.worker, old.worker), 'state', old.state, new.state, new.money, new.project_id,
    new.message);
  if old.money <> new.money then
    update aistudios_batch set
      spent_jobs = spent_jobs + (new.money = 'spent')::int - (old.money = 'spent')::int,
      reserved_jobs = reserved_jobs
        + (new.money = 'reserved')::int - (old.money = 'reserved')::int
    where id = new.batch_id;
  end if;
  return null;
end $$;
create or replace trigger aistudios_row_changed
after update of state, money on aistudios_row for each row
when (old.state <> new.state or old.money <> new.money)
execute function aistudios_row_changed();

create or replace function aistudios_kept() returns trigger language plpgsql as $$
begin
  raise exception 'no row or event of a batch is ever removed, and no event changed';
end $$;
create or replace trigger aistudios_row_kept before delete on aistudios_row
for each row execute function aistudios_kept();
create or replace trigger aistudios_event_kept before update or delete on aistudios_event
for each row execute function aistudios_kept();
commit;
]]

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

--- Locks the batch for the rest of a transaction. Every transaction that may move
--- money begins with it, so no two of them wait for each other.
M.lock_batch = "select id from aistudios_batch where id = @batch for update"

return M
