-- SPDX-License-Identifier: MIT
--
-- lists: going through the lists of the account in a `for`, and the catalogue
-- of avatars. A loop has nowhere to return an error to: there it is raised,
-- as the error object.

local api = require "aistudios.endpoints"
local call = require "aistudios.transport.send"
local core = require "aistudios.core"
local endpoint = require "aistudios.endpoints.method"
local errors = require "aistudios.error"

local M = {}

local PAGE_SIZE = 100    -- the most that the API gives
local FRESH = 3600       -- s for which a catalogue is kept

local function fits(item, filter)
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
  local list, i
  return function ()
    if not list then
      local result, err = client:list_projects()
      if not result then error(err, 0) end
      list, i = result.projects, 0
    end
    repeat i = i + 1 until not list[i] or fits(list[i], filter or {})
    return list[i]
  end
end

--- The live sessions of the account; pages are fetched as they are needed.
---@param client aistudios.Client
---@param fields? { type: "active"|"historic"?, page_size: integer? }
---@return fun(): table?
function M.sessions(client, fields)
  fields = fields or {}
  local size = fields.page_size or PAGE_SIZE
  local page, seen, i, list, is_last = 0, 0, 0, {}, false
  return function ()
    i = i + 1
    while not list[i] and not is_last do
      local result, err = client:list_sessions {
        type = fields.type, page = page + 1, page_size = size }
      if not result then
        i = i - 1 -- called again, it goes on where it stopped
        error(err, 0)
      end
      list, page, i = result.results, page + 1, 1
      seen = seen + #list
      is_last = #list == 0 or (result.count and seen >= result.count)
        or (result.next == nil and #list < size)
    end
    return list[i]
  end
end

---@class aistudios.Models
---@field [integer] { id: string, label: any, avatarType: string? }
local Models = { __name = "aistudios.models" }
Models.__index = Models

local function labels(model)
  return type(model.label) == "table" and model.label or { model.label }
end

--- The avatar with this id or label (in any language, case aside).
---@param name string
---@return table? model
---@return aistudios.Error? err  with a suggestion
function Models:find(name)
  local known = {}
  for _, model in ipairs(self) do
    local id = model.id or model.modelId
    if id == name then return model end
    if id then known[id] = true end
  end
  for _, model in ipairs(self) do
    for _, label in pairs(labels(model)) do
      label = tostring(label)
      if label:lower() == tostring(name):lower() then return model end
      known[label] = true
    end
  end
  local hint = require "aistudios.util.suggest".hint(name, known)
  return nil, errors.problem("model", ("no avatar '%s' in the catalogue%s")
    :format(tostring(name), hint), name, "models")
end

--- The catalogue of avatars, kept for an hour.
---@type aistudios.Operation
function M.models(client, chosen)
  local made, err, wrong = endpoint.prepare(client, api.list_models, chosen)
  if not made then return nil, err, wrong end
  return function (job)
    local kept = client.catalogue
    if kept and core.now() - kept.time < FRESH then return kept.models end
    local result, problem = call.run(job, made)
    if not result then return nil, problem end
    local models = setmetatable(result.models, Models)
    client.catalogue = { time = core.now(), models = models }
    return models
  end
end

return M
