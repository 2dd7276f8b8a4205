-- SPDX-License-Identifier: MIT
--
-- operations: what can be asked of a running sandbox, as rows. The methods of
-- aistudios.Sandbox and the admin interface run the same rows. A row is
--   name
--   method, path  of the admin interface, with {names} for what varies
--   about         a sentence
--   takes         the arguments: name = { kind, sentence, required =, names = },
--                 `names` those that it may be, as keys; kinds are those of
--                 fields.lua
--   run           function (context, arguments) -> a plain value, or nil and
--                 what is wrong, or `wait(seconds, function)`; context has
--                 service, state (of the world) and worlds
--   shown         function (result, arguments) -> what the admin interface
--                 sends, where it is not the result as JSON

local kinds = require "aistudios.sandbox.fields".kinds
local suggest = require "aistudios.util.suggest"

local M = { rows = {}, by_name = {} }

for _, group in ipairs { "requests", "projects", "control", "worlds" } do
  for _, row in ipairs(require("aistudios.sandbox.admin.rows." .. group)) do
    table.insert(M.rows, row)
    M.by_name[row.name] = row
  end
end

--- Finds what is wrong with the arguments of an operation.
---@param row table
---@param arguments table
---@return string? problem
function M.problem_of(row, arguments)
  for name, value in pairs(row.is_open and {} or arguments) do
    local rule = row.takes and row.takes[name]
    if not rule then
      return ("unknown argument '%s'%s"):format(tostring(name),
        suggest.hint(name, row.takes or {}))
    elseif not kinds[rule[1]][2](value) then
      return ("argument '%s' must be %s"):format(name, kinds[rule[1]][1])
    elseif rule.names and not rule.names[value] then
      return ("no %s of the name '%s'%s"):format(name, value, suggest.hint(value, rule.names))
    end
  end
  for name, rule in pairs(row.takes or {}) do
    if rule.required and arguments[name] == nil then return name .. " is required" end
  end
end

-- What `run` returned, as what the service returns to those who asked.
local function settle(service, result, problem)
  if type(result) ~= "table" or not result.resume then return result, problem end
  service.last_id = service.last_id + 1
  local id = service.last_id
  service.deferred[id] = function () return settle(service, result.resume()) end
  return nil, nil, id, result.seconds
end

--- Runs an operation.
---@param service table
---@param name string
---@param app_id? string  of the world; nil: the first
---@param arguments table
---@return any result       nil: there is none
---@return string? problem
---@return integer? id      neither: the service's `resume(id)` goes on with it
---@return number? seconds
function M.run(service, name, app_id, arguments)
  local row = M.by_name[name]
  local state = service.worlds:get(app_id)
  if not state then return nil, ("there is no world of the app_id '%s'"):format(app_id) end
  local problem = M.problem_of(row, arguments)
  if problem then return nil, problem end
  local context = { service = service, state = state, worlds = service.worlds }
  return settle(service, row.run(context, arguments))
end

return M
