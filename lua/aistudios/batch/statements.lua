-- SPDX-License-Identifier: MIT
--
-- batch.statements: the statements that both databases share. {now} is the
-- database's clock; @batch, @worker, @lease and @account are known to the store.

local states = require "aistudios.batch.states"

local M = {}

-- s of an account; one that ends later is of a clock that was turned back since.
M.LONGEST_PAUSE = 300

local ROW = "number, key, fields, path, state, attempt, name, draft_id, project_id"

-- Rows whose worker is gone. A lease that ends later than any may is of a clock
-- that was turned back since; shorten_leases mends it.
local function expired(state)
  return ("batch_id = @batch and state = '%s' and lease_until < {now}"):format(state)
end

M.note = [[
insert into aistudios_event (batch_id, number, attempt, at, worker, kind, project_id, message)
values (@batch, @number, @attempt, {now}, @worker, @kind, @project_id, @message)]]

M.row_state = [[
select state, attempt, worker, project_id from aistudios_row
where batch_id = @batch and number = @number]]

-- What a batch has cost, what is reserved, and how many rows are in work.
local MONEY = [[(
  select cast(coalesce(sum(spent_jobs), 0) as {integer}) as spent_jobs,
    cast(coalesce(sum(reserved_jobs), 0) as {integer}) as reserved_jobs,
    cast(coalesce(sum(active_rows), 0) as {integer}) as active,
    coalesce(sum(spent_credits), 0.0) as spent_credits,
    cast(coalesce(sum(credited_jobs), 0) as {integer}) as credited_jobs
  from aistudios_money where batch_id = @batch) m]]

M.limits = [[
select at_once, max_jobs, max_credits, spent_jobs, reserved_jobs, spent_credits, credited_jobs,
  active, cancelled_at, moved_to, account,
  exists (select 1 from aistudios_account where id = @account
    and due_at > {now} and due_at <= {now} + ]] .. M.LONGEST_PAUSE .. [[) as is_paused
from aistudios_batch b, ]] .. MONEY .. [[ where id = @batch]]

-- The account is that of the first run, until it has a project of the batch or may make one:
-- a first run may have had a wrong key. One that has all its rows behind it asks no account.
-- On this machine (@is_local) is a sandbox, which costs nothing and is often another one each
-- time: only a row that is under way holds the batch there.
M.take_account = [[
update aistudios_batch set account = @account where id = @batch and (account is null
  or account = @account
  or not exists (select 1 from aistudios_row where batch_id = @batch and finished_at is null)
  or not exists (select 1 from aistudios_row where batch_id = @batch
    and (name is not null and (@is_local = 0 or finished_at is null)
      or state = 'claimed' and lease_until >= {now})))
returning id]]

M.claim = [[
with chosen as {materialized} (
  select number as n from aistudios_row
  where batch_id = @batch and state = 'waiting' and due_at <= {now}
  order by number limit @count {skip_locked})
update aistudios_row set state = 'claimed', money = 'reserved', attempt = attempt + 1,
  worker = @worker, lease_until = {now} + @lease, changed_at = {now}, finished_at = null,
  outcome = null, message = null
where batch_id = @batch and number in (select n from chosen)
returning ]] .. ROW

M.claim_ready = [[
with chosen as {materialized} (
  select number as n from aistudios_row
  where batch_id = @batch and state = 'ready' and due_at <= {now}
  order by number limit @count {skip_locked})
update aistudios_row set state = 'downloading', worker = @worker,
  lease_until = {now} + @lease, changed_at = {now}
where batch_id = @batch and number in (select n from chosen)
returning ]] .. ROW

M.beat = [[
update aistudios_row set lease_until = {now} + @lease
where batch_id = @batch and state in ('claimed', 'submitting', 'downloading')
  and worker = @worker]]

M.own_rows = [[
select number, attempt, state from aistudios_row
where batch_id = @batch and state in ('claimed', 'submitting', 'downloading')
  and worker = @worker]]

M.expire_claimed = [[
update aistudios_row set state = 'waiting', money = 'none', worker = null, lease_until = null,
  changed_at = {now}, message = 'the worker was gone before it submitted'
where ]] .. expired "claimed"

M.expire_submitting = [[
update aistudios_row set state = 'unknown', worker = null, lease_until = null,
  changed_at = {now}, due_at = 0, outcome = 'unknown',
  message = 'the worker was gone while it submitted; it may have been bought'
where ]] .. expired "submitting"

M.expire_downloading = [[
update aistudios_row set state = 'ready', worker = null, lease_until = null, changed_at = {now},
  message = 'the worker was gone while it downloaded'
where ]] .. expired "downloading"

M.shorten_leases = [[
update aistudios_row set lease_until = {now} + @lease
where batch_id = @batch and state in ('claimed', 'submitting', 'downloading')
  and lease_until > {now} + 2 * @lease]]

-- Rows that the service is to be asked about, and when next: after a tenth of the
-- time that they have waited, from @shortest to @longest seconds.
M.due = [[
with chosen as {materialized} (
  select number as n from aistudios_row
  where batch_id = @batch and state in ('rendering', 'unknown')
    and (due_at <= {now} or due_at > {now} + 3600)
  order by due_at limit @count {skip_locked})
update aistudios_row set due_at =
  {now} + {least}({greatest}(({now} - changed_at) / 10, @shortest), @longest)
where batch_id = @batch and number in (select n from chosen)
returning number, key, attempt, state, name, draft_id, project_id, {now} - changed_at as age]]

