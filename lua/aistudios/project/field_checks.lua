-- SPDX-License-Identifier: MIT
--
-- field_checks: makes check functions from the schema's fields. Each checks one
-- value and reports what is wrong with it; a correct value costs no string and
-- no table.

local json = require "aistudios.json"
local paths = require "aistudios.project.paths"

local suggest = require "aistudios.util.suggest"

local null = json.null
local type, pairs, next, math_type = type, pairs, next, math.type

local M = {}

--- The state of one validation: the keys from the project to the table that is
--- being checked (1 to `depth`), and the problems found so far.
---@class aistudios.project.Walk
---@field depth integer
---@field problems? aistudios.Problem[]
---@field is_fetched boolean  get_project returned the project: nulls read as nil in it
---@field clean table<table, boolean>  scenes without problems, see project.validate

--- Checks the value of `key` in the table that the walk has reached.
---@alias aistudios.project.Check fun(walk: aistudios.project.Walk, key: any, value: any)

--- Adds a problem with the value of `key` (nil: with the table itself).
function M.report(walk, key, message, value)
  local path = ""
  for i = 1, walk.depth do path = paths.join(path, walk[i]) end
  if key ~= nil then path = paths.join(path, key) end
  local problems = walk.problems or {}
  walk.problems = problems
  problems[#problems + 1] =
    { path = path, message = message, value = value, level = "error" }
end

local report = M.report

local function describe(value)
  local kind = type(value)
  if value == null then return "null" end
  if kind == "string" then
    return #value <= 40 and ('"%s"'):format(value) or "a string"
  elseif kind == "number" then
    return ("%.14g"):format(value)
  elseif kind == "boolean" then
    return tostring(value)
  end
  return "a " .. kind
end

local names = {
  string = "a string", boolean = "true or false", integer = "an integer",
  number = "a number", object = "a table of fields", list = "a list",
}

--- Bounds and unit of a field in words; "" when it has none.
---@param field aistudios.project.Field
---@return string
function M.range(field)
  local unit = field.unit and " " .. field.unit or ""
  if field.min and field.max then
    return (" from %.14g to %.14g%s"):format(field.min, field.max, unit)
  elseif field.min then
    return (" of %.14g%s or more"):format(field.min, unit)
  end
  return ""
end

local function report_type(walk, key, field, value)
  if field.nullable and value == null then return end
  if field.or_empty and value == "" then return end
  local hint = ""
  if field.type == "string" and type(value) == "number" then
    local written, is_one = tostring(value), not field.enum
    for _, allowed in ipairs(field.enum or {}) do is_one = is_one or allowed == written end
    hint = is_one and ('; write "%s"'):format(written)
      or (': one of "%s"'):format(table.concat(field.enum, '", "'))
  elseif M.is_number[field.type] and type(value) == "string"
      and M.is_in_range(field, tonumber(value)) then
    hint = ("; write %s without quotes"):format(value:match "%S+")
  end
  if value == 0 and field.zero then hint = "; " .. field.zero end
  report(walk, key, ("must be %s%s, not %s%s"):format(names[field.type],
    M.range(field), describe(value), hint), value)
end

M.is_number = { integer = true, number = true }

local LEAST, MOST = -0x1.fffffffffffffp+1023, 0x1.fffffffffffffp+1023

--- Is this a number that the field may have?
---@param field aistudios.project.Field
---@param value any
---@return boolean
function M.is_in_range(field, value)
  return type(value) == "number" and value >= (field.min or LEAST)
    and value <= (field.max or MOST) and (field.type ~= "integer" or value % 1 == 0)
end

local function number(field)
  return function (walk, key, value)
    if not M.is_in_range(field, value) then report_type(walk, key, field, value) end
  end
end

local function choice(field)
  local allowed = {}
  for _, value in pairs(field.enum) do allowed[value] = true end
  return function (walk, key, value)
    if allowed[value] then return end
    if type(value) ~= "string" then
      return report_type(walk, key, field, value)
    end
    local meant = field.meant and field.meant[value:lower()]
    report(walk, key, ('%s is not one of "%s"%s'):format(describe(value),
      table.concat(field.enum, '", "'), meant and ("; did you mean '%s'?"):format(meant)
        or suggest.hint(value, allowed)), value)
  end
end

local function plain(field)
  local lua_type = field.type
  return function (walk, key, value)
    if type(value) ~= lua_type then report_type(walk, key, field, value) end
  end
end

local function address(field)
  local find_problem = require "aistudios.project.public_url"
  local site = field.url == "site"
  return function (walk, key, value)
    if type(value) ~= "string" then
      return report_type(walk, key, field, value)
    end
    local why = find_problem(value, site)
    if why then report(walk, key, why, value) end
  end
end

--- Calls `inside` with a table, one level deeper.
local function descend(walk, key, inside, value)
  local depth = walk.depth + 1
  walk.depth, walk[depth] = depth, key
  inside(walk, value)
  walk.depth = depth - 1
end

--- The first key that pairs shows; nil for an empty table.
---@param t table
---@return any
function M.first_key(t)
  local step, state, start = pairs(t)
  return (step(state, start))
end

-- Is a table written as a list? An empty one as its mark or its name says.
local function is_list(key, value)
  local first = M.first_key(value)
  if first ~= nil then return type(first) == "number" end
  local text = json.encode { [key] = value }
  return text ~= nil and text:find("]", -2, true) ~= nil
end

local function table_of_fields(field, inside)
  return function (walk, key, value)
    if type(value) ~= "table" then
      report_type(walk, key, field, value)
    elseif is_list(key, value) then
      report(walk, key, "must be a table of fields, not a list", value)
    elseif inside then
      descend(walk, key, inside, value)
    end
  end
end

local function list(field, inside)
  local function check_items(walk, items)
    for i, item in pairs(items) do
      if math_type(i) ~= "integer" then
        report(walk, i, "does not belong into a list", item)
      elseif type(item) == "table" then
        descend(walk, i, inside, item)
      else
        report(walk, i, "must be a table of fields, not " .. describe(item), item)
      end
    end
  end
  return function (walk, key, value)
    if type(value) ~= "table" then
      report_type(walk, key, field, value)
    elseif not is_list(key, value) then
      report(walk, key, next(value) == nil and "must be a list, and is marked as an object"
        or "must be a list: write { { ... } } for one item", value)
    elseif inside then
      descend(walk, key, check_items, value)
    end
  end
end

--- The check of this field's values.
---@param field aistudios.project.Field
---@param clip? fun(walk, clip: table)  checks a whole clip
---@return aistudios.project.Check
function M.field(field, clip)
  local rule = field.items or field
  local inside = rule.check or rule.variants and clip
    or rule.fields and M.object(rule.fields, clip)
  if field.type == "list" then return list(field, inside) end
  if field.type == "object" then return table_of_fields(field, inside) end
  if M.is_number[field.type] then return number(field) end
  if field.url then return address(field) end
  return field.enum and choice(field) or plain(field)
end

local function report_missing(walk, value, fields)
  local missing = {}
  for name, field in pairs(fields) do
    missing[name] = field.required and not (field.nullable and walk.is_fetched) or nil
  end
  local others = {}
  for name, member in pairs(value) do
    if member ~= null or fields[name] and fields[name].nullable then missing[name] = nil end
    if not fields[name] then others[name] = true end
  end
  local sorted = {}
  for name in pairs(missing) do sorted[#sorted + 1] = name end
  table.sort(sorted)
  for _, name in ipairs(sorted) do
    local field = fields[name]
    local near = suggest.nearest(name, others)
    report(walk, name, ("is required: %s%s%s%s"):format(names[field.type], M.range(field),
      field.nullable and ", or aistudios.null" or "",
      near and ("; is '%s' meant for it?"):format(near) or ""))
  end
end

--- The check of a table with these fields. Unknown fields pass, and null where a
--- field is not required.
---@param fields aistudios.project.Object
---@param clip? fun(walk, clip: table)
---@return fun(walk: aistudios.project.Walk, value: table)
function M.object(fields, clip)
  local checks, needed, nullable, count = {}, {}, {}, 0
  for name, field in next, fields do
    checks[name] = M.field(field, clip)
    nullable[name] = field.nullable
    if field.required then
      needed[name] = true
      count = count + 1
    end
  end
  return function (walk, value)
    local left = count
    for key, member in pairs(value) do
      local check = checks[key]
      if check and (member ~= null or nullable[key]) then
        if needed[key] then left = left - 1 end
        check(walk, key, member)
      end
    end
    if left > 0 then report_missing(walk, value, fields) end
  end
end

return M
