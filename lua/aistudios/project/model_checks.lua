-- SPDX-License-Identifier: MIT
--
-- model_checks: compares the avatars of a project with those of the account, as
-- list_models or list_models_detailed return them.

local suggest = require "aistudios.util.suggest"

local M = {}

---@class aistudios.project.ModelEntry
---@field clothes? table<string, true>  nil where the answer does not tell them
---@field language? string

--- The models of an answer in any of its shapes, by id.
---@param models table  a list of models, or what holds one as `models` or `data`
---@return table<string, aistudios.project.ModelEntry>
function M.index(models)
  for _ = 1, 3 do -- { data = { models = { ... } } } is the deepest shape
    local inner = models[1] == nil and (models.models or models.data)
    if type(inner) ~= "table" then break end
    models = inner
  end
  local found = {}
  for _, model in ipairs(models) do
    local id = type(model) == "table" and (model.id or model.modelId) or model
    if type(id) == "string" then
      found[id] = {}
      if type(model) == "table" then found[id].language = model.language end
      if type(model) == "table" and type(model.clothes) == "table" then
        local clothes = {}
        for _, cloth in ipairs(model.clothes) do
          local cloth_id = type(cloth) == "table" and (cloth.id or cloth.clothId) or cloth
          if type(cloth_id) == "string" then clothes[cloth_id] = true end
        end
        found[id].clothes = next(clothes) and clothes
      end
    end
  end
  return found
end

local function check_pair(report, index, path, names, model, cloth)
  if type(model) ~= "string" then return end
  local entry = index[model]
  local clothes = entry and entry.clothes
  if not entry then
    report(path .. names[1], ('"%s" is not a model of the account%s'):format(model,
      suggest.hint(model, index)), model)
  elseif clothes and type(cloth) == "string" and not clothes[cloth] then
    report(path .. names[2], ('"%s" is not one of the clothes of "%s"%s'):format(cloth,
      model, suggest.hint(cloth, clothes)), cloth)
  end
end

local of_clip, of_script = { "ai_name", "emotion" }, { "modelId", "clothId" }

--- Reports the models and clothes of a scene that the account does not have.
---@param report aistudios.project.Warn
---@param index table<string, aistudios.project.ModelEntry>  of `M.index`
---@param scene table
---@param path string
function M.check(report, index, scene, path)
  for i, clip in ipairs(type(scene.clips) == "table" and scene.clips or {}) do
    if type(clip) == "table" and clip.type == "aiModel" and type(clip.model) == "table" then
      check_pair(report, index, ("%s.clips[%d].model."):format(path, i), of_clip,
        clip.model.ai_name, clip.model.emotion)
    end
  end
  for i, script in ipairs(type(scene.scripts) == "table" and scene.scripts or {}) do
    if type(script) == "table" then
      check_pair(report, index, ("%s.scripts[%d]."):format(path, i), of_script,
        script.modelId, script.clothId)
    end
  end
end

return M
