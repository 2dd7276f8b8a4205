-- SPDX-License-Identifier: MIT
--
-- config: the options of `aistudios.new`, checked and completed from the
-- environment. What comes out is split in two: `core` has the secrets and
-- goes to the C core, `policy` has none and stays with the client.

local core = require "aistudios.core"
local copy = require "aistudios.util.copy"
local errors = require "aistudios.error"
local options = require "aistudios.util.option_rules"
local trim = require "aistudios.util.trim"
local url = require "aistudios.util.url"
local version = require "aistudios.util.version"
local os = rawget(_G, "os") -- a C program may leave it out, or refuse such globals

local M = {}

--- Base addresses of the service. `global` is the default, as on the vendor's
--- newest pages; older ones name `deepbrain`. A token of one host need not work
--- on another.
---@class aistudios.Hosts
M.hosts = {
  deepbrain = "https://app.deepbrain.io",
  global = "https://app.aistudios.com",
  china = "https://app.aistudios.cn",
}

local STREAMING_URL = "https://ai-streamer.deepbrain.io"
local TOKEN_PATH = "/api/odin/v3/auth/token"
local MOST_BYTES = 1 << 40

---@class aistudios.Timeouts  seconds above 0; math.huge: no limit
---@field connect? number  for name, connection and TLS (10)
---@field stall? number    without a single byte either way (30)
---@field total? number    for the whole call with its repeats (120; downloads: none)

local function address(value)
  if type(value) ~= "string" then return "a string" end
  local base, wanted = url.base(value)
  return not base and wanted or nil
end

local function proxy(value)
  if value == false or value == "" then return nil end
  return options.text(value) and "the address of a proxy, or false for none"
end

--- Waits until the client's descriptor is readable or `seconds` (nil: no
--- limit) are over, or a while; returns false to let the client block. It may
--- be a callable table, like those in aistudios.host; then `wake(client)` is
--- called after jobs have run, and `close(client)` before the client closes.
---@alias aistudios.Wait fun(client: aistudios.Client, seconds: number?): false?

---@class aistudios.Options
---@field app_id? string       AppId; else the environment's AISTUDIOS_APP_ID
---@field user_key? string     UserKey, a secret; else AISTUDIOS_USER_KEY
---@field token? string        an access token issued elsewhere, used as it is
---@field token_store? string  a file in which processes of one account share their token
---@field base_url? string     else AISTUDIOS_BASE_URL, else `hosts.global`
---@field streaming_url? string  of the live avatar; else AISTUDIOS_STREAMING_URL
---@field timeout? aistudios.Timeouts
---@field retries? integer     automatic repeats of a call, 0 to 10 (2)
---@field max_in_flight? integer  requests at once, 1 to 1024 (16); the rest waits its turn
---@field max_response_bytes? integer  largest answer kept in memory (64 MiB)
---@field ca_file? string      PEM file of the only authorities; else SSL_CERT_FILE, CURL_CA_BUNDLE
---@field proxy? string|false  as libcurl takes it; false: none; else the environment's; never
--- for a service of this machine
---@field user_agent? string   (aistudios-lua/VERSION)
---@field check? boolean       check projects before they are sent (true)
---@field on_event? fun(event: aistudios.Event)  told what happens, without secrets; runs
--- inside whatever steps, and must not wait for another call of the same client
---@field wait? aistudios.Wait  how a blocking call waits; default: it blocks
local rules = {
  app_id = options.text,
  user_key = options.header,
  token = options.header,
  token_store = options.text,
  base_url = address,
  streaming_url = address,
  timeout = options.timeouts,
  retries = options.integer(0, 10),
  max_in_flight = options.integer(1, 1024),
  max_response_bytes = options.integer(1024, MOST_BYTES),
  ca_file = options.text,
  proxy = proxy,
  user_agent = options.text,
  check = options.boolean,
  on_event = options.callable,
  wait = options.callable,
}

--- Where curl and OpenSSL look for certificate authorities.
local function find_ca_file()
  for _, name in ipairs { "SSL_CERT_FILE", "CURL_CA_BUNDLE" } do
    local path = os and os.getenv(name)
    if path and path ~= "" then return path end
  end
end

local environment = {
  app_id = "AISTUDIOS_APP_ID",
  user_key = "AISTUDIOS_USER_KEY",
  base_url = "AISTUDIOS_BASE_URL",
  streaming_url = "AISTUDIOS_STREAMING_URL",
}

