-- SPDX-License-Identifier: MIT
--
-- cli.batch_webhooks: receives the signed reports of a batch's renders while it
-- runs. Without them, or when nothing can be heard any more, the batch looks at
-- the service by itself.

local failure = require "aistudios.cli.failure"
local http_listener = require "aistudios.cli.http_listener"
local terminal = require "aistudios.cli.terminal"

local M = {}

local LEAST_SECRET = 16 -- bytes

--- The secret that addresses are signed with, or the exit code.
---@param context aistudios.cli.Context
---@param given { webhook: string?, listen: integer?, bind: string? }
---@return string|nil|false secret  false: there are to be no webhooks
---@return integer? code
function M.secret(context, given)
  if not given.webhook then
    if not (given.listen or given.bind) then return false end
    return nil, failure.usage(context.output,
      "--listen and --bind need --webhook URL, where the service can reach this")
  end
  if not given.webhook:find "^https?://[^/%s]" then
    return nil, failure.usage(context.output, "--webhook must be an address: http(s)://...")
  end
  local secret = os.getenv "WEBHOOK_SECRET"
  if secret and #secret >= LEAST_SECRET then return secret end
  return nil, failure.usage(context.output, ("the environment variable WEBHOOK_SECRET must hold "
    .. "a secret of at least %d bytes"):format(LEAST_SECRET))
end

-- The status to answer with: a report that could not be written may be sent again.
local function status_of(err)
  if not err then return 200 end
  if err.kind == "file" then return 503 end
  return err.kind == "auth" and 403 or 400
end

--- Listens for the reports of a batch.
---@param context aistudios.cli.Context
---@param given { listen: integer?, bind: string? }
---@param batch aistudios.Batch
---@param secret string
---@return aistudios.cli.HttpListener|nil|false listener  false: not wanted
---@return integer? code
function M.listen(context, given, batch, secret)
  if not given.listen then return false end
  local output = context.output
  local listener, message = http_listener.listen(given.bind or "127.0.0.1", given.listen,
    function (request, respond)
      local _, err = batch:receive { method = request.method, url = request.target,
        body = request.body, secret = secret }
      if err then
        output:note({ source = "webhook", refused = err.message },
          "refused: " .. terminal.clean(err.message))
      end
      respond(http_listener.answer(status_of(err)))
    end)
  if not listener then return nil, failure.refuse(output, message) end
  local url = ("http://%s:%d/"):format(given.bind or "127.0.0.1", listener.port)
  output:note({ listening = url, port = listener.port }, "listening at " .. url)
  return listener
end

--- Says once that nothing more can be heard.
---@param context aistudios.cli.Context
---@param listener aistudios.cli.HttpListener|false
function M.look(context, listener)
  if not listener or not listener.failure or listener.was_told then return end
  listener.was_told = true
  local text = "no webhooks can be heard any more: " .. tostring(listener.failure)
  context.output:note({ message = text }, "aistudios: " .. terminal.clean(text))
end

return M
