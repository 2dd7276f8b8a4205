-- SPDX-License-Identifier: MIT
--
-- cli.batch_plan: makes the directory of a batch, and opens it. A batch is in
-- its batch.db, or in PostgreSQL once it was run with --store.

local batches = require "aistudios.batch"
local errors = require "aistudios.error"
local failure = require "aistudios.cli.failure"
local files = require "aistudios.cli.files"
local findings = require "aistudios.cli.findings"
local move = require "aistudios.batch.move"
local option_rules = require "aistudios.util.option_rules"
local project_file = require "aistudios.cli.project_file"
local status = require "aistudios.cli.status"
local terminal = require "aistudios.cli.terminal"
local uv = require "luv"

local M = {}

local MODE = tonumber("777", 8) -- less the umask
local MOST_SHOWN = 20           -- problems

local function make_directory(path) return files.make_directory(path, MODE) end

local function file_of(directory) return directory:gsub("/+$", "") .. "/batch.db" end

local function absolute(path)
  return path:sub(1, 1) == "/" and path or uv.cwd() .. "/" .. path
end

-- The names that the store is to keep, or to be in; it takes texts only.
local names = { "dir", "template", "rows", "to", "key" }
local is_path = { template = true, rows = true }

local function name_problem(given)
  for _, name in ipairs(names) do
    local text = given[name]
    local wanted = text and option_rules.text(is_path[name] and absolute(text) or text)
    if wanted then
      return ("%s must be %s"):format(name == "dir" and "DIR" or "--" .. name, wanted)
    end
  end
end

--- Opens the batch of a directory, in the store where it is now.
---@param given { dir: string, store: string? }
---@return aistudios.Batch? batch
---@return aistudios.Error? err
function M.open(given)
  local wrong = name_problem(given)
  if wrong then
    return nil, errors.new { kind = "invalid", outcome = "not_sent", message = wrong }
  end
  local batch, err = batches.open { store = file_of(given.dir), make_directory = make_directory }
  if not batch then return nil, err end
  local info
  info, err = batch:info()
  local address = given.store or info and info.moved_to and os.getenv "AISTUDIOS_BATCH_STORE"
    or info and info.moved_to
  if info and address then
    local ok
    ok, err = move.run(batch, address)
    local id = batch.id
    batch:close()
    if not ok then return nil, err end
    batch, err = batches.open { store = address, id = id, directory = given.dir,
      make_directory = make_directory }
  end
  if err and batch then batch:close() end
  return not err and batch or nil, err
end

local function refuse_rows(context, given, err)
  local output = context.output
  for i, problem in ipairs(err.problems or {}) do
    if i > MOST_SHOWN and not output.are_errors_json then break end
    local place = problem.line and ("%s:%d"):format(given.rows, problem.line) or given.rows
    output:note({ file = given.rows, line = problem.line, row = problem.row,
      message = problem.message }, ("%s: %s%s"):format(terminal.clean(place),
        problem.row and ("row %d: "):format(problem.row) or "", terminal.clean(problem.message)))
  end
  return failure.refuse(output, err.message, { kind = "invalid", code = status.findings })
end

-- A plan that was killed leaves a file without a batch. What cannot be opened is no file
-- to plan into either.
local function has_batch(directory)
  local file = file_of(directory)
  if not uv.fs_stat(file) then return false end
  local batch, err = batches.open { store = file }
  if batch then batch:close() end
  return batch ~= nil or err.kind ~= "invalid"
end

--- Reads everything, sends nothing, and leaves a directory with a batch in it.
---@param context aistudios.cli.Context
---@param given table
---@return integer code
function M.plan(context, given)
  local output = context.output
  given.dir = given.dir or (given.rows:match "([^/]*)$":gsub("%.%w+$", "")) .. ".batch"
  local wrong = name_problem(given)
  if wrong then return failure.usage(output, wrong) end
  local file, problem, message = project_file.read(given.template)
  if not file then
    return failure.refuse(output, message or findings.text(problem),
      { kind = "invalid", code = message and status.failed or status.findings })
  end
  if has_batch(given.dir) then
    return failure.usage(output, given.dir .. " has a batch already; plan into another directory")
  end
  local was_there = uv.fs_stat(given.dir)
  local ok
  ok, message = make_directory(given.dir)
  if not ok then return failure.refuse(output, message) end
  local batch, err = batches.open { store = file_of(given.dir), template = file.project,
    template_path = absolute(given.template), rows = absolute(given.rows), to = given.to,
    key = given.key, separator = given.separator, direct = given.direct,
    keep_invalid = given.keep_invalid, at_once = given.at_once, max_jobs = given.max_jobs,
    max_credits = given.max_credits }
  if not batch then
    if not was_there then uv.fs_rmdir(given.dir) end
    if err.kind == "invalid" then return refuse_rows(context, given, err) end
    return failure.tell(output, err)
  end
  local _ <close> = batch
  local plan = batch.plan
  output:write({ batch = given.dir, id = batch.id, rows = plan.count, invalid = plan.invalid,
    seconds = plan.seconds, max_jobs = given.max_jobs },
    ("%s: %d videos to buy, about %.0f s of speech%s; nothing was sent"):format(
      terminal.clean(given.dir), plan.count - plan.invalid, plan.seconds, plan.invalid > 0
      and (", %d rows failed their check"):format(plan.invalid) or ""))
  return status.done
end

return M
