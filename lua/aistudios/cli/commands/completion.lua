-- SPDX-License-Identifier: MIT
--
-- aistudios completion: scripts that let shells complete the command line.

local shells = { "bash", "zsh", "fish" }

---@type aistudios.cli.Command
return {
  name = "completion",
  about = "Prints the completion script of a shell",
  arguments = { { "SHELL", "bash, zsh or fish.", choices = shells } },
  run = function (context, given)
    local parser = require "aistudios.cli.arguments".parser()
    context.output:write_text(parser["get_" .. given.shell .. "_complete"](parser))
    return require "aistudios.cli.status".done
  end,
}
