-- SPDX-License-Identifier: MIT
--
-- catalogue: the models, templates and workspaces of the sandbox's account.

local M = {}

local models = {
  { id = "M000045058", name = "Jonathan", clothes = { "BG00002320", "BG00002321" } },
  { id = "M000351175", name = "Ian", clothes = { "BG00001308" } },
  { id = "M000320746", name = "Paige", clothes = { "BG00007546" } },
}

M.template_ids = {
  "655c744d2b4d3b4051400be0", "655c744d2b4d3b4051400be1", "655c744d2b4d3b4051400be2",
}

-- What the documentation's own samples write for an id.
local placeholders = { WORKSPACE_ID = true, ["## template id ##"] = true }

--- Is this the id of one of the account's templates?
---@param id string
---@return boolean
function M.has_template(id)
  for _, known in ipairs(M.template_ids) do
    if id == known then return true end
  end
  return placeholders[id] or false
end

--- Is this the id of one of the account's workspaces?
---@param id string
---@return boolean
function M.has_workspace(id)
  for _, workspace in ipairs(M.workspaces()) do
    if id == workspace.workspaceId then return true end
  end
  return placeholders[id] or false
end

local function thumbnail(id)
  return "https://example.com/thumbnails/" .. id .. ".png"
end

local function label(text)
  return { ko = text, en = text }
end

--- The flat list.
function M.models()
  local list = {}
  for i, model in ipairs(models) do
    list[i] = { id = model.id, label = model.name, avatarType = "studio" }
  end
  return list
end

--- The list with labels by language, thumbnails and clothes.
function M.detailed_models()
  local list = {}
  for i, model in ipairs(models) do
    local clothes = {}
    for j, id in ipairs(model.clothes) do
      clothes[j] = { id = id, label = label("Outfit " .. j), thumbnail = thumbnail(id) }
    end
    list[i] = { id = model.id, label = label(model.name), thumbnail = thumbnail(model.id),
      clothes = clothes }
  end
  return list
end

function M.templates()
  local list = {}
  for i, id in ipairs(M.template_ids) do list[i] = { id = id, name = "Business " .. i } end
  return list
end

function M.workspaces()
  return {
    { workspaceId = "65a0c1d2e3f4a5b6c7d8e9f0", workspaceName = "My workspace" },
    { workspaceId = "65a0c1d2e3f4a5b6c7d8e9f1", workspaceName = "Team workspace" },
  }
end

return M
