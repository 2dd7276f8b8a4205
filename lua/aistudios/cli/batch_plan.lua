-- SPDX-License-Identifier: MIT
--
-- cli.batch_plan: makes the directory of a batch, and opens it. A batch is in
-- its batch.db, or in PostgreSQL once it was run with --store.

local batches = require "aistudios.batch"
local failure = require "aistudios.cli.failure"
local move = require "aistudios.batch.move"
local project_file = require "aistudios.cli.project_file"
local status = require "aistudios.cli.status"
local terminal = require "aistudios.cli.terminal"
local uv = require "luv"

local M = {}

local MODE = tonumber("777", 8) -- less the umask
local MOST_SHOWN = 20           -- problems

--- Makes a directory and those above it.
local function make_directory(path)
  if uv.fs_stat(path) then return true end
  local above = path:match "^(.+)/[^/]+$"
  if above then
    local ok, message = make_directory(above)
    if not ok then return nil, message end
  end
  local ok, message, name = uv.fs_mkdir(path, MODE)
  if ok or name == "EEXIST" then return true end
  return nil, message
end

local function file_of(directory) return directory:gsub("/+$", "") .. "/batch.db" end

local function absolute(path)
  return path:sub(1, 1) == "/" and path or uv.cwd() .. "/" .. path
end

--- Opens the batch of a directory, in the store where it is now.
---@param given { dir: string, store: string? }
---@return aistudios.Batch? batch
---@return aistudios.Error? err
function M.open(given)
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

--- Reads everything, sends nothing, and leaves a directory with a batch in it.
---@param context aistudios.cli.Context
---@param given table
---@return integer code
function M.plan(context, given)
  local output = context.output
  local file, wrong, message = project_file.read(given.template)
  if not file then
    return failure.refuse(output, message or wrong.message,
      { kind = "invalid", code = message and status.failed or status.findings })
  end
  given.dir = given.dir or (given.rows:match "([^/]+)$":gsub("%.%w+$", "")) .. ".batch"
  if uv.fs_stat(file_of(given.dir)) then
    return failure.usage(output, given.dir .. " has a batch already; plan into another directory")
  end
  local was_there = uv.fs_stat(given.dir)
  local ok
  ok, message = make_directory(given.dir)
  if not ok then return failure.refuse(output, message) end
  local batch, err = batches.open { store = file_of(given.dir), template = file.project,
    template_path = absolute(given.template), rows = given.rows, to = given.to, key = given.key,
    separator = given.separator, direct = given.direct, keep_invalid = given.keep_invalid,
    at_once = given.at_once, max_jobs = given.max_jobs, max_credits = given.max_credits }
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
