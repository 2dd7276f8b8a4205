-- SPDX-License-Identifier: MIT
--
-- option_rules: checks tables of options against a table of rules. A rule is a
-- function of the value that returns what it must be when it is not. Values
-- are never printed but for numbers: an option may be a secret.

local format = require "aistudios.util.decimal".format

local M = {}

local function is_number(value)
  return type(value) == "number" and value == value
end

--- A number within [low, high]; `math.huge` where `high` is absent.
---@param low number
---@param high? number
function M.number(low, high)
  high = high or math.huge
  return function (value)
    if is_number(value) and value >= low and value <= high then return nil end
    return high == math.huge and format("a number from %g up", low)
        or format("a number from %g to %g", low, high)
  end
end

--- A number above zero, in seconds; `math.huge` means no limit.
function M.seconds(value)
  if is_number(value) and value > 0 then return nil end
  return "a number of seconds above 0"
end

--- An integer (an integral float too) within [low, high].
---@param low integer
---@param high integer
function M.integer(low, high)
  return function (value)
    if is_number(value) and math.tointeger(value)
        and value >= low and value <= high then
      return nil
    end
    return ("an integer from %d to %d"):format(low, high)
  end
end

--- A string of at least one character, no control characters, valid UTF-8.
function M.text(value)
  if type(value) ~= "string" then return "a string" end
  if value == "" then return "a string that is not empty" end
  if value:find("[\0-\31\127]") then
    return "a string without control characters (is there a line end in it?)"
  end
  if not utf8.len(value) then return "a string of valid UTF-8" end
end

--- A string that can stand in a header line as it is.
function M.header(value)
  if type(value) ~= "string" then return "a string" end
  if value == "" then return "a string that is not empty" end
  if value:find("[^\33-\126]") then
    return "printable ASCII without blanks (is there a line end in it?)"
  end
end

function M.boolean(value)
  if type(value) ~= "boolean" then return "a boolean" end
end

--- A function, or something that can be called like one.
function M.callable(value)
  if type(value) == "function" then return nil end
  local meta = getmetatable(value)
  if type(meta) == "table" and meta.__call then return nil end
  return "a function"
end

--- What was given instead, or "" when that says nothing or could be a secret.
local function got(value, rule)
  if type(value) == "string" then return "" end
  if is_number(value) and rule ~= M.text and rule ~= M.header then
    return format(" (got %.14g)", value)
  end
  return " (got " .. type(value) .. ")"
end

local function names_of(rules)
  local names = {}
  for name in pairs(rules) do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, ", ")
end

--- What to say of a name that is no option.
local function unknown(what, rules, name, prefix, fields)
  local field = fields and fields[name]
  if field then
    return ("%s: '%s' is a field, not an option: it belongs into %s"):format(what, name,
      type(field) == "string" and field or "the table of fields, before the options")
  end
  return ("%s: unknown option '%s%s'%s"):format(what, prefix, tostring(name),
    require "aistudios.util.suggest".hint(name, rules))
end

--- Looks at every option that is given.
---@param what string   who is asked, e.g. "aistudios.new"
---@param rules table<string, function|table>  a table is for a table of options
---@param given table
---@param prefix? string
---@param fields? table<string, any>  names that belong elsewhere; a text says where
---@return string? message  nil when all is well
---@return string? name     the option that the message is about
function M.check(what, rules, given, prefix, fields)
  prefix = prefix or ""
  for name, value in pairs(given) do
    local rule = rules[name]
    if rule == nil then return unknown(what, rules, name, prefix, fields), name end
    local wanted
    if type(rule) == "function" then
      wanted = rule(value)
    elseif type(value) ~= "table" then
      wanted = "a table of " .. names_of(rule)
    else
      local message = M.check(what, rule, value, prefix .. name .. ".")
      if message then return message, name end
    end
    if wanted then
      return ("%s: option '%s%s' must be %s%s")
          :format(what, prefix, name, wanted, got(value, rule)), name
    end
  end
end

--- Limits of a client or a call: seconds above 0; math.huge: no limit.
M.timeouts = { connect = M.seconds, stall = M.seconds, total = M.seconds }

local function timeout(value)
  if type(value) == "number" then return M.seconds(value) end
  if type(value) ~= "table" then return "a number of seconds or a table" end
  local message = M.check("timeout", M.timeouts, value)
  return message and "a table of connect, stall and total, each a number of "
    .. "seconds above 0"
end

--- What every call takes.
M.of_a_call = {
  timeout = timeout, retries = M.integer(0, 10), on_progress = M.callable,
}

--- What is said of options that are no table: `f(require "project")` hands on
--- the file name that `require` returns besides.
---@param what string
---@param given any
---@return string message
function M.no_table(what, given)
  local hint = type(given) == "string" and ("; with require \"project\" write "
    .. "%s((require \"project\")): require returns a file name too"):format(what) or ""
  return ("%s: options must be a table, got %s%s"):format(what, type(given), hint)
end

--- Checks a table of options that may be absent.
---@param what string
---@param rules table<string, function|table>
---@param given any
---@param fields? table<string, any>  names that belong elsewhere; a text says where
---@return string? message
function M.check_all(what, rules, given, fields)
  if given == nil then return nil end
  if type(given) ~= "table" then return M.no_table(what, given) end
  return (M.check(what, rules, given, nil, fields))
end

--- Every name that is an option of some call. No request has such a field.
M.names = {}
for name in ([[timeout retries on_progress to overwrite session_token deadline stalled
  interval longest_interval on_token export lowest_speed]]):gmatch "%S+" do M.names[name] = true end

--- Is an option among the fields? There it would be sent, and do nothing.
---@param what string
---@param rules table<string, function|table>  what the method takes
---@param given table
---@param fields table<string, any>  what the request has
---@return string? message
function M.check_fields(what, rules, given, fields)
  for name in pairs(given) do
    if M.names[name] and not fields[name] then
      return ("%s: '%s' is an option, not a field%s"):format(what, name, rules[name]
        and ": it belongs into a table of its own, after the fields"
        or ", and not one of this call")
    end
  end
end

--- What is wrong with an argument that must be a string.
---@param what string  the method
---@param name string  the argument
---@param value any
---@return string? message
function M.expect_text(what, name, value)
  if type(value) == "string" then return nil end
  return ("%s: %s must be a string, got %s"):format(what, name,
    value == nil and "nothing" or type(value))
end

return M
