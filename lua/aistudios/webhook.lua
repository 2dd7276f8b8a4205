-- SPDX-License-Identifier: MIT
--
-- webhook: what the service reports by itself. Its message says neither which
-- job it is about nor who sent it, so both go into the address that it is
-- sent to. For the receiving end of your own server. Method, form and order of
-- the messages are not documented: every usual form is read.
--
-- The signature is HMAC-SHA256 of luaossl, a binding of OpenSSL that Debian
-- and LuaRocks both have. libcurl brings a TLS library, but not always that
-- one, and shows none of it to others.

local has_hmac, hmac = pcall(require, "openssl.hmac")
if not has_hmac then
  error("aistudios.webhook needs luaossl (Debian: lua-luaossl; LuaRocks: luaossl): "
    .. tostring(hmac):match "^[^\n]*", 0)
end

local copy = require "aistudios.util.copy"
local core = require "aistudios.core"
local errors = require "aistudios.error"
local json = require "aistudios.json"
local options = require "aistudios.util.option_rules"
local trim = require "aistudios.util.trim"
local url = require "aistudios.util.url"

---@class aistudios.webhook
local M = {}

local OLDEST_TIME = 1000000000 -- a smaller number is a lifetime, not a date
local MOST_WRAPPINGS = 4       -- of a payload, in lists, envelopes and texts

---@class aistudios.WebhookEvent
---@field job_key string     what was signed into the address
---@field progress? number   0 to 100
---@field credit? number     in the last one
---@field backend_task_id? string
---@field download_url? string  in the last one
---@field is_repeat boolean  the same event came before; needs `seen`
---@field is_late boolean    a higher progress came before; needs `seen`
---@field payload table      what was sent, out of its envelope; of a list, what is furthest
---@field confirmed? true    by `confirm`
---@field project_id? string by `confirm`

local function hex(bytes)
  return (bytes:gsub(".", function (char) return ("%02x"):format(char:byte()) end))
end

local function digest(secret, text)
  return hex(hmac.new(secret, "sha256"):final(text))
end

local function sign(job_key, expires, secret)
  return digest(secret, ("aistudios webhook 1\n%d\n%s"):format(expires, job_key))
end

--- Takes as long for a wrong text as for a right one.
local function is_same(a, b)
  if #a ~= #b then return false end
  local difference = 0
  for i = 1, #a do difference = difference | (a:byte(i) ~ b:byte(i)) end
  return difference == 0
end

local function is_no_secret(value)
  if type(value) ~= "string" or #value < 16 then return "a string of at least 16 bytes" end
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
  elseif is_no_secret(secret) then
    error("webhook.sign_url: the secret must be " .. is_no_secret(secret), 2)
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

--- A finite number, or a text that is one in decimal.
local function number(value)
  if type(value) == "string" then value = value:find "^[%s%d.-]+$" and tonumber(value) end
  return type(value) == "number" and value - value == 0 and value or nil -- finite
end

local function text(value)
  return type(value) == "string" and value ~= "" and value or nil
end

local unwrap

--- Of several events in one message, the one that is furthest.
local function furthest(list, depth)
  local best
  for _, item in ipairs(list) do
    local payload = unwrap(item, depth)
    local is_further = payload and (not best
      or (number(payload.progress) or -1) >= (number(best.progress) or -1))
    if is_further then best = payload end
  end
  return best
end

--- The table with the event's fields: out of a list, of the API's envelope or
--- of JSON within a text.
function unwrap(value, depth)
  if depth == 0 then return nil end
  if type(value) == "string" and value:find "^%s*[%[{]" then value = core.decode(value, true) end
  if type(value) ~= "table" then return nil end
  if value[1] ~= nil then return furthest(value, depth - 1) end
  if value.progress == nil and value.data ~= nil then
    return unwrap(value.data, depth - 1) or value
  end
  return value
end

--- What was sent: in the body, parsed or as JSON or a form, else in the query.
local function read_payload(query, body)
  if type(body) == "string" then
    body = trim(body:gsub("^\u{FEFF}", ""):match "^.*[^%s\0]" or "")
    if body == "" then
      body = nil
    elseif not body:find "^[%[{\"]" and body:find "^[^=&]+=" then
      body = url.parse_query(body)
    else
      body = core.decode(body, true) -- tolerantly, as all that the service says
      if body == nil then return nil end
    end
  end
  if body == nil or body == json.null then return query end
  local payload = unwrap(body, MOST_WRAPPINGS)
  if payload and next(payload) == nil then return query end
  return payload
end

--- What is remembered of one address. Plain tables: they may be stored as JSON.
---@class aistudios.WebhookSeen
---@field expires integer    when the address ends, and this with it
---@field progress? number   the highest
---@field events table<string, integer>  when each came first

