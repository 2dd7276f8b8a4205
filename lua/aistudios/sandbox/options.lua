-- SPDX-License-Identifier: MIT
--
-- options: what aistudios.sandbox.start takes.

local suggest = require "aistudios.util.suggest"

local M = {}

local function is_integer(low, high)
  return function (value)
    local integer = type(value) == "number" and math.tointeger(value)
    return integer and integer >= low and integer <= high
  end
end

local function is_seconds(value)
  return type(value) == "number" and value >= 0 and value < math.huge
end

local function is_text(value) return type(value) == "string" and value ~= "" end

local rules = {
  host = { is_text, "a host" },
  port = { is_integer(0, 65535), "an integer from 0 to 65535" },
  app_id = { is_text, "a string" },
  user_key = { is_text, "a string" },
  render_seconds = { is_seconds, "a number of seconds from 0 up" },
  token_seconds = { is_seconds, "a number of seconds from 0 up" },
  build_seconds = { is_seconds, "a number of seconds from 0 up" },
  list_lag = { is_seconds, "a number of seconds from 0 up" },
  generated_seconds = { is_seconds, "a number of seconds from 0 up" },
  shape = { function (value) return value == "documented" or value == "observed" end,
    "\"documented\" or \"observed\"" },
  simple_video_exports = { function (value) return type(value) == "boolean" end, "a boolean" },
  jwt = { function (value) return type(value) == "boolean" end, "a boolean" },
  tls = { function (value) return type(value) == "table" end, "a table" },
  download_bytes = { is_integer(1, 1 << 50), "a number of bytes" },
  download_rate = { function (value)
    return type(value) == "number" and value > 0 and value < math.huge
  end, "a number of bytes per second" },
  max_body = { is_integer(1, 1 << 40), "a number of bytes" },
}

local tls_rules = {
  cert = { is_text, "the path of a PEM file or its text" },
  key = { is_text, "the path of a PEM file or its text" },
}

local defaults = {
  host = "127.0.0.1", port = 0,
  app_id = "sandbox-app", user_key = "5a4d6f78-0000-4000-8000-73616e64626f",
  render_seconds = 2, token_seconds = 86400, jwt = false,
  simple_video_exports = false,
  generated_seconds = 3600, list_lag = 0, shape = "documented",
  max_body = 256 * 1024 * 1024,
}

local function problem_in(options, known, prefix)
  for name, value in pairs(options) do
    local rule = known[name]
    if not rule then
      return ("unknown option '%s%s'%s"):format(prefix, tostring(name),
        suggest.hint(name, known))
    elseif not rule[1](value) then
      return ("option '%s%s' must be %s"):format(prefix, name, rule[2])
    end
  end
end

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

--- The options with their defaults; TLS as the PEM texts `cert` and `key`.
---@param options? table
---@return table? checked
---@return string? problem
---@return boolean? is_wrong_use  the caller's mistake, not the machine's
function M.read(options)
  if options == nil then options = {} end
  if type(options) ~= "table" then return nil, "options must be a table", true end
  local problem = problem_in(options, rules, "")
      or options.tls and problem_in(options.tls, tls_rules, "tls.")
  if problem then return nil, problem, true end
  local checked = {}
  for name, value in pairs(defaults) do checked[name] = value end
  for name, value in pairs(options) do checked[name] = value end
  for _, name in ipairs { "port", "max_body", "download_bytes" } do
    checked[name] = checked[name] and math.tointeger(checked[name])
  end
  checked.tls = nil
  local is_wrong_use
  problem, is_wrong_use = read_tls(options.tls, checked)
  if problem then return nil, problem, is_wrong_use end
  return checked
end

return M
