-- SPDX-License-Identifier: MIT
--
-- cli.optional: modules that come in rocks of their own, so that a command can
-- be without them.

local M = {}

--- Loads a module.
---@param name string
---@param rock string  the one that brings it
---@return table? module
---@return string? message  what is missing, and the rock
function M.load(name, rock)
  local ok, module = pcall(require, name)
  if ok then return module end
  return nil, ("cannot load %s: %s; make install brings it, and so does the rock %s"):format(name,
    tostring(module):match "^[^\n]*", rock)
end

return M
