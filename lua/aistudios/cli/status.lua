-- SPDX-License-Identifier: MIT
--
-- cli.status: the exit codes of the command, and which of them an error of
-- the module stands for.

-- Their names here, and what each of them means, for `help` and the manual.
local rows = {
  { "done", 0, "done" },
  { "failed", 1, "failed" },
  { "usage", 2, "the command line is wrong; nothing was sent" },
  { "credentials", 3, "the credentials are missing or refused" },
  { "waited", 4, "waited too long; the resume token is on standard output" },
  { "unknown", 5, "unknown: no answer to a call that may cost; it may have been bought" },
  { "findings", 6, "a project or a row has mistakes in it; nothing was sent" },
  { "budget", 7, "the budget of a batch is used up; rows wait" },
  { "partly", 8, "partly: some of several are done, or it is not done yet" },
  { "interrupted", 130,
    "interrupted; the resume token, where there is one, is on standard output" },
}

--- The codes by their names, and in `about` each with what it means.
local M = { about = {} }
for i, row in ipairs(rows) do M[row[1]], M.about[i] = row[2], { row[2], row[3] } end

-- Parts of a workflow in which nothing is bought.
local free_phases = { wait = true, download = true, upload = true }

--- May the call that failed have cost something without anybody knowing?
---@param err aistudios.Error
---@return boolean
function M.may_be_bought(err)
  if err.outcome ~= "unknown" or free_phases[err.phase] then return false end
  if err.phase == "build" and err.project_id then return false end
  if err.phase then return true end
  local row = require "aistudios".api[err.endpoint]
  return row ~= nil and not row.is_replayable
end

--- The exit code for an error.
---@param err aistudios.Error
---@param token? string  from which somebody can go on
---@return integer
function M.of(err, token)
  if err.kind == "auth" then return M.credentials end
  if err.kind == "invalid" then return M.usage end
  if M.may_be_bought(err) then return M.unknown end
  local is_late = err.kind == "timeout" or err.kind == "stalled"
  if is_late and token then return M.waited end
  return M.failed
end

--- The exit code of several pieces of work that ended with these codes.
---@param codes integer[]
---@return integer
function M.sum(codes)
  local same, has_done = codes[1], false
  for _, code in ipairs(codes) do
    if code == M.unknown or code == M.interrupted then return code end
    has_done = has_done or code == M.done
    if code ~= same then same = nil end
  end
  if same or not codes[1] then return same or M.done end
  return has_done and M.partly or M.failed
end

return M
