-- SPDX-License-Identifier: MIT
--
-- aistudios render: from a project to a video.

local aistudios = require "aistudios"
local arguments = require "aistudios.cli.arguments"
local findings = require "aistudios.cli.findings"
local follow = require "aistudios.cli.follow"
local results = require "aistudios.cli.results"
local status = require "aistudios.cli.status"

--- What would be sent, without sending it.
local function rehearse(context, project, warnings, given)
  local estimate = aistudios.estimate(project)
  local profile = require "aistudios.cli.profiles".choose(given)
  local host = require "aistudios.cli.connect".base_url(profile and profile.host)
  local body = assert(aistudios.encode(project))
  context.output:write({ call = "create_project", host = host, bytes = #body, body = project,
    estimate = estimate, warnings = warnings, to = given.to },
    ("%d bytes for create_project at %s; nothing was sent\n%s"):format(#body, host,
      results.estimate(estimate)))
  return status.done
end

local function run(context, given)
  local project, code, warnings = findings.project(context.output, given.file, given.fill)
  if not project then return code end
  if not given.dry_run then
    local client
    client, code = context:connect()
    if not client then return code end
  end
  local workspace = given.workspace or context.connection
    and context.connection.profile.workspace
  if workspace and project.workspaceId == nil then project.workspaceId = workspace end
  if given.resolution then project.resolution = given.resolution end
  if given.dry_run then return rehearse(context, project, warnings, given) end
  return follow.run(context, { {
    stops_at_token = given.no_wait,
    start = function (on_token)
      return context.client.async:render(project, results.options(context, given, on_token))
    end,
  } })
end

---@type aistudios.cli.Command
return {
  name = "render",
  about = "Renders a project and brings the video home; this costs credits",
  details = "The resume token is printed before anything is waited for: with it, aistudios "
    .. "resume goes on when this process has ended, and nothing is paid again.",
  arguments = { { "FILE", "The project: JSON, Lua, or - for standard input." } },
  options = {
    { "--to PATH", "Where the video goes; without it, its address is printed." },
    { "--fill ROW", "A JSON object with the values for {{name}} in the project." },
    { "--no-wait", "End as soon as the project is created; the token goes on from there." },
    { "--dry-run", "Check, and print what would be sent." },
    { "--deadline SECONDS", "How long to wait for the video (1800).",
      convert = arguments.seconds },
    { "--interval SECONDS", "Between the first looks at the progress (3).",
      convert = arguments.seconds },
    { "--resolution NAME", "4k, 1080, 720 or 480.", choices = { "4k", "1080", "720", "480" } },
    { "--workspace ID", "The workspace of the project." },
    { "--no-overwrite", "Refuse when there is a file of that name." },
  },
  shows_progress = true,
  run = run,
}
