-- SPDX-License-Identifier: MIT
--
-- options: what a sandbox and a world can be told. One table of rows checks the
-- options of aistudios.sandbox.start, of new worlds and of scenarios.

local clock = require "aistudios.sandbox.clock"
local copy = require "aistudios.util.copy"
local suggest = require "aistudios.util.suggest"

local M = {}

--- A function that tells whether a value is a number within [low, high].
function M.is_number(low, high)
  return function (value)
    return type(value) == "number" and value >= low and value <= high and value < math.huge
  end
end

--- The same of integers; integral floats too.
function M.is_integer(low, high)
  return function (value)
    local integer = type(value) == "number" and math.tointeger(value)
    return integer and integer >= low and integer <= high
  end
end

--- The same of values of a type of Lua.
function M.is_of(kind) return function (value) return type(value) == kind end end

local is_number, is_integer, is_of = M.is_number, M.is_integer, M.is_of
local function is_text(value) return type(value) == "string" and value ~= "" end

local seconds = { is_number(0, math.huge), "a number of seconds from 0 up" }
local boolean = { is_of "boolean", "a boolean" }
local port = { is_integer(0, 65535), "an integer from 0 to 65535", is_integer = true }

local function with(rule, more)
  return copy(more, { rule[1], rule[2], is_integer = rule.is_integer })
end

-- { function (value) -> is it right, what it must be }
-- about        what it is, for editors (see spec/support/annotations)
-- default      its value when it is not given
-- of           "server": for the whole sandbox; "world": each world has its own;
--              "setting": of a world, and it can be changed at any time
-- is_integer   integral floats are taken too
-- type         for editors, where the values that are taken do not show it

---@type table<string, table>
M.rows = {
  host = { is_text, "a host", of = "server", default = "127.0.0.1", about = "to listen on" },
  port = with(port, { of = "server", default = 0, about = "0: any that is free" }),
  admin_port = with(port, { of = "server", default = -1, -- no admin interface
    about = "of the admin interface, 0: any that is free; none when absent; it has no TLS" }),
  tls = { is_of "table", "a table", of = "server", type = "{ cert: string, key: string }",
    about = "each the path of a PEM file or its text" },
  scenario = { function (value) return is_text(value) or type(value) == "table" end,
    "the name of a scenario, the path of a file, or a table", of = "server",
    about = "what goes wrong from the start on" },
  max_body = { is_integer(1, 1 << 40), "a number of bytes", of = "server", is_integer = true,
    default = 256 * 1024 * 1024, about = "the largest body of a request" },

  app_id = { is_text, "a string", of = "world", default = "sandbox-app",
    about = "the AppId that it knows" },
  user_key = { is_text, "a string", of = "world", about = "the UserKey that belongs to it",
    default = "5a4d6f78-0000-4000-8000-73616e64626f" },
  seed = { is_integer(math.mininteger, math.maxinteger), "an integer", of = "world",
    is_integer = true,
    about = "what ids, tokens, jitter and random faults follow from; random when absent" },
  clock = { function (value) return clock.parse(value) ~= nil end, (select(2, clock.parse())),
    of = "world", about = '"real" when absent',
    type = "string|{ mode?: string, time?: string|number, offset?: number }" },
  jwt = with(boolean, { of = "world", default = false,
    about = "whether tokens are JSON Web Tokens with an `exp`" }),

  render_seconds = with(seconds, { of = "setting", default = 2,
    about = "how long a render takes" }),
  build_seconds = with(seconds, { of = "setting",
    about = "how long a tool builds a project; as long as a render when absent" }),
  generated_seconds = with(seconds, { of = "setting", default = 3600,
    about = "how long a generated file can be fetched" }),
  token_seconds = with(seconds, { of = "setting", default = 86400,
    about = "how long a token is valid" }),
  list_lag = with(seconds, { of = "setting", default = 0,
    about = "until list_projects shows a project whose render was started" }),
  jitter = { is_number(0, 1), "a number from 0 to 1", of = "setting", default = 0,
    about = "the part of render_seconds by which renders differ" },
  stuck_at = { is_number(0, 100), "a number from 0 to 100", of = "setting",
    about = "renders get no further than that" },
  rate_limit = { is_integer(1, math.maxinteger), "a number of calls in a second from 1 up",
    of = "setting", is_integer = true, about = "more are answered 429; no limit when absent" },
  shape = { function (value) return value == "documented" or value == "observed" end,
    "\"documented\" or \"observed\"", of = "setting", default = "documented",
    about = "answers as the pages' tables have them, or as clients met them" },
  simple_video_exports = with(boolean, { of = "setting", default = true,
    about = "whether create_simple_video renders when isExport is not there: true as the "
      .. "vendor's samples assume, false as its table says" }),
  download_bytes = { is_integer(1, 1 << 50), "a number of bytes", of = "setting",
    is_integer = true, about = "the size of the videos; the plain one is 11,806 bytes" },
  download_rate = { function (value)
    return type(value) == "number" and value > 0 and value < math.huge
  end, "a number of bytes per second", of = "setting",
    about = "of one download, at most; no limit when absent" },
}

