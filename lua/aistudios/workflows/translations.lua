-- SPDX-License-Identifier: MIT
--
-- translations: which language each dubbing of a folder is in, and the file that it
-- goes to. The API names neither: it answers with a list of projects.

local errors = require "aistudios.error"

local M = {}

local MOST_FOLDERS = 100 -- whose targets a client remembers

M.NEEDS_NAME = "needs {language}, {id} or {index}: several films go there"

-- By client: the targets of its folders, and the folders from the oldest on.
local asked = setmetatable({}, { __mode = "k" })

--- A rule of option_rules.
function M.check_targets(value)
  local wanted = "a list of language codes"
  if type(value) ~= "table" then return wanted end
  for _, code in ipairs(value) do
    if type(code) ~= "string" or not code:find "^[%w_-]+$" then return wanted end
  end
end

--- The targets in the parts of a request, in the order of their numbers.
local function targets_in(call)
  local found = {}
  for _, part in ipairs(call.request.parts or {}) do
    if part.name:find "^target_%d$" then found[#found + 1] = part.value end
  end
  return found
end

--- Remembers what was asked for, and tells it in the result.
---@param client aistudios.Client
---@param call aistudios.Call  of translate_video
---@param result table
function M.note(client, call, result)
  local own = asked[client] or { folders = {}, targets = {} }
  asked[client] = own
  local id, targets = result.folderId, targets_in(call)
  result.targets = targets
  own.folders[#own.folders + 1], own.targets[id] = id, targets
  if #own.folders > MOST_FOLDERS then own.targets[table.remove(own.folders, 1)] = nil end
end

--- What this client asked for.
---@param client aistudios.Client
---@param id string  the folder's
---@return string[]? targets
function M.recall(client, id)
  return asked[client] and asked[client].targets[id]
end

--- The code at the end of a name, "talk.mp4 (de-DE)".
local function code_in(name)
  return type(name) == "string" and name:match "[%(%[_ ](%a%a%a?[-_]?%w*)[%)%]]?%s*$" or nil
end

local function find_named(items, targets)
  local known, found = {}, {}
  for _, code in ipairs(targets) do known[code:lower()] = code end
  for i, item in ipairs(items) do
    local said = item.target or item.language or code_in(item.name)
    found[i] = type(said) == "string" and known[said:lower()] or nil
  end
  return found
end

--- Gives each item its `target`: what the service says, in a member or in the name;
--- else the one at its place, when there are as many.
---@param items table[]  changed
---@param targets? string[]
function M.name_targets(items, targets)
  local found = targets and find_named(items, targets) or {}
  local is_whole = targets and #targets == #items and next(found) == nil
  for i, item in ipairs(items) do
    if type(item.target) ~= "string" then
      item.target = found[i] or is_whole and targets[i]
        or type(item.language) == "string" and item.language
        or not targets and code_in(item.name) or nil
    end
  end
end

--- Does a path with names in braces differ from item to item?
---@param path string
---@return boolean
function M.tells_apart(path)
  return path:find "{language}" ~= nil or path:find "{id}" ~= nil or path:find "{index}" ~= nil
end

--- Fills the names in a path. What comes from the service cannot leave the folder.
local function fill(path, item, index)
  local id = tostring(item.project_id or index)
  local values = { language = item.target or id, id = id, index = tostring(index) }
  return (path:gsub("{(%l+)}", function (name)
    return values[name] and values[name]:gsub("[^%w_-]", "_")
  end))
end

--- Gives each item the `path` that its film goes to, as the caller wrote it.
---@param items table[]  changed
---@param chosen aistudios.TranslationOptions
---@return aistudios.Error? err  two would go to the same
function M.place(items, chosen)
  local taken = {}
  for i, item in ipairs(items) do
    local path = fill(chosen.shown_path, item, i)
    if taken[path] then
      return errors.problem("to", M.NEEDS_NAME, chosen.shown_path)
    end
    taken[path], item.path = true, path
  end
end

--- The same path, absolute since the call was made.
---@param path string  of an item
---@param chosen aistudios.TranslationOptions
---@return string
function M.absolute(path, chosen)
  local shown, to = chosen.shown_path, chosen.to
  return to == shown and path or to:sub(1, #to - #shown) .. path
end

--- The targets in a resume token.
---@param text? string
---@return string[]?
function M.read(text)
  if not text then return nil end
  local list = {}
  for code in text:gmatch "[^,]+" do list[#list + 1] = code end
  return list
end

return M
