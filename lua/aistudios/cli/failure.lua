-- SPDX-License-Identifier: MIT
--
-- cli.failure: tells an error on standard error, and what to do about it.

local resume_token = require "aistudios.jobs.resume_token"
local status = require "aistudios.cli.status"
local terminal = require "aistudios.cli.terminal"

local M = {}

local hints = {
  [status.usage] = "aistudios help, or the command with --help, shows how it is used",
  [status.credentials] = "aistudios auth login stores AppId and UserKey; aistudios doctor "
    .. "says what is wrong with them",
  [status.unknown] = "look before you repeat it: aistudios projects; repeating it may buy "
    .. "it twice",
  [status.findings] = "aistudios check FILE lists every mistake with its line",
}

--- The command that goes on from a token, for a shell.
---@param token string
---@return string
function M.resume_command(token)
  return ("aistudios resume '%s'"):format((token:gsub("'", "'\\''")))
end

local function hint_of(code, err, token)
  local problem = err.problems and err.problems[1]
  if problem and problem.path == "token" and problem.message:find("base_url", 1, true) then
    return "it needs the --host or --profile of the command that printed it"
  end
  if token and err.phase == "export" and token:find("goal=finish&", 1, true) then
    return "look at the dashboard; if no process has exported it: "
      .. M.resume_command(token):gsub("resume", "%0 --newest", 1)
  end
  if token and code == status.unknown and resume_token.awaits_id(token) then
    return hints[code] .. "; this only looks for it: " .. M.resume_command(token)
  end
  if token and code ~= status.credentials then
    return "go on without paying again: " .. M.resume_command(token)
  end
  if hints[code] then return hints[code] end
  if err.retryable then return "the same command may be run again at no risk" end
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
---@field outcome? aistudios.Outcome
---@field resume? string     the token to go on from
---@field kind? aistudios.Kind
---@field problems? aistudios.Problem[]

--- Tells an error; returns the exit code.
---@param output aistudios.cli.Output
---@param err aistudios.Error|{ message: string }
---@param more? { code: integer?, token: string?, hint: string?, label: string? }
---@return integer code
function M.tell(output, err, more)
  more = more or {}
  local token = more.token
  local code = more.code or status.of(err, token)
  local hint = more.hint or hint_of(code, err, token)
  local report = {
    code = code, message = err.message, hint = hint, outcome = err.outcome, resume = token,
    kind = err.kind, endpoint = err.endpoint, phase = err.phase, status = err.status,
    project_id = err.project_id, api_code = err.code, input = more.label,
    problems = plain_problems(err.problems),
  }
  local text = getmetatable(err) and tostring(err) or err.message
  local lines = { "aistudios: " .. terminal.clean(
    (more.label and more.label .. ": " or "") .. text:gsub("^aistudios: ", "")) }
  for i, problem in ipairs(err.problems and err.problems[2] and err.problems or {}) do
    lines[i + 1] = ("  %s: %s"):format(terminal.clean(problem.path),
      terminal.clean(problem.message))
  end
  if hint then lines[#lines + 1] = "  " .. hint end
  output:note(report, table.concat(lines, "\n"))
  return code
end

--- A mistake in the command line.
---@param output aistudios.cli.Output
---@param message string
---@return integer code
function M.usage(output, message)
  return M.tell(output, { message = message, outcome = "not_sent" }, { code = status.usage })
end

return M
