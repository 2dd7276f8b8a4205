-- SPDX-License-Identifier: MIT
--
-- aistudios check: every mistake of a project with its line.

local findings = require "aistudios.cli.findings"
local status = require "aistudios.cli.status"

--- Tells what is in one file; the exit code of it.
local function look(context, path, given)
  local _, list, message = findings.look(path, given.fill)
  if message then
    return require "aistudios.cli.failure".refuse(context.output, message)
  end
  local code = status.done
  for _, found in ipairs(list) do
    context.output:write(found, findings.text(found))
    if found.level ~= "warning" or given.strict then code = status.findings end
  end
  return code
end

---@type aistudios.cli.Command
return {
  name = "check",
  about = "Tells every mistake in projects, with file and line",
  details = "Nothing is sent. A project is JSON, or Lua that returns a table and runs in an "
    .. "empty environment; - is standard input.",
  arguments = { { "FILE...", "Projects." } },
  options = {
    { "--fill ROW", "A JSON object with the values for {{name}} in the project." },
    { "--strict", "Count warnings as mistakes." },
  },
  run = function (context, given)
    local worst = status.done
    for _, path in ipairs(given.file) do
      local code = look(context, path, given)
      if worst ~= status.failed and code ~= status.done then worst = code end
    end
    return worst
  end,
}
