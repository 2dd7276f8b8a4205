-- SPDX-License-Identifier: MIT
--
-- cli.profiles: the credentials of the command. They come from the
-- environment, else from the file of `aistudios auth login`, which has a
-- profile for each account. A file that cannot be read is never written over.

local aistudios = require "aistudios"
local files = require "aistudios.cli.files"

local uv = require "luv"

local M = {}

local means_absent = { ENOENT = true, ENOTDIR = true } -- errors of stat
local DEFAULT = "default"
local VERSION = 1 -- of the file

---@class aistudios.cli.Profile
---@field app_id? string
---@field user_key? string
---@field host? string       a name of aistudios.hosts, or an address
---@field workspace? string  workspaceId of what is created

---@return string
function M.path()
  return files.config_directory() .. "/credentials.json"
end

local function is_profile(value)
  if type(value) ~= "table" then return false end
  for _, name in ipairs { "app_id", "user_key", "host", "workspace" } do
    if value[name] ~= nil and type(value[name]) ~= "string" then return false end
  end
  return true
end

--- All profiles of the file; none when it is not there.
---@return table<string, aistudios.cli.Profile>? profiles
---@return string? message  it is there, and cannot be used
function M.read()
  local path = M.path()
  local is_there, problem, name_of_problem = uv.fs_stat(path)
  if not is_there and not means_absent[name_of_problem] then return nil, problem end
  if not is_there then return {} end
  local text, message = files.read(path)
  if not text then return nil, message end
  if is_there.mode & tonumber("077", 8) ~= 0 then -- of another owner it stays, and is theirs
    uv.fs_chmod(path, tonumber("600", 8))
  end
  local content, err = aistudios.decode(text)
  local profiles = type(content) == "table" and content.profiles
  if err or type(profiles) ~= "table" then
    return nil, ("%s cannot be read: %s"):format(path,
      err and err.message or "there are no profiles in it")
  end
  for name, profile in pairs(profiles) do
    if not is_profile(profile) then
      return nil, ("%s cannot be read: profile '%s' is malformed"):format(path, name)
    end
  end
  return profiles
end

--- Writes all profiles.
---@param profiles table<string, aistudios.cli.Profile>
---@return true? ok
---@return string? message
function M.write(profiles)
  local text = assert(aistudios.encode({ version = VERSION,
    profiles = aistudios.object(profiles) }, { pretty = true, sort_keys = true }))
  return files.write_private(M.path(), text .. "\n")
end

local function set(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

--- The name of the profile that is meant.
---@param given { profile: string? }
---@return string
function M.name(given)
  return given.profile or set "AISTUDIOS_PROFILE" or DEFAULT
end

--- The host that is meant: that of the command line; that of the environment,
--- unless the command line names a profile; else the profile's own.
---@param given { host: string?, profile: string? }
---@param stored? aistudios.cli.Profile
---@return string?
function M.host(given, stored)
  return given.host or not given.profile and set "AISTUDIOS_BASE_URL" or stored and stored.host
end

--- Credentials of the environment. Half of them are none: another account's
--- key would go with them.
local function from_environment()
  local app_id, user_key = set "AISTUDIOS_APP_ID", set "AISTUDIOS_USER_KEY"
  if not app_id and not user_key then return nil end
  if app_id and user_key then return { app_id = app_id, user_key = user_key } end
  local there, missing = "AISTUDIOS_APP_ID", "AISTUDIOS_USER_KEY"
  if user_key then there, missing = missing, there end
  return nil, ("%s is set and %s is not: set both, or none to use a stored profile")
    :format(there, missing)
end

--- What a command is to use. A profile that is named on the command line comes
--- before the environment; one that the environment names, after it.
---@param given { profile: string?, host: string? }
---@return aistudios.cli.Profile? profile  perhaps without keys; `source` says whence they are
---@return string? message
function M.choose(given)
  local name = M.name(given)
  local own, message = from_environment()
  local is_asked_for = given.profile ~= nil
  if message and not is_asked_for then return nil, message end
  local profiles
  profiles, message = M.read()
  if not profiles and not (own and not is_asked_for) then return nil, message end
  local stored = (profiles or {})[name]
  if not stored and (is_asked_for or set "AISTUDIOS_PROFILE" and not own) then
    return nil, ("there is no profile '%s' in %s"):format(name, M.path())
  end
  stored = stored or {}
  if is_asked_for then own = nil end
  return {
    name = name, source = own and "environment" or stored.app_id and "file" or "none",
    app_id = own and own.app_id or stored.app_id,
    user_key = own and own.user_key or stored.user_key,
    host = M.host(given, stored), workspace = given.workspace or stored.workspace,
  }
end

return M
