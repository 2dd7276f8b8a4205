-- SPDX-License-Identifier: MIT
--
-- fault_options: what a fault may say of itself.

local kinds = require "aistudios.sandbox.fault_kinds".rows
local checks = require "aistudios.sandbox.options"
local suggest = require "aistudios.util.suggest"

local M = {}

local is_integer, is_of = checks.is_integer, checks.is_of
local is_count, is_seconds = is_integer(1, math.maxinteger), checks.is_number(0, math.huge)

-- { function (value) -> is it right, what it must be, type = for editors }

---@type table<string, table>
M.rules = {
  on = { is_of "string", "the name of an endpoint, \"download\" or \"any\"" },
  kind = { is_of "string", "the name of a fault" },
  nth = { is_count, "a count from 1" },
  times = { function (value) return value == "always" or is_count(value) end,
    "a count from 1, or \"always\"" },
  probability = { checks.is_number(0, 1), "a number from 0 to 1" },
  seconds = { is_seconds, "a number of seconds" },
  status = { is_integer(200, 599), "an HTTP status from 200 to 599" },
  from = { function (value) return value == "api" or value == "gateway" end,
    "\"api\" or \"gateway\"" },
  retry_after = { function (value)
    return value == false or type(value) == "string" or is_seconds(value)
  end, "seconds, the text of a date, or false" },
  body = { is_of "string", "a string" },
  headers = { is_of "table", "a table: name, value", type = "table<string, string>" },
  act = { is_of "boolean", "a boolean" },
  code = { function (value)
    return type(value) == "string" or type(value) == "number"
  end, "a string or a number" },
  message = { is_of "string", "a string" },
  state = { is_of "string", "a string" },
  bytes = { is_count, "a count from 1" },
}

local rules = M.rules

local common = { on = true, kind = true, nth = true, times = true, probability = true }

local function options_of(kind)
  local options = {}
  for name in pairs(common) do options[name] = true end
  for _, name in ipairs(kind.takes) do options[name] = true end
  return options
end

local function names_of(rows)
  local names = {}
  for name in pairs(rows) do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, ", ")
end

--- Finds what is wrong with a fault.
---@param fault table
---@param endpoints table<string, any>  keyed by the names that `on` may take
---@return string? problem
function M.problem_of(fault, endpoints)
  local kind = kinds[fault.kind]
  if not kind then
    local hint = suggest.hint(fault.kind, kinds)
    if hint == "" then hint = "; there are: " .. names_of(kinds) end
    return ("no fault of the kind '%s'%s"):format(tostring(fault.kind), hint)
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

--- What there is to choose from.
---@return table  kinds: the options of each; options: what each must be; endpoints
function M.describe()
  local shown = { kinds = {}, options = {}, endpoints = {} }
  for name, kind in pairs(kinds) do
    local options = {}
    for option in pairs(options_of(kind)) do options[#options + 1] = option end
    table.sort(options)
    shown.kinds[name] = { about = kind.about, options = options }
  end
  for name, rule in pairs(rules) do shown.options[name] = rule[2] end
  for name in pairs(require("aistudios.sandbox.routes").names) do
    table.insert(shown.endpoints, name)
  end
  table.sort(shown.endpoints)
  return shown
end

return M
