-- SPDX-License-Identifier: MIT
--
-- error: the one constructor of error objects. Every expected failure of the
-- module is `nil, err` with one of these; `tostring(err)` is one line for a
-- user. Texts that came from a server reach it with the secrets removed.

local trim = require "aistudios.util.trim"

local M = {}

--- What went wrong.
---  * `invalid`: checks refused the call; see `problems`. Nothing was sent.
---  * `auth`: the credentials or the token were refused, or are missing.
---  * `http`: an HTTP status that says no.
---  * `api`: the API answered, and said no (`code` is its own).
---  * `network`: no name, no connection, no TLS, or the connection broke.
---  * `timeout`: a time limit passed.
---  * `cancelled`: cancelled, closed, or one of your callbacks raised (`cause`).
---  * `protocol`: an answer that cannot be understood, or is too large.
---  * `file`: a file could not be read or written; or `aistudios.new` had no thread or descriptor.
---  * `stalled`: a render did not move for too long.
---@alias aistudios.Kind
---| "invalid" | "auth" | "http" | "api" | "network" | "timeout"
---| "cancelled" | "protocol" | "file" | "stalled"

--- What the failure means for your money.
---  * `not_sent`: nothing reached the server.
---  * `rejected`: the server answered that it did not do it.
---  * `unknown`: the server may have done it. Look before you repeat.
---@alias aistudios.Outcome "not_sent" | "rejected" | "unknown"

--- What to do.
---  * `repeat`: the same call may be made again at no risk.
---  * `wait`: wait, `retry_after` seconds where it is there, and then repeat; with
---    a `project_id` go on by `wait_for_video`.
---  * `look`: it may be done and billed; look, before anything is repeated.
---  * `fix`: the call, an option, a file or the account must change first.
---  * `none`: it was ended by the host itself, and nothing was done.
---@alias aistudios.Next "repeat" | "wait" | "look" | "fix" | "none"

---@class aistudios.Problem
---@field path string      where, counted as Lua does: `scenes[1].clips[2].opacity`; "" is the whole
---@field message string   what is wrong, in a few words
---@field value any        the value that is wrong, or nil
---@field level? "error"|"warning"  only errors keep a project from being sent

---@class aistudios.Error
---@field kind aistudios.Kind
---@field message string    one line, with a hint where one helps
---@field outcome aistudios.Outcome
---@field retryable boolean the same call may be made again at no risk, and may then work
---@field next aistudios.Next  what to do
---@field endpoint? string  the method that was called, e.g. "create_project"
---@field status? integer   the HTTP status, when there was an answer
---@field code? any         the API's own error code, as it came
---@field attempts? integer how many times the request was submitted
---@field elapsed? number   seconds since the call began
---@field problems? aistudios.Problem[]  for `invalid`
---@field warnings? aistudios.Problem[]  those of `problems` that are none but warnings
---@field body? string      the first bytes of an unexpected answer
---@field cause? any        the value that a callback raised; of a wait, the last poll's error
---@field retry_after? number  seconds that the server asked to wait
---@field project_id? string   the project to go on from, where there is one
---@field session_id? string   the live session that was begun
---@field resume_token? string what `client:resume` goes on from, where there is something
---@field phase? "upload"|"build"|"create"|"export"|"wait"|"download"  the part of a workflow
---  that failed
local Error = { __name = "aistudios.error" }

local needs_change = { invalid = true, file = true, auth = true }

--- What to do, by the other fields.
local function advise(err)
  if err.retryable then return err.retry_after and "wait" or "repeat" end
  if needs_change[err.kind] then return "fix" end
  if err.project_id then return "wait" end
  if err.outcome == "unknown" then return "look" end
  return err.kind == "cancelled" and "none" or "fix"
end

function Error:__index(name)
  if name == "next" then return advise(self) end
end

--- Shows `next` as well, which follows from the others unless it was set.
function Error:__pairs()
  local all = { next = self.next }
  for name, value in next, self do all[name] = value end
  return next, all
end

local consequences = {
  not_sent = "nothing was sent",
  rejected = "the server refused it",
  unknown = "the server may have acted",
}

-- What turns the direction of a text or has no width (U+061C, U+200B to U+200F,
-- U+202A to U+202E, U+2060 to U+2069, U+FEFF).
local unseen =
  { "\u{61C}", "\u{FEFF}", "\xE2\x80[\x8B-\x8F\xAA-\xAE]", "\xE2\x81[\xA0-\xA9]" }
-- U+0085 and its like, U+2028 and U+2029.
local wide_controls = { "\xC2[\x80-\x9F]", "\xE2\x80[\xA8\xA9]" }

--- One line without control characters and without what changes the direction
--- of text. A value whose __tostring raises has a text too.
---@param value any
---@return string
function M.line(value)
  local ok, text = pcall(tostring, value)
  if not ok then text = "a " .. type(value) .. " whose __tostring raises" end
  if text:find "[\x80-\xFF]" then
    for _, pattern in ipairs(unseen) do text = text:gsub(pattern, "") end
    for _, pattern in ipairs(wide_controls) do text = text:gsub(pattern, " ") end
  end
  return trim((text:gsub("[\0-\31\127]+", " ")))
end

function Error:__tostring()
  local notes = { self.kind, consequences[self.outcome] }
  if self.status then notes[#notes + 1] = "HTTP " .. self.status end
  if self.attempts and self.attempts > 1 then
    notes[#notes + 1] = self.attempts .. " attempts"
  end
  if self.project_id then notes[#notes + 1] = "project " .. self.project_id end
  return ("%s: %s (%s)"):format(self.endpoint or "aistudios", self.message,
    M.line(table.concat(notes, "; ")))
end

--- Makes `fields` an error object; the table is taken over.
---@param fields table  `kind`, `message` and `outcome` at least
---@return aistudios.Error
function M.new(fields)
  fields.message = M.line(fields.message)
  fields.retryable = fields.retryable or false
  return setmetatable(fields, Error)
end

--- Is `value` an error object of this module?
---@param value any
---@return boolean
function M.is(value)
  return getmetatable(value) == Error
end

--- An error of kind `invalid` from a list of problems (at least one error).
---@param problems aistudios.Problem[]
---@param endpoint? string
---@return aistudios.Error
function M.invalid(problems, endpoint)
  local first, errors = nil, 0
  for _, problem in ipairs(problems) do
    if problem.level ~= "warning" then
      errors = errors + 1
      first = first or problem
    end
  end
  first = first or problems[1]
  local message = first.message
  if first.path and first.path ~= "" then
    message = first.path .. ": " .. message
  end
  if errors > 1 then
    message = ("%s (and %d more)"):format(message, errors - 1)
  end
  return M.new {
    kind = "invalid", outcome = "not_sent", message = message,
    problems = problems, endpoint = endpoint,
  }
end

--- The same from a single problem.
---@param path string
---@param message string
---@param value? any
---@param endpoint? string
---@return aistudios.Error
function M.problem(path, message, value, endpoint)
  return M.invalid({ { path = path, message = message, value = value } }, endpoint)
end

return M