local rows = M.rows

local tls_rows = {
  cert = { is_text, "the path of a PEM file or its text" },
  key = { is_text, "the path of a PEM file or its text" },
}

-- The rows of some groups only.
local function rows_of(...)
  local groups, found = {}, {}
  for _, group in ipairs { ... } do groups[group] = true end
  for name, row in pairs(rows) do
    if groups[row.of] then found[name] = row end
  end
  return found
end

local server_rows, setting_rows = rows_of "server", rows_of "setting"
local world_rows = rows_of("world", "setting")

local function problem_in(options, known, prefix)
  if type(options) ~= "table" then return "options must be a table" end
  for name, value in pairs(options) do
    local row = known[name]
    if not row then
      return ("unknown option '%s%s'%s"):format(prefix, tostring(name),
        suggest.hint(name, known))
    elseif not row[1](value) then
      return ("option '%s%s' must be %s"):format(prefix, name, row[2])
    end
  end
end

-- Options and defaults, with the types that the service wants.
local function complete(options, known)
  local checked = {}
  for name, row in pairs(known) do
    local value = options[name]
    if value == nil then value = row.default end
    if row.is_integer and value ~= nil then value = math.tointeger(value) end
    checked[name] = value
  end
  if checked.clock then checked.clock = clock.parse(checked.clock) end
  return checked
end

--- Reads the options of a new world.
---@param options table
---@param defaults table  of what is not given, checked
---@return table? checked
---@return string? problem
function M.world(options, defaults)
  local problem = problem_in(options, world_rows, "")
  if problem then return nil, problem end
  return complete(setmetatable(options, { __index = defaults }), world_rows)
end

--- Reads settings: options of a world that can be changed at any time.
---@param settings table
---@return table? checked  those that are given
---@return string? problem
function M.settings(settings)
  local problem = problem_in(settings, setting_rows, "")
  if problem then return nil, problem end
  local checked = {}
  for name, value in pairs(settings) do
    checked[name] = setting_rows[name].is_integer and math.tointeger(value) or value
  end
  return checked
end

--- The settings among the options of a world.
---@param checked table
---@return table
function M.settings_of(checked)
  local found = {}
  for name in pairs(setting_rows) do found[name] = checked[name] end
  return found
end

-- ---- the options of start ----

--- The text of a PEM file, or what is such text already.
local function read_pem(value, name)
  if value:find("-----BEGIN", 1, true) then return value end
  local file, message = io.open(value, "rb")
  local text = file and file:read "a"
  if file then file:close() end
  if not text then return nil, ("tls.%s: %s"):format(name, message or "cannot be read") end
  return text
end

local function read_tls(tls, checked)
  if not tls then return nil end
  for _, name in ipairs { "cert", "key" } do
    if tls[name] == nil then return ("option 'tls.%s' is missing"):format(name), true end
  end
  for _, name in ipairs { "cert", "key" } do
    local text, message = read_pem(tls[name], name)
    if not text then return message, false end
    checked[name] = text
  end
end

--- The options of aistudios.sandbox.start with their defaults: those of the
--- server, TLS as the PEM texts `cert` and `key`, and `world`, those of its first
--- world.
---@param options? table
---@return table? checked
---@return string? problem
---@return boolean? is_wrong_use  the caller's mistake, not the machine's
function M.read(options)
  if options == nil then options = {} end
  local problem = problem_in(options, rows, "")
      or options.tls and problem_in(options.tls, tls_rows, "tls.")
  if problem then return nil, problem, true end
  local checked = complete(options, server_rows)
  checked.world = complete(options, world_rows)
  checked.tls = nil
  local is_wrong_use
  problem, is_wrong_use = read_tls(options.tls, checked)
  if problem then return nil, problem, is_wrong_use end
  return checked
end

return M
