-- SPDX-License-Identifier: MIT
--
-- session_token: the token of the live avatar's calls: the caller's own, or
-- one that all calls of a client share. Hooks of transport/send.

local endpoints = require "aistudios.endpoints"
local method = require "aistudios.endpoints.method"
local send = require "aistudios.transport.send"

local M = {}

--- The token to send: the caller's, the client's, or a new one.
local function get_token(job, call)
  local client = job.client
  local token = call.session_token or client:session_token()
  if token then return token end
  local ask, err = method.prepare(client, endpoints.create_session_token)
  if not ask then return nil, err end
  local issued
  issued, err = send.run(job, ask)
  if not issued then
    if err.kind ~= "cancelled" then err.outcome = "not_sent" end
    return nil, err
  end
  client:session_token(issued.session_token)
  return issued.session_token
end

--- Makes a call carry a session token; a refused one of our own is replaced
--- once.
---@param call aistudios.Call  changed
function M.add_hooks(call)
  local headers = call.request.headers
  function call.before(job)
    local token, err = get_token(job, call)
    if not token then return err end
    job.client:keep_secret(token)
    call.request.headers = table.move(headers, 1, #headers, 2,
      { "Authorization: Bearer " .. token })
  end
  function call.recover(job, _, err)
    if err.status ~= 401 or call.session_token then return false end
    job.client:session_token(false)
    return true
  end
end

return M