-- What is still to happen by itself. An unknown row is sought until its next look would
-- be outside of the window.
M.busy = [[
select
  exists (select 1 from aistudios_row where batch_id = @batch and state = 'waiting') as waiting,
  exists (select 1 from aistudios_row where batch_id = @batch
    and state in (]] .. states.active .. [[)) as active,
  exists (select 1 from aistudios_row where batch_id = @batch and state = 'unknown'
    and due_at < changed_at + @window) as sought]]

M.pause = [[
insert into aistudios_account values (@account, {now} + @delay)
on conflict (id) do update set due_at = excluded.due_at
where aistudios_account.due_at < excluded.due_at or aistudios_account.due_at > {now} + ]]
  .. M.LONGEST_PAUSE

M.counts = [[
select state, count(*) as count from aistudios_row where batch_id = @batch group by state]]

-- What an attempt cost is counted once, however many webhooks tell it; where a row was bought
-- twice, both are.
M.note_credit = [[
insert into aistudios_event (batch_id, number, attempt, at, worker, kind, message)
values (@batch, @number, @attempt, {now}, @worker, 'credit', @message) on conflict do nothing]]

M.credit = [[
update aistudios_row set credit = coalesce(credit, 0.0) + @credit
where batch_id = @batch and number = @number]]

M.look_now = [[
update aistudios_row set due_at = 0
where batch_id = @batch and number = @number and state in ('rendering', 'unknown')]]

-- A row that was bought in the attempt, of which somebody had said that it was not, whatever
-- became of it, as long as nobody buys it again: it is in that attempt again, and never waits
-- any more.
M.doubt = [[
update aistudios_row set state = 'unknown', money = 'reserved', attempt = @attempt,
  changed_at = {now}, finished_at = null, due_at = 0, outcome = 'unknown',
  message = 'a signed webhook reports the render'
where batch_id = @batch and number = @number and attempt >= @attempt and money = 'none'
  and name is not null]]

-- The last attempt, up to this one, that a signed webhook reports.
M.webhook_of = [[
select attempt from aistudios_event where batch_id = @batch and number = @number
  and attempt <= @attempt and kind = 'webhook' order by attempt desc limit 1]]

-- ---- a person's word ----

M.cancel_batch = "update aistudios_batch set cancelled_at = {now} where id = @batch"

-- What was claimed is not bought yet; its worker will find that it may not submit.
M.cancel_rows = [[
update aistudios_row set state = 'cancelled', money = 'none', worker = null, lease_until = null,
  changed_at = {now}, finished_at = {now}
where batch_id = @batch and state in ('waiting', 'claimed')]]

M.revive_batch = "update aistudios_batch set cancelled_at = null where id = @batch"

M.retry_unbought = [[
update aistudios_row set state = 'waiting', changed_at = {now}, finished_at = null, due_at = 0
where batch_id = @batch and state = 'failed' and money = 'none']]

M.retry_bought = [[
update aistudios_row set state = 'rendering', changed_at = {now}, finished_at = null, due_at = 0
where batch_id = @batch and state = 'failed' and money = 'spent']]

M.other_of_project = [[
select key from aistudios_row
where batch_id = @batch and project_id = @project_id and number <> @number limit 1]]

M.by_key = [[
select ]] .. ROW .. [[, money, outcome, message from aistudios_row
where batch_id = @batch and key = @key]]

-- ---- the batch ----

M.insert_batch = [[
insert into aistudios_batch (id, created_at, template, template_path, source, mark,
  to_pattern, is_direct, at_once, max_jobs, max_credits)
values (@batch, {now}, @template, @template_path, @source, @mark, @to_pattern, @is_direct,
  @at_once, @max_jobs, @max_credits) on conflict do nothing]]

M.insert_row = [[
insert into aistudios_row (batch_id, number, key, fields, path, place, state, message, outcome,
  changed_at, finished_at)
values (@batch, @number, @key, @fields, @path, @place, @state, @message, @outcome, {now},
  case when @is_final then {now} end) on conflict (batch_id, number) do nothing]]

-- The rows that have the key or the file of another. Each half has an index of its own.
M.taken = [[
select number, key, path from aistudios_row where batch_id = @batch and key = @key
union all
select number, key, path from aistudios_row where batch_id = @batch and place = @place]]

M.count_rows = "update aistudios_batch set row_count = @count where id = @batch"

M.batch = "select b.*, m.* from aistudios_batch b, " .. MONEY .. " where id = @batch"

M.settings = [[
update aistudios_batch set at_once = coalesce(@at_once, at_once),
  max_jobs = coalesce(@max_jobs, max_jobs), max_credits = coalesce(@max_credits, max_credits),
  is_confirmed = coalesce(@is_confirmed, is_confirmed) where id = @batch]]

M.move = "update aistudios_batch set moved_to = @store where id = @batch"

M.has_begun = "select number from aistudios_row where batch_id = @batch and attempt > 0 limit 1"

M.rows_after = [[
select number, key, fields, path, place, state, money, attempt, worker, name, draft_id, project_id,
  outcome, message, credit, bytes, changed_at, finished_at from aistudios_row
where batch_id = @batch and number > @after order by number limit @count]]

M.rows_in = [[
select number, key, path, state, money, attempt, name, project_id, outcome, message, bytes
from aistudios_row where batch_id = @batch and state = @state and number > @after
order by number limit @count]]

M.events_of = [[
select at, attempt, worker, kind, from_state, to_state, money, project_id, message
from aistudios_event where batch_id = @batch and number = @number order by id]]

M.late_events = [[
select number, e.attempt, at, e.project_id, e.message
from aistudios_event e join aistudios_row r using (batch_id, number)
where batch_id = @batch and (kind = 'late' and e.project_id is not null
  or kind = 'webhook' and (e.attempt < r.attempt or r.money = 'none')) order by id limit 1000]]

return M
