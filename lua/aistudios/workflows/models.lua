-- SPDX-License-Identifier: MIT
--
-- models: the avatars that the account can use, found by id or label.

local core = require "aistudios.core"
local endpoints = require "aistudios.endpoints"
local errors = require "aistudios.error"
local method = require "aistudios.endpoints.method"
local send = require "aistudios.transport.send"

local M = {}

local MAX_AGE = 3600 -- s for which the list is kept

-- By client: its list, and when it was fetched.
local caches = setmetatable({}, { __mode = "k" })

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
function M.operation(client, chosen)
  local call, err, misuse = method.prepare(client, endpoints.list_models, chosen)
  if not call then return nil, err, misuse end
  return function (job)
    local kept = caches[client]
    if kept and core.now() - kept.time < MAX_AGE then return kept.models end
    local result, problem = send.run(job, call)
    if not result then return nil, problem end
    local models = setmetatable(result.models, Models)
    caches[client] = { time = core.now(), models = models }
    return models
  end
end

return M
