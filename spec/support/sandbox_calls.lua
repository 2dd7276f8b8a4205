-- SPDX-License-Identifier: MIT
--
-- sandbox_calls: a sandbox for each spec of a file, and calls of its API.

local http = require "spec.support.http"
local sandbox = require "aistudios.sandbox"
local small_project = require "spec.support.small_project"

local API = "/api/odin/v3"

local M = {}

--- Begins again, with these options.
---@param options? aistudios.sandbox.Options
function M.begin(options)
  M.finish()
  M.server = assert(sandbox.start(options or { render_seconds = 0 }))
  M.caller = http.caller(M.server)
end

function M.finish()
  if M.server then M.server:close() end
  M.server = nil
end

--- Of the calls below, a path is that behind /api/odin/v3, or begins with /api/.
local function whole(path) return path:find "^/api/" and path or API .. path end

--- Any request, of a path as it is.
function M.ask(...) return M.caller:ask(...) end

function M.get(path, headers) return M.caller:ask("GET", whole(path), nil, headers) end

function M.post(path, body, headers)
  return M.caller:ask("POST", whole(path), body, headers)
end

--- Posts the parts of a form, as http.Caller:send takes them.
function M.post_form(path, ...) return M.caller:send(whole(path), { ... }) end

--- Creates a project, the small one by default; its id.
function M.create(body)
  return M.post("/editor/project", body or small_project()).data.projectId
end

--- The path of a project's video.
function M.file_of(id) return "/files/" .. id .. ".mp4" end

--- What a refusal says.
function M.message_of(answer)
  assert(answer.json.success == false)
  return answer.json.error.msg
end

return M
