-- SPDX-License-Identifier: MIT
--
-- call: runs operations (see admin/operations.lua) for the objects that a Lua
-- program has of a sandbox, and waits for their results.

local SLICE = 0.5 -- seconds of one wait, so that hooks of the host run

local M = {}

local problems = {
  closed = "this sandbox is closed",
  foreign = "this sandbox was started before fork; start a new one in the child",
}

-- Level 5 of what it raises is the caller of the public method:
-- check < run < try or insist < the public method < its caller.
local function check(handle)
  local problem = problems[handle:state()]
  if problem then error(problem, 5) end
end

local function run(self, name, arguments)
  local handle = self.handle
  check(handle)
  local seen = handle:changes()
  local result, message, id, seconds = handle:call("operate", name, self.app_id, arguments or {})
  while id do
    handle:wait(seen, math.min(seconds, SLICE))
    seen = handle:changes()
    result, message, id, seconds = handle:call("resume", id)
  end
  return result, message
end

--- Runs an operation. Raises at the caller of the public method that calls it
--- when the sandbox is closed or belongs to the parent process.
---@param self table      handle, app_id
---@param name string
---@param arguments? table
---@return any result
---@return string? problem
function M.try(self, name, arguments)
  local result, message = run(self, name, arguments)
  return result, message
end

--- The same; raises, too, what is wrong with the arguments.
---@return any result
function M.insist(self, name, arguments)
  local result, message = run(self, name, arguments)
  if message then error(name .. ": " .. message, 3) end
  return result
end

return M
