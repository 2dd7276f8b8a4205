-- SPDX-License-Identifier: MIT
--
-- edit_checks: what edit_project writes over fields of clips has the types and
-- ranges of those fields. None is required, at any depth.

local field_checks = require "aistudios.project.field_checks"
local schema = require "aistudios.project.schema"

--- The same fields, of which some may be given.
local function partial(fields)
  local out = {}
  for name, field in pairs(fields) do
    local rule = {}
    for key, value in pairs(field) do rule[key] = value end
    rule.required, rule.fields = nil, field.fields and partial(field.fields)
    out[name] = rule
  end
  return out
end

local kinds = { background = partial(schema.background) }
for kind, fields in pairs(schema.clips) do kinds[kind] = partial(fields) end
kinds.aiModel.script = nil -- a text in the documentation's sample, an object in clips

local function check_values(walk, update)
  local fields = kinds[update.type]
  if fields and type(update.values) == "table" then
    field_checks.descend(walk, "values", field_checks.check_fields, update.values, fields)
  end
end

--- Adds what is wrong with the values of a list of updates, which the walk has reached.
---@param walk aistudios.project.Walk
---@param updates any
return function (walk, updates)
  if type(updates) ~= "table" then return end
  for i, update in ipairs(updates) do
    if type(update) == "table" then field_checks.descend(walk, i, check_values, update) end
  end
end
