-- SPDX-License-Identifier: MIT
--
-- cli.batch_progress: how far a batch is: a JSON line for each change of a row
-- on standard output that is piped, and a line that is drawn again on a
-- terminal.

local terminal = require "aistudios.cli.terminal"
local uv = require "luv"

---@class aistudios.cli.BatchProgress
local Progress = { __name = "aistudios.cli.batch_progress" }
Progress.__index = Progress

local M = {}

local INTERVAL = 0.25 -- s between two lines that are drawn

---@param context aistudios.cli.Context
---@param batch aistudios.Batch
---@return aistudios.cli.BatchProgress
function M.new(context, batch)
  local seen = batch:status()
  return setmetatable({ output = context.output, is_drawn = context.progress.is_drawn,
    total = seen and seen.total or 0, done = seen and seen.counts.done or 0, last = 0,
    states = {}, count = {} }, Progress)
end

local function draw(self)
  local now = uv.hrtime() / 1e9
  if now - self.last < INTERVAL then return end
  self.last = now
  local text = ("%d of %d done"):format(self.done, self.total)
  for _, name in ipairs { "rendering", "unknown", "failed" } do
    local number = self.count[name] or 0
    if number > 0 then text = ("%s, %d %s"):format(text, number, name) end
  end
  io.stderr:write("\r\27[K", text:sub(1, terminal.columns(2) - 1))
  io.stderr:flush()
end

--- A row is in another state.
---@param change { number: integer, key: string?, state: string }
function Progress:change(change)
  local before = self.states[change.number]
  self.states[change.number] = change.state ~= "done" and change.state or nil
  if before then self.count[before] = self.count[before] - 1 end
  if change.state == "done" then
    self.done = self.done + 1
  else
    self.count[change.state] = (self.count[change.state] or 0) + 1
  end
  if self.output.is_json then
    self.output:write({ row = change.number, key = change.key, state = change.state,
      attempt = change.attempt, project_id = change.project_id, message = change.message }, "")
  elseif self.is_drawn then
    draw(self)
  end
end

--- Takes the drawn line away.
function Progress:close()
  if not self.is_drawn or self.last == 0 then return end
  io.stderr:write "\r\27[K"
  io.stderr:flush()
end

return M
