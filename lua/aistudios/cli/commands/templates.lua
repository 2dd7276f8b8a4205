-- SPDX-License-Identifier: MIT
--
-- aistudios templates: what videos can be made from.

local aistudios = require "aistudios"
local follow = require "aistudios.cli.follow"
local status = require "aistudios.cli.status"

local function run(context, given)
  local result, code = follow.one(context, function (async)
    if not given.category then return async:list_business_templates() end
    return async:list_automation_templates { category = given.category,
      orientation = given.orientation }
  end)
  if not result then return code end
  context.output:write_list(result.templates, { "id", "name" })
  return status.done
end

local fields = aistudios.api.list_automation_templates.fields

---@type aistudios.cli.Command
return {
  name = "templates",
  about = "Lists the templates: for business videos, or those that make can use",
  options = {
    { "--category NAME", "Those that make can use, of this category.",
      choices = fields.category.enum },
    { "--orientation NAME", "Of those, the ones of this orientation.",
      choices = fields.orientation.enum },
  },
  run = run,
}
