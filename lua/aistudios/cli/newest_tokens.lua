-- SPDX-License-Identifier: MIT
--
-- cli.newest_tokens: keeps the newest token of each project that was built and
-- is to be exported, before the export is sent. An older one, of a line that was
-- printed or of the shell's history, cannot know of that export.

local files = require "aistudios.cli.files"
local resume_token = require "aistudios.jobs.resume_token"
local url = require "aistudios.util.url"
local uv = require "luv"

local M = {}

local LONGEST_KEPT = 90 * 24 * 3600 -- s

local has_export = { finish = true, export_sent = true }

local function directory()
  return files.state_directory() .. "/tokens"
end

--- Where the newest token is kept of the flow that this one is of; nil: it is of none.
---@param token string
---@return string?
function M.place(token)
  local plan = resume_token.read(token)
  if not plan or not has_export[plan.goal] then return nil end
  return ("%s/%s"):format(directory(), url.segment((plan.host or "") .. " " .. plan.id))
end

local function remove_old()
  local now, scan = os.time(), uv.fs_scandir(directory())
  while scan do
    local name = uv.fs_scandir_next(scan)
    if not name then return end
    local path = directory() .. "/" .. name
    local found = uv.fs_stat(path)
    if found and now - found.mtime.sec > LONGEST_KEPT then uv.fs_unlink(path) end
  end
end

--- Keeps the token of a task. One that cannot be written leaves none; it raises when an
--- older one stays.
---@param task { place: string? }  `place` is set
---@param token string
function M.keep(task, token)
  local is_first = not task.place
  task.place = task.place or M.place(token)
  if not task.place then return end
  if is_first then remove_old() end
  local ok, message = files.write_private(task.place, token)
  if ok then return end
  uv.fs_unlink(task.place)
  if uv.fs_stat(task.place) then error(task.place .. ": " .. message, 0) end
end

--- The newest token of the flow that this one is of, when it began on this machine.
---@param token string
---@return string?
function M.find(token)
  local place = M.place(token)
  local text = place and uv.fs_stat(place) and files.read(place)
  return text and resume_token.read(text) and text or nil
end

return M
