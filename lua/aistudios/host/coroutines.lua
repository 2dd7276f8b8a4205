-- SPDX-License-Identifier: MIT
--
-- host.coroutines: the coroutines that the adapters started, and which of them
-- wait for which client, for the adapters that resume them themselves. All that
-- wait for a client are resumed together; each checks whether its own job is done.
-- A coroutine of somebody else must not be made to wait: what it yields, a value
-- of a generator say, goes to whoever resumed it.

local core = require "aistudios.core"

local M = {}

local lists = {} -- by client: coroutines, and when one of them is `due`
local own = setmetatable({}, { __mode = "k" }) -- those that an adapter has started

--- Notes that a coroutine is one of an adapter's.
---@param co thread
function M.note(co) own[co] = true end

--- Can the running coroutine wait? Only one of an adapter's can, and only where
--- it is not inside a C function that cannot be left.
---@return boolean
function M.can_wait()
  return own[coroutine.running()] ~= nil and coroutine.isyieldable()
end

--- Runs a coroutine until it waits; an error in it is raised here.
---@param co thread
function M.resume(co, ...)
  local ok, err = coroutine.resume(co, ...)
  if not ok then error(debug.traceback(co, err), 0) end
end

--- Starts `f(...)` in a coroutine; it runs until it waits.
function M.spawn(f, ...)
  local co = coroutine.create(f)
  M.note(co)
  M.resume(co, ...)
end

--- Waits in the running coroutine.
---@param client aistudios.Client
---@param seconds? number  at most
function M.wait(client, seconds)
  local list = lists[client] or { due = math.huge }
  lists[client] = list
  list[#list + 1] = coroutine.running()
  list.due = math.min(list.due, core.now() + (seconds or math.huge))
  coroutine.yield()
end

--- Resumes all who wait for the client, but for those that the host has closed
--- meanwhile. When one raises, the others go on before that error is raised.
---@param client aistudios.Client
function M.wake(client)
  local list, failure = lists[client], nil
  lists[client] = nil
  for _, co in ipairs(list or {}) do
    local ok, err = true, nil
    if coroutine.status(co) == "suspended" then ok, err = pcall(M.resume, co) end
    if not ok then failure = failure or err end
  end
  if failure then error(failure, 0) end
end

--- Makes all that wait for the client due now.
---@param client aistudios.Client
function M.hurry(client)
  if lists[client] then lists[client].due = 0 end
end

--- The clients that are waited for, and the seconds until one is due.
---@return table<aistudios.Client, number> left
function M.clients()
  local left, now = {}, core.now()
  for client, list in pairs(lists) do left[client] = math.max(0, list.due - now) end
  return left
end

return M
