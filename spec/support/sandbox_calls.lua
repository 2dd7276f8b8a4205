-- SPDX-License-Identifier: MIT
--
-- sandbox_calls: a sandbox for each spec of a file, and calls of its API.

local http = require "spec.support.http"
local sandbox = require "aistudios.sandbox"

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

function M.get(path) return M.caller:ask("GET", API .. path) end

function M.post(path, body, headers) return M.caller:ask("POST", API .. path, body, headers) end

--- Posts the parts of a form, as http.Caller:send takes them.
function M.post_form(path, ...) return M.caller:send(API .. path, { ... }) end

--- What a refusal says.
function M.message_of(answer)
  assert(answer.json.success == false)
  return answer.json.error.msg
end

return M
