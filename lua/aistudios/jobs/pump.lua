-- SPDX-License-Identifier: MIT
--
-- pump: a coroutine in which a scheduler takes what has come from its queues and
-- hands it to the jobs. It and the jobs have no debug hook: nothing can raise
-- between the taking of an item and its delivery.
--
-- Callbacks of the host do not run in it: the pump yields them to the coroutine
-- that steps, its driver, so that one may yield to the host's own event loop.
-- The driver may end meanwhile: closed, collected, or left by an error. The
-- callback then counts as one that has raised, and the next driver goes on.

local core = require "aistudios.core"

local create, resume, running, status, yield = coroutine.create,
  coroutine.resume, coroutine.running, coroutine.status, coroutine.yield

local M = {}

--- A job that wants a callback called yields this, the function and its argument;
--- it is resumed with what pcall returned.
M.CALLBACK = {}

local CALLBACK, DONE = M.CALLBACK, {}
local ENDED = "the coroutine that ran the callback was ended"

---@class aistudios.Pump
---@field co thread
---@field job? aistudios.Job  the one whose callback runs
local Pump = { __name = "aistudios.pump" }
Pump.__index = Pump

-- By pump: the coroutine that drives it, which it does not keep alive.
local drivers = setmetatable({}, { __mode = "kv" })

--- A pump in the hands of its driver, on the driver's stack and nowhere else.
local Lease = { __name = "aistudios.lease" }

--- A coroutine without a debug hook; Lua gives a new one that of its maker.
---@param f function
---@return thread
function M.create(f)
  local co = create(f)
  core.unhook(co)
  return co
end

local function body(pump)
  local pumps = pump.pumps
  local task, argument = yield()
  while true do
    pumps.is_running = true
    local result = task(argument, pump)
    pumps.is_running = false
    task, argument = yield(DONE, result)
  end
end

local function new_lease(pumps)
  local pump = setmetatable({ pumps = pumps, co = M.create(body) }, Pump)
  resume(pump.co, pump)
  return setmetatable({ pump = pump }, Lease)
end

--- Was the driver ended inside a callback? Idle leases may be collected too, when
--- the state closes, and are used even then.
function Lease.__gc(lease)
  local pump = lease.pump
  if not pump or not pump.job then return end
  lease.pump, drivers[pump] = nil, nil
  local orphans = pump.pumps.orphans
  orphans[#orphans + 1] = pump
end

function Lease.__close(lease)
  local pump = lease.pump
  local free, on_orphan = pump.pumps.free, pump.pumps.on_orphan
  if pump.job then
    Lease.__gc(lease)
    if on_orphan then on_orphan() end
  elseif status(pump.co) == "suspended" then
    free[#free + 1] = lease
  end
end

--- Runs a pump in the calling coroutine until its task is done.
local function drive(pump, ...)
  drivers[pump] = running()
  local ok, f, argument = resume(pump.co, ...)
  while ok and f ~= DONE do
    ok, f, argument = resume(pump.co, pcall(f, argument))
  end
  if ok then return argument end
  pump.pumps.is_running = false
  error(f, 0)
end

--- Calls a function of the host in the driver; inside the pump.
local function call_back(pump, job, f, argument)
  local pumps = pump.pumps
  job.is_in_callback, pumps.in_callback[job], pump.job = true, pump, job
  pumps.is_running = false
  local ok, value = yield(f, argument)
  pumps.is_running = true
  job.is_in_callback, pumps.in_callback[job], pump.job = false, nil, nil
  return ok, value
end

--- Runs `job` until it waits again or ends; inside the pump.
---@param job aistudios.Job
---@param came any
---@return boolean is_over
---@return boolean? ok   false: it has raised
---@return any value     what it returned or raised
---@return any err
function Pump:run(job, came)
  local co = job.co
  job.ticket = job.ticket + 1
  local ok, a, b, c = resume(co, came)
  while ok and a == CALLBACK do
    ok, a = call_back(self, job, b, c)
    if job.is_done then return false end -- the client was closed meanwhile
    ok, a, b, c = resume(co, ok, a)
  end
  if ok and status(co) ~= "dead" then return false end
  return true, ok, a, b
end

--- Those of one scheduler.
---@class aistudios.Pumps
---@field is_running boolean  code of the pump or of a job runs, not of the host
---@field in_callback table<aistudios.Job, aistudios.Pump>
---@field orphans aistudios.Pump[]  whose driver ended inside a callback
---@field on_orphan? fun()
local Pumps = { __name = "aistudios.pumps" }
Pumps.__index = Pumps

---@return aistudios.Pumps
function M.new()
  return setmetatable({ free = {}, orphans = {}, in_callback = {}, is_running = false }, Pumps)
end

--- Has a pump carry out `task(argument, pump)`, and returns what that returns.
---@param task fun(argument: any, pump: aistudios.Pump): any
---@param argument any
---@return any
function Pumps:work(task, argument)
  local lease <close> = table.remove(self.free) or new_lease(self)
  return drive(lease.pump, task, argument)
end

--- Goes on with the pumps whose driver has ended; true when there were any.
---@return boolean
function Pumps:adopt()
  local had_any = self.orphans[1] ~= nil
  while self.orphans[1] do
    local lease <close> = setmetatable({ pump = self.orphans[#self.orphans] }, Lease)
    self.orphans[#self.orphans] = nil
    if lease.pump.job then drive(lease.pump, false, ENDED) end
  end
  return had_any
end

--- Is this code called, however indirectly, by a callback?
---@return boolean
function Pumps:is_in_callback()
  if not next(self.in_callback) then return false end
  local co = running()
  for _, pump in pairs(self.in_callback) do
    local driver = drivers[pump]
    if driver and (driver == co or status(driver) == "normal") then return true end
  end
  return false
end

--- Forgets a pump that waits for a callback which never returns.
---@param job aistudios.Job
function Pumps:forget(job)
  self.in_callback[job] = nil
end

return M
