-- SPDX-License-Identifier: MIT
--
-- envelope: wraps data and errors: for the app, for the live avatar, and for
-- files, which have no envelope.

local json = require "aistudios.sandbox.json"

local M = {}

local JSON = "application/json; charset=utf-8"

local avatar_codes = {
  [400] = 4000, [401] = 4010, [403] = 4030, [404] = 4040, [422] = 4000, [429] = 4290,
}

--- The response that refuses a call. Clients have met `error` as an object and as a plain text.
---@param call table
---@param problem table  status, code, message
---@param is_observed boolean
---@return table answer
function M.failure(call, problem, is_observed)
  local row = call.row or {}
  if row.serve then
    return { status = problem.status, type = "text/plain", body = problem.message .. "\n" }
  end
  local body
  if row.is_avatar then
    body = { code = avatar_codes[problem.status] or 5000, data = json.null,
      message = problem.message }
  elseif is_observed then
    body = { success = false, error = problem.message }
  else
    body = { success = false, error = { code = problem.code, msg = problem.message } }
  end
  return { status = problem.status, type = JSON, body = json.encode(body) }
end

--- Data as the tables of the pages have them, or as clients met them.
---@param call table
---@param data any
---@param is_bare? boolean      without an envelope
---@param is_observed boolean
---@return table answer
function M.success(call, data, is_bare, is_observed)
  local row = call.row
  local body = data
  if row.is_list then body = json.list(data) end
  if is_observed and row.observed then
    local bare
    body, bare = row.observed(data)
    is_bare = is_bare or bare
  end
  if not is_bare then
    body = row.is_avatar and { code = 1000, data = body, message = json.null }
        or { success = true, data = body }
  end
  return M.json(json.encode(body))
end

--- The body of an answer whose data are a list of texts that are JSON.
---@param texts string[]
---@return string
function M.success_body(texts)
  return '{"data":[' .. table.concat(texts, ",") .. '],"success":true}'
end

--- An answer with a body of JSON.
---@param body string
---@return table answer
function M.json(body)
  return { status = 200, type = JSON, body = body }
end

return M
