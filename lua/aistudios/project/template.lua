-- SPDX-License-Identifier: MIT
--
-- template: a project with {{name}} in it, to be filled any number of times. The
-- type of a value follows from the field that holds the name: a text within a
-- text, a number where the field is a number. Every name is required.

local copy = require "aistudios.util.copy"
local errors = require "aistudios.error"
local field_checks = require "aistudios.project.field_checks"
local is_blank = require "aistudios.util.blank"
local json = require "aistudios.json"
local option_rules = require "aistudios.util.option_rules"
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

--- How values are read.
---@class aistudios.FillOptions
---@field empty? boolean   "" is a value for each text (false)
---@field coerce? boolean  texts as "48" and "true" are values for numbers and booleans (false)
---@field extra? boolean   values that the template has no name for are ignored (false)

---@class aistudios.Template
---@field fields aistudios.TemplateField[]  in the order of their names
---@field package project table    a copy, with the names in it
---@field package rules table<string, "scalar"|"html">  how a value is put, by path
---@field package options aistudios.FillOptions
local Template = { __name = "aistudios.template" }
Template.__index = Template

local M = {}

--- The rules of aistudios.FillOptions.
M.options = { empty = option_rules.boolean, coerce = option_rules.boolean,
  extra = option_rules.boolean }

local names = { string = "a text", integer = "an integer", number = "a number",
  boolean = "true or false" }

local function fits(field, value)
  if field.enum then return field_checks.is_one_of(field.enum, value) end
  if field.type == "boolean" then return type(value) == "boolean" end
  if field.type ~= "string" then return field_checks.is_in_range(field, value) end
  if type(value) == "number" then return value - value == 0 end
  return type(value) == "string" and not is_blank(value) and utf8.len(value) ~= nil
end

local words = { ["true"] = true, ["false"] = false }

-- The number or boolean that a text stands for; other values as they are.
local function coerce(field, value)
  if type(value) ~= "string" or field.type == "string" then return value end
  if field.type == "boolean" then
    local read = words[value:lower()]
    return read == nil and value or read
  end
  local number = value:find "^[%s%d.+-]+$" and tonumber(value)
  return number and math.tointeger(number) or number or value
end

local function problem(problems, path, message, value)
  problems[#problems + 1] =
    { path = path, message = message, value = value, level = "error" }
end

local function may_be(field, value, options)
  if value == "" then return field.or_empty or options.empty and field.type == "string" end
  return field.nullable and value == json.null or fits(field, value)
end

-- The values as they are filled in; or what is missing, wrong or unknown.
local function read_values(self, given, options)
  local values, problems, known = {}, {}, {}
  for _, field in ipairs(self.fields) do
    local value = given[field.name]
    if options.coerce then value = coerce(field, value) end
    values[field.name], known[field.name] = value, true
    if value == nil or not may_be(field, value, options) then
      problem(problems, field.name, ("%s %s%s, for %s"):format(
        value == nil and "is required:" or "must be", names[field.type],
        field.enum and ": " .. field_checks.words(field.enum) or field_checks.range(field),
        table.concat(field.paths, ", ")), value)
    end
  end
  local unknown = {}
  for name in pairs(options.extra and {} or given) do
    if not known[name] then unknown[#unknown + 1] = tostring(name) end
  end
  table.sort(unknown)
  for _, name in ipairs(unknown) do
    problem(problems, name, "is not a field of this template"
      .. suggest.hint(name, known), given[name])
  end
  return values, problems[1] and problems
end

--- A project with the values in their places; the template stays as it is.
--- The project still has to be checked, as any other.
---@param values table<string, string|number|boolean>
---@param options? aistudios.FillOptions  these count before those of the template
---@return table? project
---@return aistudios.Error? err  kind `invalid`: everything missing, wrong or unknown
function Template:fill(values, options)
  if type(values) ~= "table" then
    error("template:fill: a table of values is expected, got " .. type(values), 2)
  end
  local wrong = option_rules.check_all("template:fill", M.options, options)
  if wrong then error(wrong, 2) end
  local read, problems = read_values(self, values, copy(options, copy(self.options)))
  if problems then return nil, errors.invalid(problems, "template") end
  return placeholders.fill(self.project, read, self.rules)
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
---@param options? aistudios.FillOptions  for each `fill`
---@return aistudios.Template? template
---@return aistudios.Error? err  kind `invalid`: braces that begin no name, a name that
--- must be two things at once, a project that holds itself or is too deep
function M.new(project, options)
  local found, problems = placeholders.find(project)
  local by_name, fields, rules = {}, {}, {}
  for _, placeholder in ipairs(found) do
    add_placeholder(by_name, problems, placeholder)
    rules[placeholder.path] = placeholder.type ~= "string" and "scalar"
      or placeholder.is_html and "html" or nil
  end
  if problems[1] then return nil, errors.invalid(problems, "template") end
  for _, field in pairs(by_name) do fields[#fields + 1] = field end
  table.sort(fields, function (a, b) return a.name < b.name end)
  return setmetatable({ project = placeholders.fill(project, nil, rules), fields = fields,
    rules = rules, options = options or {} }, Template)
end

return M
