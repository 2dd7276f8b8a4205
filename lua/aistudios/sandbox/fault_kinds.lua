-- SPDX-License-Identifier: MIT
--
-- fault_kinds: what can be made to go wrong, as rows.

local M = {}

local STALL_SECONDS = 3600

local function half(reply)
  local length = reply.video and reply.video.length or #(reply.body or "")
  return length // 2
end

local function failure(state, fault, call, status, message)
  local problem = {
    status = status, code = fault.code or "sandbox_fault",
    message = fault.message or message,
  }
  return state:failure(call, problem)
end

local function with_headers(reply, fault)
  reply.headers = reply.headers or {}
  if fault.retry_after then
    table.insert(reply.headers, "Retry-After")
    table.insert(reply.headers, ("%s"):format(fault.retry_after))
  end
  for name, value in pairs(fault.headers or {}) do
    table.insert(reply.headers, name)
    table.insert(reply.headers, tostring(value))
  end
  return reply
end

local reasons = {
  [200] = "OK", [403] = "Forbidden", [404] = "Not Found", [408] = "Request Timeout",
  [429] = "Too Many Requests", [500] = "Internal Server Error", [502] = "Bad Gateway",
  [503] = "Backend fetch failed", [504] = "Gateway Timeout",
}

-- The page that a cache (Varnish) sends on its own.
local PAGE = [[
<!DOCTYPE html>
<html>
  <head>
    <title>%s</title>
  </head>
  <body>
    <h1>Error %s</h1>
    <p>%s</p>
    <h3>Guru Meditation:</h3>
    <p>XID: 32770</p>
    <hr>
    <p>Varnish cache server</p>
  </body>
</html>
]]

local function html(status, fault)
  local reason = reasons[status] or "Error"
  local title = ("%d %s"):format(status, reason)
  return with_headers({
    status = status, type = "text/html; charset=utf-8",
    body = fault.body or PAGE:format(title, title, reason),
  }, fault)
end

-- Varnish adds Retry-After to its page, whatever became of the request.
local function gateway_answer(fault)
  local retry_after = fault.retry_after == nil and 5 or fault.retry_after
  return html(fault.status or 503, setmetatable({ retry_after = retry_after },
    { __index = fault }))
end

--- What storage answers for an address whose signature is too old.
function M.expired_url()
  return { status = 403, type = "application/xml", body = [[
<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>
]] }
end

-- A fault of the webhooks that report on the render which the call starts.
local function of_webhooks(kind)
  kind.takes, kind.acts = {}, true
  function kind.before(fault, call) call.webhook_fault = fault.kind end
  return kind
end

-- about    what it does
-- takes    the options of this kind, besides those that all take
-- is_early decided before the body is read; the connection is then closed
-- acts     whether the call takes effect: true, false or function (fault)
-- before   function (fault, call, state), run before the call
-- data     function (fault, data, call, state): changes the data of the answer
-- is_bare  the data are sent without an envelope
-- after    function (fault, reply, call, state) -> the answer that is sent
-- waits_for_webhooks  the answer is sent after the reports that are due

