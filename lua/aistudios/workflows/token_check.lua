-- SPDX-License-Identifier: MIT
--
-- token_check: services refuse a dead access token with other statuses than
-- 401 too. Whether it is the token is asked of the service, once per call. What
-- may have been done is not sent again for it.

local endpoints = require "aistudios.endpoints"
local events = require "aistudios.transport.events"
local method = require "aistudios.endpoints.method"
local send = require "aistudios.transport.send"

local M = {}

-- Statuses that may mean a dead token.
local suspicious = { [400] = true, [403] = true, [419] = true, [498] = true }

local PATIENCE = 10 -- s for the question

local function names_token(err)
  local text = (tostring(err.code) .. " " .. err.message):lower()
  return err.kind == "api" and text:find("token", 1, true) ~= nil
end

--- May a dead token be the reason, and can another be had?
local function is_suspect(job, call, err)
  if call.row.auth ~= "token" or call.is_confirmation or not call.sent_token
      or job.client.policy.is_token_given then
    return false
  end
  return suspicious[err.status] or names_token(err)
end

--- Asks whether the token of a call is alive; what is not answered counts as a yes.
---@return boolean is_dead
---@return boolean? is_replaced  already: the question went out with another token
local function is_dead(job, call, left)
  if left <= 0 then return false end
  local confirm = method.prepare(job.client, endpoints.confirm_auth, { retries = 0,
    timeout = math.min(left, PATIENCE) })
  if not confirm then return false end
  confirm.is_confirmation = true
  local result, err = send.run(job, confirm)
  if confirm.sent_token and confirm.sent_token ~= call.sent_token then return true, true end
  if result then return result.isAuthenticated == false end
  return err.status == 401 or suspicious[err.status] or false
end

--- After a failed call: was its token dead? Then it is sent once more, with
--- another. One that may cost, and may have been done, is not: its error says so,
--- and the next call has another token.
---@param job aistudios.Job
---@param call aistudios.Call  changed
---@param err aistudios.Error  changed
---@param left number  seconds that the call has left, for the question too
---@return boolean is_to_be_sent_again
function M.renew(job, call, err, left)
  if not is_suspect(job, call, err) then return false end
  local dead, is_replaced = is_dead(job, call, left)
  if not dead then return false end
  if err.outcome == "unknown" and not call.row.is_replayable then
    if not is_replaced then job.client:forget_token() end
    err.message = err.message .. "; the access token has ended, and the next call fetches "
      .. "another; this one is not repeated"
    return false
  end
  call.refused_token = call.sent_token
  events.emit(job, { type = "retried", endpoint = call.row.name, pause = 0,
    reason = "the access token was refused", status = err.status })
  return true
end

return M
