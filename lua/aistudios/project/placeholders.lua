-- SPDX-License-Identifier: MIT
--
-- placeholders: where {{name}} occurs in a project, and copies of the project
-- with values in their place.

local json = require "aistudios.json"
local paths = require "aistudios.project.paths"
local schema = require "aistudios.project.schema"

local M = {}

---@class aistudios.project.Placeholder
---@field name string
---@field path string
---@field type "string"|"integer"|"number"|"boolean"
---@field min? number
---@field max? number
---@field enum? string[]
---@field or_empty? boolean
---@field nullable? boolean

local MAX_DEPTH = 128 -- levels of tables

local NAME = "{{%s*([%a_][%w_]*)%s*}}"

local scalar = { integer = true, number = true, boolean = true }

local function add_placeholders(found, problems, path, text, field)
  local whole = text:match("^%s*" .. NAME .. "%s*$")
  local kind = whole and field and scalar[field.type] and field.type or "string"
  for name in text:gmatch(NAME) do
    local placeholder = { name = name, path = path, type = kind }
    if whole and field then
      placeholder.enum = field.enum
      placeholder.or_empty, placeholder.nullable = field.or_empty, field.nullable
      if kind ~= "string" then placeholder.min, placeholder.max = field.min, field.max end
    end
    found[#found + 1] = placeholder
  end
  local rest = text:gsub(NAME, "")
  if rest:find("{{", 1, true) then
    problems[#problems + 1] = { path = path, value = text, level = "error",
      message = "{{ begins no name: a name is made of letters, digits and _ and"
        .. " ends with }}" }
  end
end

local function fields_of(field, value)
  local inside = field and field.items
  if inside == "clip" then inside = schema.clips[value.type] end
  return type(inside) == "table" and inside or {}
end

local search

-- Searches the members of a table; `inside` holds the tables around it.
local function search_members(found, problems, path, value, field, inside)
  local is_list = field and field.type == "list"
  local fields = not is_list and fields_of(field, value)
  for key, member in pairs(value) do
    if is_list or math.type(key) == "integer" then
      local item = is_list and { type = "object",
        items = type(member) == "table" and fields_of(field, member) or nil }
      search(found, problems, paths.join(path, key), member, item, inside)
    elseif type(key) == "string" then
      if key:find("{{", 1, true) then
        problems[#problems + 1] = { path = paths.join(path, key), value = key, level = "error",
          message = "{{ in the name of a field is not filled in" }
      end
      search(found, problems, paths.join(path, key), member, fields and fields[key], inside)
    end
  end
end

function search(found, problems, path, value, field, inside)
  if type(value) == "string" then
    if value:find("{{", 1, true) then add_placeholders(found, problems, path, value, field) end
  elseif type(value) == "table" then
    if inside[value] or inside.depth >= MAX_DEPTH then
      problems[#problems + 1] = { path = path, level = "error",
        message = inside[value] and "holds itself" or "is too deep" }
      return
    end
    inside[value], inside.depth = true, inside.depth + 1
    search_members(found, problems, path, value, field, inside)
    inside[value], inside.depth = nil, inside.depth - 1
  end
end

-- Most projects have no placeholders: found out before any path is made. True for
-- what is too deep. No table is searched twice.
local function has_braces(value, depth, without)
  if depth > MAX_DEPTH then return true end
  for key, member in pairs(value) do
    local kind = type(member)
    if type(key) == "string" and key:find("{{", 1, true) then return true end
    if kind == "string" then
      if member:find("{{", 1, true) then return true end
    elseif kind == "table" and not without[member] then
      without[member] = true
      if has_braces(member, depth + 1, without) then return true end
    end
  end
  return false
end

--- Every placeholder of a project, sorted by path.
---@param project table
---@param without? table<table, any>  tables that are known to hold none
---@return aistudios.project.Placeholder[] found
---@return aistudios.Problem[] problems  braces that name nothing or stand in the name
--- of a field, with the text as the value; tables that cannot be filled, without one
function M.find(project, without)
  local found, problems = {}, {}
  local known = {}
  for one in pairs(without or known) do known[one] = true end
  if not has_braces(project, 0, known) then return found, problems end
  search(found, problems, "", project, { type = "object", items = schema.project },
    { depth = 0 })
  return paths.sort(found), paths.sort(problems)
end

local function fill_text(text, values, is_scalar)
  local name = is_scalar and text:match("^%s*" .. NAME .. "%s*$")
  if name and values[name] ~= nil then return values[name] end
  return (text:gsub(NAME, function (inner)
    local value = values[inner]
    if type(value) == "number" then return json.encode(value) end
    if value ~= nil then return tostring(value) end
  end))
end

--- A copy of a project with the values filled in; names without a value stay.
---@param value any
---@param values table<string, any>
---@param scalars? table<string, true>  paths where a value replaces the text
---@param path? string
---@return any copy
function M.fill(value, values, scalars, path)
  path = path or ""
  if type(value) == "string" then
    if not value:find("{{", 1, true) then return value end
    return fill_text(value, values, scalars and scalars[path])
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, member in pairs(value) do
    copy[key] = M.fill(member, values, scalars, paths.join(path, key))
  end
  local meta = getmetatable(value) -- the mark of a list or an object
  if type(meta) == "table" and not (meta.__index or meta.__pairs) then
    setmetatable(copy, meta)
  end
  return copy
end

return M
