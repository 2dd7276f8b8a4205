-- SPDX-License-Identifier: MIT
--
-- template: a project with {{name}} in it, to be filled any number of times. The
-- type of a value follows from the field that holds the name: a text within a
-- text, a number where the field is a number. Every name is required.

local errors = require "aistudios.error"
local json = require "aistudios.json"
local placeholders = require "aistudios.project.placeholders"
local suggest = require "aistudios.util.suggest"

---@class aistudios.TemplateField
---@field name string
---@field type "string"|"integer"|"number"|"boolean"
---@field required true
---@field min? number
---@field max? number
---@field enum? string[]
---@field or_empty? true    "" is a value too
---@field nullable? true    aistudios.null is a value too
---@field paths string[]  where it stands

---@class aistudios.Template
---@field fields aistudios.TemplateField[]  in the order of their names
---@field package project table               a copy, with the names in it
---@field package scalars table<string, true>  paths where a value replaces the text
local Template = { __name = "aistudios.template" }
Template.__index = Template

local M = {}

local names = { string = "a text", integer = "an integer", number = "a number",
  boolean = "true or false" }

local function range(field)
  if field.enum then return ': "' .. table.concat(field.enum, '", "') .. '"' end
  if field.min and field.max then
    return (" from %.14g to %.14g"):format(field.min, field.max)
  end
  return field.min and (" of %.14g or more"):format(field.min) or ""
end

local fits = {
  string = function (field, value)
    if field.enum then
      for _, allowed in ipairs(field.enum) do
        if value == allowed then return true end
      end
      return false
    end
    if type(value) == "number" then return value - value == 0 end
    return type(value) == "string" and value:find "%S" ~= nil and utf8.len(value) ~= nil
  end,
  boolean = function (_, value) return type(value) == "boolean" end,
  number = function (field, value)
    return type(value) == "number" and value - value == 0
      and value >= (field.min or -math.huge) and value <= (field.max or math.huge)
  end,
}

function fits.integer(field, value)
  return fits.number(field, value) and value % 1 == 0
end

local function problem(problems, path, message, value)
  problems[#problems + 1] =
    { path = path, message = message, value = value, level = "error" }
end

local function check_values(self, values)
  local problems, known = {}, {}
  for _, field in ipairs(self.fields) do
    local value = values[field.name]
    known[field.name] = true
    if value == nil then
      problem(problems, field.name, ("is required: %s%s, for %s"):format(
        names[field.type], range(field), table.concat(field.paths, ", ")))
    elseif not (field.or_empty and value == "" or field.nullable and value == json.null)
        and not fits[field.type](field, value) then
      problem(problems, field.name, ("must be %s%s, for %s"):format(names[field.type],
        range(field), table.concat(field.paths, ", ")), value)
    end
  end
  local unknown = {}
  for name in pairs(values) do
    if not known[name] then unknown[#unknown + 1] = tostring(name) end
  end
  table.sort(unknown)
  for _, name in ipairs(unknown) do
    problem(problems, name, "is not a field of this template"
      .. suggest.hint(name, known), values[name])
  end
  return problems[1] and problems
end

--- A project with the values in their places; the template stays as it is.
--- The project still is to be checked, as any other.
---@param values table<string, string|number|boolean>
---@return table? project
---@return aistudios.Error? err  kind `invalid`: everything missing, wrong or unknown
function Template:fill(values)
  if type(values) ~= "table" then
    error("template:fill: a table of values is expected, got " .. type(values), 2)
  end
  local problems = check_values(self, values)
  if problems then return nil, errors.invalid(problems, "template") end
  return placeholders.fill(self.project, values, self.scalars)
end

--- "template of 2 fields: name, price"
function Template:__tostring()
  local all = {}
  for i, field in ipairs(self.fields) do all[i] = field.name end
  return ("template of %d field%s%s"):format(#all, #all == 1 and "" or "s",
    all[1] and ": " .. table.concat(all, ", ") or "")
end

-- The narrower of two kinds of value for one name; nil when none fits both.
local function narrower(a, b)
  if a == b or b == "string" then return a end
  if a == "string" then return b end
  if a ~= "boolean" and b ~= "boolean" then return "integer" end
end

local function add_placeholder(by_name, problems, placeholder)
  local field = by_name[placeholder.name]
  if not field then
    field = { name = placeholder.name, type = placeholder.type, required = true, paths = {} }
    by_name[placeholder.name] = field
  end
  local kind = narrower(field.type, placeholder.type)
  if not kind then
    return problem(problems, placeholder.path, ("{{%s}} is %s here, and %s elsewhere"):format(
      placeholder.name, names[placeholder.type], names[field.type]))
  end
  field.type = kind
  if placeholder.min then field.min = math.max(field.min or placeholder.min, placeholder.min) end
  if placeholder.max then field.max = math.min(field.max or placeholder.max, placeholder.max) end
  field.enum = field.enum or placeholder.enum
  local is_first = not field.paths[1]
  field.or_empty = placeholder.or_empty and (is_first or field.or_empty) or nil
  field.nullable = placeholder.nullable and (is_first or field.nullable) or nil
  field.paths[#field.paths + 1] = placeholder.path
end

--- Reads a project with {{name}} in its texts.
---@param project table
---@return aistudios.Template? template
---@return aistudios.Error? err  kind `invalid`: braces that name nothing, a name that
--- must be two things at once, a project that holds itself or is too deep
function M.new(project)
  local found, problems = placeholders.find(project)
  local by_name, fields, scalars = {}, {}, {}
  for _, placeholder in ipairs(found) do
    add_placeholder(by_name, problems, placeholder)
    if placeholder.type ~= "string" then scalars[placeholder.path] = true end
  end
  if problems[1] then return nil, errors.invalid(problems, "template") end
  for _, field in pairs(by_name) do fields[#fields + 1] = field end
  table.sort(fields, function (a, b) return a.name < b.name end)
  return setmetatable({ project = placeholders.fill(project, {}), fields = fields,
    scalars = scalars }, Template)
end

return M
