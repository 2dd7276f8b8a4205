-- SPDX-License-Identifier: MIT
--
-- aistudios.batch: many videos from one template and a table of rows, each
-- bought once. All that is known is in a store, an SQLite file or PostgreSQL;
-- a process may end at any instruction, and another goes on.

local aistudios = require "aistudios"
local copy = require "aistudios.util.copy"
local batches = require "aistudios.batch.batch"
local databases = require "aistudios.batch.database"
local errors = require "aistudios.error"
local failures = require "aistudios.batch.failures"
local option_rules = require "aistudios.util.option_rules"
local plan = require "aistudios.batch.plan"
local raise = require "aistudios.util.raise"
local random_id = require "aistudios.batch.random_id"
local read_rows = require "aistudios.batch.rows"

local M = {}

--- What is planned.
---@class aistudios.batch.PlanOptions
---@field store string       the path of an SQLite file, or postgresql://...
---@field id? string         the batch's name in the store; needed with PostgreSQL
---@field template? table    a project with {{name}} in it
---@field rows? string|table[]|fun(): table?  a path, a list, or an iterator
---@field to? string         where the films go: {name} stands for a value, {row}, {key}
---@field key? string        the value by which a row is called; by default its number
---@field separator? string  of a CSV file
---@field direct? boolean    create and render in one call, where drafts are not free (false)
---@field keep_invalid? boolean  rows that fail their check count as failed (false: no plan)
---@field at_once? integer   rows in work at the same time, of all workers (5)
---@field max_jobs? integer  videos that may be bought
---@field max_credits? number  credits that may be spent; webhooks tell what a video cost
---@field directory? string  what relative paths in `to` are relative to: that of the file
local rules = copy(batches.limit_rules, {
  store = option_rules.text, id = option_rules.text,
  template = function (value) if type(value) ~= "table" then return "a project" end end,
  rows = function (value)
    local kind = type(value)
    if kind ~= "string" and kind ~= "table" and kind ~= "function" then
      return "a path, a list or an iterator"
    end
  end,
  to = option_rules.text, key = option_rules.text,
  separator = function (value)
    if type(value) ~= "string" or #value ~= 1 or value:find '["\r\n]' then return "one byte" end
  end,
  direct = option_rules.boolean, keep_invalid = option_rules.boolean,
  directory = option_rules.text, template_path = option_rules.text,
  make_directory = option_rules.callable,
})

--- A template as the store keeps it.
local function canonical(template)
  return aistudios.encode(template, { sort_keys = true })
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- The error of a plan that has problems.
local function plan_error(made)
  local first, more = made.problems[1], ""
  if made.problem_count > 1 then more = (" (and %d more)"):format(made.problem_count - 1) end
  return failures.refusal((first.row and ("row %d: "):format(first.row) or "") .. first.message
    .. more, made.problems)
end

--- The batch that a store has, by its id, or the only one.
local function find(database, id)
  local rows, problem = database:run(id and "select id from aistudios_batch where id = @batch"
    or "select id from aistudios_batch limit 2", { batch = id })
  if not rows then return nil, failures.of_store(problem) end
  if rows[2] then
    return nil, failures.refusal "the store has several batches: say which, by its id"
  end
  return rows[1] and rows[1].id
end

-- Where rows can be read again.
local function source_of(options)
  return type(options.rows) == "string" and assert(aistudios.encode({ path = options.rows,
    separator = options.separator, key = options.key }, { sort_keys = true })) or nil
end

