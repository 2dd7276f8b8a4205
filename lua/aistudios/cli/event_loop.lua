-- SPDX-License-Identifier: MIT
--
-- cli.event_loop: waits for a client, signals and timers at once, on luv's
-- loop: the client's option `wait`. Handlers only note what came.

local uv = require "luv"

---@class aistudios.cli.EventLoop
---@field signal? integer    the first signal that asked the command to end
---@field signals integer    how many did
---@field on_turn? fun()     called after each wait, which then is no longer than TICK
local Loop = { __name = "aistudios.cli.event_loop" }
Loop.__index = Loop

local M = {}

local TICK = 0.25 -- s

local numbers = { sigint = 2, sigterm = 15, sighup = 1 }

local function nothing() end

--- Does whoever started the command want it to live on after this signal, as
--- nohup does? Only Linux tells.
local function is_ignored(number)
  local file = io.open "/proc/self/status"
  local mask = file and file:read "a":match "SigIgn:%s*(%x+)"
  if file then file:close() end
  return mask ~= nil and tonumber(mask, 16) & 1 << number - 1 ~= 0
end

---@param client? aistudios.Client
---@return aistudios.cli.EventLoop
function M.new(client)
  local self = setmetatable({ signals = 0, handles = {} }, Loop)
  for name, number in pairs(numbers) do
    if not is_ignored(number) then
      self:keep(uv.new_signal()):start(name, function ()
        self.signal = self.signal or number
        self.signals = self.signals + 1
      end)
    end
  end
  -- A reader that went away must not end what was paid for.
  self:keep(uv.new_signal()):start("sigpipe", nothing)
  if client then self:keep(uv.new_poll(client:pollfd())):start("r", nothing) end
  self.timer = self:keep(uv.new_timer())
  return self
end

--- Closes a handle with the loop.
---@generic T
---@param handle T
---@return T
function Loop:keep(handle)
  self.handles[#self.handles + 1] = handle
  return handle
end

-- Before 1.45, libuv runs timers that are due and then waits as if there had
-- never been any: the timer repeats, so that there is one.
function Loop:set_timer(seconds)
  local milliseconds = math.ceil(seconds * 1000)
  uv.update_time()
  self.timer:start(milliseconds, milliseconds, nothing)
end

--- Waits once, until something came or `seconds` are over.
---@param seconds? number
function Loop:turn(seconds)
  if self.on_turn then seconds = math.min(seconds or TICK, TICK) end
  if seconds then self:set_timer(seconds) end
  uv.run(seconds and seconds <= 0 and "nowait" or "once")
  self.timer:stop()
  if self.on_turn then self.on_turn() end
end

--- Waits until `is_over()` is true.
---@param is_over fun(): boolean
function Loop:await(is_over)
  while not is_over() do self:turn() end
end

--- Lets go of everything; the client may be closed then.
function Loop:close()
  for _, handle in ipairs(self.handles) do
    if not handle:is_closing() then handle:close() end
  end
  uv.run "nowait"
end

return M