local credentials = { app_id = true, user_key = true, token = true }

--- A credential without the blanks and line ends that copying and files add.
local function tidy(option, value)
  if not credentials[option] or type(value) ~= "string" then return value end
  return trim(value)
end

--- Fills `chosen` from the environment where an option is absent. Beside a token,
--- credentials that cannot be used are passed over.
local function complete(chosen)
  for option, name in pairs(environment) do
    local value = os and tidy(option, os.getenv(name))
    if chosen[option] == nil and value and value ~= "" then
      local wanted = rules[option](value)
      if wanted and chosen.token and credentials[option] then
        value = nil
      elseif wanted then
        return errors.problem(option,
          ("the environment variable %s must be %s"):format(name, wanted))
      end
      chosen[option] = value
    end
  end
end

--- The error of a client without credentials, or nil.
local function missing(chosen)
  local names, variables = {}, {}
  if chosen.token then return nil end
  for _, option in ipairs { "app_id", "user_key" } do
    if not chosen[option] then
      names[#names + 1] = option
      variables[#variables + 1] = environment[option]
    end
  end
  if not names[1] then return nil end
  return errors.new {
    kind = "auth", outcome = "not_sent",
    message = ("no credentials: give aistudios.new the option %s, or set the "
      .. "environment variable %s; keys are made on the API key page at %s"):format(
      table.concat(names, " and "), table.concat(variables, " and "),
      url.base(chosen.base_url or M.hosts.global)),
  }
end

--- The error of a path that names no file for good, or nil.
local function check_paths(core_config)
  for _, option in ipairs { "token_store", "ca_file" } do
    local path = core_config[option]
    local _, message = core.absolute(path or "/")
    if message then return errors.problem(option, message, path) end
  end
end

--- What the C core is told.
local function for_core(chosen, policy)
  return {
    app_id = chosen.app_id,
    user_key = chosen.user_key,
    token = chosen.token,
    token_store = chosen.token_store,
    token_url = policy.base_url .. TOKEN_PATH,
    connect_timeout = policy.timeout.connect,
    stall_timeout = policy.timeout.stall,
    total_timeout = policy.timeout.total,
    retries = policy.retries,
    max_in_flight = policy.max_in_flight,
    max_response_bytes = policy.max_response_bytes,
    ca_file = chosen.ca_file or find_ca_file(),
    proxy = chosen.proxy == false and "" or chosen.proxy, -- libcurl's word for none
    user_agent = chosen.user_agent or "aistudios-lua/" .. version,
  }
end

--- Seconds, 0 for no limit.
local function timeouts(given)
  local out = { connect = 10, stall = 30, total = 120 }
  for name, seconds in pairs(given) do
    out[name] = seconds == math.huge and 0 or seconds
  end
  return out
end

---@class aistudios.Config
---@field core table     for core.client; has the secrets
---@field policy table   for the Lua side; has none

--- Reads the options of `aistudios.new`.
---@param given table
---@return aistudios.Config? config
---@return aistudios.Error? err   when the environment or the credentials are at fault
---@return string? misuse         when an option is wrong: to be raised
function M.read(given)
  local chosen = copy(given)
  for option in pairs(credentials) do chosen[option] = tidy(option, chosen[option]) end
  local misuse = options.check("aistudios.new", rules, chosen)
  if misuse then return nil, nil, misuse end
  local err = complete(chosen) or missing(chosen)
  if err then return nil, err end
  local given_timeout = chosen.timeout or {}
  local policy = {
    base_url = url.base(chosen.base_url or M.hosts.global),
    streaming_url = url.base(chosen.streaming_url or STREAMING_URL),
    max_in_flight = math.tointeger(chosen.max_in_flight or 16),
    timeout = timeouts(given_timeout),
    timeout_given = { connect = given_timeout.connect, stall = given_timeout.stall,
      total = given_timeout.total },
    retries = math.tointeger(chosen.retries or 2),
    max_response_bytes = math.tointeger(chosen.max_response_bytes or 64 << 20),
    check = chosen.check ~= false,
    on_event = chosen.on_event,
    wait = chosen.wait,
    is_token_given = chosen.token ~= nil,
  }
  local core_config = for_core(chosen, policy)
  err = check_paths(core_config)
  if err then return nil, err end
  return { core = core_config, policy = policy }
end

return M
