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
  return good(("aistudios %s, %s, %s, libuv %s"):format(aistudios._VERSION, _VERSION,
    require "aistudios.core".libcurl, uv.version_string()))
end

function checks.host(seen)
  local profile, message = seen.sandbox and connect.sandbox_profile(seen.sandbox), nil
  if not profile then profile, message = profiles.choose(seen.given) end
  seen.profile = profile or {}
  seen.profile_problem = message
  seen.base_url = seen.sandbox and seen.sandbox.url
    or connect.base_url(profiles.host(seen.given, profile))
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
      local scheme, rest = value:match "^(%a[%w+.-]*://)(.*)"
      return good(("%s: %s%s"):format(name, scheme or "", (rest or value):gsub("^.*@", "")))
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

local patience = { connect = 10, total = 20 } -- s

--- Asks with a token that is none: the service is reached, and says no.
function checks.connection(seen)
  if not seen.name then return nil end
  local event
  local client <close>, problem = connect.new { base_url = seen.base_url, token = "none",
    retries = 0, timeout = patience, on_event = function (told)
      if told.type == "received" then event = told end
    end }
  if not client then return bad(problem.message) end
  local began = os.time()
  local _, err = client:confirm_auth()
  seen.asked, seen.event = (began + os.time()) // 2, event
  local timing = event and event.timing
  if event and event.status then
    return good(("HTTP/%s, first byte after %.0f ms"):format(event.http_version or "?",
      timing and timing.first_byte * 1000 or 0))
  end
  return bad(err and err.message or "no answer",
    "is this machine online, and may it reach the service?")
end

function checks.tls(seen)
  local event = seen.event
  if not event then return nil end
  if seen.scheme == "http" then -- else there is no client
    return good "none; the address is of this machine"
  elseif event.failure == "tls" then
    return bad("the connection is not trusted", "clock, CA file, or a proxy that reads along?")
  end
  return event.status and good(("the certificate is trusted, after %.0f ms"):format(
    event.timing.tls * 1000)) or nil
end

function checks.clock(seen)
  local time = seen.event and seen.event.server_time
  if not time then return nil end
  local skew = seen.asked - time
  local detail = ("%+d s from the service's"):format(skew)
  if math.abs(skew) <= MOST_SKEW then return good(detail) end
  return bad(detail, "set this machine's clock: certificates and tokens depend on it")
end

function checks.key(seen)
  local profile = seen.profile
  if seen.profile_problem then return bad(seen.profile_problem) end
  if not (profile.app_id and profile.user_key) then
    return bad("no AppId and UserKey", "aistudios auth login stores them")
  end
  return good(profile.source == "environment" and "from the environment"
    or seen.sandbox and "of the sandbox"
    or ("profile %s of %s"):format(profile.name, profiles.path()))
end

function checks.token(seen)
  local profile = seen.profile
  if not (profile.app_id and profile.user_key and seen.name) then return nil end
  local client <close>, err = connect.new { app_id = profile.app_id, user_key = profile.user_key,
    base_url = seen.base_url, retries = 0, timeout = patience }
  if not client then return bad(err.message) end
  err = select(2, client:get_token())
  if not err then return good "the keys were taken; one was issued" end
  local found = bad(err.message, err.kind == "auth" and "compare the keys, and --host"
    or "the checks above may say why")
  found.is_refused = err.kind == "auth" or err.outcome == "rejected"
  return found
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

local order = { "versions", "host", "dns", "proxy", "ca_file", "connection", "tls", "clock",
  "key", "token", "disk", "state", "descriptors" }

--- Runs all checks.
---@param given table
---@param sandbox? aistudios.Sandbox  to be looked at instead of the service
---@param on_found fun(name: string, found: aistudios.cli.Found)  what cannot be told is left out
function M.run(given, sandbox, on_found)
  local seen = { given = given, sandbox = sandbox }
  for _, name in ipairs(order) do
    local found = checks[name](seen)
    if found then on_found(name, found) end
  end
end

return M
