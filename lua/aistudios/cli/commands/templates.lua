-- SPDX-License-Identifier: MIT
--
-- aistudios templates: what videos can be made from.

local aistudios = require "aistudios"
local follow = require "aistudios.cli.follow"
local status = require "aistudios.cli.status"

local function run(context, given)
  local client, code = context:connect()
  if not client then return code end
  local result
  result, code = follow.one(context, function ()
    if not given.category then return client.async:list_business_templates() end
    return client.async:list_automation_templates { category = given.category,
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
