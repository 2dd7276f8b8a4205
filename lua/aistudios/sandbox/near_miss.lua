-- SPDX-License-Identifier: MIT
--
-- near_miss: what was probably meant by a body or a path that is refused.

local json = require "aistudios.sandbox.json"
local suggest = require "aistudios.util.suggest"

local M = {}

local MOST_NAMES = 100 -- unknown names in one body that are looked at
local FARTHEST = 3 -- characters by which paths differ in length

local function sorted_names(object)
  local names = {}
  for name in pairs(object) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- The documented fields of an object that it does not have.
local function missing(object, nodes)
  local found = {}
  for _, node in ipairs(nodes) do
    for name in pairs(node.members) do
      if object[name] == nil then found[name] = true end
    end
  end
  return found
end

local function is_known(name, nodes)
  for _, node in ipairs(nodes) do
    if node.members[name] then return true end
  end
end

-- `left` counts down the names that are still compared with others: each costs.
local function miss_of(object, nodes, path, left)
  local free = missing(object, nodes)
  for _, name in ipairs(sorted_names(object)) do
    if not is_known(name, nodes) and left.names > 0 then
      left.names = left.names - 1
      local nearest = suggest.nearest(name, free)
      if nearest then
        return ("'%s%s' is not known, the nearest field is '%s'"):format(path, name, nearest)
      end
    end
  end
end

local in_object

local function in_items(list, member, path, left)
  for i, item in ipairs(list) do
    if type(item) == "table" then
      local miss = in_object(item, { member.children }, ("%s[%d]."):format(path, i - 1), left)
      if miss then return miss end
    end
  end
end

function in_object(object, nodes, path, left)
  local miss = miss_of(object, nodes, path, left)
  if miss then return miss end
  for _, node in ipairs(nodes) do
    for _, member in ipairs(node.order) do
      local value = object[member.name]
      if type(value) == "table" and value ~= json.null then
        local at = path .. member.name
        local inside = value[1] ~= nil and in_items(value, member, at, left)
            or value[1] == nil and next(member.children.members)
            and in_object(value, { member.children }, at .. ".", left)
        if inside then return inside end
      end
    end
  end
end

--- The first field of a body that nobody documents but that is near to one that
--- is documented and not there.
---@param body table
---@param rule table  of fields.compile
---@return string? text  naming both
function M.of_body(body, rule)
  return in_object(body, { rule }, "", { names = MOST_NAMES }) or nil
end

--- The same for the parts of a form.
---@param parts table[]
---@param rows table[]
---@return string? text
function M.of_form(parts, rows)
  local object, members = {}, {}
  for _, part in ipairs(parts) do object[part.name or ""] = true end
  for _, row in ipairs(rows) do members[row[1]] = true end
  return miss_of(object, { { members = members } }, "", { names = MOST_NAMES })
end

--- What is near to a path that there is not, or to a method of one.
---@param method string
---@param path string
---@param paths table<string, table<string, boolean>>  methods by path
---@return string text  "" when nothing is near
function M.of_path(method, path, paths)
  local methods = paths[path]
  if methods and not methods[method] then
    return "; this path takes " .. table.concat(sorted_names(methods), ", ")
  end
  local near = {}
  for known in pairs(paths) do
    if math.abs(#known - #path) <= FARTHEST then near[known] = true end
  end
  return suggest.hint(path, near)
end

return M
