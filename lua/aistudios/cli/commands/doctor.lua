-- SPDX-License-Identifier: MIT
--
-- aistudios doctor: looks at everything between this machine and a video, and
-- says what is in the way. Buys nothing.

local connect = require "aistudios.cli.connect"
local diagnosis = require "aistudios.cli.diagnosis"
local failure = require "aistudios.cli.failure"
local status = require "aistudios.cli.status"
local terminal = require "aistudios.cli.terminal"

--- A member of each check that people are shown.
local function text_of(name, found)
  local text = ("%-4s %-12s %s"):format(found.ok and "ok" or "FAIL", name,
    terminal.clean(found.detail))
  return found.hint and ("%s\n     %-12s %s"):format(text, "", terminal.clean(found.hint))
    or text
end

---@type aistudios.cli.Command
return {
  name = "doctor",
  about = "Looks for what is in the way: network, keys, clock, disk, versions",
  details = "Ends with 0 when all is well, 3 when the keys are at fault, else with 1.",
  run = function (context, given)
    local code = status.done
    local sandbox <close>, err = connect.sandbox()
    if err then return failure.tell(context.output, err) end
    diagnosis.run(given, sandbox, function (name, found)
      context.output:write({ check = name, ok = found.ok, detail = found.detail,
        hint = found.hint }, text_of(name, found))
      if not found.ok then
        local is_about_keys = name == "key" or name == "token" and found.is_refused
        code = is_about_keys and code == status.done and status.credentials or status.failed
      end
    end)
    return code
  end,
}
