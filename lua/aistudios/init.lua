-- SPDX-License-Identifier: MIT
--
-- aistudios: a client for the AI Studios (DeepBrain AI) V3 API. Unofficial.
-- What a program uses is loaded when it is first used; what its calls can
-- need, with its first client. This file is read by any Lua.

if _VERSION ~= "Lua 5.4" then
  local jit = rawget(_G, "jit") -- a host may refuse globals that are not there
  error("aistudios needs Lua 5.4; this is " .. (jit and jit.version or _VERSION), 0)
end

local preload = require "aistudios.preload"

---@class aistudios
---@field hosts aistudios.Hosts  base addresses of the service
---@field null lightuserdata     explicit JSON null; the same value as cjson.null
---@field api table<string, aistudios.Row>  every endpoint as data
---@field webhook aistudios.webhook  what the service reports by itself; needs luaossl
---@field storyboard aistudios.storyboard  a project to look at, as HTML and SVG
local M = { _VERSION = require "aistudios.util.version" }

local lazy = {
  hosts = function () return require "aistudios.config".hosts end,
  null = function () return require "aistudios.json".null end,
  api = function () return require "aistudios.endpoints" end,
  webhook = function () return require "aistudios.webhook" end,
  storyboard = function () return require "aistudios.project.storyboard" end,
}

setmetatable(M, { __name = "aistudios", __index = function (self, name)
  local load_it = lazy[name]
  if not load_it then return nil end
  local value = load_it()
  rawset(self, name, value)
  return value
end })

--- Makes a client. Options that are wrong raise; missing credentials and a
--- wrong environment are errors, and so is a part of the module that cannot be
--- loaded: nothing is loaded later than here that a request's answer needs.
---@param options? aistudios.Options
---@return aistudios.Client? client
---@return aistudios.Error? err
function M.new(options)
  if options == nil then options = {} end
  if type(options) ~= "table" then
    error("aistudios.new: a table of options is expected, got " .. type(options), 2)
  end
  local ok, problem = preload.client()
  if not ok then return nil, problem end
  local client, err, misuse = require "aistudios.client".new(options)
  if misuse then error(misuse, 2) end
  return client, err
end

--- Loads everything now: before a chroot, or in a game's loading screen.
---@return true? ok
---@return aistudios.Error? err  kind `file`: what is missing, and how to get it
M.preload = preload.everything

--- The built-in `assert` for results of this module: returns its arguments, or
--- raises the error as text, at the caller's line. Hosts in C show texts; an
--- error that is a table they show as "(null)".
---@generic T
---@param value? T
---@param ... any  the error first
---@return T value
---@return any ...
function M.assert(value, ...)
  if value then return value, ... end
  local err = ...
  error(err == nil and "assertion failed!" or tostring(err), 2)
end

local function expect_table(t, name)
  if type(t) ~= "table" then
    error(("aistudios.%s: a table is expected, got %s"):format(name, type(t)), 3)
  end
end

-- Options may be missing. `f(require "project")` passes what require returns
-- second, the name of the file.
local function expect_options(options, name)
  if options == nil or type(options) == "table" then return end
  error(require "aistudios.util.option_rules".no_table("aistudios." .. name, options), 3)
end

--- Marks a table as a list, also when it is empty.
---@generic T: table
---@param t T
---@return T t  the same table
function M.array(t)
  expect_table(t, "array")
  return require "aistudios.json".array(t)
end

--- Marks a table as an object.
---@generic T: table
---@param t T
---@return T t  the same table
function M.object(t)
  expect_table(t, "object")
  return require "aistudios.json".object(t)
end

local json -- aistudios.json, once a text was written or read

local function load_json()
  json = require "aistudios.json"
  return json
end

--- Writes a value as JSON text, exactly.
---@param value any
---@param options? aistudios.EncodeOptions
---@return string? text
---@return aistudios.Error? err  kind `invalid`; `err.problems[1].path` says where
function M.encode(value, options)
  return (json or load_json()).encode(value, options)
end

--- Reads JSON text. Null reads as `aistudios.null`, integral numbers as
--- integers.
---@param text string
---@return any value
---@return aistudios.Error? err  kind `invalid`
function M.decode(text)
  return (json or load_json()).decode(text)
end

--- Checks a project without sending it. Warnings are what may be meant but
--- seldom is; they keep no project from being sent.
---@param project aistudios.Project
---@param options? aistudios.CheckOptions
---@return true? ok
---@return aistudios.Error|aistudios.Problem[] err  of a project with errors, an error
--- whose `problems` lists them all, the warnings last (and alone as `warnings`);
--- else the list of warnings
function M.check(project, options)
  expect_table(project, "check")
  expect_options(options, "check")
  local index
  for name, value in pairs(options or {}) do
    local wrong = name ~= "models" and ("'%s' is not an option (models)"):format(tostring(name))
      or type(value) ~= "table" and "option 'models' is a table, got " .. type(value)
    index = not wrong and require "aistudios.project.model_checks".index(value)
    if index and not next(index) then wrong = "option 'models' holds no model" end
    if wrong then error("aistudios.check: " .. wrong, 2) end
  end
  local errors, warnings = require "aistudios.project.check"(project, index)
  if not errors[1] then return true, warnings end
  table.move(warnings, 1, #warnings, #errors + 1, errors)
  local err = require "aistudios.error".invalid(errors, "check")
  err.warnings = warnings
  return nil, err
end

--- What a project will amount to: scenes, characters, seconds of speech.
---@param project aistudios.Project
---@return aistudios.Estimate
function M.estimate(project)
  expect_table(project, "estimate")
  return require "aistudios.project.estimate"(project)
end

--- What changed from one project to another, by path.
---@param a aistudios.Project
---@param b aistudios.Project
---@return aistudios.Change[] changes  each shows itself as one line with tostring
function M.diff(a, b)
  expect_table(a, "diff")
  expect_table(b, "diff")
  return (require "aistudios.project.diff"(a, b))
end

--- Reads a project with {{name}} in its texts; `template:fill(values, options)`
--- makes a project of it. Every name is required.
---@param project aistudios.Project
---@param options? aistudios.FillOptions  for each `fill`
---@return aistudios.Template? template
---@return aistudios.Error? err  kind `invalid`: braces that begin no name
function M.template(project, options)
  expect_table(project, "template")
  local template = require "aistudios.project.template"
  local wrong = require "aistudios.util.option_rules".check_all("aistudios.template",
    template.options, options)
  if wrong then error(wrong, 2) end
  return template.new(project, options)
end

--- Begins a project: a plain table of the documented fields, with methods
--- that add scenes and clips to it.
---@param fields? table  name, orientation, resolution ...
---@return aistudios.ProjectBuilder
function M.project(fields)
  if fields ~= nil then expect_table(fields, "project") end
  return require "aistudios.project.builder"(fields)
end

return M
