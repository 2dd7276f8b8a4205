-- SPDX-License-Identifier: MIT
--
-- failure: from the end of an exchange to an error: what went wrong, whether the
-- server acted, and what may help.

local config = require "aistudios.config"
local errors = require "aistudios.error"
local outcome = require "aistudios.transport.outcome"
local retry = require "aistudios.transport.retry"
local url = require "aistudios.util.url"

local M = {}

local EXCERPT = 512 -- bytes of an unexpected answer that an error keeps
local LONGEST_MESSAGE = 500 -- characters of what came from a server
local LONGEST_LINE = 16384  -- bytes of it that are looked at, blanks and the like included

local kinds = {
  resolve = "network", connect = "network", proxy = "network", descriptors = "network",
  tls = "network", network = "network",
  timeout = "timeout", stall = "timeout",
  protocol = "protocol", too_large = "protocol",
  cancelled = "cancelled", closed = "cancelled", memory = "cancelled",
  file = "file",
}

local prefixes = {
  resolve = "cannot find the server: ",
  connect = "cannot connect: ",
  proxy = "cannot connect: ",
  descriptors = "cannot connect: ",
  tls = "no trusted connection: ",
  network = "the connection broke: ",
  stall = "the server fell silent: ",
  timeout = "too slow: ",
  protocol = "unusable answer: ",
}

local reasons = {
  [400] = "the service cannot read the request",
  [403] = "not allowed with these credentials or this plan",
  [404] = "not found; is the id right and base_url the one of your account?",
  [405] = "the service does not take this call",
  [407] = "a proxy wants a name and a password, which go into the option proxy",
  [408] = "the service waited too long for the request",
  [413] = "the request is too large for the service",
  [429] = "too many requests",
  [500] = "the service failed",
  [502] = "a gateway of the service failed",
  [503] = "the service is not available",
  [504] = "a gateway of the service waited too long",
}

-- Of a file, whose server is not the API and gets no credentials.
local file_reasons = {
  [401] = "the address of the file was refused; it may have expired",
  [403] = "the address of the file was refused; it may have expired",
  [404] = "there is no such file",
}

--- What a status says of the request; nil: nothing that is known.
local function reason_of(row, status)
  if not row.host then return file_reasons[status] or reasons[status] end
  if status >= 300 and status <= 399 and status ~= 304 then
    return "redirected; base_url is not the address of the API"
  end
  return reasons[status]
end

local function shorten(text, most)
  if #text <= most then return text end
  return text:sub(1, (utf8.offset(text, 0, most) or most) - 1) .. "..."
end

