-- SPDX-License-Identifier: MIT
--
-- cli.progress: how far the jobs of a command are, on standard error: a line
-- that is drawn again and again on a terminal, a line for each change
-- elsewhere, or nothing.

local terminal = require "aistudios.cli.terminal"
local uv = require "luv"

---@class aistudios.cli.Progress
local Progress = { __name = "aistudios.cli.progress" }
Progress.__index = Progress

local M = {}

local STEP = 1.0  -- s between two lines that differ in their numbers only
local WIDEST = 40 -- columns of the bar
local PHASE_WIDTH = 8

---@param output aistudios.cli.Output
---@param mode "auto"|"plain"|"quiet"
---@return aistudios.cli.Progress
function M.new(output, mode)
  local is_drawn = mode == "auto" and terminal.is_terminal(2) and not output.are_errors_json
    and os.getenv "TERM" ~= "dumb" -- which takes no order to erase a line
  if mode == "auto" and not is_drawn then mode = "plain" end
  return setmetatable({ output = output, mode = mode, is_drawn = is_drawn, last = {} },
    Progress)
end

--- The part of a phase that is done, 0 to 1; nil when nobody knows.
local function share_of(seen)
  if seen.phase == "download" then
    return seen.expected and seen.expected > 0 and seen.received / seen.expected or nil
  end
  return seen.progress and seen.progress / 100
end

--- A bar as wide as the terminal allows.
local function draw(label, share)
  local room = terminal.columns(2) - 1
  local text = ("%-" .. PHASE_WIDTH .. "s"):format(label)
  if share then
    local width = math.min(WIDEST, room - #text - 9)
    local full = math.floor(share * width + 0.5)
    if width >= 5 then
      text = ("%s [%s%s]"):format(text, ("#"):rep(full), ("."):rep(width - full))
    end
    text = ("%s %3d %%"):format(text, math.floor(share * 100 + 0.5))
  end
  io.stderr:write("\r\27[K", text:sub(1, room))
  io.stderr:flush()
end

local function is_worth_a_line(last, seen, share, now)
  if not last.phase or last.phase ~= seen.phase then return true end
  if share == last.share then return false end
  if last.share == nil then return true end
  return now - last.time >= STEP or share == 1
end

--- Shows where one of `count` jobs is.
---@param seen aistudios.Progress
---@param key any      which of the jobs
---@param count integer
---@param done integer  how many have ended
function Progress:show(seen, key, count, done)
  if self.mode == "quiet" then return end
  local share = share_of(seen)
  if self.is_drawn then
    local label = seen.phase
    if count > 1 then label, share = ("%d of %d"):format(done, count), done / count end
    if self.last.share ~= share or self.last.label ~= label then
      self.last = { share = share, label = label }
      draw(label, share)
    end
    return
  end
  local now = uv.hrtime() / 1e9
  local last = self.last[key] or {}
  if not is_worth_a_line(last, seen, share, now) then return end
  self.last[key] = { share = share, phase = seen.phase, time = now }
  local percent = share and math.floor(share * 100 + 0.5)
  self.output:note({ phase = seen.phase, progress = percent, state = seen.state,
    project_id = seen.project_id }, terminal.clean(("%s%s%s"):format(
      count > 1 and seen.project_id and seen.project_id .. "  " or "", seen.phase,
      percent and (" %d %%"):format(percent) or "")))
end

--- Takes the drawn line away, so that something else can be written.
function Progress:clear()
  if not self.is_drawn or not next(self.last) then return end
  self.last = {}
  io.stderr:write "\r\27[K"
  io.stderr:flush()
end

return M