--- Makes the plan, whole or not at all.
local function make_plan(database, options, template, text)
  local batch = batches.new(database, options.id or random_id(4), options)
  local reader, close = read_rows.open(options.rows, options.separator)
  if not reader then return nil, close --[[@as aistudios.Error]] end
  local went_well, made, problem = pcall(database.transaction, database, function ()
    local other, why = find(database, options.id)
    if other or why then
      return nil, why or failures.refusal "another has just planned this batch"
    end
    local ok, changed = batch.store:run("insert_batch", { template = text, to_pattern = options.to,
      template_path = options.template_path, source = source_of(options),
      mark = options.id and ("%s-%s"):format(options.id, random_id(4)) or batch.id,
      is_direct = options.direct and 1 or 0, at_once = math.tointeger(options.at_once) or 5,
      max_jobs = math.tointeger(options.max_jobs), max_credits = options.max_credits })
    if not ok then return nil, changed end
    if changed == 0 then return nil, failures.refusal "another has just planned this batch" end
    local done, err = plan.run(batch.store, template, reader, options)
    if done and done.problem_count > 0 then return nil, plan_error(done) end
    return done, err
  end)
  close()
  if not went_well then error(made, 0) end
  if made then
    batch.plan = made
    return batch
  end
  return nil, errors.is(problem) and problem or failures.of_store(problem)
end

-- The batch in a store, where it was planned from the same template and the same rows. An
-- iterator, which may have come to its end, is not called.
local function reopen(database, id, options, template, text)
  local batch = batches.new(database, id, options)
  local info, err = batch:info()
  if not info then return nil, err end
  if text and text ~= info.template then
    return nil, failures.refusal("the template is not the one that the batch was planned "
      .. "with; plan another batch, or give this one its template")
  end
  if options.direct ~= nil and options.direct ~= (info.is_direct == 1) then
    return nil, failures.refusal(("the batch was planned to buy %s, which stays: plan another "
      .. "batch, or leave out 'direct'")
      :format(info.is_direct == 1 and "in one call (direct)" or "with drafts"))
  end
  if options.to and options.to ~= info.to_pattern then
    local planned = info.to_pattern and ("with to = '%s'"):format(info.to_pattern) or "without 'to'"
    return nil, failures.refusal(("the batch was planned %s, which stays: plan another batch, "
      .. "or leave out 'to'"):format(planned))
  end
  options.to = info.to_pattern
  local difference
  if text and type(options.rows) ~= "function" then
    difference, err = plan.difference(batch, template, options)
  end
  if difference then
    return nil, failures.refusal(("the rows are not those that the batch was planned with: %s; "
      .. "plan another batch, or give this one its rows"):format(difference))
  end
  local ok = not err
  if ok then ok, err = batch:set { at_once = options.at_once,
    max_jobs = options.max_jobs, max_credits = options.max_credits } end
  return ok and batch or nil, err
end

--- Opens a batch, and plans it where the store has none: reads all rows, fills the
--- template with each, checks, finds names that collide. Nothing is sent. With the
--- same options it opens what is there; another template and other rows are refused, other
--- limits are those from now on.
---@param options aistudios.batch.PlanOptions
---@return aistudios.Batch? batch
---@return aistudios.Error? err  kind `invalid`: `problems` has row, line and message of each
function M.open(options)
  local wrong = option_rules.check_all("batch.open", rules, options)
    or options.store == nil and "batch.open: the option 'store' is missing"
    or (options.template == nil) ~= (options.rows == nil)
      and "batch.open: template and rows go together"
  if wrong then raise(wrong) end
  options = copy(options)
  local template, err, text
  if options.template then
    template, err = aistudios.template(options.template)
    if template then text, err = canonical(options.template) end
    if not text then return nil, err end
  end
  local is_server = databases.is_server(options.store)
  if is_server and options.template and not options.id then
    raise "batch.open: a batch in PostgreSQL needs an id"
  end
  if not template and not is_server and not exists(options.store) then
    return nil, failures.refusal(options.store .. ": there is no batch")
  end
  local database, problem = databases.open(options.store)
  if not database then return nil, failures.of_store(problem) end
  local batch, id
  id, err = find(database, options.id)
  if id then
    batch, err = reopen(database, id, options, template, text)
  elseif not err and template then
    batch, err = make_plan(database, options, template, text)
  elseif not err then
    err = failures.refusal(is_server and "there is no such batch in the store"
      or options.store .. ": there is no batch")
  end
  if batch then return batch end
  database:close() -- its file stays: another may have begun to plan in it
  return nil, err
end

return M
