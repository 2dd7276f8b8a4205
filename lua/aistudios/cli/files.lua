-- SPDX-License-Identifier: MIT
--
-- cli.files: where the command keeps things, and files that are written whole
-- or not at all.

local uv = require "luv"

local M = {}

local MOST_BYTES = 64 * 1024 * 1024 -- of a file that is read

--- The home of the user, as the environment has it or the system.
local function home()
  local path = os.getenv "HOME"
  if path and path ~= "" then return path end
  local is_known, user = pcall(uv.os_get_passwd)
  return is_known and user and user.homedir or "/nonexistent"
end

local function home_directory(variable, default)
  local path = os.getenv(variable)
  -- The specification of these directories: a relative path is to be ignored.
  if path and path:sub(1, 1) == "/" then return path end
  return home() .. default
end

--- The directory for settings, which need not exist yet.
---@return string
function M.config_directory()
  return home_directory("XDG_CONFIG_HOME", "/.config") .. "/aistudios"
end

--- The directory for what is kept between runs, which need not exist yet.
---@return string
function M.state_directory()
  return home_directory("XDG_STATE_HOME", "/.local/state") .. "/aistudios"
end

--- Makes a directory, and those above it.
---@param path string
---@param mode? integer  less the umask; by default only its owner may look into it
---@return true? ok
---@return string? message
function M.make_directory(path, mode)
  local found = uv.fs_stat(path)
  if found then return found.type == "directory" or nil, path .. ": is no directory" end
  local above = path:match "^(.+)/[^/]+$"
  if above then
    local ok, message = M.make_directory(above, mode)
    if not ok then return nil, message end
  end
  local ok, message, name = uv.fs_mkdir(path, mode or tonumber("700", 8))
  if ok or name == "EEXIST" then return true end
  return nil, message
end

--- The whole text of a file; "-" is standard input.
---@param path string
---@return string? text
---@return string? message
function M.read(path)
  local file, message = io.stdin, nil
  if path ~= "-" then file, message = io.open(path, "rb") end
  if not file then return nil, message end
  local text
  text, message = file:read(MOST_BYTES + 1)
  if path ~= "-" then file:close() end
  if not text and message then return nil, ("%s: %s"):format(path, message) end
  if text and #text > MOST_BYTES then return nil, path .. ": longer than 64 MiB" end
  return text or ""
end

local function write_descriptor(fd, text)
  local sent = 0
  while sent < #text do
    local count, message = uv.fs_write(fd, text:sub(sent + 1), -1)
    if not count then return nil, message end
    sent = sent + count
  end
  return uv.fs_fsync(fd)
end

--- Puts a file in its place that only its owner may read: it is written
--- beside, brought to the disk and renamed. A symbolic link stays one.
---@param path string
---@param text string
---@return true? ok
---@return string? message
function M.write_private(path, text)
  path = uv.fs_realpath(path) or path
  local ok, message = M.make_directory(path:match "^(.+)/[^/]+$")
  if not ok then return nil, message end
  local fd, beside
  fd, beside = uv.fs_mkstemp(path .. ".XXXXXX") -- with mode 0600
  if not fd then return nil, path .. ": " .. beside:gsub(": $", "") end
  ok, message = write_descriptor(fd, text)
  uv.fs_close(fd)
  if ok then ok, message = uv.fs_rename(beside, path) end
  if not ok then
    uv.fs_unlink(beside)
    return nil, message
  end
  return true
end

return M
