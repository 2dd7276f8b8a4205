-- SPDX-License-Identifier: MIT
--
-- batch.film_places: where films go: paths from the root, whose directories are seen to be
-- there and to take files before a film is bought.

local core = require "aistudios.core"
local random_id = require "aistudios.batch.random_id"

local M = {}

local Places = { __name = "aistudios.batch.film_places" }
Places.__index = Places

--- The place of a film, also when the process changes its directory later.
---@param path string
---@return string
function Places:of(path)
  return path:sub(1, 1) == "/" and path or self.directory .. "/" .. path
end

-- The message when no file can be made in it.
local function try(directory)
  local name = ("%s/.aistudios-%s"):format(directory, random_id(8))
  local file, message = io.open(name, "wb")
  if not file then return message end
  file:close()
  os.remove(name)
end

--- Sees to it, once for each directory, that a film can be written.
---@param path string
---@return string? message  why not
function Places:prepare(path)
  local directory = self:of(path):match "^(.*)/"
  if self.good[directory] then return nil end
  local ok, message = true, nil
  if self.make then ok, message = self.make(directory == "" and "/" or directory) end
  message = not ok and (message or directory .. ": cannot be made") or try(directory)
  self.good[directory] = message == nil
  return message
end

---@param directory? string  what relative paths are relative to (the process's)
---@param make? fun(path: string): true?, string?  makes a directory
---@return table places
function M.new(directory, make)
  return setmetatable({ make = make, good = {},
    directory = core.absolute(directory or ".") or directory or "." }, Places)
end

return M
