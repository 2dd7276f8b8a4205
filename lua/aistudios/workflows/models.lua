-- SPDX-License-Identifier: MIT
--
-- models: the avatars that the account can use, with their clothes, found by id,
-- label or language. The API has two lists of them: the one that its documentation
-- names knows no clothes.

local core = require "aistudios.core"
local deep_copy = require "aistudios.util.deep_copy"
local endpoint_call = require "aistudios.workflows.endpoint_call"
local endpoints = require "aistudios.endpoints"
local errors = require "aistudios.error"
local method = require "aistudios.endpoints.method"

local M = {}

local MAX_AGE = 3600 -- s for which the list is kept

-- By client: its list, and when it was fetched.
local caches = setmetatable({}, { __mode = "k" })

--- An avatar. Members of both lists under the API's own names, and these.
---@class aistudios.Model
---@field id string
---@field label any            a text, or texts by language
---@field avatarType? string
---@field labels? table<string, string>  by language
---@field clothes? { id: string, label: any, thumbnail: string? }[]
---@field languages? string[]  codes: what the service tells, else those of the labels
---@field language? string     where there is only one
---@field thumbnail? string

---@class aistudios.Models
---@field [integer] aistudios.Model
local Models = { __name = "aistudios.models" }
Models.__index = Models

--- All texts by which an avatar is called.
local function names_of(model)
  local found = {}
  for _, label in ipairs { model.label or false, model.labels or false } do
    for _, text in pairs(type(label) == "table" and label or { label or nil }) do
      found[#found + 1] = tostring(text)
    end
  end
  return found
end

--- The avatar with this id or label (in any language, case aside).
---@param name string
---@return aistudios.Model? model
---@return aistudios.Error? err  with a suggestion
function Models:find(name)
  local known = {}
  for _, model in ipairs(self) do
    if model.id == name then return model end
    if model.id then known[model.id] = true end
  end
  for _, model in ipairs(self) do
    for _, label in ipairs(names_of(model)) do
      if label:lower() == tostring(name):lower() then return model end
      known[label] = true
    end
  end
  local hint = require "aistudios.util.suggest".hint(name, known)
  return nil, errors.problem("model", ("no avatar '%s' in the catalogue%s")
    :format(tostring(name), hint), name, "models")
end

--- The avatars of a language. A code without a region stands for all of them:
--- "en" finds "en-US", and "en-US" finds "en".
---@param code string
---@return aistudios.Models
function Models:by_language(code)
  local wanted, found = tostring(code):lower(), setmetatable({}, Models)
  local base = wanted:match "^%a+"
  for _, model in ipairs(self) do
    for _, language in ipairs(model.languages or {}) do
      language = language:lower()
      if language == wanted or language == base or language:match "^%a+" == wanted then
        found[#found + 1] = model
        break
      end
    end
  end
  return found
end

--- The codes of a model's languages, as far as its entry tells.
local function languages_of(model)
  local said = model.languages or model.language or model.labels or {}
  if type(said) == "string" then said = { said } end
  local codes = {}
  for key, value in pairs(type(said) == "table" and said or {}) do
    local code = type(key) == "string" and key or value
    if type(code) == "string" then codes[#codes + 1] = code end
  end
  table.sort(codes)
  return codes[1] and codes or nil
end

--- One list of both; the first one's members count before the second one's.
local function merge(plain, detailed)
  local by_id, models = {}, setmetatable({}, Models)
  for _, list in ipairs { plain or {}, detailed or {} } do
    for _, item in ipairs(list) do
      local id = item.id or item.modelId
      if type(id) == "table" then id, item = nil, {} end
      local model = id and by_id[id]
      if not model and next(item) ~= nil then
        model = { id = id }
        models[#models + 1] = model
        if id then by_id[id] = model end
      end
      for name, value in pairs(item) do
        if model[name] == nil then model[name] = value end
      end
      if type(item.label) == "table" then model.labels = item.label end
    end
  end
  for _, model in ipairs(models) do
    model.languages = languages_of(model)
    if model.languages and not model.languages[2] then model.language = model.languages[1] end
  end
  return models
end

--- Fetches both lists; one is enough, and the error is that of the other.
local function fetch(job, chosen)
  local plain, err = endpoint_call.call(job, endpoints.list_models, chosen)
  if err and err.kind == "cancelled" then return nil, err end
  local detailed, problem = endpoint_call.call(job, endpoints.list_models_detailed, chosen)
  if problem and problem.kind == "cancelled" then return nil, problem end
  if not plain and not detailed then return nil, err end
  return merge(plain and plain.models, detailed and detailed.models), err or problem
end

--- The catalogue of avatars, kept for an hour; each caller gets a table of its own.
---@type aistudios.Operation
function M.operation(client, chosen)
  local call, err, misuse = method.prepare(client, endpoints.list_models, chosen)
  if not call then return nil, err, misuse and misuse:gsub("^list_models", "models") end
  chosen = deep_copy(chosen)
  return function (job)
    local kept = caches[client]
    if not kept or core.now() - kept.time >= MAX_AGE then
      local models, problem = fetch(job, chosen)
      if not models then return nil, problem end
      kept = { time = core.now(), models = models }
      if not problem then caches[client] = kept end
    end
    return deep_copy(kept.models)
  end
end

return M