--- What came from a server, without secrets, in one line of bounded length. A byte
--- that is no UTF-8 counts as a character.
local function one_line(client, text)
  local line = errors.line(client:redact(text, LONGEST_LINE))
  local length, bad = utf8.len(line, 1, math.min(#line, 4 * LONGEST_MESSAGE + 4))
  if (length or 0) > LONGEST_MESSAGE then
    return line:sub(1, utf8.offset(line, LONGEST_MESSAGE - 2) - 1) .. "..."
  end
  return bad and shorten(line, LONGEST_MESSAGE - 3) or line
end

--- The start of an answer, or of a part of it. Redacted before it is cut, for half a
--- secret would not be recognised.
local function excerpt(client, text)
  if not text or text == "" then return nil end
  return shorten(client:redact(text, EXCERPT + 1), EXCERPT)
end

--- Which other host to try: the one that a redirect names, else a known one.
---@param client aistudios.Client
---@param location? string  of a redirect
---@return string
local function host_hint(client, location)
  local base = client.policy.base_url
  local named = location and url.origin(location)
  if named and named ~= url.origin(base) then
    return client:redact(("; it points to %s: is that the base_url of your account?"):format(named))
  elseif base == config.hosts.global then
    return ("; older pages of the service name %s (option base_url)")
      :format(config.hosts.deepbrain)
  elseif base == config.hosts.deepbrain or base == config.hosts.china then
    return ("; newer pages of the service name %s (option base_url)")
      :format(config.hosts.global)
  end
  return ""
end

--- What may help when the connection to a host of the service failed.
local function connection_hint(client, row, failure)
  return row.host and (failure == "resolve" or failure == "connect") and host_hint(client) or ""
end

--- A status that is no redirect has no hint.
local function redirect_hint(client, status, location)
  if status < 300 or status > 399 then return "" end
  return host_hint(client, location)
end

local function is_page(text)
  return text ~= nil and text:find "^[%s\xEF\xBB\xBF]*<" ~= nil
end

--- Why the answer to a token's request holds no token.
local function no_token(client, row, auth)
  local reason = reason_of(row, auth.status or 0)
  if reason then return reason .. redirect_hint(client, auth.status, auth.location) end
  if is_page(auth.body) then return "the answer is a web page" .. host_hint(client) end
  return "the answer holds none"
end

-- Statuses with which the service speaks of the credentials.
local of_the_credentials = { [400] = true, [401] = true, [403] = true, [419] = true,
  [422] = true, [498] = true }

--- Why the service gave no token, where it answered that there is none.
local function no_credentials(client, auth, said)
  local reason = client.policy.is_token_given
    and "the access token was refused; the option token is used as it is"
    or ("the service refused the credentials; are app_id and user_key right, and "
      .. "base_url the one of your account? Keys are made on its API key page at %s.")
      :format(client.policy.base_url)
  if is_page(auth.body) then
    reason = reason .. " The answer is a web page: a proxy or firewall may have refused it instead."
  end
  if said and said.message then
    reason = reason .. " It said: " .. one_line(client, said.message)
  end
  return reason
end

local function describe(client, row, failure, message)
  if failure == "closed" then return "the client was closed" end
  if failure == "cancelled" then return "cancelled" end
  return (prefixes[failure] or "") .. one_line(client, message or failure)
    .. connection_hint(client, row, failure)
end

--- No token, so the call was never sent.
local function from_auth(client, call, response)
  local auth = response.auth or {}
  local said = auth.body and call.reader.complaint(call.row, auth.body)
  local status, failure = auth.status, auth.failure
  local err = {
    outcome = "not_sent", status = status, attempts = auth.attempts,
    body = excerpt(client, auth.body), code = said and said.code,
    retry_after = auth.retry_after,
  }
  if failure then
    err.kind = kinds[failure] or "protocol"
    local is_answer = failure == "protocol" and status
    err.message = "no access token: " .. (is_answer and no_token(client, call.row, auth)
      or describe(client, call.row, failure, auth.message))
    err.retryable = retry.is_passing { failure = failure }
  elseif status and status >= 300 and not of_the_credentials[status] then
    err.kind, err.retryable = "http", retry.is_passing { status = status }
    err.message = "no access token: " .. (reasons[status] or "the service failed")
      .. (is_page(auth.body) and host_hint(client) or "")
  else
    err.kind, err.message = "auth", no_credentials(client, auth, said)
  end
  return err
end

local function from_failure(client, call, response)
  local failure = response.failure
  if failure == "auth" then return from_auth(client, call, response) end
  return {
    kind = kinds[failure] or "protocol", outcome = outcome.of(response),
    message = describe(client, call.row, failure, response.message), status = response.status,
    body = not call.row.is_replayable and excerpt(client, response.body) or nil,
  }
end

--- Adds the ids that an answer names which may have been acted on.
local function add_ids(client, call, response, err)
  local project, session = call.reader.ids(call.row, response.body)
  err.project_id = project and one_line(client, project)
  err.session_id = session and one_line(client, session)
  if project then err.next = "look" end -- for it, before anything is repeated
end

--- Is it a status with which the API itself says no? Others come from gateways
--- too, and the server of a download is not the API.
local function is_refusal(row, status)
  return row.host ~= nil and status >= 400 and status < 500
    and status ~= 429 and status ~= 408
end

local function from_status(client, call, response, said)
  local row = call.row
  local status = response.status
  local err = {
    outcome = outcome.of(response, said.is_no, said.is_yes), status = status,
    kind = "http", code = said.code,
    retry_after = retry.asked(response.headers),
    body = excerpt(client, response.body),
  }
  local reason = (reason_of(row, status) or "the service said no")
    .. (row.host and redirect_hint(client, status, (response.headers or {}).location) or "")
  if status == 401 and row.host then
    err.kind = "auth"
    reason = row.auth == "token" and "the access token was refused"
      or "the credentials were refused"
    if client.policy.is_token_given and row.auth == "token" then
      reason = reason .. "; the option token is used as it is, is it too old?"
    end
  elseif said.is_no and is_refusal(row, status) then
    err.kind = "api"
  end
  err.message = said.message and one_line(client, said.message) or reason
  return err
end

local function from_answer(client, row, response, problem)
  local message = problem.message and one_line(client, problem.message)
  if problem.kind == "protocol" and row.host == "app" and is_page(response.body) then
    message = message .. host_hint(client)
  end
  return {
    kind = problem.kind == "api" and row.auth == "none" and "auth" or problem.kind,
    outcome = outcome.of(response, problem.is_no),
    status = response.status, code = problem.code,
    retry_after = retry.asked(response.headers),
    message = message or "the service refused it and did not say why",
    body = excerpt(client, response.body),
  }
end

--- Can the same call be made again at no risk, and may it then work?
local function is_retryable(row, response, err)
  if err.retryable ~= nil then return err.retryable end
  if err.kind == "protocol" then return row.is_replayable or false end
  if not retry.is_passing(response) then return false end
  return row.is_replayable or err.outcome ~= "unknown"
end

--- The error of an exchange without a good response.
---@param client aistudios.Client
---@param call aistudios.Call
---@param response table  the core's
---@param said? aistudios.AnswerProblem  what its reader says of a 2xx answer
---@return aistudios.Error err
---@return boolean? is_no  the API's own envelope says no
function M.read(client, call, response, said)
  local row = call.row
  local err
  if not (response.failure or response.status) then
    response.failure, response.message = "protocol", "it has no status"
  end
  if response.failure then
    err = from_failure(client, call, response)
  elseif said then
    err = from_answer(client, row, response, said)
  else
    said = call.reader.complaint(row, response.body)
    err = from_status(client, call, response, said)
  end
  if row.is_billed and err.outcome == "unknown" then
    err.message = err.message .. "; it may be done and billed, look before you repeat it"
  end
  if type(err.code) == "string" then err.code = excerpt(client, err.code) end
  err.retryable = is_retryable(row, response, err)
  if response.body and not row.is_replayable and (response.failure or said.is_yes) then
    add_ids(client, call, response, err)
  end
  return errors.new(err), said and said.is_no
end

return M
