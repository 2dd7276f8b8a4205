-- SPDX-License-Identifier: MIT
--
-- batch.plan: reads all rows, fills and checks each, and puts them into the
-- store. Sends nothing. What two rows may not share, the store refuses.

local aistudios = require "aistudios"

local M = {}

local MOST_PROBLEMS = 1000 -- that are kept
local LONGEST_PART = 100   -- bytes that a value gives to the name of a file
local FILL = { coerce = true, empty = true, extra = true }

--- A value as a part of a file's name: it cannot lead out of its directory.
---@param value any
---@return string
function M.part(value)
  local text = tostring(value):gsub('[%c/\\:*?"<>|]', "_"):gsub("^[. ]+", "_")
  if #text > LONGEST_PART then
    text = text:sub(1, (utf8.offset(text, 0, LONGEST_PART + 1)) - 1)
  end
  return text == "" and "_" or text
end

--- Where the film of a row goes.
---@param pattern? string  {name} stands for a value, {row} for the number, {key} for the key
---@param fields table
---@return string? path
---@return string? message
function M.path(pattern, fields, number, key)
  if not pattern then return nil end
  local missing
  local path = pattern:gsub("{([^{}]*)}", function (name)
    local value = fields[name]
    if value == nil then value = name == "row" and number or name == "key" and key or nil end
    if value == nil then
      missing = missing or name
      return ""
    end
    return M.part(value)
  end)
  if missing then
    return nil, ("there is no value '%s' for the name of the file"):format(missing)
  end
  return path
end

local function key_of(options, fields, number)
  if not options.key then return ("%d"):format(number) end
  local key = fields[options.key]
  if key == nil or key == "" then return nil, ("the key '%s' is missing"):format(options.key) end
  key = tostring(key)
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

-- A row as the store takes it, or what is wrong with it.
local function read_row(plan, fields, number)
  local key, message = key_of(plan.options, fields, number)
  local path
  if key then path, message = M.path(plan.options.to, fields, number, key) end
  if message then return nil, message end
  local problem = problem_of(plan, fields)
  if problem and not plan.options.keep_invalid then return nil, problem end
  local text = kept(plan.template, fields)
  if not text then return nil, "its values have no JSON form" end
  return { number = number, key = key, fields = text, path = path,
    state = problem and "failed" or "waiting", outcome = problem and "not_sent" or nil,
    message = problem, is_final = problem ~= nil }
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
    add_problem(plan, row.number, line, other.key == row.key
      and ("has the key '%s' of row %d"):format(row.key, other.number)
      or ("has the file '%s' of row %d"):format(row.path, other.number))
    return true
  end
  return plan.store:run("insert_row", row)
end

-- Reads to the end; the number of rows, or the store's error.
local function read_all(plan, reader)
  local number = 0
  while true do
    local fields, line, message = reader()
    if fields == nil and not message then return number end
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
---@return aistudios.batch.StoreError? err
function M.run(store, template, reader, options)
  local plan = { store = store, template = template, options = options, problems = {},
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

return M
