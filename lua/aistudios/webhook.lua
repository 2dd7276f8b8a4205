-- SPDX-License-Identifier: MIT
--
-- webhook: what the service tells on its own. Its message says neither which
-- job it is about nor who sent it, so both go into the address that it is
-- sent to. For the receiving end of your own server.

local errors = require "aistudios.error"
local hmac = require "openssl.hmac"
local json = require "aistudios.json"
local url = require "aistudios.util.url"

local M = {}

local OLDEST_TIME = 1000000000 -- a smaller number is a lifetime, not a date
local WINDOW = 300             -- s in which the same message is a repeat

---@class aistudios.WebhookEvent
---@field job_key string     what was signed into the address
---@field progress? number   0 to 100
---@field credit? number     in the last one
---@field backend_task_id? string
---@field download_url? string  in the last one
---@field is_repeat boolean  the same message came before; needs `seen`
---@field payload table      all that was sent

local function hex(bytes)
  return (bytes:gsub(".", function (char) return ("%02x"):format(char:byte()) end))
end

local function sign(job_key, expires, secret)
  local text = ("aistudios webhook 1\n%d\n%s"):format(expires, job_key)
  return hex(hmac.new(secret, "sha256"):final(text))
end

--- Takes as long for a wrong text as for a right one.
local function is_same(a, b)
  if #a ~= #b then return false end
  local difference = 0
  for i = 1, #a do difference = difference | (a:byte(i) ~ b:byte(i)) end
  return difference == 0
end

--- An address for `webhookUrl`, for one job.
---@param base string     where your server listens
---@param job_key string  your own name for the job
---@param secret string   at least 16 bytes, known to your server only
---@param expires integer when it ends, in seconds since 1970; a small number counts from now
---@return string url
function M.sign_url(base, job_key, secret, expires)
  if type(base) ~= "string" or not url.parse(base) then
    error("webhook.sign_url: an http or https address is expected", 2)
  elseif type(job_key) ~= "string" or job_key == "" then
    error("webhook.sign_url: the job key must be a string that is not empty", 2)
  elseif type(secret) ~= "string" or #secret < 16 then
    error("webhook.sign_url: the secret must be a string of at least 16 bytes", 2)
  end
  expires = math.tointeger(expires)
  if not expires or expires <= 0 then
    error("webhook.sign_url: expires must be an integer above 0", 2)
  end
  if expires < OLDEST_TIME then expires = os.time() + expires end
  local query = url.query { job_key = job_key, expires = expires,
    signature = sign(job_key, expires, secret) }
  base = base:gsub("#.*$", "")
  return base .. (base:find("?", 1, true) and "&" .. query:sub(2) or query)
end

local function refuse(message)
  return nil, errors.new { kind = "auth", outcome = "rejected",
    endpoint = "webhook", message = message }
end

--- The message itself: JSON, or pairs as in a form, or in the query of a GET.
local function read_payload(method, query, body)
  if body and body:find("^%s*{") then
    local payload = json.decode(body)
    return type(payload) == "table" and payload or nil
  end
  if body and body ~= "" then return url.parse_query(body) end
  return method == "GET" and query or {}
end

local function number(value)
  return type(value) == "number" and value or tonumber(value) or nil
end

local function text(value)
  return type(value) == "string" and value or nil
end

--- Is it in `seen` already? Forgets what is older than the window.
local function note(seen, key, now, window)
  if not seen then return false end
  for name, time in pairs(seen) do
    if now - time > window then seen[name] = nil end
  end
  local is_repeat = seen[key] ~= nil
  seen[key] = seen[key] or now
  return is_repeat
end

---@class aistudios.WebhookOptions
---@field seen? table<string, integer>  yours to keep: with it repeats are told from news
---@field window? integer  seconds for which they are remembered (300)
---@field now? integer     seconds since 1970 (os.time())

--- Reads a request that came to a signed address.
---@param method string   "POST", or whatever the service uses
---@param address string  the request's whole address, or its path and query
---@param body? string
---@param secret string
---@param options? aistudios.WebhookOptions
---@return aistudios.WebhookEvent? event
---@return aistudios.Error? err  not from the service, too old, or no message
function M.read(method, address, body, secret, options)
  options = options or {}
  local query = url.parse_query(tostring(address):match("%?([^#]*)") or "")
  local expires = math.tointeger(tonumber(query.expires))
  local job_key, signature = query.job_key, query.signature
  local now = options.now or os.time()
  if not (expires and job_key and signature) then return refuse "the address is not signed" end
  if not is_same(signature, sign(job_key, expires, secret)) then
    return refuse "the signature is wrong"
  end
  if now > expires then return refuse "the address has expired" end
  query.expires, query.job_key, query.signature = nil, nil, nil
  local payload = read_payload(tostring(method):upper(), query, body)
  if not payload then
    return nil, errors.new { kind = "protocol", outcome = "rejected",
      endpoint = "webhook", message = "the message is not JSON" }
  end
  return {
    job_key = job_key, payload = payload,
    progress = number(payload.progress), credit = number(payload.credit),
    backend_task_id = text(payload.backendTaskId) or text(payload.backend_task_id),
    download_url = text(payload.download_url) or text(payload.downloadUrl),
    is_repeat = note(options.seen, signature .. tostring(body), now, options.window or WINDOW),
  }
end

--- Asks the service whether an event is true. A message alone proves nothing
--- about the render; the project does.
---@param client aistudios.Client
---@param event aistudios.WebhookEvent
---@param project_id string  of the job that the event's job_key names
---@return aistudios.WebhookEvent? event  `confirmed`, with the project's own download_url
---@return aistudios.Error? err
function M.confirm(client, event, project_id)
  local result, err = client:get_project(project_id)
  if not result then return nil, err end
  local project = result.project
  local task = project.backendTaskId
  local progress = number(project.progress) or 0
  if (event.backend_task_id and task and event.backend_task_id ~= task)
      or progress < (event.progress or 0) then
    return nil, errors.new { kind = "api", outcome = "rejected", endpoint = "webhook",
      message = "the project does not agree with the event", project_id = project_id }
  end
  event.confirmed, event.project_id = true, project_id
  event.download_url = result.download_url or event.download_url
  return event
end

return M
