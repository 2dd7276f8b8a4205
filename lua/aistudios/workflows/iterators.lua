-- SPDX-License-Identifier: MIT
--
-- iterators: the projects and sessions of the account in a `for`, which has
-- nowhere to return an error to: it is raised, as the error object.

local option_rules = require "aistudios.util.option_rules"
local raise = require "aistudios.util.raise"

local M = {}

local PAGE_SIZE = 100 -- the most that the API gives

local session_fields = {
  type = function (value)
    if value ~= "active" and value ~= "historic" then return '"active" or "historic"' end
  end,
  page_size = option_rules.integer(1, PAGE_SIZE),
}

local function fits(item, filter)
  if type(item) ~= "table" then return false end
  for name, value in pairs(filter) do
    if item[name] ~= value then return false end
  end
  return true
end

--- The projects of the account, one after the other.
---@param client aistudios.Client
---@param filter? table  members that an item must have, e.g. { state = "exported" }
---@return fun(): table?
function M.projects(client, filter)
  if filter ~= nil and type(filter) ~= "table" then
    raise("projects: a table of what an item must have is expected, got " .. type(filter))
  end
  local list, i
  return function ()
    if not list then
      local result, err = client:list_projects()
      if not result then error(err, 0) end
      list, i = result.projects, 0
    end
    repeat i = i + 1 until list[i] == nil or fits(list[i], filter or {})
    return list[i]
  end
end

--- The live sessions of the account; pages are fetched as they are needed.
---@param client aistudios.Client
---@param fields? { type: "active"|"historic"?, page_size: integer? }
---@return fun(): table?
function M.sessions(client, fields)
  local wrong = option_rules.check_all("sessions", session_fields, fields)
  if wrong then raise(wrong) end
  fields = fields or {}
  local size = fields.page_size or PAGE_SIZE
  local page, seen, i, list, is_last = 0, 0, 0, {}, false
  return function ()
    i = i + 1
    while not list[i] and not is_last do
      local result, err = client:list_sessions {
        type = fields.type, page = page + 1, page_size = size }
      if not result then
        i = i - 1 -- a next call repeats the page
        error(err, 0)
      end
      list, page, i = result.results, page + 1, 1
      seen = seen + #list
      is_last = #list == 0 or seen >= (tonumber(result.count) or math.huge)
        or (result.next == nil and #list < size)
    end
    return list[i]
  end
end

return M
