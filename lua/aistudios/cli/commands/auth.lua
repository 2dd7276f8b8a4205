-- SPDX-License-Identifier: MIT
--
-- aistudios auth: stores the keys of an account, once they are known to be
-- good. They come from a prompt that shows nothing, or from standard input;
-- never from an argument, which other users of the machine could see.

local connect = require "aistudios.cli.connect"
local failure = require "aistudios.cli.failure"
local follow = require "aistudios.cli.follow"
local profiles = require "aistudios.cli.profiles"
local status = require "aistudios.cli.status"
local terminal = require "aistudios.cli.terminal"
local trim = require "aistudios.util.trim"

local function read_line()
  local line = io.read "l"
  return line and trim(line)
end

--- AppId and UserKey; nil and an exit code when there are none.
local function read_keys(context)
  if terminal.is_terminal(0) then
    local app_id = terminal.ask_hidden "AppId (not shown): "
    local user_key = app_id and terminal.ask_hidden "UserKey (not shown): "
    if not user_key then return nil, nil, status.interrupted end
    return trim(app_id), trim(user_key)
  end
  local app_id, user_key = read_line(), read_line()
  if app_id and user_key then return app_id, user_key end
  return nil, nil, failure.usage(context.output,
    "two lines are expected on standard input: AppId and UserKey")
end

--- Fetches one token with the keys. Returns an error that is a no, or one
--- that leaves it open.
local function verify(keys)
  local client <close>, err = connect.new { app_id = keys.app_id, user_key = keys.user_key,
    base_url = connect.base_url(keys.host) }
  if not client then return err end
  return (select(2, client:get_token()))
end

local function login(context, given)
  local stored, message = profiles.read()
  if not stored then -- before anybody types a key
    return failure.refuse(context.output, message,
      { hint = "mend or remove the file; it is not written over" })
  end
  local app_id, user_key, code = read_keys(context)
  if not app_id then return code end
  local name = profiles.name(given)
  local before = stored[name] or {}
  local host = profiles.host(given, before) or profiles.host {}
  local keys = { app_id = app_id, user_key = user_key, host = host,
    workspace = given.workspace or before.workspace }
  local err = verify(keys)
  local is_refused = err and (err.kind == "auth" or err.kind == "invalid"
    or err.outcome == "rejected")
  if is_refused then
    return failure.tell(context.output, err, { code = err.kind == "invalid" and status.usage
      or status.credentials, hint = "nothing was stored; compare the keys, and --host" })
  end
  stored[name] = keys
  local ok
  ok, message = profiles.write(stored)
  if not ok then
    return failure.refuse(context.output, "nothing was stored: " .. message,
      { hint = "keep the keys: the service shows them once" })
  end
  context.output:write({ stored = profiles.path(), profile = name, verified = err == nil },
    ("%s in %s, profile %s"):format(err and "stored without a check" or "checked and stored",
      terminal.clean(profiles.path()), terminal.clean(name)))
  if not err then return status.done end
  return failure.tell(context.output, err, { code = status.failed,
    hint = "the keys are stored; aistudios auth status checks them again" })
end

local function show_status(context)
  local result, code = follow.one(context, function (async) return async:confirm_auth() end)
  if not result then return code end
  local profile = context.connection.profile
  local host = connect.base_url(profile.host)
  context.output:write({ profile = profile.name, source = profile.source, host = host,
    workspace = profile.workspace }, ("logged in at %s with keys from %s"):format(
      terminal.clean(host), profile.source == "file"
        and "profile " .. terminal.clean(profile.name) or "the " .. profile.source))
  return status.done
end

local function logout(context, given)
  local name = profiles.name(given)
  local stored, message = profiles.read()
  if not stored then return failure.refuse(context.output, message) end
  local profile = stored[name]
  if not profile then
    return failure.refuse(context.output, ("there is no profile '%s'"):format(name))
  end
  stored[name] = nil
  local ok
  ok, message = profiles.write(stored)
  if not ok then return failure.refuse(context.output, message) end
  local token = connect.token_path(profile)
  os.remove(token)
  os.remove(token .. ".lock")
  context.output:write({ removed = name }, "removed profile " .. terminal.clean(name))
  return status.done
end

local actions = { login = login, status = show_status, logout = logout }

---@type aistudios.cli.Command
return {
  name = "auth",
  about = "Stores, checks or removes the keys of an account",
  details = "login asks for AppId and UserKey without showing them, or reads them as two "
    .. "lines of standard input. They are checked, then stored for this user only.",
  arguments = { { "ACTION", "login, status or logout.",
    choices = { "login", "status", "logout" } } },
  options = { { "--workspace ID", "Of login: the workspace of what is created." } },
  run = function (context, given) return actions[given.action](context, given) end,
}
