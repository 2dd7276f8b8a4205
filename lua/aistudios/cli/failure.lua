-- SPDX-License-Identifier: MIT
--
-- cli.failure: tells an error on standard error, and what to do about it, which
-- follows from the error's own fields.

local errors = require "aistudios.error"
local resume_token = require "aistudios.jobs.resume_token"
local status = require "aistudios.cli.status"
local terminal = require "aistudios.cli.terminal"

local M = {}

--- The command that goes on from a token, for a shell.
---@param token string
---@return string
function M.resume_command(token)
  return ("aistudios resume '%s'"):format((token:gsub("'", "'\\''")))
end

-- What is to be changed, by the kind of the error.
local fixes = {}

function fixes.auth()
  return "aistudios auth login stores AppId and UserKey; aistudios doctor says what is wrong "
    .. "with them"
end

function fixes.invalid(err)
  local problem = err.problems and err.problems[1]
  if problem and problem.path == "token" and problem.value then
    return ("it needs --host %s, or the profile of the command that printed it")
      :format(problem.value)
  end
end

function fixes.file(_, go_on)
  return go_on and "once that is mended, " .. go_on
end

local LOOK = "look before you repeat it: aistudios projects; repeating it may buy it twice"

-- What to do, by `err.next`. `go_on` is set when there is a token.
local advice = {}

advice["repeat"] = function (err, go_on)
  return go_on or "the same command may be run again at no risk"
    .. (err.kind == "network" and "; aistudios doctor says what is in the way" or "")
end

function advice.wait(err, go_on)
  if go_on then return go_on end
  if err.project_id then return "go on without paying again: aistudios wait " .. err.project_id end
  return ("wait %s, then run the same command again"):format(
    err.retry_after and ("%g seconds"):format(err.retry_after) or "a while")
end

function advice.look(err, go_on, token)
  if token and resume_token.awaits_id(token) then
    return LOOK .. "; this only looks for it: " .. M.resume_command(token)
  elseif status.may_be_bought(err) then
    return go_on or LOOK
  elseif err.project_id then
    return ("look at it: aistudios api get_project projectId=%s"):format(err.project_id)
  end
  return "look at what became of it before you repeat it: aistudios projects"
end

function advice.fix(err, go_on)
  return fixes[err.kind] and fixes[err.kind](err, go_on)
end

function advice.none(_, go_on)
  return go_on
end

local function hint_of(err, token)
  local command = token and M.resume_command(token)
  local plan = token and resume_token.read(token)
  if plan and err.phase == "export" and plan.goal == "finish" then
    return "look at the dashboard; if no process has exported it: "
      .. command:gsub("resume", "%0 --newest", 1)
  end
  return advice[err.next](err, command and "go on without paying again: " .. command, token)
end

-- Their values may be anything, which need not have a JSON form.
local function plain_problems(problems)
  if not problems then return nil end
  local plain = {}
  for i, problem in ipairs(problems) do
    plain[i] = { file = problem.file, line = problem.line, path = problem.path,
      message = problem.message, level = problem.level }
  end
  return plain
end

--- What is told of an error.
---@class aistudios.cli.Report
---@field code integer       the exit code
---@field message string
---@field hint? string       what to do
---@field outcome aistudios.Outcome
---@field resume? string     the token to go on from
---@field kind aistudios.Kind
---@field next aistudios.Next
---@field problems? aistudios.Problem[]

--- Tells an error; returns the exit code.
---@param output aistudios.cli.Output
---@param err aistudios.Error
---@param more? { code: integer?, token: string?, hint: string?, label: string? }
---@return integer code
function M.tell(output, err, more)
  more = more or {}
  local token = more.token
  local code = more.code or status.of(err, token)
  local hint = more.hint or hint_of(err, token)
  local report = {
    code = code, message = err.message, hint = hint, outcome = err.outcome, resume = token,
    kind = err.kind, next = err.next, endpoint = err.endpoint, phase = err.phase,
    status = err.status, project_id = err.project_id, api_code = err.code, input = more.label,
    problems = plain_problems(err.problems),
  }
  local text = err.endpoint and tostring(err) or err.message
  local lines = { "aistudios: " .. terminal.clean(
    (more.label and more.label .. ": " or "") .. text:gsub("^aistudios: ", "")) }
  for i, problem in ipairs(err.problems and err.problems[2] and err.problems or {}) do
    lines[i + 1] = ("  %s: %s"):format(terminal.clean(problem.path),
      terminal.clean(problem.message))
  end
  if hint then lines[#lines + 1] = "  " .. terminal.clean(hint) end
  output:note(report, table.concat(lines, "\n"))
  return code
end

--- Tells what went wrong in the command itself, before anything was sent.
---@param output aistudios.cli.Output
---@param message string
---@param more? { kind: aistudios.Kind?, code: integer?, hint: string?, problems: table[]? }
---  kind: "file" when absent
---@return integer code
function M.refuse(output, message, more)
  more = more or {}
  return M.tell(output, errors.new { kind = more.kind or "file", outcome = "not_sent",
    message = message, problems = more.problems }, more)
end

--- A mistake in the command line.
---@param output aistudios.cli.Output
---@param message string
---@return integer code
function M.usage(output, message)
  return M.refuse(output, message, { kind = "invalid",
    hint = ("aistudios help%s shows how it is used"):format(
      output.command and " " .. output.command or "") })
end

return M
