-- SPDX-License-Identifier: MIT
--
-- cli.diagnosis: the checks of `aistudios doctor`, in the order in which they
-- depend on each other.

local aistudios = require "aistudios"
local connect = require "aistudios.cli.connect"
local files = require "aistudios.cli.files"
local profiles = require "aistudios.cli.profiles"
local uv = require "luv"

local M = {}

local LEAST_DISK = 1 << 30   -- bytes
local LEAST_DESCRIPTORS = 64 -- that a process may open still
local MOST_SKEW = 120        -- s

---@class aistudios.cli.Found
---@field ok boolean
---@field detail string
---@field hint? string

local function good(detail) return { ok = true, detail = detail } end
local function bad(detail, hint) return { ok = false, detail = detail, hint = hint } end

local checks = {}

--- Each check gets what the earlier ones found out, and may add to it.
function checks.versions()
  return good(("aistudios %s, %s, libcurl %s, libuv %s"):format(aistudios._VERSION, _VERSION,
    require "aistudios.core".libcurl, uv.version_string()))
end

function checks.host(seen)
  local profile, message = profiles.choose(seen.given)
  seen.profile = profile or {}
  seen.profile_problem = message
  seen.base_url = connect.base_url(seen.profile.host or seen.given.host)
    or aistudios.hosts.global
  seen.scheme, seen.name = seen.base_url:match "^(https?)://%[?([%w.:-]-)%]?:?%d*/?$"
  if not seen.name then
    return bad(seen.base_url .. " is no address",
      "--host takes global, deepbrain, china or an address such as https://app.aistudios.com")
  end
  for name, address in pairs(aistudios.hosts) do
    if address == seen.base_url then return good(("%s (%s)"):format(address, name)) end
  end
  return good(seen.base_url)
end

function checks.dns(seen)
  if not seen.name then return nil end
  local found, message = uv.getaddrinfo(seen.name, nil, { socktype = "stream" })
  if found and found[1] then return good(("%s is %s"):format(seen.name, found[1].addr)) end
  return bad(("%s: %s"):format(seen.name, message or "no address"),
    "is this machine online, and the name right?")
end

function checks.proxy(seen)
  if not seen.name then return nil end
  for _, name in ipairs { seen.scheme .. "_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" } do
    local value = os.getenv(name)
    if value and value ~= "" and not (seen.scheme == "http" and name == "HTTPS_PROXY") then
      return good(("%s: %s"):format(name, (value:gsub("//[^/@]*@", "//"))))
    end
  end
  return good "none"
end

function checks.ca_file()
  for _, name in ipairs { "SSL_CERT_FILE", "CURL_CA_BUNDLE" } do
    local path = os.getenv(name)
    if path and path ~= "" then
      local text, message = files.read(path)
      if not text then return bad(("%s: %s"):format(name, message)) end
      if not text:find("-----BEGIN CERTIFICATE-----", 1, true) then
        return bad(("%s: no certificate in %s"):format(name, path),
          "a PEM file of certificate authorities is expected")
      end
      return good(("%s: %s"):format(name, path))
    end
  end
  return good "the system's"
end

function checks.key(seen)
  local profile = seen.profile
  if seen.profile_problem then return bad(seen.profile_problem) end
  if not (profile.app_id and profile.user_key) then
    return bad("no AppId and UserKey", "aistudios auth login stores them")
  end
  return good(profile.source == "environment" and "from the environment"
    or ("profile %s of %s"):format(profile.name, profiles.path()))
end

--- The client that the checks below share, and what it is told.
local function open(seen)
  local profile = seen.profile
  if not (profile.app_id and profile.user_key and seen.name) then return nil end
  local ok, client, err = pcall(aistudios.new, {
    app_id = profile.app_id, user_key = profile.user_key, base_url = seen.base_url,
    retries = 0, timeout = { connect = 10, total = 20 },
    on_event = function (event)
      if event.type == "received" then seen.event = event end
    end,
  })
  if not ok then err = { message = tostring(client), kind = "invalid" } end
  return ok and client, err
end

function checks.token(seen)
  local client <close>, err = open(seen)
  if not client then return err and bad(err.message) or nil end
  local began, _ = os.time(), nil
  _, err = client:get_token()
  seen.asked = (began + os.time()) / 2
  if not err then return good "the keys were taken; one was issued" end
  local found = bad(err.message, err.kind == "auth" and "compare the keys, and --host"
    or "the checks above may say why")
  found.is_refused = err.kind == "auth" or err.outcome == "rejected"
  return found
end

function checks.tls(seen)
  local event = seen.event
  if not event or not seen.scheme then return nil end
  if seen.scheme == "http" then return bad("none: the address begins with http://",
    "keys and videos can be read on their way") end
  if event.failure == "tls" then
    return bad("the connection is not trusted", "clock, CA file, or a proxy that reads along?")
  end
  return event.timing and event.timing.tls > 0
    and good(("HTTP/%s, after %.0f ms"):format(event.http_version or "?",
      event.timing.tls * 1000)) or nil
end

function checks.clock(seen)
  local time = seen.event and seen.event.server_time
  if not time then return nil end
  local skew = os.difftime(math.floor(seen.asked), time)
  local detail = ("%+.0f s from the service's"):format(skew)
  if math.abs(skew) <= MOST_SKEW then return good(detail) end
  return bad(detail, "set this machine's clock: certificates and tokens depend on it")
end

function checks.disk()
  local state = uv.fs_statfs "."
  if not state then return nil end
  local free = state.bavail * state.bsize
  local detail = ("%.1f GB free here"):format(free / 1e9)
  if free >= LEAST_DISK then return good(detail) end
  return bad(detail, "a video may not fit")
end

function checks.state()
  local path = files.state_directory()
  local ok, message = files.make_directory(path)
  ok = ok and uv.fs_access(path, "RW")
  if ok then return good(path) end
  return bad(("%s: %s"):format(path, message or "may not be written"),
    "tokens cannot be kept between commands")
end

function checks.descriptors()
  local limits = files.read "/proc/self/limits"
  local most = limits and math.tointeger(limits:match "Max open files%s+(%d+)")
  if not most then return nil end
  local detail = ("a process may open %d"):format(most)
  if most >= LEAST_DESCRIPTORS then return good(detail) end
  return bad(detail, "ulimit -n 1024")
end

local order = { "versions", "host", "dns", "proxy", "ca_file", "key", "token", "tls", "clock",
  "disk", "state", "descriptors" }

--- Runs all checks.
---@param given table
---@param on_found fun(name: string, found: aistudios.cli.Found)  what cannot be told is left out
function M.run(given, on_found)
  local seen = { given = given }
  for _, name in ipairs(order) do
    local found = checks[name](seen)
    if found then on_found(name, found) end
  end
end

return M
