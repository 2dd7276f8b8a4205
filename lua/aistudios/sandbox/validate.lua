-- SPDX-License-Identifier: MIT
--
-- validate: finds what is wrong with a call: its credentials, its content type,
-- its documented fields. It also decodes the body.

local catalogue = require "aistudios.sandbox.catalogue"
local fields = require "aistudios.sandbox.fields"
local form = require "aistudios.sandbox.form"
local near_miss = require "aistudios.sandbox.near_miss"
local routes = require "aistudios.sandbox.routes"
local json = require "aistudios.sandbox.json"
local url = require "aistudios.util.url"
local work = require "aistudios.sandbox.work"

local M = {}

local auth = {}

function auth.none() end

function auth.token(state, headers)
  return state.tokens:problem_of(headers.authorization)
end

function auth.bearer(state, headers)
  return state.session_tokens:bearer_problem_of(headers.authorization)
end

function auth.key(state, headers)
  local key = headers["studio-api-key"]
  if not key then return "the header STUDIO-API-KEY is missing" end
  if key ~= state.options.user_key then return "the STUDIO-API-KEY is not valid" end
end

local function content_type(call)
  return (call.headers["content-type"] or ""):lower():match "^[^;%s]*"
end

local function read_json(call)
  if call.raw == "" then return "there is no body; the body must be a JSON object" end
  if content_type(call) ~= "application/json" then
    return "the Content-Type must be application/json"
  end
  local body, message = json.decode(call.raw)
  if type(body) ~= "table" or not call.raw:find "^%s*{" then
    return "the body must be a JSON object" .. (message and ": " .. message or "")
  end
  if call.row.adapt then call.row.adapt(body) end
  call.body, call.json_problem = body, message
  return fields.problem_in(body, call.row.rule)
end

-- Fields of the query, and of a web form, which samples call JSON. A body of JSON
-- is read as ever.
local function read_pairs(call)
  if content_type(call) == "application/json" and call.raw:find "^%s*[{%[]" then
    return read_json(call)
  end
  local body = call.query
  if call.raw ~= "" then
    body = setmetatable(url.parse_query(call.raw), { __index = body })
  end
  call.body = {}
  for _, row in ipairs(call.row.fields) do call.body[row[1]] = body[row[1]] end
  return fields.problem_in(call.body, call.row.rule)
end

-- Values of a query are texts; those of numbers are read as such.
local function read_query(call)
  local values = {}
  for _, row in ipairs(call.row.query) do
    local text = call.query[row[1]]
    values[row[1]] = row[2] == "integer" and tonumber(text) or text
  end
  call.values = values
  return fields.problem_in(values, call.row.query_rule)
end

-- What was probably meant by a body that is refused.
local function near_miss_of(call)
  local miss
  if call.body and call.row.rule then miss = near_miss.of_body(call.body, call.row.rule) end
  if call.parts and call.row.form then miss = near_miss.of_form(call.parts, call.row.form) end
  return miss and "; " .. miss or ""
end

-- The id of a template or a workspace that the account does not have.
local function unknown_id(call)
  local body = call.body or {}
  local options = type(body.options) == "table" and body.options or {}
  local template = (call.path or {}).templateId or body.templateId or options.templateId
  local workspace = body.workspaceId
  if type(template) == "string" and not catalogue.has_template(template) then
    return work.not_found "template"
  elseif type(workspace) == "string" and not catalogue.has_workspace(workspace) then
    return work.not_found "workspace"
  end
end

---@param state table
---@param call table
---@return table? problem
function M.problem_of(state, call)
  local row = call.row
  if not row then
    return work.not_found(("call: %s %s%s"):format(call.method, call.target,
      near_miss.of_path(call.method, call.entry.path, routes.paths)))
  end
  local message = auth[row.auth](state, call.headers)
  if message then return work.unauthorized(message) end
  if row.rule then message = (row.takes_query and read_pairs or read_json)(call) end
  if row.form then message = form.read(call, state.native.digest) end
  if not message and row.query then message = read_query(call) end
  if not message and row.check then message = row.check(call, state) end
  if message then return work.invalid(message .. near_miss_of(call)) end
  return unknown_id(call)
end

return M
