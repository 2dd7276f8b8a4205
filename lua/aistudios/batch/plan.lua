-- SPDX-License-Identifier: MIT
--
-- batch.plan: reads all rows, fills and checks each, and puts them into the
-- store. Sends nothing. What two rows may not share, the store refuses.

local aistudios = require "aistudios"
local errors = require "aistudios.error"
local film_names = require "aistudios.batch.film_names"
local read_rows = require "aistudios.batch.rows"

local M = {}

local MOST_PROBLEMS = 1000 -- that are kept
local FILL = { coerce = true, empty = true, extra = true }

local function key_of(options, fields, number)
  if not options.key then return ("%d"):format(number) end
  local key = fields[options.key]
  if key == nil or key == "" then return nil, ("the key '%s' is missing"):format(options.key) end
  key = film_names.text(key)
  if not key then return nil, ("the key '%s' is no text or number"):format(options.key) end
  if key:find "%c" then return nil, ("the key '%s' has a control character"):format(options.key) end
  return key
end

-- What is wrong with the project of a row, in a line.
local function problem_of(plan, fields)
  local project, err = plan.template:fill(fields, FILL)
  local ok = project ~= nil
  if project then
    if project.isExport == false then
      return "isExport must not be false in the template of a batch"
    end
    ok, err = aistudios.check(project)
    if ok then plan.seconds = plan.seconds + aistudios.estimate(project).seconds end
  end
  return not ok and err.message or nil
end

-- The values that the template has a name for, and nothing else, as JSON.
local function kept(template, fields)
  local out = {}
  for _, field in ipairs(template.fields) do out[field.name] = fields[field.name] end
  return aistudios.encode(aistudios.object(out), { sort_keys = true })
end

-- What tells a row from others: key, path, values.
local function identity(template, options, fields, number)
  local key, message = key_of(options, fields, number)
  local path, text
  if key then path, message = film_names.path(options.to, fields, number, key) end
  if message then return nil, message end
  text = kept(template, fields)
  if not text then return nil, "its values have no JSON form" end
  return { number = number, key = key, path = path, fields = text,
    place = path and film_names.place(path) }
end

-- A row as the store takes it, or what is wrong with it.
local function read_row(plan, fields, number)
  local row, message = identity(plan.template, plan.options, fields, number)
  message = message or row.path and film_names.problem(row.path, plan.reserved)
  if message then return nil, message end
  local problem = problem_of(plan, fields)
  if problem and not plan.options.keep_invalid then return nil, problem end
  row.state, row.outcome = problem and "failed" or "waiting", problem and "not_sent" or nil
  row.message, row.is_final = problem, problem ~= nil
  return row
end

local function add_problem(plan, number, line, message)
  plan.problem_count = plan.problem_count + 1
  if plan.problem_count > MOST_PROBLEMS then return end
  plan.problems[plan.problem_count] = { row = number, line = line, message = message }
end

--- Puts a row into the store; one that shares its key or its file with another is a problem.
local function insert(plan, row, line)
  local taken, err = plan.store:run("taken", row)
  if not taken then return nil, err end
  local other = taken[1]
  if other then
    add_problem(plan, row.number, line, (other.key == row.key and "has the key '%s' of row %d"
      or other.path == row.path and "has the file '%s' of row %d"
      or "has the file '%s', which on some file systems is that of row %d (case, accents)")
      :format(other.key == row.key and row.key or row.path, other.number))
    return true
  end
  return plan.store:run("insert_row", row)
end

-- Reads to the end; the number of rows, or the error of the store or of the file.
local function read_all(plan, reader)
  local number = 0
  while true do
    local fields, line, message = reader()
    if fields == nil and not message then return number end
    if errors.is(message) then return nil, message end
    number = number + 1
    local row
    if fields then row, message = read_row(plan, fields, number) end
    if row then
      plan.invalid = plan.invalid + (row.message and 1 or 0)
      local ok, err = insert(plan, row, line)
      if not ok then return nil, err end
    else
      add_problem(plan, number, line, message)
    end
  end
end

--- What was read.
---@class aistudios.batch.Plan
---@field count integer    rows
---@field invalid integer  of them, rows that fail their check and are kept as failed
---@field seconds number   of speech, by aistudios.estimate
---@field problems aistudios.batch.RowProblem[]  the first thousand
---@field problem_count integer

--- Puts the rows into the store, inside a transaction, which is to be taken back when
--- there is a problem.
---@param store aistudios.batch.Store
---@param template aistudios.Template
---@param reader fun(): table?, integer?, string?
---@param options aistudios.batch.PlanOptions
---@return aistudios.batch.Plan? plan
---@return aistudios.batch.StoreError|aistudios.Error|nil err
function M.run(store, template, reader, options)
  local plan = { store = store, template = template, options = options, problems = {},
    reserved = film_names.reserved(options.store),
    problem_count = 0, invalid = 0, seconds = 0 }
  local count, err = read_all(plan, reader)
  if not count then return nil, err end
  if count == 0 then add_problem(plan, nil, nil, "there are no rows") end
  local ok
  ok, err = store:run("count_rows", { count = count })
  if not ok then return nil, err end
  return { count = count, invalid = plan.invalid, seconds = plan.seconds, problems = plan.problems,
    problem_count = plan.problem_count }
end

-- What the first row that differs from what was planned says, and the rows now.
local function compare(template, planned, reader, options)
  local number = 0
  while true do
    local fields, _, message = reader()
    if errors.is(message) then return message.message end
    local row, is_end = planned(), fields == nil and not message
    if is_end and not row then return nil end
    number = number + 1
    if is_end then return ("row %d is not there any more"):format(number) end
    if not row then return ("row %d was not there"):format(number) end
    local now
    if fields then now, message = identity(template, options, fields, number) end
    if not now then return ("row %d: %s"):format(number, message) end
    if now.key ~= row.key then
      return ("row %d has the key '%s', and had '%s'"):format(number, now.key, row.key)
    end
    if now.path ~= row.path or now.fields ~= row.fields then
      return ("row %d has other values"):format(number)
    end
  end
end

--- In what rows differ from those that a batch was planned with.
---@param batch aistudios.Batch
---@param template aistudios.Template
---@param options aistudios.batch.PlanOptions  of them rows, separator, to and key
---@return string? message  nil: in nothing
---@return aistudios.Error? err
function M.difference(batch, template, options)
  local reader, close = read_rows.open(options.rows, options.separator)
  if not reader then return close.message end
  local went_well, message = pcall(compare, template, batch:rows(), reader, options)
  close()
  if went_well then return message end
  if errors.is(message) then return nil, message end
  error(message, 0)
end

return M
