-- SPDX-License-Identifier: MIT
--
-- cli.connect: the client of a command, from its profile, or of a sandbox that
-- lives as long as the command (AISTUDIOS_SANDBOX=1).

local aistudios = require "aistudios"
local errors = require "aistudios.error"
local files = require "aistudios.cli.files"
local optional = require "aistudios.cli.optional"
local profiles = require "aistudios.cli.profiles"

local M = {}

local SANDBOX_SECONDS = 2 -- that a render takes
local is_switch = { [""] = true, ["0"] = true, ["1"] = true }

---@class aistudios.cli.Connection
---@field client aistudios.Client
---@field profile aistudios.cli.Profile
---@field interval? number  seconds between polls, where the usual ones are too long
---@field sandbox? aistudios.Sandbox
local Connection = { __name = "aistudios.cli.connection" }
Connection.__index = Connection

function Connection:close()
  self.client:close()
  if self.sandbox then self.sandbox:close() end
end

--- The address that a name of a host, an address or nothing stands for.
---@param host? string
---@return string
function M.base_url(host)
  return aistudios.hosts[host or "global"] or host
end

--- Where the token of an account is kept between commands.
---@param profile aistudios.cli.Profile
---@return string
function M.token_path(profile)
  local host = M.base_url(profile.host)
  local name = (host .. " " .. (profile.app_id or "")):gsub("[^%w.-]", function (char)
    return ("%%%02X"):format(char:byte())
  end)
  return ("%s/token-%s.json"):format(files.state_directory(), name:sub(1, 200))
end

--- The file that commands share the token by; nil where it cannot be kept.
local function token_store(profile)
  return files.make_directory(files.state_directory()) and M.token_path(profile) or nil
end

local function failure(message, kind)
  return errors.new { kind = kind, message = message, outcome = "not_sent" }
end

--- A client; what is wrong with its options is an error too.
---@param options table
---@return aistudios.Client? client
---@return aistudios.Error? err
function M.new(options)
  local ok, client, err = pcall(aistudios.new, options)
  if ok then return client, err end
  return nil, failure((tostring(client):gsub("^.-aistudios%.new: ", "")), "invalid")
end

--- The sandbox of this command, where one is wanted (AISTUDIOS_SANDBOX=1).
---@return aistudios.Sandbox? sandbox
---@return aistudios.Error? err
function M.sandbox()
  local wanted = os.getenv "AISTUDIOS_SANDBOX" or ""
  if not is_switch[wanted] then -- "true" would else go to the service, which costs
    return nil, failure("AISTUDIOS_SANDBOX must be 1, or 0 for none", "invalid")
  end
  if wanted ~= "1" then return nil end
  local sandbox, message = optional.load("aistudios.sandbox", "aistudios-sandbox")
  if sandbox then sandbox, message = sandbox.start { render_seconds = SANDBOX_SECONDS }
  else message = "AISTUDIOS_SANDBOX is set: " .. message end
  if sandbox then return sandbox end
  return nil, failure(message, "file")
end

--- The account of a sandbox, as a profile.
---@param sandbox aistudios.Sandbox
---@return aistudios.cli.Profile
function M.sandbox_profile(sandbox)
  return { name = "sandbox", source = "sandbox", host = sandbox.url,
    app_id = sandbox.app_id, user_key = sandbox.user_key }
end

--- Connects a command.
---@param given { profile: string?, host: string? }
---@param hooks { on_event: fun(event: aistudios.Event), wait: aistudios.Wait }
---@return aistudios.cli.Connection? connection
---@return aistudios.Error? err
function M.open(given, hooks)
  local sandbox, problem = M.sandbox()
  if problem then return nil, problem end
  if sandbox then
    local client, err = M.new { base_url = sandbox.url, streaming_url = sandbox.url,
      app_id = sandbox.app_id, user_key = sandbox.user_key, on_event = hooks.on_event,
      wait = hooks.wait }
    if not client then return nil, err end
    return setmetatable({ client = client, sandbox = sandbox, interval = 0.25,
      profile = M.sandbox_profile(sandbox) }, Connection)
  end
  local profile, message = profiles.choose(given)
  if not profile then return nil, failure(message, "auth") end
  if not (profile.app_id and profile.user_key) then
    return nil, failure(("no AppId and UserKey: they are neither in the environment nor in "
      .. "profile '%s'"):format(profile.name), "auth")
  end
  local client, err = M.new { base_url = M.base_url(profile.host), app_id = profile.app_id,
    user_key = profile.user_key, token_store = token_store(profile),
    on_event = hooks.on_event, wait = hooks.wait }
  if not client then return nil, err end
  return setmetatable({ client = client, profile = profile }, Connection)
end

return M
