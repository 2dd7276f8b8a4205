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
---@field token? string         that was printed last, to go on from
---@field unseen? { endpoint: string?, project_id: string?, hint: string? }  what may have been
---  bought, when it is told on standard output and no token tells of it
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

--- The client of this command, which waits on the command's loop. Without one,
--- the failure was told.
---@return aistudios.Client? client
---@return integer? code
function Context:connect()
  if self.client then return self.client end
  local connection, err = require "aistudios.cli.connect".open(self.given, {
    on_event = on_event(self),
    wait = function (_, seconds) self.loop:turn(seconds) end,
  })
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

--- Ends what is open.
function Context:close()
  if not self.loop then return end
  self.progress:clear()
  self.loop:close()
  if self.connection then self.connection:close() end
end

local EBADF = 9
--- Substitutes of standard files that are closed, as long as the program runs.
M.substitutes = {}

--- Whoever starts the command may have closed standard files. Their descriptors
--- would then be given to sockets and videos, which messages would be written into.
local function occupy_descriptors()
  for i, file in ipairs { io.stdin, io.stdout, io.stderr } do -- by descriptor
    if select(3, file:seek "cur") == EBADF then
      M.substitutes[i] = io.open("/dev/null", i == 1 and "w" or "r")
    end
  end
end

--- Until a command waits for what it has sent, ^C ends the program at once. The
--- interpreter would raise an error, wherever it is.
local function end_by_interrupt()
  local signal = require "luv".new_signal()
  signal:start("sigint", function () end)
  signal:stop() -- which brings the default action back
  signal:close()
  require "luv".run "nowait"
end

--- Tells that standard output could not be written; returns the exit code. The token
--- that was printed last goes to standard error.
local function tell_unwritten(context)
  local unseen = context.unseen or {}
  local err = require "aistudios.error".new { kind = "file",
    next = unseen.endpoint and "look" or "fix",
    outcome = (context.token or context.unseen) and "unknown" or "not_sent",
    message = "standard output: " .. context.output.failure,
    endpoint = unseen.endpoint, project_id = unseen.project_id }
  return require "aistudios.cli.failure".tell(context.output, err,
    { code = context.status ~= 0 and context.status or nil, token = context.token,
      hint = unseen.hint })
end

local function run(argv)
  occupy_descriptors()
  end_by_interrupt()
  local command, given, message = require "aistudios.cli.arguments".read(argv)
  local output = require "aistudios.cli.output".new(
    given.json and "json" or given.text and "text" or nil)
  output.command = given.command
  if not command then return require "aistudios.cli.failure".usage(output, message) end
  local context = setmetatable({ given = given, output = output,
    progress = require "aistudios.cli.progress".new(output, given.progress or "auto"),
    shows_progress = command.shows_progress or false }, Context)
  context.status = command.run(context, given)
  context:close()
  return output.failure and tell_unwritten(context) or context.status
end

--- Runs the program; for the script `aistudios`, which ends with the result.
---@param argv string[]
---@return integer status
function M.main(argv)
  local ok, status = xpcall(run, function (cause)
    return debug.traceback(tostring(cause), 2)
  end, argv)
  if ok then return status end
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
