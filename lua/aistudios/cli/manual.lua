-- SPDX-License-Identifier: MIT
--
-- cli.manual: the manual page, in the language of man(7), from the tables of
-- the commands.

local arguments = require "aistudios.cli.arguments"
local status = require "aistudios.cli.status"

local M = {}

--- A text as troff prints it unchanged.
local function plain(text)
  return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("\n([.'])", "\n\\&%1")
    :gsub("^([.'])", "\\&%1"))
end

local function add_rows(lines, rows)
  for _, row in ipairs(rows or {}) do
    lines[#lines + 1] = ".TP\n.B " .. plain(row[1])
    lines[#lines + 1] = plain(row[2])
  end
end

local function add_command(lines, command)
  local usage = { command.name }
  for _, argument in ipairs(command.arguments or {}) do usage[#usage + 1] = argument[1] end
  if command.options then usage[#usage + 1] = "[options]" end
  lines[#lines + 1] = ".SS " .. plain(table.concat(usage, " "))
  lines[#lines + 1] = plain(command.about .. ".")
  if command.details then lines[#lines + 1] = ".PP\n" .. plain(command.details) end
  add_rows(lines, command.arguments)
  add_rows(lines, command.options)
end

local variables = {
  { "AISTUDIOS_APP_ID, AISTUDIOS_USER_KEY", "The keys; they come before a stored profile." },
  { "AISTUDIOS_PROFILE", "The stored profile to use, as --profile." },
  { "AISTUDIOS_BASE_URL", "The address of the service, as --host." },
  { "AISTUDIOS_SANDBOX", "1: a sandbox for this command alone; nothing leaves the machine." },
  { "XDG_CONFIG_HOME", "aistudios/credentials.json lies there (~/.config)." },
  { "XDG_STATE_HOME", "aistudios/ there holds the access token (~/.local/state)." },
}

--- The whole page.
---@return string
function M.page()
  local lines = {
    '.\\" Made from the tables of the commands.',
    (".TH AISTUDIOS 1 \"\" \"aistudios %s\""):format(require "aistudios"._VERSION),
    ".SH NAME", "aistudios \\- videos with speaking avatars",
    ".SH SYNOPSIS", ".B aistudios\n.I command\n[arguments]",
    ".SH DESCRIPTION", plain(arguments.summary), ".PP",
    plain "Text on a terminal, JSON lines into a pipe or with --json. Errors go to standard "
      .. "error, with code, message, hint, outcome and resume.",
    ".SH OPTIONS",
  }
  add_rows(lines, arguments.options)
  lines[#lines + 1] = ".SH COMMANDS"
  for _, name in ipairs(arguments.names) do add_command(lines, arguments.command(name)) end
  lines[#lines + 1] = ".SH EXIT STATUS"
  local codes = {}
  for i, row in ipairs(status.about) do codes[i] = { tostring(row[1]), row[2] } end
  add_rows(lines, codes)
  lines[#lines + 1] = ".SH ENVIRONMENT"
  add_rows(lines, variables)
  return table.concat(lines, "\n")
end

return M
