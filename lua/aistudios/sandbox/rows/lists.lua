-- SPDX-License-Identifier: MIT
--
-- rows.lists: what there is to choose from.

local catalogue = require "aistudios.sandbox.catalogue"
local json = require "aistudios.sandbox.json"

local CATEGORIES = { "social", "business", "education" }

local function bare(data) return json.list(data), true end

-- Clients have met this list as an object: {"0": .., "1": ..}.
local function numbered(data)
  local object = {}
  for i, item in ipairs(data) do object[tostring(i - 1)] = item end
  return object
end

local automation_rows = {
  { "category", "string", required = true, enum = CATEGORIES },
  { "orientation", "string", enum = { "web", "mobile" } },
}

local function automation_templates(_, call)
  local category = (call.body or call.values).category
  local found = {}
  for i, id in ipairs(catalogue.template_ids) do
    found[i] = { id = id, name = ("%s %d"):format(category, i),
      thumbnailUrl = "https://example.com/templates/" .. id .. ".png" }
  end
  return found
end

local DROPDOWN = "/api/odin/v3/dropdown"

return {
  {
    name = "list_models", method = "GET", path = DROPDOWN .. "/models",
    auth = "token", is_list = true, observed = bare,
    answer = function () return catalogue.models() end,
  },
  {
    name = "list_models_detailed", method = "GET", path = "/api/odin/v3/model",
    auth = "token",
    answer = function () return { models = catalogue.detailed_models() } end,
  },
  {
    name = "list_business_templates", method = "GET", path = DROPDOWN .. "/templates_business",
    auth = "token", is_list = true, observed = bare,
    answer = function () return catalogue.templates() end,
  },
  {
    name = "list_automation_templates", method = "POST",
    path = DROPDOWN .. "/templates_automation",
    auth = "token", is_list = true, observed = numbered,
    fields = automation_rows, answer = automation_templates,
  },
  {
    name = "list_automation_templates", method = "GET",
    path = DROPDOWN .. "/templates_automation",
    auth = "token", is_list = true, observed = numbered,
    query = automation_rows, answer = automation_templates,
  },
  {
    name = "list_workspaces", method = "GET", path = DROPDOWN .. "/workspaces",
    auth = "token", is_list = true, observed = bare,
    answer = function () return catalogue.workspaces() end,
  },
}
