-- SPDX-License-Identifier: MIT
--
-- cli.follow: runs the jobs of a command to their ends. Prints each resume
-- token as soon as there is one, shows progress, and leaves in order when it
-- is interrupted: nothing new is submitted, what is on the wire ends, the
-- token is printed. A second signal leaves at once.

local errors = require "aistudios.error"
local failure = require "aistudios.cli.failure"
local newest_tokens = require "aistudios.cli.newest_tokens"
local results = require "aistudios.cli.results"
local resume_token = require "aistudios.jobs.resume_token"
local status = require "aistudios.cli.status"

local M = {}

local AT_ONCE = 8  -- jobs that run together
local SIGNAL = 128 -- and its number: the exit code after a signal

--- One piece of work of a command.
---@class aistudios.cli.Task
---@field start fun(on_token: fun(token: string)): aistudios.Job
---@field label? string    the argument that it is about, when there are several
---@field token? string    that is known already and need not be printed
---@field is_quiet? boolean  no token is printed while it runs well
---@field stops_at_token? boolean  its end is the first token with an id: the rest is left to others
---@field place? string    where its newest token is kept
---@field is_continuation? boolean  it only follows what was bought: begun after a signal too
---@field id? string       the project that it is about
---@field job? aistudios.Job      once it runs
---@field result? table           when it went well
---@field err? aistudios.Error    when it did not

--- Prints the token of a task, once each.
local function print_token(context, task)
  if not task.token or task.token == task.printed then return end
  task.printed, context.token = task.token, task.token
  context.progress:clear()
  context.output:write({ resume = task.token, input = task.label },
    failure.resume_command(task.token))
end

local function note_token(context, task, token)
  if not token or token == task.token then return end
  newest_tokens.keep(task, token)
  task.token = token
  if not task.is_quiet then print_token(context, task) end
end

--- Of a task that has ended.
local function note_last_token(context, task)
  local token = task.job:token()
  note_token(context, task, token)
  if not token and task.token and resume_token.awaits_id(task.token) then
    task.token = nil -- what it tells of was refused
  end
end

--- The `on_token` of a task's job: it comes before the call is sent that the
--- token tells of, which then is not begun any more after a signal.
local function token_printer(context, task)
  return function (token)
    note_token(context, task, token)
    if context.loop.signals > 0 and task.job then
      task.is_interrupted = true
      task.job:cancel()
    end
  end
end

--- May this job be cancelled without cutting off a call that may cost? Only
--- those have a body, and it is on its way once some of it was sent.
local function may_cancel(task)
  local seen = task.job:progress()
  return seen.phase == "upload" or (seen.sent or 0) == 0
end

local function announce(context)
  context.progress:clear()
  context.output:note({ message = "interrupted; waiting for the answer to what was sent" },
    "aistudios: interrupted; waiting for the answer to what was sent "
    .. "(again: leave without it)")
end

--- Looks at a task that runs.
local function look(context, task, count, done)
  note_token(context, task, task.job:token())
  if task.stops_at_token and task.token and not resume_token.awaits_id(task.token) then
    task.is_stopped = true
    task.job:cancel()
  elseif context.loop.signals > 0 and not task.is_interrupted then
    if may_cancel(task) then
      task.is_interrupted = true
      task.job:cancel()
    elseif not task.was_announced then
      task.was_announced = true
      announce(context)
    end
  end
  if context.shows_progress then
    context.progress:show(task.job:progress(), task, count, done)
  end
end

--- After a second signal nothing is waited for.
local function leave(context, running)
  for task in pairs(running) do
    local is_sent = not may_cancel(task)
    M.tell(context, task, errors.new { kind = "cancelled",
      outcome = is_sent and "unknown" or "not_sent",
      message = is_sent and "interrupted before the answer came; it may have been bought"
        or "interrupted" })
  end
  os.exit(SIGNAL + context.loop.signal, false)
end

--- Begins a task, inside `client:each`: its job, or why there is none.
local function begin(context, task)
  if context.loop.signals > 0 and not task.is_continuation then
    return nil, errors.new { kind = "cancelled", outcome = "not_sent", message = "not begun" }
  end
  local ok, job = pcall(task.start, token_printer(context, task))
  if ok then
    task.job = job
    return job
  end
  if tostring(job):find "^[^\n]-:%d+: " then error(job, 0) end -- not of the user's doing
  return nil, errors.new { kind = "invalid", outcome = "not_sent", message = tostring(job) }
end

--- Runs all tasks; what came of each is in it afterwards.
---@param context aistudios.cli.Context
---@param tasks aistudios.cli.Task[]
---@param on_end fun(task: aistudios.cli.Task)  called as each ends
function M.all(context, tasks, on_end)
  local running, done = {}, 0
  function context.loop.on_turn()
    for task in pairs(running) do look(context, task, #tasks, done) end
    if context.loop.signals > 1 then leave(context, running) end
  end
  context.client:each(tasks, function (task)
    local job, err = begin(context, task)
    running[task] = job and true
    return job, err
  end, { at_once = AT_ONCE, on_progress = function (seen)
    local task = seen.item
    running[task], done = nil, seen.done
    task.result, task.err = seen.result, seen.err
    if task.job then note_last_token(context, task) end
    context.progress:clear()
    on_end(task)
  end })
  context.loop.on_turn = nil
end

--- The exit code of a task that failed, which is told.
---@param context aistudios.cli.Context
---@param task aistudios.cli.Task
---@param err aistudios.Error
---@return integer code
function M.tell(context, task, err)
  local code
  local signal = context.loop.signal
  if signal and err.kind == "cancelled" then
    code = SIGNAL + signal
    if task.is_interrupted then err.message = "interrupted" end
  end
  code = code or status.of(err, task.token)
  context.progress:clear()
  if code ~= status.failed then print_token(context, task) end
  return failure.tell(context.output, err,
    { code = code, token = task.token, label = task.label })
end

--- Runs several tasks: `on_result(task)` writes what came of each that went
--- well and may return an exit code; without it, the videos are written.
---@param context aistudios.cli.Context
---@param tasks aistudios.cli.Task[]
---@param on_result? fun(task: aistudios.cli.Task): integer?
---@return integer code
function M.run(context, tasks, on_result)
  local codes = {}
  on_result = on_result or function (task) results.write_video(context, task) end
  if not tasks[2] and tasks[1] then tasks[1].label = nil end
  M.all(context, tasks, function (task)
    if task.result then
      codes[#codes + 1] = on_result(task) or status.done
    elseif task.is_stopped then
      codes[#codes + 1] = status.done
    else
      codes[#codes + 1] = M.tell(context, task, task.err)
    end
  end)
  return status.sum(codes)
end

--- Connects, and runs one job; its result, or nil and the exit code, the error being told.
---@param context aistudios.cli.Context
---@param start fun(async: aistudios.Async): aistudios.Job
---@return table? result
---@return integer? code
function M.one(context, start)
  local client, code = context:connect()
  if not client then return nil, code end
  local result
  code = M.run(context, { { is_quiet = true, start = function ()
    return start(client.async)
  end } }, function (task) result = task.result end)
  if result == nil then return nil, code end
  return result
end

--- A task for each of several ids, of which no token is printed.
---@param ids string[]
---@param start fun(id: string): aistudios.Job
---@return aistudios.cli.Task[]
function M.tasks(ids, start)
  local tasks = {}
  for i, id in ipairs(ids) do
    tasks[i] = { label = id, is_quiet = true, start = function () return start(id) end, id = id }
  end
  return tasks
end

return M
