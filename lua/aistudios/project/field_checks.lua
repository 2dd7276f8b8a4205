-- SPDX-License-Identifier: MIT
--
-- field_checks: compares values with the rules of their fields, those of projects
-- and those of requests, and reports what is wrong. Never changes a value.

local is_blank = require "aistudios.util.blank"
local json = require "aistudios.json"
local paths = require "aistudios.project.paths"
local format = require "aistudios.util.decimal".format
local suggest = require "aistudios.util.suggest"

local null = json.null

local M = {}

--- The state of one check: the keys from the outermost table to the one that is
--- being checked (1 to `depth`), and the problems found so far.
---@class aistudios.project.Walk
---@field depth integer
---@field problems aistudios.Problem[]
---@field types? table<string, aistudios.project.Check>  more types that a rule may have
---@field is_fetched? boolean  get_project returned the project: nulls read as nil in it
---@field clean? table<table, boolean>  scenes without problems, see project.validate

--- Checks the value of `key` in the table that the walk has reached.
---@alias aistudios.project.Check fun(walk: table, key: any, value: any, rule: table)

---@param types? table<string, aistudios.project.Check>
---@return aistudios.project.Walk
function M.walk(types)
  return { depth = 0, problems = {}, types = types or {} }
end

--- Adds a problem with the value of `key` (nil: with the table itself).
---@param walk aistudios.project.Walk
---@param key any
---@param message string
---@param value any
function M.report(walk, key, message, value)
  local path = ""
  for i = 1, walk.depth do path = paths.join(path, walk[i]) end
  if key ~= nil then path = paths.join(path, key) end
  walk.problems[#walk.problems + 1] =
    { path = path, message = message, value = value, level = "error" }
end

--- Calls `inside` for a table, one level deeper.
---@param walk aistudios.project.Walk
---@param key any
---@param inside fun(walk: aistudios.project.Walk, value: table, rules: any)
---@param value table
---@param rules any
function M.descend(walk, key, inside, value, rules)
  local depth = walk.depth + 1
  walk.depth, walk[depth] = depth, key
  inside(walk, value, rules)
  walk.depth = depth - 1
end

-- Reports what is wrong with a value, which no problem holds when it is secret.
local function refuse(walk, key, rule, message, value)
  if rule.is_secret then value = nil end
  M.report(walk, key, message, value)
end

local function describe(rule, value)
  local kind = type(value)
  if value == null then return "null" end
  if rule.is_secret then return "a " .. kind end
  if kind == "string" then
    return #value <= 40 and ('"%s"'):format(value) or "a string"
  elseif kind == "number" then
    return format("%.14g", value)
  elseif kind == "boolean" then
    return tostring(value)
  end
  return "a " .. kind
end

--- The values of an enumeration, in words.
---@param enum any[]
---@return string
function M.words(enum)
  local list = {}
  for i, value in ipairs(enum) do
    list[i] = type(value) == "string" and ('"%s"'):format(value) or tostring(value)
  end
  return table.concat(list, ", ")
end

local names = {
  string = "a string", boolean = "true or false", integer = "an integer",
  number = "a number", object = "a table of fields", list = "a list",
  id = "an id", file = "a file",
}

--- The bounds of a rule in words, to follow its type; "" when it has none.
---@param rule aistudios.project.Field
---@return string
function M.range(rule)
  local unit = rule.unit and " " .. rule.unit or ""
  if rule.min and rule.max then
    return format(" from %.14g to %.14g%s", rule.min, rule.max, unit)
  end
  return rule.min and format(" of %.14g%s or more", rule.min, unit) or ""
end

-- What a rule asks for, in words.
local function wanted(rule) return names[rule.type] .. M.range(rule) end

local is_number = { integer = true, number = true }
local LEAST, MOST = -0x1.fffffffffffffp+1023, 0x1.fffffffffffffp+1023

--- Is this a number that the rule allows?
---@param rule aistudios.project.Field
---@param value any
---@return boolean
function M.is_in_range(rule, value)
  return type(value) == "number" and value >= (rule.min or LEAST)
    and value <= (rule.max or MOST) and (rule.type ~= "integer" or value % 1 == 0)
end

---@param enum any[]
---@param value any
---@return boolean
function M.is_one_of(enum, value)
  for _, allowed in ipairs(enum) do
    if allowed == value then return true end
  end
  return false
end

local function refuse_type(walk, key, rule, value)
  local hint = ""
  if rule.type == "string" and type(value) == "number" and not rule.is_secret then
    local written = format("%.14g", value)
    hint = (not rule.enum or M.is_one_of(rule.enum, written))
      and ('; write "%s"'):format(written) or ": one of " .. M.words(rule.enum)
  elseif is_number[rule.type] and type(value) == "string"
      and M.is_in_range(rule, tonumber(value)) then
    hint = ("; write %s without quotes"):format(value:match "%S+")
  end
  if value == 0 and rule.zero then hint = "; " .. rule.zero end
  refuse(walk, key, rule,
    ("must be %s, not %s%s"):format(wanted(rule), describe(rule, value), hint), value)
end

local function refuse_choice(walk, key, rule, value)
  local hint = ""
  if type(value) == "string" then
    local meant, allowed = rule.meant and rule.meant[value:lower()], {}
    for _, one in ipairs(rule.enum) do allowed[one] = true end
    hint = meant and ("; did you mean '%s'?"):format(meant) or suggest.hint(value, allowed)
  end
  refuse(walk, key, rule,
    ("%s is not one of %s%s"):format(describe(rule, value), M.words(rule.enum), hint), value)
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
  local text = json.encode { [type(key) == "string" and key or "item"] = value }
  return text ~= nil and text:find("]", -2, true) ~= nil
end

local function check_items(walk, items, rule)
  for i, item in pairs(items) do
    if math.type(i) == "integer" then
      M.check(walk, i, item, rule)
    else
      M.report(walk, i, "does not belong into a list", item)
    end
  end
end

-- Every member of such an object is alike.
local function check_values(walk, object, rule)
  for name, value in pairs(object) do M.check(walk, name, value, rule) end
end

local function check_variant(walk, object, rule)
  local kind = object.type
  local variant = rule.variants[kind]
  if variant then return M.check_fields(walk, object, variant.fields) end
  if kind == nil then
    return M.report(walk, "type", ("is required: one of the %ss"):format(rule.name))
  end
  local meant = rule.meant[kind]
  M.report(walk, "type", ("%s is not a %s%s"):format(
    type(kind) == "string" and #kind <= 40 and ('"%s"'):format(kind) or "this", rule.name,
    meant and ("; did you mean '%s'?"):format(meant) or suggest.hint(kind, rule.variants)), kind)
end

local function check_object(walk, key, object, rule)
  if is_list(key, object) then
    return M.report(walk, key, "must be a table of fields, not a list", object)
  end
  local inside = rule.check or rule.variants and check_variant
    or rule.fields and M.check_fields or rule.values and check_values
  if inside then
    M.descend(walk, key, inside, object, rule.variants and rule or rule.fields or rule.values)
  end
end

local function check_list(walk, key, list, rule)
  if rule.is_filled and M.first_key(list) == nil then
    M.report(walk, key, "must not be empty", list)
  elseif not is_list(key, list) then
    M.report(walk, key, next(list) == nil and "must be a list, and is marked as an object"
      or "must be a list: write { { ... } } for one item", list)
  elseif rule.items then
    M.descend(walk, key, check_items, list, rule.items)
  end
end

--- Checks the value of `key` in the table that the walk has reached.
---@type aistudios.project.Check
function M.check(walk, key, value, rule)
  local kind = rule.type
  local own = walk.types[rule.is_count and "count" or kind]
  if own then return own(walk, key, value, rule) end
  if rule.nullable and value == null or rule.or_empty and value == ""
      or rule.is_flag and type(value) == "boolean" then return end
  if is_number[kind] then
    if not M.is_in_range(rule, value) then return refuse_type(walk, key, rule, value) end
  elseif kind == "object" or kind == "list" then
    if type(value) ~= "table" then return refuse_type(walk, key, rule, value) end
    return (kind == "list" and check_list or check_object)(walk, key, value, rule)
  elseif type(value) ~= kind then
    return refuse_type(walk, key, rule, value)
  end
  if rule.enum and not M.is_one_of(rule.enum, value) then
    return refuse_choice(walk, key, rule, value)
  end
  if rule.is_filled and is_blank(value) then
    return refuse(walk, key, rule, "must not be empty", value)
  end
  local why = rule.url
    and require "aistudios.project.public_url"(value, rule.url == "site")
  if why then M.report(walk, key, why, value) end
end

local function report_missing(walk, object, fields)
  local missing, others, sorted = {}, {}, {}
  for name, rule in pairs(fields) do
    missing[name] = rule.required and not (rule.nullable and walk.is_fetched) or nil
  end
  for name, member in pairs(object) do
    if member ~= null or fields[name] and fields[name].nullable then missing[name] = nil end
    if not fields[name] then others[name] = true end
  end
  for name in pairs(missing) do sorted[#sorted + 1] = name end
  table.sort(sorted)
  for _, name in ipairs(sorted) do
    local rule, near = fields[name], suggest.nearest(name, others)
    M.report(walk, name, ("is required: %s%s%s"):format(wanted(rule),
      rule.nullable and ", or aistudios.null" or "",
      near and ("; is '%s' meant for it?"):format(near) or ""))
  end
end

--- Checks the members of a table that the walk has reached. Unknown ones pass, and
--- null where it is not required.
---@param walk aistudios.project.Walk
---@param object table
---@param fields table<string, aistudios.project.Field>
function M.check_fields(walk, object, fields)
  for name, value in pairs(object) do
    local rule = fields[name]
    if rule and (value ~= null or rule.nullable) then M.check(walk, name, value, rule) end
  end
  report_missing(walk, object, fields)
end

return M
