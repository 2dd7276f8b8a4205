-- SPDX-License-Identifier: MIT
--
-- cli.files: where the command keeps things, and files that are written whole
-- or not at all.

local uv = require "luv"

local M = {}

local function home_directory(variable, default)
  local path = os.getenv(variable)
  -- The specification of these directories: a relative path is to be ignored.
  if path and path:sub(1, 1) == "/" then return path end
  return (os.getenv "HOME" or uv.os_homedir()) .. default
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

--- Makes a directory that only its owner may look into, and those above it.
---@param path string
---@return true? ok
---@return string? message
function M.make_directory(path)
  if uv.fs_stat(path) then return true end
  local above = path:match "^(.+)/[^/]+$"
  if above then
    local ok, message = M.make_directory(above)
    if not ok then return nil, message end
  end
  local ok, message, name = uv.fs_mkdir(path, tonumber("700", 8))
  if ok or name == "EEXIST" then return true end
  return nil, message
end

--- The whole text of a file; "-" is standard input.
---@param path string
---@return string? text
---@return string? message
function M.read(path)
  if path == "-" then return io.read "a" or "" end
  local file, message = io.open(path, "rb")
  if not file then return nil, message end
  local text
  text, message = file:read "a"
  file:close()
  if not text then return nil, ("%s: %s"):format(path, message or "cannot be read") end
  return text
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
--- beside, brought to the disk and renamed.
---@param path string
---@param text string
---@return true? ok
---@return string? message
function M.write_private(path, text)
  local ok, message = M.make_directory(path:match "^(.+)/[^/]+$")
  if not ok then return nil, message end
  local fd, beside
  fd, beside = uv.fs_mkstemp(path .. ".XXXXXX") -- with mode 0600
  if not fd then return nil, beside end
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
