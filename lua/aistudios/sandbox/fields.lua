-- SPDX-License-Identifier: MIT
--
-- fields: the documented fields of a call, and what is wrong with a body. A
-- field is a row { key, type, required=, enum=, min=, max=, address= }. A
-- text that is required is not blank. A key is a path, "updates.value[].type".
-- Fields that no row names are allowed.

local is_blank = require "aistudios.util.blank"
local json = require "aistudios.sandbox.json"
local public_url = require "aistudios.project.public_url"
local suggest = require "aistudios.util.suggest"

local M = {}

local function is_list(value)
  return type(value) == "table" and (value[1] ~= nil or next(value) == nil)
end

--- What a value may be: in words, and function (value) -> is it that?
---@type table<string, table>
M.kinds = {
  string = { "a string", function (v) return type(v) == "string" end },
  number = { "a number", function (v) return type(v) == "number" end },
  integer = { "an integer", function (v)
    return type(v) == "number" and math.tointeger(v) ~= nil
  end },
  boolean = { "a boolean", function (v) return type(v) == "boolean" end },
  array = { "an array", is_list },
  object = { "an object", function (v)
    return type(v) == "table" and v[1] == nil
  end },
}

local function new_node() return { order = {}, members = {} } end

local function member_of(node, name)
  local member = node.members[name]
  if not member then
    member = { name = name, children = new_node() }
    node.members[name] = member
    node.order[#node.order + 1] = member
  end
  return member
end

local function add_row(root, row)
  local member = { children = root }
  for name, brackets in row[1]:gmatch "([^.%[%]]+)(%[?%]?)" do
    member = member_of(member.children, name)
    if brackets == "[]" then member.is_list = true end
  end
  member.row = row
  local kind, null = row[2]:match "^(%a+)(|?%a*)$"
  member.kind = assert(M.kinds[kind], row[2])
  member.may_be_null = null == "|null"
end

--- Makes one rule of the rows of a call.
---@param rows table[]
---@return table rule
function M.compile(rows)
  local root = new_node()
  for _, row in ipairs(rows) do add_row(root, row) end
  return root
end

local function hint_of(value, enum)
  local names = {}
  for _, allowed in ipairs(enum) do names[tostring(allowed)] = true end
  return suggest.hint(value, names)
end

local check_members

local function check_value(value, member, path)
  local row = member.row
  if not row then return nil end
  if not member.kind[2](value) then
    return ("%s must be %s"):format(path, member.kind[1])
  end
  for i, allowed in ipairs(row.enum or {}) do
    if value == allowed then break end
    if i == #row.enum then
      return ("%s must be one of: %s%s"):format(path, table.concat(row.enum, ", "),
        hint_of(value, row.enum))
    end
  end
  if row.required and type(value) == "string" and is_blank(value) then
    return path .. " must not be empty"
  end
  local why = row.address and public_url(value)
  if why then return ("%s %s"):format(path, why) end
  if (row.min and value < row.min) or (row.max and value > row.max) then
    return ("%s must be from %s to %s"):format(path, row.min, row.max)
  end
end

local function check_items(list, member, path)
  for i, item in ipairs(list) do
    local at = ("%s[%d]"):format(path, i - 1)
    if next(member.children.members) then
      if type(item) ~= "table" then return at .. " must be an object" end
      local problem = check_members(item, member.children, at .. ".")
      if problem then return problem end
    end
  end
end

local function check_member(value, member, path)
  if value == nil or (value == json.null and not member.may_be_null) then
    local is_required = member.row and member.row.required
    return is_required and path .. " is required" or nil
  end
  if value == json.null then return nil end
  local problem = check_value(value, member, path)
  if problem or type(value) ~= "table" then return problem end
  if member.is_list or member.row and member.row[2] == "array" then
    return check_items(value, member, path)
  end
  return check_members(value, member.children, path .. ".")
end

-- A null where none is documented is as good as nothing.
function check_members(object, node, prefix)
  for _, member in ipairs(node.order) do
    local value = object[member.name]
    local problem = check_member(value, member, prefix .. member.name)
    if problem then return problem end
    if value == json.null and not member.may_be_null then object[member.name] = nil end
  end
end

--- Finds the first thing that is wrong.
---@param object table
---@param rule table
---@param prefix? string
---@return string? problem  naming the field as JSON counts, from 0
function M.problem_in(object, rule, prefix)
  return check_members(object, rule, prefix or "")
end

return M
