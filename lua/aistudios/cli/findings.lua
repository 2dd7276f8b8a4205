-- SPDX-License-Identifier: MIT
--
-- cli.findings: reads the project that a command was given, and tells what is
-- wrong with it the way compilers do: file, line, path, message.

local aistudios = require "aistudios"
local failure = require "aistudios.cli.failure"
local project_file = require "aistudios.cli.project_file"
local status = require "aistudios.cli.status"
local terminal = require "aistudios.cli.terminal"

local M = {}

--- The line for people.
---@param found aistudios.cli.Finding
---@return string
function M.text(found)
  local place = found.file == "-" and "(standard input)" or found.file
  local parts = { terminal.clean(place) }
  if found.line then parts[#parts + 1] = tostring(found.line) end
  local path = found.path and found.path ~= "" and found.path .. ": " or ""
  return ("%s: %s%s%s"):format(table.concat(parts, ":"),
    found.level == "warning" and "warning: " or "", terminal.clean(path),
    terminal.clean(found.message))
end

--- Tells findings on standard error, as one failure.
---@param output aistudios.cli.Output
---@param list aistudios.cli.Finding[]
---@return integer code
local function refuse(output, list)
  local errors = 0
  for _, found in ipairs(list) do
    if found.level ~= "warning" then errors = errors + 1 end
  end
  for _, found in ipairs(list) do
    if not output.are_errors_json then output:note(found, M.text(found)) end
  end
  local first = list[1]
  return failure.refuse(output, output.are_errors_json and M.text(first)
      or ("%d mistake%s; nothing was sent"):format(errors, errors == 1 and "" or "s"),
    { kind = "invalid", code = status.findings,
      problems = output.are_errors_json and list or nil })
end

--- Reads a project, fills it, and checks it.
---@param path string
---@param row? string  path of the values to fill in
---@return aistudios.cli.ProjectFile? file  nil: it cannot be used
---@return aistudios.cli.Finding[] findings  errors first
---@return string? message  a file cannot be read
function M.look(path, row)
  local file, wrong, message = project_file.read(path)
  if not file then return nil, { wrong }, message end
  if row then
    local list
    list, message = file:fill(row)
    if list or message then return nil, list or {}, message end
  end
  local ok, found = aistudios.check(file.project)
  return file, file:findings(ok and found or found.problems)
end

--- The project that a command is to use. Without it, everything was told.
---@param output aistudios.cli.Output
---@param path string
---@param row? string
---@return table? project
---@return integer? code
---@return aistudios.cli.Finding[]? warnings
function M.project(output, path, row)
  local file, list, message = M.look(path, row)
  if message then
    return nil, failure.refuse(output, message)
  end
  for _, found in ipairs(list) do
    if found.level ~= "warning" then return nil, refuse(output, list) end
  end
  return file.project, nil, list
end

return M