---@type table<string, table>
M.rows = {
  drop_before_read = {
    about = "closes the connection before the call is read or done",
    is_early = true, takes = {},
  },

  drop_after_read = {
    about = "does the call, then closes without an answer",
    takes = {}, acts = true,
    after = function () return { drop = true } end,
  },

  reset_mid_body = {
    about = "does the call, sends half of the answer, resets the connection",
    takes = {}, acts = true,
    after = function (_, reply)
      reply.cut, reply.ending = half(reply), "reset"
      return reply
    end,
  },

  truncated = {
    about = "does the call, sends half of the answer and closes",
    takes = {}, acts = true,
    after = function (_, reply)
      reply.cut, reply.ending = half(reply), "close"
      return reply
    end,
  },

  stall = {
    about = "does the call, sends half of the answer and nothing more for `seconds` (3600)",
    takes = { "seconds" }, acts = true,
    after = function (fault, reply)
      reply.cut, reply.ending = half(reply), "stall"
      reply.stall = fault.seconds or STALL_SECONDS
      return reply
    end,
  },

  slow = {
    about = "does the call, answers after `seconds` (1)",
    takes = { "seconds" }, acts = true,
    after = function (fault, reply)
      reply.wait = fault.seconds or 1
      return reply
    end,
  },

  status = {
    about = "answers `status` (500) in the API's envelope; does the call only with `act = "
      .. "true`. With `from = \"gateway\"` a cache's page of HTML (503, Retry-After 5), which "
      .. "says nothing of what became of the call",
    takes = { "status", "retry_after", "body", "headers", "act", "code", "message", "from" },
    acts = function (fault) return fault.act == true end,
    after = function (fault, _, call, state)
      if fault.from == "gateway" then return gateway_answer(fault) end
      local status = fault.status or 500
      local reply = fault.body and { body = fault.body, type = "application/json" }
          or failure(state, fault, call, status, ("status %d on demand"):format(status))
      reply.status = status
      return with_headers(reply, fault)
    end,
  },

  not_json = {
    about = "does the call, answers HTML with `status` (200)",
    takes = { "status", "body", "headers", "retry_after" }, acts = true,
    after = function (fault) return html(fault.status or 200, fault) end,
  },

  success_false = {
    about = "does nothing, answers 200 with success: false",
    takes = { "status", "code", "message", "body" }, acts = false,
    after = function (fault, _, call, state)
      local status = fault.status or 200
      local reply = failure(state, fault, call, status, "refused on demand")
      reply.status, reply.body = status, fault.body or reply.body
      return reply
    end,
  },

  expired_token = {
    about = "ends the token of the call, answers 401",
    takes = {}, acts = false,
    before = function (_, call, state) state:expire_token_of(call) end,
    after = function (_, _, call, state)
      return state:failure(call, {
        status = 401, code = "unauthorized", message = "the token has expired",
      })
    end,
  },

  done_without_url = {
    about = "ends the render, answers 100 % without an address",
    takes = {}, acts = true,
    before = function (_, call, state)
      local project = state.projects:get(call.path.projectId)
      if project and project.began then state.projects:finish(project) end
    end,
    data = function (_, data)
      if data.progress ~= nil then data.progress = 100 end
      data.downloadUrl, data.download_url = nil, nil
      for _, item in ipairs(data) do item.download_url = nil end
    end,
  },

  bare_list = {
    about = "does the call, answers without the envelope",
    takes = {}, acts = true, is_bare = true,
  },

  unknown_state = {
    about = "does the call, answers with a `state` that nobody documented",
    takes = { "state" }, acts = true,
    data = function (fault, data)
      local state = fault.state or "hibernating"
      data.state = data[1] == nil and state or nil
      if type(data.project) == "table" then data.project.state = state end
      for _, item in ipairs(data) do item.state = state end
    end,
  },

  expired_url = {
    about = "of a download: answers 403; so does this address from now on, and get_progress "
      .. "gives another",
    takes = {}, acts = false,
    before = function (_, call, state)
      local project = state.projects:get((call.path.file or ""):match "^(%x+)%.mp4$")
      if project then state.projects:renew_address(project) end
    end,
    after = function (_, _, call, state)
      if call.row.serve then return M.expired_url() end
      return failure(state, {}, call, 403, "the address has expired")
    end,
  },

  webhook_twice = of_webhooks { about = "of a call that renders: sends each webhook twice" },
  webhook_out_of_order = of_webhooks {
    about = "of a call that renders: sends its webhooks in another order",
  },
  webhook_lost = of_webhooks { about = "of a call that renders: its webhooks are not sent" },
  webhook_before_answer = of_webhooks {
    about = "of a call that renders: its first webhook is sent and answered before the call is",
    waits_for_webhooks = true,
  },

  huge = {
    about = "does the call, answers `bytes` (100 MiB) of no JSON",
    takes = { "bytes", "status" }, acts = true,
    after = function (fault)
      local bytes = fault.bytes or 100 * 1024 * 1024
      return {
        status = fault.status or 200, type = "application/json",
        video = { size = bytes, from = 0, length = bytes, seed = 0 },
      }
    end,
  },
}

return M
