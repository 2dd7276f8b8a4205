-- SPDX-License-Identifier: MIT
--
-- placeholders: where {{name}} occurs in a project, and copies of the project
-- with values in their place. A name is any text without }; {{{{ stands for the
-- two characters {{ themselves.

local is_blank = require "aistudios.util.blank"
local json = require "aistudios.json"
local paths = require "aistudios.project.paths"
local schema = require "aistudios.project.schema"

local find, match, sub = string.find, string.match, string.sub

local M = {}

---@class aistudios.project.Placeholder
---@field name string
---@field path string
---@field text string  that it is in
---@field type "string"|"integer"|"number"|"boolean"
---@field min? number
---@field max? number
---@field enum? string[]
---@field or_empty? boolean
---@field nullable? boolean
---@field is_html? boolean  stands in a text with markup

local MAX_DEPTH = 128 -- levels of tables

local scalar = { integer = true, number = true, boolean = true }

-- The name between {{ at `at` and the first } behind it, and the place behind its end;
-- nil when that is none, as where another {{ stands between, at `next`.
local function name_at(text, at, next, close)
  if not close or next and next < close or sub(text, close, close + 1) ~= "}}" then return nil end
  local name = match(sub(text, at + 2, close - 1), "^%s*(.*%S)")
  if name and sub(name, 1, 1) ~= "{" then return name, close + 2 end
end

-- The pieces of a text: every second one is a name, the others stay as they are.
-- The second result is true when some {{ begins no name. Takes time in proportion to the
-- text: no part of it is searched again.
local function parse(text)
  local pieces, literal, from, is_broken = {}, {}, 1, false
  local at, close = find(text, "{{", 1, true), 0
  while at do
    literal[#literal + 1] = sub(text, from, at - 1)
    from = at + 2
    local next = find(text, "{{", from, true)
    if close and close < from then close = find(text, "}", from, true) end
    local name, behind = name_at(text, at, next, close)
    if next == from then
      literal[#literal + 1], from = "{{", at + 4
      next = find(text, "{{", from, true)
    elseif name then
      pieces[#pieces + 1], pieces[#pieces + 2] = table.concat(literal), name
      literal, from = {}, behind
      if next and next < from then next = find(text, "{{", from, true) end
    else
      literal[#literal + 1], is_broken = "{{", true
    end
    at = next
  end
  literal[#literal + 1] = sub(text, from)
  pieces[#pieces + 1] = table.concat(literal)
  return pieces, is_broken
end

-- Is a text one placeholder and nothing else?
local function is_whole(pieces)
  return #pieces == 3 and is_blank(pieces[1] .. pieces[3])
end

local function problem(path, message, value)
  return { path = path, message = message, value = value, level = "error" }
end

local function add_placeholders(found, problems, path, text, field)
  local pieces, is_broken = parse(text)
  field = field or {}
  local is_typed = is_whole(pieces)
  local kind = is_typed and scalar[field.type] and field.type or "string"
  for i = 2, #pieces, 2 do
    local placeholder = { name = pieces[i], path = path, text = text, type = kind,
      is_html = field.is_html }
    if is_typed then
      placeholder.enum, placeholder.nullable = field.enum, field.nullable
      placeholder.or_empty = field.or_empty
      if kind ~= "string" then placeholder.min, placeholder.max = field.min, field.max end
    end
    found[#found + 1] = placeholder
  end
  if is_broken then
    problems[#problems + 1] = problem(path, "{{ begins no name that ends with }};"
      .. " {{{{ stands for {{ itself", text)
  end
end

local search

-- Searches the members of a table; `inside` holds the tables around it, and those in which
-- a table was found that holds itself or is too deep: they are searched once.
local function search_members(found, problems, path, value, field, inside)
  local is_list = field and field.type == "list"
  local fields = field and schema.fields_of(field, value)
  for key, member in pairs(value) do
    if is_list or math.type(key) == "integer" then
      search(found, problems, paths.join(path, key), member, field and field.items, inside)
    else
      if type(key) == "string" and find(key, "{{", 1, true) then
        problems[#problems + 1] =
          problem(paths.join(path, key), "{{ in the name of a field is not filled in", key)
      end
      search(found, problems, paths.join(path, key), member, fields and fields[key], inside)
    end
  end
end

function search(found, problems, path, value, field, inside)
  if type(value) == "string" then
    if find(value, "{{", 1, true) then add_placeholders(found, problems, path, value, field) end
  elseif type(value) == "table" then
    if inside.endless[value] then return end
    if inside[value] or inside.depth >= MAX_DEPTH then
      problems[#problems + 1] = problem(path, inside[value] and "holds itself" or "is too deep")
      inside.count = inside.count + 1
      return
    end
    local before = inside.count
    inside[value], inside.depth = true, inside.depth + 1
    search_members(found, problems, path, value, field, inside)
    inside[value], inside.depth = nil, inside.depth - 1
    inside.endless[value] = inside.count > before or nil
  end
end

-- Most projects have no placeholders: found out before any path is made. True for
-- what is too deep or holds itself. No table is searched twice; of one that is being
-- searched `seen` has "inside".
local function has_braces(value, depth, without, seen)
  if depth > MAX_DEPTH then return true end
  for key, member in pairs(value) do
    local kind = type(member)
    if type(key) == "string" and find(key, "{{", 1, true) then return true end
    if kind == "string" then
      if find(member, "{{", 1, true) then return true end
    elseif kind == "table" and seen[member] == "inside" then
      return true
    elseif kind == "table" and without[member] == nil and not seen[member] then
      seen[member] = "inside"
      if has_braces(member, depth + 1, without, seen) then return true end
      seen[member] = "done"
    end
  end
  return false
end

--- May a project hold placeholders, or is it too deep to tell, or without an end?
---@param project table
---@param without? table<table, any>  tables that are known to hold none
---@return boolean
function M.has_any(project, without)
  return has_braces(project, 0, without or {}, { [project] = "inside" })
end

--- Every placeholder of a project, or of another table, sorted by path.
---@param project table
---@param without? table<table, any>  tables that are known to hold none
---@return aistudios.project.Placeholder[] found
---@return aistudios.Problem[] problems  braces that begin no name or are in the name
--- of a field, with the text as the value; tables that cannot be filled, without one
function M.find(project, without)
  local found, problems = {}, {}
  if not M.has_any(project, without) then return found, problems end
  search(found, problems, "", project, { type = "object", fields = schema.project },
    { depth = 0, count = 0, endless = {} })
  return paths.sort(found), paths.sort(problems)
end

--- What is to be said of each placeholder that was not filled in.
---@param project table
---@param without? table<table, any>  as for `find`
---@return aistudios.Problem[] unfilled  sorted by path
---@return aistudios.Problem[] broken    as of `find`
function M.unfilled(project, without)
  local found, broken = M.find(project, without)
  for i, placeholder in ipairs(found) do
    found[i] = problem(placeholder.path, ("holds {{%s}}, which was not filled in; see"
      .. " aistudios.template"):format(placeholder.name), placeholder.text)
  end
  return found, broken
end

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }

local function fill_text(text, values, rule)
  local pieces = parse(text)
  if is_whole(pieces) and (rule == "scalar" or values[pieces[2]] == json.null) then
    return values[pieces[2]]
  end
  for i = 2, #pieces, 2 do
    local value = values[pieces[i]]
    value = type(value) == "number" and json.encode(value) or tostring(value)
    pieces[i] = rule == "html" and value:gsub("[&<>]", escapes) or value
  end
  return table.concat(pieces)
end

--- A copy of a project, with the values of all its names or without any.
---@param value any
---@param values? table<string, any>
---@param rules table<string, "scalar"|"html">  by path: a value replaces the whole
--- text, or is escaped
---@param path? string
---@return any copy
function M.fill(value, values, rules, path)
  path = path or ""
  if type(value) == "string" then
    if not values or not find(value, "{{", 1, true) then return value end
    return fill_text(value, values, rules[path])
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, member in pairs(value) do
    copy[key] = M.fill(member, values, rules, paths.join(path, key))
  end
  local meta = getmetatable(value) -- the mark of a list or an object
  if type(meta) == "table" and not (meta.__index or meta.__pairs) then
    setmetatable(copy, meta)
  end
  return copy
end

return M
