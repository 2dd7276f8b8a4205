-- SPDX-License-Identifier: MIT
--
-- cli.arguments: the command line, read by argparse from the tables of the
-- commands. The same tables make the help, the completions and the manual.

local argparse = require "argparse"

local M = {}

--- The commands in the order of the help.
M.names = {
  "auth", "check", "preview", "render", "make", "translate", "resume", "wait", "status",
  "download", "projects", "models", "templates", "delete", "batch", "api", "listen", "sandbox",
  "doctor", "help", "completion",
}

--- An option: "--name" is a flag, "--name VALUE" takes a value, "--name A B" two.
---@class aistudios.cli.Option
---@field [1] string
---@field [2] string  what it does
---@field choices? string[]
---@field convert? fun(text: string): any, string?
---@field is_repeated? boolean
---@field is_required? boolean
---@field default? any

--- An argument: "NAME", "[NAME]", "NAME..." or "[NAME...]".
---@class aistudios.cli.Argument
---@field [1] string
---@field [2] string
---@field choices? string[]

--- A command, as its file has it.
---@class aistudios.cli.Command
---@field name string
---@field about string        one line
---@field details? string     more of it, for its help and the manual
---@field arguments? aistudios.cli.Argument[]
---@field options? aistudios.cli.Option[]
---@field shows_progress? boolean
---@field run fun(context: aistudios.cli.Context, given: table): integer

M.summary = "Videos with speaking avatars, from the command line (AI Studios V3 API)."

--- Options of every command.
---@type aistudios.cli.Option[]
M.options = {
  { "--json", "Write JSON lines, also on a terminal." },
  { "--text", "Write text for people, also into a pipe." },
  { "--progress MODE", "How to show progress on standard error: auto, plain or quiet.",
    choices = { "auto", "plain", "quiet" } },
  { "--profile NAME", "The stored account (AISTUDIOS_PROFILE)." },
  { "--host HOST", "global, deepbrain, china, or an address (AISTUDIOS_BASE_URL)." },
}

--- A number of seconds above 0, for `convert`.
---@param text string
---@return number? seconds
---@return string? message
function M.seconds(text)
  local seconds = tonumber(text)
  if seconds and seconds > 0 and seconds < math.huge then return seconds end
  return nil, ("'%s' is no number of seconds above 0"):format(text)
end

--- A whole number from 0 to 65535, for `convert`.
---@param text string
---@return integer? port
---@return string? message
function M.port(text)
  local port = text:find "^%d+$" and math.tointeger(text)
  if port and port <= 65535 then return port end
  return nil, ("'%s' is no port"):format(text)
end

--- The command of that name.
---@param name string
---@return aistudios.cli.Command
function M.command(name)
  return require("aistudios.cli.commands." .. name)
end

local function add_option(parser, option)
  local short, name, value = option[1]:match "^(%-?%a? ?)(%-%-[%w-]+) ?(.*)$"
  local target = name:sub(3):gsub("-", "_")
  if value == "" then
    parser:flag(short .. name, option[2]):target(target)
    return
  end
  local names = {}
  for word in value:gmatch "%S+" do names[#names + 1] = word end
  local element = parser:option(short .. name, option[2]):target(target):argname(names)
    :args(#names)
  if option.choices then element:choices(option.choices) end
  if option.convert then element:convert(option.convert) end
  if option.is_repeated then element:count "*" end
  if option.is_required then element:count(1) end
  if option.default then element:default(option.default) end
end

local counts = { [""] = 1, ["[]"] = "?", ["..."] = "+", ["[...]"] = "*" }

local function add_argument(parser, argument)
  local name = argument[1]:match "%u[%u_]*"
  local element = parser:argument(name:lower(), argument[2])
  element:args(counts[argument[1]:gsub("%u[%u_]*", "")]):argname(name)
  if argument.choices then element:choices(argument.choices) end
end

--- The parser of the whole program.
---@return table parser  of argparse
function M.parser()
  local parser = argparse("aistudios", M.summary)
    :command_target "command":require_command(false):help_max_width(90)
  for _, option in ipairs(M.options) do add_option(parser, option) end
  parser:flag("--version", "Print the version.")
  for _, name in ipairs(M.names) do
    local command = M.command(name)
    local about = command.details and command.about .. "\n\n" .. command.details
    local sub = parser:command(name, about or command.about):summary(command.about)
    for _, argument in ipairs(command.arguments or {}) do add_argument(sub, argument) end
    for _, option in ipairs(command.options or {}) do add_option(sub, option) end
  end
  return parser
end

local version = {
  run = function (context)
    context.output:write_text("aistudios " .. require "aistudios"._VERSION)
    return 0
  end,
}

local is_name = {}
for _, name in ipairs(M.names) do is_name[name] = true end

-- A number below 0 behind the name of an option is its value, which then says what is wrong
-- with it, and no option.
local function join_numbers(argv)
  local words = {}
  for _, word in ipairs(argv) do
    local before = words[#words]
    if before == "--" then return argv end
    if before and word:find "^%-%.?%d" and before:find "^%-%-[%w-]+$" then
      words[#words] = before .. "=" .. word
    else
      words[#words + 1] = word
    end
  end
  return words
end

--- Reads a command line.
---@param argv string[]
---@return aistudios.cli.Command? command
---@return table given  as far as it can be read
---@return string? message  what is wrong with it
function M.read(argv)
  local wishes = {}
  for _, word in ipairs(argv) do
    if word == "--json" or word == "--text" then wishes[word:sub(3)] = true end
    if is_name[word] and not wishes.command then wishes.command = word end
  end
  local ok, given = M.parser():pparse(join_numbers(argv))
  if not ok then return nil, wishes, (given:gsub("\nDid", "; did")) end
  if given.json and given.text then return nil, {}, "--json and --text: one of them" end
  if given.version then return version, given end
  if not given.command then return M.command "help", given end
  return M.command(given.command), given
end

return M
