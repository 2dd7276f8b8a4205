-- SPDX-License-Identifier: MIT
--
-- aistudios projects: what is in the account.

local follow = require "aistudios.cli.follow"
local status = require "aistudios.cli.status"

local function run(context, given)
  local result, code = follow.one(context, function (async) return async:list_projects() end)
  if not result then return code end
  local list = {}
  for _, item in ipairs(result.projects) do
    if not given.state or item.state == given.state then list[#list + 1] = item end
  end
  context.output:write_list(list, { "project_id", "state", "name" })
  return status.done
end

---@type aistudios.cli.Command
return {
  name = "projects",
  about = "Lists the projects of the account",
  options = { { "--state STATE", "Only those in this state, e.g. exported." } },
  run = run,
}
