-- SPDX-License-Identifier: MIT
--
-- numbered: fields that the API counts, target_0 to target_9, which a caller may
-- give as one list. Problems name the list as the caller wrote it.

local field_checks = require "aistudios.project.field_checks"
local json = require "aistudios.json"

local report = field_checks.report

local M = {}

local MOST = 10 -- fields of one name

--- The list that a caller gave for numbered fields; a single value is a list of one.
local function list_of(value)
  if value == nil or value == json.null then return nil end
  if type(value) ~= "table" or value.path then return { value } end
  return value
end

--- The rule of a field; numbered ones share theirs.
---@param row aistudios.Row
---@param name any
---@return aistudios.Field?
function M.rule(row, name)
  if type(name) ~= "string" then return nil end
  return row.fields[name] or row.fields[(name:gsub("_%d$", "_{0..9}"))]
end

-- Checks a list that stands for the fields that begin with `prefix`.
local function check_list(walk, rule, name, list, prefix, body)
  for i, value in ipairs(list) do
    local counted = prefix .. (i - 1)
    if body[counted] ~= nil then
      report(walk, counted, ("is given twice: it is %s[%d] too"):format(name, i), value)
    end
  end
  field_checks.descend(walk, name, function ()
    for i, value in ipairs(list) do
      if i > MOST then
        report(walk, i, ("is more than the %d that the API takes"):format(MOST), value)
      elseif body[prefix .. (i - 1)] == nil then
        field_checks.check(walk, i, value, rule)
      end
    end
  end)
end

--- Checks the numbered fields of a body, and the lists that stand for them.
---@param row aistudios.Row
---@param body table  only read
---@param walk aistudios.project.Walk
function M.check(row, body, walk)
  for pattern, rule in pairs(row.numbered) do
    local prefix = pattern:match "^(.-){"
    local is_there, missing = false, rule.lists[1]
    for _, name in ipairs(rule.lists) do
      local list = list_of(body[name])
      if list then
        check_list(walk, rule, name, list, prefix, body)
        is_there, missing = is_there or list[1] ~= nil, name
      end
    end
    for i = 0, MOST - 1 do
      local name = prefix .. i
      local value = body[name]
      if value ~= nil and value ~= json.null then
        if i > 0 and not is_there then missing = prefix .. 0 end
        is_there = is_there or i == 0
        field_checks.check(walk, name, value, rule)
      end
    end
    if rule.required and not is_there then report(walk, missing, "is required") end
  end
end

--- Replaces the lists by numbered fields: targets by target_0 and so on.
---@param row aistudios.Row
---@param body table  checked; changed
function M.spread(row, body)
  for name, prefix in pairs(row.spread) do
    local list = list_of(body[name])
    body[name] = nil
    for i, value in ipairs(list or {}) do body[prefix .. (i - 1)] = value end
  end
end

return M
