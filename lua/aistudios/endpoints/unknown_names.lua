-- SPDX-License-Identifier: MIT
--
-- unknown_names: fields that a row does not know. The API may know more than its
-- documentation, so they are sent as they are, but for those that are surely
-- meant for another: the service would ignore them, and charge.

local numbered = require "aistudios.endpoints.numbered"
local suggest = require "aistudios.util.suggest"

local M = {}

local SHORT = 8 -- a shorter name is meant for one that is a single edit away

--- Adds the places of all fields below `fields` to `places`, by name.
local function gather(fields, prefix, places)
  for name, rule in pairs(fields) do
    local path = prefix .. name
    if not name:find("{", 1, true) then places[name] = places[name] or path end
    if rule.fields then gather(rule.fields, path .. ".", places) end
    if rule.items and rule.items.fields then
      gather(rule.items.fields, path .. "[].", places)
    end
  end
  return places
end

--- What is to be said of a name; nil when it may be a field that only the API knows.
local function explain(row, fields, name)
  local places = gather(row.body_fields, "", {})
  if places[name] then return ("belongs elsewhere: %s"):format(places[name]) end
  local edits = #name < SHORT and 1 or 2
  local near = suggest.nearest(name, fields, edits)
  if not near and fields == row.body_fields then
    near = suggest.nearest(name, row.spread, edits)
  end
  local elsewhere = not near and suggest.nearest(name, places, edits)
  near = elsewhere and places[elsewhere] or near
  return near and ("is no field; did you mean '%s'?"):format(near)
end

local function check_object(row, fields, given, path, problems)
  for name, value in pairs(given) do
    local where = path == "" and tostring(name) or path .. "." .. tostring(name)
    local rule = fields[name] or path == "" and numbered.rule(row, name)
    if rule and type(value) == "table" then
      if rule.fields then check_object(row, rule.fields, value, where, problems) end
      local items = rule.items and rule.items.fields
      for i, item in ipairs(items and value or {}) do
        if type(item) == "table" then
          check_object(row, items, item, ("%s[%d]"):format(where, i), problems)
        end
      end
    elseif not rule and type(name) == "string" and not (path == "" and row.spread[name]) then
      local message = explain(row, fields, name)
      problems[#problems + 1] = message
        and { path = where, message = message, value = value, level = "error" }
    end
  end
end

--- Looks at all names of a body.
---@param row aistudios.Row
---@param body table
---@param problems aistudios.Problem[]  receives what is wrong
function M.check(row, body, problems)
  check_object(row, row.body_fields, body, "", problems)
end

return M
