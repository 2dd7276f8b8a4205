-- SPDX-License-Identifier: MIT
--
-- batch.batch: the object that a program has of a batch: it runs it, asks how
-- it is, and says what a person knows.

local account_of = require "aistudios.batch.account"
local aistudios = require "aistudios"
local claims = require "aistudios.batch.claims"
local copy = require "aistudios.util.copy"
local budget_left = require "aistudios.batch.budget"
local failures = require "aistudios.batch.failures"
local film_places = require "aistudios.batch.film_places"
local option_rules = require "aistudios.util.option_rules"
local raise = require "aistudios.util.raise"
local random_id = require "aistudios.batch.random_id"
local states = require "aistudios.batch.states"
local stores = require "aistudios.batch.store"
local url = require "aistudios.util.url"
local verdicts = require "aistudios.batch.verdicts"
local webhooks = require "aistudios.batch.webhooks"
local workers = require "aistudios.batch.worker"

local M = {}

local PAGE = 500 -- rows that are read at a time

---@class aistudios.Batch
---@field id string
---@field plan? { count: integer, invalid: integer }  what `open` has read, when it made the batch
---@field places table  where films go, see batch.film_places
---@field database aistudios.batch.Database
---@field store aistudios.batch.Store
local Batch = { __name = "aistudios.batch" }
Batch.__index = Batch

local number = option_rules.number
local HOUR, YEAR = 3600, 366 * 24 * 3600 -- s; a row that is due later than in an hour is due now
local run_rules = {
  lease = number(1, 24 * HOUR), interval = number(0.01, HOUR),
  longest_interval = number(0.01, HOUR), deadline = number(0, YEAR),
  window = number(0, YEAR), download_pause = number(0, HOUR),
  on_change = option_rules.callable, on_problem = option_rules.callable,
  wait = option_rules.callable, on_start = option_rules.callable,
  webhook = option_rules.text, webhook_secret = option_rules.text,
}

--- What `open` takes as well.
M.limit_rules = {
  at_once = option_rules.integer(1, 1000), max_jobs = option_rules.integer(0, 1 << 40),
  max_credits = number(0, 1e15),
}
local set_rules = copy(M.limit_rules, { is_confirmed = option_rules.boolean })

---@param database aistudios.batch.Database
---@param id string
---@param options { directory: string?, make_directory: (fun(path: string): true?, string?)? }
---@return aistudios.Batch
function M.new(database, id, options)
  local of_file = not database.is_server and (database.address:match "^(.*)/[^/]*$" or ".")
  return setmetatable({ database = database, id = id,
    store = stores.new(database, id, random_id(8), workers.LEASE),
    places = film_places.new(options.directory or of_file or nil, options.make_directory),
  }, Batch)
end

--- Runs a statement; the error is one of the module.
local function run(self, name, values)
  local rows, result = self.store:run(name, values)
  if rows then return rows, result end
  return nil, failures.of_store(result)
end

--- The batch itself: limits, what is spent, its template.
---@return table? info
---@return aistudios.Error? err
function Batch:info()
  local rows, err = run(self, "batch")
  if not rows then return nil, err end
  return rows[1]
end

---@class aistudios.batch.Status
---@field id string
---@field total integer
---@field counts table<string, integer>  by state; each is there
---@field spent_jobs integer
---@field reserved_jobs integer
---@field max_jobs? integer
---@field spent_credits number
---@field max_credits? number
---@field is_cancelled boolean
---@field is_budget_used boolean  rows wait that may not be bought
---@field is_complete boolean  no row is left that something may still happen to

--- How it is.
---@return aistudios.batch.Status? status
---@return aistudios.Error? err
function Batch:status()
  local info, err = self:info()
  if not info then return nil, err end
  local rows
  rows, err = run(self, "counts")
  if not rows then return nil, err end
  local counts, total = {}, 0
  for _, name in ipairs(states.names) do counts[name] = 0 end
  for _, row in ipairs(rows) do counts[row.state], total = row.count, total + row.count end
  return {
    id = self.id, total = total, counts = counts, spent_jobs = info.spent_jobs,
    reserved_jobs = info.reserved_jobs, max_jobs = info.max_jobs, at_once = info.at_once,
    spent_credits = info.spent_credits, max_credits = info.max_credits,
    is_direct = info.is_direct == 1, is_confirmed = info.is_confirmed == 1,
    is_cancelled = info.cancelled_at ~= nil,
    is_budget_used = counts.waiting > 0 and budget_left(info) < 1,
    is_complete = counts.done + counts.failed + counts.cancelled == total,
  }
end

--- The rows in a `for`, in their order. An error is raised.
---@param state? string  only those
---@return fun(): table?
function Batch:rows(state)
  local page, at, after = {}, 0, 0
  return function ()
    at = at + 1
    if not page[at] then
      local rows, err = run(self, state and "rows_in" or "rows_after",
        { state = state, after = after, count = PAGE })
      if not rows then error(err, 0) end
      page, at = rows, 1
    end
    local row = page[at]
    if row then after = row.number end
    return row
  end
end

--- A row by its key.
---@param key string
---@return table? row
---@return aistudios.Error? err
function Batch:row(key)
  local rows, err = run(self, "by_key", { key = key })
  if not rows then return nil, err end
  if rows[1] then return rows[1] end
  return nil, failures.refusal(("there is no row '%s'"):format(key))
