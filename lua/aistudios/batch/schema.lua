-- SPDX-License-Identifier: MIT
--
-- batch.schema: the tables of a batch, for both databases. The constraints say
-- what a state promises. A dialect gives the types, and the triggers that call
-- the statements below.
--
-- What is spent and reserved, and how many rows are in work, is in aistudios_money,
-- a line for each connection, written by triggers only: workers that change
-- different rows wait for nothing that they share, and no claim counts rows.
-- Money and events do not refer to the batch, whose row each reference would
-- lock; the rows that they tell of do.

local states = require "aistudios.batch.states"

local M = {}

M.VERSION = 6

--- {integer}, {real} and {identity} are the database's types.
M.tables = [[
create table aistudios_schema (version {integer} primary key);
insert into aistudios_schema values (]] .. M.VERSION .. [[);

create table aistudios_batch (
  id text primary key,
  created_at {real} not null,
  template text not null,
  template_path text,
  source text, -- where the rows were read, as JSON: path, separator, key
  mark text not null, -- the id, and what no other batch of that id has
  to_pattern text,
  is_direct {integer} not null check (is_direct in (0, 1)),
  is_confirmed {integer} not null default 0 check (is_confirmed in (0, 1)),
  moved_to text,
  account text, -- whose its projects are, see batch.account; null before the first run
  row_count {integer} not null default 0,
  at_once {integer} not null default 5 check (at_once > 0),
  max_jobs {integer} check (max_jobs >= 0),
  max_credits {real} check (max_credits >= 0),
  cancelled_at {real},
  sweeper text,
  sweeper_until {real}
);

-- Until when the service wants no more of an account, whatever batch its rows are of.
create table aistudios_account (
  id text primary key,
  due_at {real} not null
);

create table aistudios_money (
  batch_id text not null,
  connection {integer} not null,
  spent_jobs {integer} not null,
  reserved_jobs {integer} not null,
  active_rows {integer} not null,
  spent_credits {real} not null,
  credited_jobs {integer} not null,
  primary key (batch_id, connection)
);

create table aistudios_row (
  batch_id text not null references aistudios_batch,
  number {integer} not null check (number > 0),
  key text not null,
  fields text not null,
  path text,
  place text, -- the path, the same for all that some file system takes for one
  state text not null check (state in ('waiting', 'claimed', 'submitting', 'unknown',
    'rendering', 'ready', 'downloading', 'done', 'failed', 'cancelled')),
  money text not null default 'none' check (money in ('none', 'reserved', 'spent')),
  attempt {integer} not null default 0 check (attempt >= 0),
  worker text,
  lease_until {real},
  due_at {real} not null default 0,
  name text,
  draft_id text,
  project_id text,
  outcome text,
  message text,
  credit {real} check (credit >= 0),
  bytes {integer},
  changed_at {real} not null,
  finished_at {real},
  primary key (batch_id, number),
  unique (batch_id, key),
  unique (batch_id, place),
  check ((worker is not null) = (state in ('claimed', 'submitting', 'downloading'))),
  check ((worker is null) = (lease_until is null)),
  check ((finished_at is not null) = (state in ('done', 'failed', 'cancelled'))),
  check ((money = 'reserved') = (state in ('claimed', 'submitting', 'unknown'))),
  check (money = 'spent' or state not in ('rendering', 'ready', 'downloading', 'done')),
  check (money <> 'spent' or state in ('rendering', 'ready', 'downloading', 'done', 'failed')),
  check (project_id is null or money = 'spent'),
  check (project_id is not null or state not in ('ready', 'downloading', 'done')),
  check (attempt > 0 or state in ('waiting', 'failed', 'cancelled')),
  check (name is not null or state not in ('submitting', 'unknown', 'rendering')),
  check (bytes is not null or state <> 'done')
);
create index aistudios_row_state on aistudios_row (batch_id, state, number);
-- A draft that two rows had would be bought for both, and a film be that of both.
create unique index aistudios_row_draft on aistudios_row (batch_id, draft_id)
  where draft_id is not null;
create unique index aistudios_row_project on aistudios_row (batch_id, project_id)
  where project_id is not null;

create table aistudios_event (
  id {identity},
  batch_id text not null,
  number {integer},
  attempt {integer},
  at {real} not null,
  worker text,
  kind text not null,
  from_state text,
  to_state text,
  money text,
  project_id text,
  message text
);
create index aistudios_event_row on aistudios_event (batch_id, number, id);
create unique index aistudios_event_credit on aistudios_event (batch_id, number, attempt)
  where kind = 'credit';
]]

-- How many more rows a condition holds for after a change than before.
local function growth(condition)
  return ("sum(case when new.%s then 1 else 0 end - case when old.%s then 1 else 0 end)")
    :format(condition, condition)
end

local ACTIVE = "state in (" .. states.active .. ")"

--- What the triggers do after rows were changed; {changed} are the rows as `new` and `old`.
--- Of another state or other money: a line of the journal. Of what is counted: the
--- difference, for the connection.
M.after_change = [[
insert into aistudios_event (batch_id, number, attempt, at, worker, kind, from_state, to_state,
  money, project_id, message)
select new.batch_id, new.number, new.attempt, new.changed_at, coalesce(new.worker, old.worker),
  'state', old.state, new.state, new.money, new.project_id, new.message
{changed} where old.state <> new.state or old.money <> new.money;
insert into aistudios_money (batch_id, connection, spent_jobs, reserved_jobs, active_rows,
  spent_credits, credited_jobs)
select new.batch_id, {connection},
  ]] .. growth "money = 'spent'" .. ",\n  " .. growth "money = 'reserved'" .. ",\n  "
  .. growth(ACTIVE) .. [[,
  sum(coalesce(new.credit, 0.0) - coalesce(old.credit, 0.0)),
  sum(case when old.credit is null and new.credit is not null then 1 else 0 end)
{changed} where old.money <> new.money or coalesce(old.credit, -1.0) <> coalesce(new.credit, -1.0)
  or (old.]] .. ACTIVE .. ") <> (new." .. ACTIVE .. [[)
group by new.batch_id
on conflict (batch_id, connection) do update set
  spent_jobs = aistudios_money.spent_jobs + excluded.spent_jobs,
  reserved_jobs = aistudios_money.reserved_jobs + excluded.reserved_jobs,
  active_rows = aistudios_money.active_rows + excluded.active_rows,
  spent_credits = aistudios_money.spent_credits + excluded.spent_credits,
  credited_jobs = aistudios_money.credited_jobs + excluded.credited_jobs;]]

--- The tables that lose no line.
M.kept = { "aistudios_row", "aistudios_event", "aistudios_money" }

--- The values of a change of a row, by the names that they have in a statement.
M.change = { { "of_number", "integer" }, { "of_attempt", "integer" }, { "new_draft_id", "text" },
  { "new_name", "text" }, { "new_project_id", "text" }, { "new_outcome", "text" },
  { "new_message", "text" }, { "new_bytes", "integer" }, { "new_delay", "real" },
  { "drops_draft", "integer" } }

--- A script with the names of a dialect in it.
---@param text string
---@param dialect table
---@return string
function M.script(text, dialect)
  return (text:gsub("{(%l[%l_]*)}", dialect))
end

return M
