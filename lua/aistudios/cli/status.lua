-- SPDX-License-Identifier: MIT
--
-- cli.status: the exit codes of the command, and which of them an error of
-- the module stands for.

local M = {
  done = 0,         -- all that was asked for is there
  failed = 1,
  usage = 2,        -- the command line is wrong; nothing was sent
  credentials = 3,  -- missing or refused
  waited = 4,       -- waited too long; the resume token is on standard output
  unknown = 5,      -- no answer to a call that may cost: it may have been bought
  findings = 6,     -- a file has mistakes in it
  budget = 7,       -- a batch has bought what it may
  partly = 8,       -- some of several, or not yet
  interrupted = 130,
}

--- What each of them means, for `help` and the manual.
M.about = {
  { 0, "done" },
  { 1, "failed" },
  { 2, "the command line is wrong; nothing was sent" },
  { 3, "the credentials are missing or refused" },
  { 4, "waited too long; the resume token is on standard output" },
  { 5, "unknown: no answer to a call that may cost; it may have been bought" },
  { 6, "a project or a row has mistakes in it; nothing was sent" },
  { 7, "the budget of a batch is used up; rows wait" },
  { 8, "partly: some of several are done, or it is not done yet" },
  { 130, "interrupted; the resume token, where there is one, is on standard output" },
}

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