--- Compares an event with those of the same address.
---@param seen table<string, aistudios.WebhookSeen>
---@param address { signature: string, expires: integer }
---@param key string  of the event
---@param progress? number
---@param now integer
---@param window integer
---@return boolean is_repeat
---@return boolean is_late
local function compare(seen, address, key, progress, now, window)
  for signature, old in pairs(seen) do
    if now > old.expires then seen[signature] = nil end
  end
  local known = seen[address.signature] or { expires = address.expires, events = {} }
  seen[address.signature] = known
  for name, time in pairs(known.events) do
    if now - time > window then known.events[name] = nil end
  end
  local is_repeat = known.events[key] ~= nil
  local is_late = (progress or known.progress or 0) < (known.progress or 0)
  known.events[key] = known.events[key] or now
  if progress and not is_late then known.progress = progress end
  return is_repeat, is_late
end

--- Who signed the address: nobody but the secret's owner could.
local function read_address(address, secret, now)
  local query = url.parse_query(address:match "%?([^#]*)" or "")
  local expires = math.tointeger(tonumber(query.expires))
  local job_key, signature = query.job_key, query.signature
  if not (expires and job_key and signature) then return refuse "the address is not signed" end
  if not is_same(signature, sign(job_key, expires, secret)) then
    return refuse "the signature is wrong"
  end
  if now > expires then return refuse "the address has expired" end
  query.expires, query.job_key, query.signature = nil, nil, nil
  return { job_key = job_key, expires = expires, signature = signature, query = query }
end

local function is_no_text(value)
  if type(value) ~= "string" then return "a string" end
end

local function is_no_seen(value)
  for _, entry in pairs(type(value) == "table" and value or { 0 }) do
    if type(entry) ~= "table" then return "a table, empty or as an earlier call has left it" end
  end
end

local rules = {
  url = is_no_text, method = is_no_text, secret = is_no_secret, seen = is_no_seen,
  window = options.integer(0, math.maxinteger), now = options.integer(0, math.maxinteger),
  body = function (value)
    if type(value) ~= "string" and type(value) ~= "table" then return "a string or a table" end
  end,
}

local function misuse_of(request)
  return options.check("webhook.read", rules, request)
    or request.url == nil and "webhook.read: the request's url is missing"
    or request.secret == nil and "webhook.read: the secret is missing, "
      .. "the one that the address was signed with"
    or nil
end

---@class aistudios.WebhookOptions
---@field seen? table<string, aistudios.WebhookSeen>  yours to keep, empty at first: with it
--- repeats and late events are told from news
---@field window? integer  seconds for which events are remembered (until the address ends)
---@field now? integer     seconds since 1970 (os.time())

---@class aistudios.WebhookRequest: aistudios.WebhookOptions
---@field url string       the whole address of the request, or its path and query
---@field secret string    the one that signed it
---@field method? string   any
---@field body? string|table  as it came, or parsed already

--- Reads a request that came to a signed address.
---@param request aistudios.WebhookRequest|string  or its method, and in their order:
---@param address? string  the request's url
---@param body? string|table
---@param secret? string
---@param more? aistudios.WebhookOptions
---@return aistudios.WebhookEvent? event
---@return aistudios.Error? err  kind `auth`: not from the service, or too old; kind
--- `protocol`: no message
function M.read(request, address, body, secret, more)
  if type(request) ~= "table" then
    request = copy(more, { method = request, url = address, body = body, secret = secret })
  end
  local misuse = misuse_of(request)
  if misuse then error(misuse, 2) end
  local now = request.now or os.time()
  local signed, err = read_address(request.url, request.secret, now)
  if not signed then return nil, err end
  local payload = read_payload(signed.query, request.body)
  -- A form may be no UTF-8: then it counts as it came.
  local content = payload and (json.encode(payload, { sort_keys = true })
    or type(request.body) ~= "table" and request.url .. "\n" .. tostring(request.body))
  if not content then
    return nil, errors.new { kind = "protocol", outcome = "rejected",
      endpoint = "webhook", message = "the message is neither JSON nor a form" }
  end
  local event = {
    job_key = signed.job_key, payload = payload,
    progress = number(payload.progress), credit = number(payload.credit),
    backend_task_id = text(payload.backendTaskId) or text(payload.backend_task_id),
    download_url = text(payload.download_url) or text(payload.downloadUrl),
    is_repeat = false, is_late = false,
  }
  if request.seen then
    event.is_repeat, event.is_late = compare(request.seen, signed,
      digest(request.secret, content), event.progress, now, request.window or math.maxinteger)
  end
  return event
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
  event.download_url = result.download_url -- that of the message proves nothing
  return event
end

return M