end

--- What happened to a row, in order: the audit of its money.
---@param row_number integer
---@return table[]? events
---@return aistudios.Error? err
function Batch:events(row_number)
  return run(self, "events_of", { number = row_number })
end

--- Purchases that are not in what is spent or reserved, or of an attempt before the last:
--- somebody had said that there was none.
---@return table[]? events
---@return aistudios.Error? err
function Batch:late_events() return run(self, "late_events") end

---@class aistudios.batch.Limits
---@field at_once? integer
---@field max_jobs? integer
---@field max_credits? number
---@field is_confirmed? boolean  somebody has agreed to buy without a limit

--- Changes limits; those that are nil stay. All workers obey at once.
---@param limits aistudios.batch.Limits  any other value raises
---@return true? ok
---@return aistudios.Error? err
function Batch:set(limits)
  local wrong = option_rules.check_all("batch:set", set_rules, limits)
    or limits == nil and option_rules.no_table("batch:set", limits)
  if wrong then raise(wrong) end
  local rows, err = run(self, "settings", { at_once = math.tointeger(limits.at_once),
    max_jobs = math.tointeger(limits.max_jobs),
    max_credits = limits.max_credits, is_confirmed = limits.is_confirmed and 1 or nil })
  if not rows then return nil, err end
  return true
end

-- ---- the work ----

--- Works on the batch until nothing is left that happens by itself: to be called again
--- after a crash, and by any number of processes at once.
---@param client aistudios.Client
---@param options? aistudios.batch.RunOptions
---@return aistudios.batch.Status? status
---@return aistudios.Error? err  the work ended early; the rows are as the store says. What a
---  callback raises ends it in order as well, and is raised then
function Batch:run(client, options)
  local wrong = option_rules.check_all("batch:run", run_rules, options)
  if wrong then raise(wrong) end
  local chosen = {}
  for name, value in pairs(options or {}) do chosen[name] = value end
  local info, err = self:info()
  if not info then return nil, err end
  if info.moved_to then
    return nil, failures.refusal("the batch is in another store now: " .. info.moved_to)
  end
  chosen.places = self.places
  chosen.webhook = chosen.webhook and webhooks.signer(info.mark, chosen)
  self.store = stores.new(self.database, self.id, random_id(8), chosen.lease or workers.LEASE,
    account_of(client))
  local is_taken, problem = claims.take_account(self.store,
    url.is_loopback(url.parse(client.policy.base_url).host))
  if is_taken == nil then return nil, failures.of_store(problem) end
  if not is_taken then return nil, failures.other_account() end
  local worker
  worker, err = workers.new(self.store, client, info, chosen)
  if not worker then return nil, err end
  self.worker = worker
  if chosen.on_start then chosen.on_start(worker) end
  local ok
  ok, err = worker:run()
  self.worker = nil
  if worker.has_cause then error(worker.cause, 0) end
  if not ok then return nil, err end
  return self:status()
end

--- Takes what a webhook reports: what a video cost, and that a row was bought: one of which
--- nothing else says so is unknown from then on, and is not bought again.
---@param request table  as aistudios.webhook.read takes it, with the `secret`
---@return aistudios.WebhookEvent? event
---@return aistudios.Error? err
function Batch:receive(request)
  local event, err = require "aistudios.webhook".read(request)
  if not event then return nil, err end
  local taken, problem = self.database:transaction(function ()
    return webhooks.take(self.store, event)
  end)
  if taken and self.worker then self.worker.sweep_at = 0 end -- it looks at once
  if taken then return event end
  return nil, failures.of_store(problem)
end

--- Ends `run` in order: what was sent is waited for, nothing else is begun.
function Batch:stop()
  if self.worker then self.worker:stop() end
end

-- ---- what a person says ----

--- Lets failed rows be worked on again. What was bought is only fetched again; a row that
--- was not is bought.
---@return integer? count
---@return aistudios.Error? err
function Batch:retry() return verdicts.retry(self) end

--- Buys nothing more: rows that wait are cancelled; what was bought is still brought home.
---@return integer? count
---@return aistudios.Error? err
function Batch:cancel() return verdicts.cancel(self) end

--- Says what became of an unknown row: the project in which it was bought, or that it
--- was not, after which it is bought again.
---@param key string
---@param verdict { bought: string }|{ not_bought: true }  any other raises
---@return true? ok
---@return aistudios.Error? err
function Batch:resolve(key, verdict) return verdicts.resolve(self, key, verdict) end

--- Writes a page of all rows (.html), or a JSON line for each (any other name).
---@param path string
---@return true? ok
---@return aistudios.Error? err
function Batch:report(path)
  local report = require "aistudios.batch.report"
  local ok, message = (path:find "%.html$" and report.html or report.manifest)(self, path)
  if ok then return true end
  return nil, failures.of_file(message)
end

--- Idempotent.
function Batch:close() self.database:close() end

Batch.__close = Batch.close

function Batch:__tostring()
  return ("%s %s in %s"):format(Batch.__name, self.id,
    require "aistudios.batch.database".shown(self.database.address))
end

M.Batch, M._VERSION = Batch, aistudios._VERSION

return M
