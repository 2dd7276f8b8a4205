-- SPDX-License-Identifier: MIT
--
-- aistudios delete: removes projects.

local errors = require "aistudios.error"
local failure = require "aistudios.cli.failure"
local follow = require "aistudios.cli.follow"
local status = require "aistudios.cli.status"

local function run(context, given)
  local result, code = follow.one(context, function (async)
    return async:delete_projects(given.id)
  end)
  if not result then return code end
  local count = result.deletedCount
  context.output:write({ deleted = count, asked = #given.id },
    ("%s of %d deleted"):format(count or "?", #given.id))
  if not count or count >= #given.id then return status.done end
  return failure.tell(context.output, errors.new { kind = "api", outcome = "rejected",
    message = ("%d of %d projects were not deleted"):format(#given.id - count, #given.id) },
    { code = count > 0 and status.partly or status.failed,
      hint = "aistudios projects lists those that there are" })
end

---@type aistudios.cli.Command
return {
  name = "delete",
  about = "Deletes projects and their videos, without asking",
  arguments = { { "ID...", "Projects." } },
  run = run,
}
