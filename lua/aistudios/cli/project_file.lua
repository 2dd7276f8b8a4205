-- SPDX-License-Identifier: MIT
--
-- cli.project_file: reads a project from JSON or Lua, fills it from a row, and
-- tells in which line of the file something stands.

local aistudios = require "aistudios"
local copy = require "aistudios.util.copy"
local files = require "aistudios.cli.files"
local json_lines = require "aistudios.cli.json_lines"
local limited = require "aistudios.cli.limited"

local M = {}

---@class aistudios.cli.ProjectFile
---@field path string
---@field project table
---@field package text string
---@field package is_lua boolean
---@field package node? aistudios.cli.Node  once a line was asked for
local ProjectFile = { __name = "aistudios.cli.project_file" }
ProjectFile.__index = ProjectFile

--- What is wrong with a file.
---@class aistudios.cli.Finding
---@field file string
---@field line? integer
---@field path? string   where in the project
---@field message string
---@field level "error"|"warning"

local function finding(file, line, message)
  return { file = file, line = line, path = "", message = message, level = "error" }
end

local function is_json(path, text)
  if path:find "%.json$" then return true end
  if path:find "%.lua$" then return false end
  return text:find "^%s*[{%[]" ~= nil
end

local function read_lua(path, text)
  local chunk, message = load(text, "=file", "t", {})
  local ok, value
  if chunk then
    ok, value = limited.call(chunk)
    message = not ok and tostring(value) or nil
  end
  if message then
    local line, rest = message:match "^file:(%d+): (.*)$"
    if message:find "%l+ a nil value %(global '" then
      rest = (rest or message) .. "; a project in Lua runs in an empty environment"
    end
    return nil, finding(path, math.tointeger(line), rest or message)
  end
  return value
end

local function read_json(path, text)
  local value, err = aistudios.decode(text)
  if err then
    local byte = math.tointeger(err.message:match "at byte (%d+)$")
    return nil, finding(path, byte and json_lines.line_of(text, byte), err.message)
  end
  return value
end

--- Reads a project. A list, a number or anything else than an object is an
--- error of the file.
---@param path string  "-" is standard input
---@return aistudios.cli.ProjectFile? file
---@return aistudios.cli.Finding? finding  a mistake in the file
---@return string? message  the file cannot be read
function M.read(path)
  local text, message = files.read(path)
  if not text then return nil, nil, message end
  text = text:gsub("^\xEF\xBB\xBF", "")
  local is_lua = not is_json(path, text)
  local project, wrong = (is_lua and read_lua or read_json)(path, text)
  if wrong then return nil, wrong end
  if type(project) ~= "table" then
    return nil, finding(path, nil, ("the file holds no project: a %s is expected, not %s")
      :format(is_lua and "table that is returned" or "JSON object",
        project == nil and "nothing" or type(project)))
  end
  return setmetatable({ path = path, project = project, text = text, is_lua = is_lua },
    ProjectFile)
end

--- The steps of a path: `scenes[1].clips[2].opacity`.
local function steps_of(path)
  local steps, at = {}, 1
  while at <= #path do
    local name, stop = path:match("^%.?([%a_][%w_]*)()", at)
    if not name then
      name, stop = path:match("^%[(%d+)%]()", at)
      name = math.tointeger(name)
    end
    if not name then
      local quoted
      quoted, stop = path:match('^%[("[^\n]*")%]()', at)
      local chunk = quoted and load("return " .. quoted, "=path", "t", {})
      name = chunk and chunk()
    end
    if name == nil then break end
    steps[#steps + 1], at = name, stop
  end
  return steps
end

--- The line in which something stands, or what is around it.
---@param path string  in the project, as aistudios.check has it
---@return integer
function ProjectFile:line(path)
  if not self.node then
    local reader = self.is_lua and require "aistudios.cli.lua_lines" or json_lines
    self.node = reader.read(self.text)
  end
  local node = self.node
  for _, step in ipairs(steps_of(path)) do
    local member = node.members and node.members[step]
    if not member then break end
    node = member
  end
  return node.line
end

--- The problems of the project with their lines.
---@param problems aistudios.Problem[]
---@return aistudios.cli.Finding[]
function ProjectFile:findings(problems)
  local found = {}
  for i, problem in ipairs(problems) do
    found[i] = { file = self.path, line = self:line(problem.path), path = problem.path,
      message = problem.message, level = problem.level or "error" }
  end
  return found
end

--- Puts the values of a row into the project.
---@param path string  a JSON object
---@return aistudios.cli.Finding[]? findings  what is wrong with project or row
---@return string? message  the row cannot be read
function ProjectFile:fill(path)
  if path == "-" and self.path == "-" then
    return nil, "project and row cannot both come from standard input"
  end
  local row, wrong, message = M.read(path)
  if not row then return wrong and { wrong }, message end
  if row.project[1] ~= nil then
    return { finding(path, 1, "one row is expected: a JSON object, not a list") }
  end
  local template, err = aistudios.template(self.project)
  if not template then return self:findings(err.problems) end
  self.project, err = template:fill(copy(row.project))
  if err then return row:findings(err.problems) end
end

return M
