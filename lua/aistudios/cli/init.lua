-- SPDX-License-Identifier: MIT
--
-- cli: the program `aistudios`. Reads the command line, runs the command, and
-- ends with its exit code. What a command does is the module's public
-- interface; here it gets arguments, a terminal and an exit code.

local M = {}

--- What a command is given.
---@class aistudios.cli.Context
---@field output aistudios.cli.Output
---@field progress aistudios.cli.Progress
---@field shows_progress boolean  does it wait long enough to show how far it is?
---@field given table           the arguments
---@field client? aistudios.Client      after `connect`
---@field connection? aistudios.cli.Connection
---@field loop? aistudios.cli.EventLoop
local Context = { __name = "aistudios.cli.context" }
Context.__index = Context

--- Events that a user has to know of.
local function on_event(context)
  return function (event)
    if event.type ~= "deprecated" and event.type ~= "warning" then return end
    local message = event.message or "the documentation has dropped this call"
    context.output:note({ level = "warning", endpoint = event.endpoint, message = message },
      ("aistudios: %s: %s"):format(event.endpoint, message))
  end
end

--- Makes the client of this command. Without one, the failure was told.
---@return aistudios.Client? client
---@return integer? code
function Context:connect()
  local connection, err = require "aistudios.cli.connect".open(self.given, on_event(self))
  if not connection then
    return nil, require "aistudios.cli.failure".tell(self.output, err)
  end
  self.connection, self.client = connection, connection.client
  self.loop = require "aistudios.cli.event_loop".new(self.client)
  return self.client
end

--- Waits for signals and handles of the command's own, without a client.
function Context:listen()
  self.loop = require "aistudios.cli.event_loop".new()
end

--- Ends what is open. After a second signal nothing is waited for.
function Context:close()
  if not self.loop then return end
  self.progress:clear()
  if self.loop.signals > 1 then os.exit(self.status, false) end
  self.loop:close()
  if self.connection then self.connection:close() end
end

local function run(argv)
  local command, given, message = require "aistudios.cli.arguments".read(argv)
  local output = require "aistudios.cli.output".new(
    given.json and "json" or given.text and "text" or nil)
  if not command then return require "aistudios.cli.failure".usage(output, message) end
  local context = setmetatable({ given = given, output = output,
    progress = require "aistudios.cli.progress".new(output, given.progress or "auto"),
    shows_progress = command.shows_progress or false }, Context)
  context.status = command.run(context, given)
  context:close()
  if output.failure then
    return require "aistudios.cli.failure".tell(output,
      { message = "standard output: " .. output.failure },
      { code = context.status ~= 0 and context.status or nil })
  end
  return context.status
end

--- Runs the program; for the script `aistudios`, which ends with the result.
---@param argv string[]
---@return integer status
function M.main(argv)
  local ok, status = xpcall(run, function (cause)
    if type(cause) == "string" and cause:find "interrupted!$" then return cause end
    return debug.traceback(tostring(cause), 2)
  end, argv)
  if ok then return status end
  if status:find "interrupted!$" then return 130 end
  local missing = status:match "module '(argparse)' not found" or status:match "module '(luv)'"
  if missing then
    io.stderr:write(("aistudios: the command needs the Lua module %s (Debian: lua-%s)\n")
      :format(missing, missing))
    return 1
  end
  io.stderr:write("aistudios: this is a mistake of the program: ", status, "\n")
  return 1
end

return M
