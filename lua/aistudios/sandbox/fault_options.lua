-- SPDX-License-Identifier: MIT
--
-- fault_options: what a fault may say of itself.

local faults = require "aistudios.sandbox.faults"
local suggest = require "aistudios.util.suggest"

local M = {}

local function is_count(value) return math.type(value) == "integer" and value >= 1 end
local function is_seconds(value)
  return type(value) == "number" and value >= 0 and value < math.huge
end
local function is_of(kind) return function (value) return type(value) == kind end end

local rules = {
  on = { is_of "string", "the name of an endpoint, \"download\" or \"any\"" },
  kind = { is_of "string", "the name of a fault" },
  nth = { is_count, "a count from 1" },
  times = { is_count, "a count from 1" },
  seconds = { is_seconds, "a number of seconds" },
  status = { function (value)
    return math.type(value) == "integer" and value >= 200 and value <= 599
  end, "an HTTP status from 200 to 599" },
  from = { function (value) return value == "api" or value == "gateway" end,
    "\"api\" or \"gateway\"" },
  retry_after = { function (value)
    return value == false or type(value) == "string" or is_seconds(value)
  end, "seconds, the text of a date, or false" },
  body = { is_of "string", "a string" },
  headers = { is_of "table", "a table: name, value" },
  act = { is_of "boolean", "a boolean" },
  code = { function (value)
    return type(value) == "string" or type(value) == "number"
  end, "a string or a number" },
  message = { is_of "string", "a string" },
  state = { is_of "string", "a string" },
  bytes = { is_count, "a count from 1" },
}

local common = { on = true, kind = true, nth = true, times = true }

local function options_of(kind)
  local options = {}
  for name in pairs(common) do options[name] = true end
  for _, name in ipairs(kind.takes) do options[name] = true end
  return options
end

--- Finds what is wrong with a fault.
---@param fault table
---@param endpoints table<string, any>  keyed by the names that `on` may take
---@return string? problem
function M.problem_of(fault, endpoints)
  local kind = faults.kinds[fault.kind]
  if not kind then
    return ("no fault of the kind '%s'%s"):format(tostring(fault.kind),
      suggest.hint(fault.kind, faults.kinds))
  end
  if not endpoints[fault.on] then
    return ("no endpoint of the name '%s'%s"):format(tostring(fault.on),
      suggest.hint(fault.on, endpoints))
  end
  local options = options_of(kind)
  for name, value in pairs(fault) do
    if not options[name] then
      return ("%s takes no '%s'%s"):format(fault.kind, tostring(name),
        suggest.hint(name, options))
    elseif not rules[name][1](value) then
      return ("'%s' must be %s"):format(name, rules[name][2])
    end
  end
end

return M
