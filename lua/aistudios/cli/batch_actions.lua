-- SPDX-License-Identifier: MIT
--
-- cli.batch_actions: what `aistudios batch` does, an action each. The directory
-- of a batch holds batch.db, its films, report.html and manifest.jsonl.

local aistudios = require "aistudios"
local failure = require "aistudios.cli.failure"
local opening = require "aistudios.cli.batch_plan"
local plan = require "aistudios.batch.plan"
local progress = require "aistudios.cli.batch_progress"
local project_file = require "aistudios.cli.project_file"
local states = require "aistudios.batch.states"
local status = require "aistudios.cli.status"
local terminal = require "aistudios.cli.terminal"
local trim = require "aistudios.util.trim"
local uv = require "luv"
local webhooks = require "aistudios.cli.batch_webhooks"

local M = {}

local MOST_SHOWN = 20 -- rows

-- Does something with the batch of a directory.
local function with_batch(context, given, f)
  local batch, err = opening.open(given)
  if not batch then return failure.tell(context.output, err) end
  local _ <close> = batch
  return f(batch)
end

--- The exit code for how a batch is.
---@param seen aistudios.batch.Status
---@param is_over? boolean  nothing is worked on any more: rows that are not final are left over
---@return integer code
local function code_of(seen, is_over)
  local counts = seen.counts
  if counts.unknown > 0 then return status.unknown end
  if seen.is_budget_used then return status.budget end
  local is_partly = counts.failed + counts.cancelled > 0 or is_over and not seen.is_complete
  return is_partly and status.partly or status.done
end

