-- SPDX-License-Identifier: MIT
--
-- each: a function for every item of a list, many at a time. It runs in a
-- coroutine of its own for each item, in which a call of the client waits without
-- holding up the others; it may return a job of client.async as well.

local copy = require "aistudios.util.copy"
local errors = require "aistudios.error"
local option_rules = require "aistudios.util.option_rules"
local raise = require "aistudios.util.raise"

local M = {}

local AT_ONCE, MOST_AT_ONCE = 5, 1000
local YIELDED = "the function yielded: in it only calls of this client wait"

---@class aistudios.EachOptions
---@field at_once? integer  items in work at the same time, 1 to 1000 (5)
---@field on_progress? fun(progress: aistudios.EachProgress)  called when an item is done.
---  When it raises, what is in work is cancelled, and nothing more is begun
local rules = {
  at_once = option_rules.integer(1, MOST_AT_ONCE), on_progress = option_rules.callable,
}

---@class aistudios.EachProgress
---@field done integer     items that are done, those that failed included
---@field failed integer
---@field total integer
---@field index integer    of the item that is done now
---@field item any
---@field result any       what the function, or its job, brought
---@field err? any

--- What came of one item.
local function finish(run, i, result, err)
  run.results[i], run.errors[i] = result, err
  run.done, run.failed = run.done + 1, run.failed + (err ~= nil and 1 or 0)
  if not run.on_progress then return end
  run.on_progress { done = run.done, failed = run.failed, total = run.total, index = i,
    item = run.items[i], result = result, err = err }
end

local function cancelled(outcome, message, cause)
  return errors.new { kind = "cancelled", outcome = outcome, endpoint = "each",
    message = message, cause = cause }
end

local function raised(client, cause)
  return cancelled("unknown",
    "the function raised an error: " .. client:redact(errors.line(cause)), cause)
end

--- The items that were not begun fail.
local function begin_no_more(run, cause)
  for i = run.next, run.total do
    run.errors[i] = cancelled("not_sent", "cancelled", cause)
  end
  run.done, run.next = run.done + run.total - run.next + 1, run.total + 1
end

--- Begins with the next item.
local function begin(run)
  local i = run.next
  run.next = i + 1
  local co = coroutine.create(function (...) return run.f(...) end) -- a table can be called too
  run.client.scheduler:take_worker(co)
  run.active[#run.active + 1] = { index = i, co = co, given = run.items[i] }
end

--- Resumes a worker until it ends or waits for a job. What else it yields is for the host
--- in whose coroutine this runs; false where there is none.
local function resume(run, worker, ...)
  local came = table.pack(coroutine.resume(worker.co, ...))
  while coroutine.status(worker.co) ~= "dead" and getmetatable(came[2]) ~= run.job_class do
    if not (run.may_yield and coroutine.isyieldable()) then
      coroutine.close(worker.co)
      return true, nil, cancelled("unknown", YIELDED)
    end
    came = table.pack(coroutine.resume(worker.co,
      coroutine.yield(table.unpack(came, 2, came.n))))
  end
  return table.unpack(came, 1, 3)
end

--- Runs one worker as far as it goes; true when it has moved.
local function advance(run, worker)
  local job = worker.job
  if job and not job.is_done then return false end
  if worker.is_returned then
    worker.is_over = true
    finish(run, worker.index, job:result())
    return true
  end
  local given, index = worker.given, worker.index
  worker.given = nil
  local ok, value, err = resume(run, worker, given, index)
  if not ok then
    worker.is_over = true
    finish(run, index, nil, raised(run.client, value))
  elseif coroutine.status(worker.co) ~= "dead" then
    worker.job = value -- it waits for this one
  elseif getmetatable(value) == run.job_class then
    worker.job, worker.is_returned = value, true
  else
    worker.is_over = true
    finish(run, index, value, err)
  end
  return true
end

--- Runs all workers once; true when one has moved.
local function advance_all(run)
  while #run.active < run.at_once and run.next <= run.total do begin(run) end
  local moved, left = false, {}
  for _, worker in ipairs(run.active) do
    if not worker.is_over then moved = advance(run, worker) or moved end
    if not worker.is_over then left[#left + 1] = worker end
  end
  run.active = left
  return moved
end

--- What the caller did wrong, in words.
local function misuse_of(items, f, chosen)
  if type(items) ~= "table" then return "each: a list of items is expected, got " .. type(items) end
  if option_rules.callable(f) then return "each: a function is expected, got " .. type(f) end
  return option_rules.check_all("each", rules, chosen)
end

local function new_run(client, job_class, items, f, chosen)
  local wrong = misuse_of(items, f, chosen)
  if wrong then raise(wrong) end
  chosen = chosen or {}
  local list = copy(items)
  return {
    client = client, job_class = job_class, items = list, f = f, total = #list, next = 1,
    at_once = math.tointeger(chosen.at_once) or AT_ONCE, on_progress = chosen.on_progress,
    active = {}, results = { n = #list }, errors = {}, done = 0, failed = 0,
  }
end

--- Calls `f(item, index)` for all items. What it returns, or what its job brings,
--- is in `results` at the item's place, its error in `errors`.
---@param client aistudios.Client
---@param job_class table  the metatable of jobs
---@param items any[]
---@param f fun(item: any, index: integer): any, any
---@param chosen? aistudios.EachOptions
---@return any[] results   with holes where there are errors; `n` is the number of items
---@return table<integer, any> errors  `cause`: what on_progress raised, when it did
function M.run(client, job_class, items, f, chosen)
  local run = new_run(client, job_class, items, f, chosen)
  run.may_yield = true
  local function abort(_, cause) -- or the host's own way to wait has raised
    for _, worker in ipairs(run.active) do
      if worker.job then worker.job:abort(cause) end
    end
  end
  while run.done < run.total do
    local ok, moved = pcall(advance_all, run)
    if not ok then
      run.on_progress, run.errors.cause = nil, moved
      abort(run, moved)
      begin_no_more(run, moved)
    elseif not moved and run.done < run.total then
      client.scheduler:turn { abort = abort }
    end
  end
  return run.results, run.errors
end

--- Waits until the job of a worker has ended.
local function await_any(job, run)
  for _, worker in ipairs(run.active) do
    local awaited = worker.job
    if awaited.is_done then return end
    awaited.waiters = awaited.waiters or {}
    awaited.waiters[job] = true
  end
  job:rest()
end

--- Ends what is in work, and the items that were not begun, which fail.
local function give_up(job, run)
  for _, worker in ipairs(run.active) do
    if not worker.is_over then
      if worker.job then worker.job:cancel() end
      run.errors[worker.index] = cancelled("unknown", "cancelled", job.cause)
    end
  end
  begin_no_more(run, job.cause)
end

--- The same as a job, which ends with the results and the errors. Cancelled, it cancels
--- what is in work; items that were not begun fail as `not_sent`.
---@return aistudios.Run
function M.task(client, job_class, items, f, chosen)
  local run = new_run(client, job_class, items, f, chosen)
  return function (job)
    while run.done < run.total do
      local moved = job:call_back(advance_all, run)
      if job.is_cancelled or job.scheduler.is_closed then
        give_up(job, run)
        break
      end
      if not moved and run.done < run.total then await_any(job, run) end
    end
    return run.results, run.errors
  end
end

return M
