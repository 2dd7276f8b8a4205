-- SPDX-License-Identifier: MIT
--
-- program: a sandbox as a program in the foreground, for the command
-- `aistudios sandbox`. It prints one line of JSON when it listens.

local copy = require "aistudios.util.copy"
local core = require "aistudios.sandbox.core"
local json = require "aistudios.json"
local sandbox = require "aistudios.sandbox"
local scenarios = require "aistudios.sandbox.scenarios"

local M = {}

--- True, or nil and why nobody can read it.
local function print_line(server)
  local line = assert(json.encode({
    url = server.url, admin = server.admin, console = server.console,
    app_id = server.app_id, user_key = server.user_key, pid = core.pid(),
    seed = server.seed,
  }, { sort_keys = true }))
  local ok, message = io.stdout:write(line, "\n")
  if ok then ok, message = io.stdout:flush() end
  return ok, message
end

--- Runs a sandbox until SIGTERM or SIGINT, or, `with_parent`, until its stdin
--- ends. Prints {"url":..,"admin":..,"console":..,"app_id":..,"user_key":..,
--- "pid":..,"seed":..} and a line end on stdout once it listens.
---@param options? table
---  with_parent  whether it ends with its stdin (false)
---  and the options of aistudios.sandbox.start: port, admin_port, host, tls,
---  seed, clock, scenario, render_seconds and the others
---@return boolean? done     true when it was ended as intended
---@return string? message   why it did not start
---@return "usage"|nil kind  the options are wrong
function M.run(options)
  local rest = copy(options)
  rest.with_parent = nil
  rest.admin_port = rest.admin_port or 0
  if rest.scenario then
    local scenario, problem = scenarios.read(rest.scenario)
    if not scenario then return nil, problem, "usage" end
  end
  local is_right, server, message = pcall(sandbox.start, rest)
  if not is_right then
    return nil, (tostring(server):gsub("^.-aistudios%.sandbox%.start: ", "")), "usage"
  end
  if not server then return nil, message end
  local _ <close> = server
  core.hold_signals() -- from the moment on that others know its pid
  local is_printed, cause = print_line(server)
  if not is_printed then return nil, "standard output: " .. cause end
  core.wait_for_end(options and options.with_parent)
  return true
end

return M