local function summary(seen)
  local parts = {}
  for _, name in ipairs(states.names) do
    local number = seen.counts[name]
    if number > 0 then parts[#parts + 1] = ("%d %s"):format(number, name) end
  end
  return ("%d rows: %s; %d bought%s%s"):format(seen.total, table.concat(parts, ", "),
    seen.spent_jobs, seen.reserved_jobs > 0 and (", %d reserved"):format(seen.reserved_jobs) or "",
    seen.max_jobs and (" of at most %d"):format(seen.max_jobs) or "")
end

-- Shows the rows that a person has to do something about.
local function show_open_rows(context, given, batch, seen)
  for _, name in ipairs { "unknown", "failed" } do
    local shown = 0
    for row in batch:rows(name) do
      shown = shown + 1
      if shown > MOST_SHOWN then break end
      context.output:note({ row = row.number, key = row.key, state = name, message = row.message,
        project_id = row.project_id }, ("  %s  %s: %s"):format(name, terminal.clean(row.key),
        terminal.clean(row.message or "")))
    end
    if seen.counts[name] > MOST_SHOWN then
      context.output:note({ message = "and more" }, ("  and %d more, in report.html")
        :format(seen.counts[name] - MOST_SHOWN))
    end
  end
  if seen.counts.unknown > 0 then
    local text = ("look at the account (aistudios projects), then: aistudios batch resolve %s ROW "
      .. "--bought ID, or --not-bought"):format(given.dir)
    context.output:note({ hint = text }, "  " .. text)
  end
end

-- Tells how the batch is; the exit code.
local function tell(context, given, batch, is_over)
  local seen, err = batch:status()
  if not seen then return failure.tell(context.output, err) end
  local object = { batch = given.dir, id = seen.id, total = seen.total, counts = seen.counts,
    spent_jobs = seen.spent_jobs, reserved_jobs = seen.reserved_jobs, max_jobs = seen.max_jobs,
    spent_credits = seen.spent_credits, max_credits = seen.max_credits }
  context.output:write(object, summary(seen))
  show_open_rows(context, given, batch, seen)
  return code_of(seen, is_over)
end

-- ---- run ----

local function template_difference(info)
  local file = project_file.read(info.template_path)
  local text = file and aistudios.encode(file.project, { sort_keys = true })
  return text ~= info.template and "another template" or nil
end

local function rows_difference(info, batch, source)
  local template = assert(aistudios.template(assert(aistudios.decode(info.template))))
  return plan.difference(batch, template, { rows = source.path, separator = source.separator,
    key = source.key, to = info.to_pattern })
end

-- Can a file of the plan be read again? A pipe cannot, and standard input is another now.
local function is_there(path)
  local found = uv.fs_stat(path)
  return found and found.type == "file" and path ~= "/dev/stdin"
    and not path:find "^/dev/fd/" and not path:find "^/proc/"
end

--- Template and rows, where they are still there, must be those of the plan.
local function source_problem(info, batch)
  local source = info.source and assert(aistudios.decode(info.source)) or {}
  for _, look in ipairs { { info.template_path, template_difference },
    { source.path, rows_difference } } do
    local path, difference = look[1], nil
    if path and is_there(path) then difference = look[2](info, batch, source) end
    if difference then
      return ("%s is not what the batch was planned with (%s): plan another batch, or undo the "
        .. "change"):format(path, difference)
    end
  end
end

--- A run without a limit needs somebody's word.
local function confirm(context, batch)
  local seen, err = batch:status()
  if not seen then return failure.tell(context.output, err) end
  if seen.max_jobs or seen.max_credits or seen.is_confirmed or seen.counts.waiting == 0
    or context.connection.sandbox then return nil end
  local question = ("%d videos will be bought, and there is no limit (--max-jobs)")
    :format(seen.counts.waiting)
  if not (terminal.is_terminal(0) and terminal.is_terminal(2)) then
    return failure.usage(context.output, question
      .. "; only on a terminal can that be said yes to")
  end
  local answer = terminal.ask(question .. ". Go on? Type yes: ", context.loop)
  if not answer or trim(answer) ~= "yes" then
    return failure.refuse(context.output, "not begun",
      { code = context.loop.signal and 128 + context.loop.signal or status.failed })
  end
  local ok
  ok, err = batch:set { is_confirmed = true }
  if not ok then return failure.tell(context.output, err) end
end

-- Lets the client and the signals work for a while.
local function waiter(context, batch, listener)
  local client, was_told = context.client, false
  return function (seconds)
    webhooks.look(context, listener)
    client:step()
    local due = client:timeout()
    context.loop:turn(due and math.min(due, seconds) or seconds)
    client:step()
    if context.loop.signals > 1 then os.exit(128 + context.loop.signal, false) end
    if context.loop.signals == 0 or was_told then return end
    was_told = true
    context.progress:clear()
    context.output:note({ message = "interrupted; waiting for the answers to what was sent" },
      "aistudios: interrupted; waiting for the answers to what was sent "
      .. "(again: leave without them)")
    batch:stop()
  end
end

local function write_reports(context, given, batch)
  for _, name in ipairs { "report.html", "manifest.jsonl" } do
    local ok, err = batch:report(given.dir .. "/" .. name)
    if not ok then return failure.tell(context.output, err) end
  end
end

local function run_batch(context, given, batch)
  local info, err = batch:info()
  local problem = info and source_problem(info, batch)
  if problem then return failure.usage(context.output, problem) end
  local secret, code = webhooks.secret(context, given)
  if code then return code end
  local client
  client, code = context:connect()
  if not client then return code end
  context.unseen = { hint = "how the rows are: aistudios batch status " .. given.dir }
  local ok
  if info then ok, err = batch:set { at_once = given.at_once, max_jobs = given.max_jobs,
    max_credits = given.max_credits } end
  if not ok then return failure.tell(context.output, err) end
  code = confirm(context, batch)
  if code then return code end
  local listener
  listener, code = webhooks.listen(context, given, batch, secret)
  if code then return code end
  local shown = progress.new(context, batch)
  local seen
  seen, err = batch:run(client, {
    interval = given.interval or context.connection.interval, deadline = given.deadline,
    on_change = function (change) shown:change(change) end,
    on_problem = function (of_store)
      context.progress:clear()
      local text = of_store.message .. "; nothing is sent until it can be used again"
      context.output:note({ message = text }, "aistudios: " .. terminal.clean(text))
    end,
    wait = waiter(context, batch, listener), webhook = given.webhook,
    webhook_secret = secret or nil,
  })
  if listener then listener:close() end
  shown:close()
  code = write_reports(context, given, batch)
  if not seen then code = failure.tell(context.output, err) end
  local how = tell(context, given, batch, true)
  if context.loop.signal then return 128 + context.loop.signal end
  return code or how
end

function M.run(context, given)
  return with_batch(context, given, function (batch) return run_batch(context, given, batch) end)
end

M.resume = M.run

-- ---- the others ----

function M.status(context, given)
  return with_batch(context, given, function (batch) return tell(context, given, batch) end)
end

-- Says how many rows a person's word was about.
local function say(context, count, err, text)
  if not count then return failure.tell(context.output, err) end
  context.output:write({ rows = count }, text:format(count))
  return status.done
end

function M.retry(context, given)
  return with_batch(context, given, function (batch)
    local count, err = batch:retry()
    return say(context, count, err, "%d rows are to be worked on again: aistudios batch resume "
      .. given.dir:gsub("%%", "%%%%"))
  end)
end

function M.cancel(context, given)
  return with_batch(context, given, function (batch)
    local count, err = batch:cancel()
    return say(context, count, err, "%d rows cancelled; what was bought is still brought home")
  end)
end

function M.resolve(context, given)
  return with_batch(context, given, function (batch)
    local ok, err = batch:resolve(given.row,
      given.bought and { bought = given.bought } or { not_bought = true })
    return say(context, ok and 1, err, "%d row resolved")
  end)
end

function M.report(context, given)
  return with_batch(context, given, function (batch)
    local code = write_reports(context, given, batch)
    if code then return code end
    context.output:write({ report = given.dir .. "/report.html",
      manifest = given.dir .. "/manifest.jsonl" }, given.dir .. "/report.html")
    return status.done
  end)
end

M.plan = opening.plan

return M
