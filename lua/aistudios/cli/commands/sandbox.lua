-- SPDX-License-Identifier: MIT
--
-- aistudios sandbox: the API on this machine, for programs in any language.

local arguments = require "aistudios.cli.arguments"
local failure = require "aistudios.cli.failure"
local optional = require "aistudios.cli.optional"
local status = require "aistudios.cli.status"

local names = { "port", "admin_port", "host", "seed", "clock", "scenario", "render_seconds",
  "with_parent" }

local function run(context, given)
  local program, missing = optional.load("aistudios.sandbox.program", "aistudios-sandbox")
  if not program then return failure.refuse(context.output, missing) end
  local options = {}
  for _, name in ipairs(names) do options[name] = given[name] end
  if given.tls then options.tls = { cert = given.tls[1], key = given.tls[2] } end
  local done, message, kind = program.run(options)
  if done then return status.done end
  if kind == "usage" then return failure.usage(context.output, message) end
  return failure.refuse(context.output, message)
end

local function integer(text)
  local value = math.tointeger(tonumber(text))
  if value then return value end
  return nil, ("'%s' is no whole number"):format(text)
end

local function seconds(text)
  if text == "0" then return 0 end
  return arguments.seconds(text)
end

---@type aistudios.cli.Command
return {
  name = "sandbox",
  about = "Runs the API on this machine, with a ledger of what it would have cost",
  details = "In the foreground. Prints one line of JSON when it listens: url, admin, console, "
    .. "app_id, user_key, pid, seed. Ends with SIGTERM or ^C.",
  options = {
    { "--port N", "Where the API listens; 0: any that is free.", convert = arguments.port },
    { "--admin-port N", "Where the admin interface and the console listen.",
      convert = arguments.port },
    { "--host ADDRESS", "On which address (127.0.0.1)." },
    { "--tls CERT KEY", "HTTPS with these PEM files." },
    { "--seed N", "The same seed and requests give the same answers.", convert = integer },
    { "--clock CLOCK", "real, frozen, frozen:TIME or offset:SECONDS." },
    { "--scenario NAME", "What goes wrong: a name, or a file." },
    { "--render-seconds SECONDS", "How long a render takes (2).", convert = seconds },
    { "--with-parent", "End with the end of standard input." },
  },
  run = run,
}
