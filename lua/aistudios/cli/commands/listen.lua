-- SPDX-License-Identifier: MIT
--
-- aistudios listen: receives what the service sends to a webhookUrl, verifies
-- it, prints it, and hands it on. Follows the given projects by polling too,
-- for a message may never come.

local aistudios = require "aistudios"
local arguments = require "aistudios.cli.arguments"
local failure = require "aistudios.cli.failure"
local follow = require "aistudios.cli.follow"
local http_listener = require "aistudios.cli.http_listener"
local status = require "aistudios.cli.status"
local terminal = require "aistudios.cli.terminal"

local LEAST_SECRET = 16 -- bytes
local POLL = 30         -- s
local WEEK = 7 * 24 * 3600
local SIGNAL = 128

--- The secret that addresses are signed with; false when there is to be none.
local function read_secret(context, given)
  if not given.secret_env then return false end
  local secret = os.getenv(given.secret_env)
  if secret and #secret >= LEAST_SECRET then return secret end
  return nil, failure.usage(context.output,
    ("the environment variable %s must hold a secret of at least %d bytes"):format(
      given.secret_env, LEAST_SECRET))
end

--- What a request says, or nil and why it is not believed.
local function read_event(request, secret, seen)
  if secret then
    local event, err = aistudios.webhook.read { method = request.method, url = request.target,
      body = request.body, secret = secret, seen = seen }
    if event then event.verified = true end
    return event, err
  end
  local payload = request.body
  if payload:find "^%s*[{%[]" then payload = aistudios.decode(payload) or payload end
  return { verified = false, payload = payload, path = request.target:match "^[^?]*" }
end

local function text_of(event)
  return terminal.clean(("%s  %s"):format(event.job_key or "not verified",
    event.progress and event.progress .. " %" or aistudios.encode(event.payload) or "?"))
end

--- What is done with each request.
local function handler(context, secret, target)
  local seen, output = {}, context.output
  return function (request, respond)
    local event, err = read_event(request, secret, seen)
    if not event then
      output:note({ source = "webhook", refused = err.message },
        "refused: " .. terminal.clean(err.message))
      return respond(http_listener.answer(err.kind == "auth" and 403 or 400))
    end
    event.source, event.method = "webhook", request.method
    output:write(event, text_of(event))
    if not target then return respond(http_listener.answer(200)) end
    http_listener.forward(request, target, function (answer, message)
      local code = answer and math.tointeger(answer:match "^HTTP/%d.%d (%d+)")
      output:note({ source = "forward", job_key = event.job_key, status = code,
        message = message }, ("forwarded: %s"):format(code or terminal.clean(message)))
      respond(answer or http_listener.answer(502))
    end)
  end
end

--- The projects that are followed by polling.
local function polls(context, given)
  return follow.tasks(given.id, function (id)
    return context.client.async:wait_for_video(id, {
      interval = given.poll or POLL, longest_interval = given.poll or POLL,
      deadline = math.huge, on_progress = function (seen)
        context.output:write({ source = "poll", project_id = id, progress = seen.progress,
          state = seen.state }, terminal.clean(("%s  %s %%"):format(id, seen.progress or "?")))
      end })
  end)
end

--- Waits until there is nothing more to hear, or nobody to tell.
local function wait(context, listener)
  local loop, output = context.loop, context.output
  loop:await(function ()
    return loop.signals > 0 or listener.failure ~= nil or output.failure ~= nil
  end)
  if loop.signals > 0 then return SIGNAL + loop.signal end
  if listener.failure then
    return failure.refuse(output, "nothing more can be heard: " .. tostring(listener.failure))
  end
  return status.failed
end

local function serve(context, given, secret, target)
  if given.id[1] then
    local client, code = context:connect()
    if not client then return code end
  else
    context:listen()
  end
  local listener, message = http_listener.listen(given.bind or "127.0.0.1", given.port,
    handler(context, secret, target))
  if listener then
    local url = ("http://%s:%d/"):format(given.bind or "127.0.0.1", listener.port)
    context.output:write({ listening = url, port = listener.port, verifies = secret ~= false },
      "listening at " .. url .. (secret and "" or ", without verifying"))
  elseif not given.id[1] then
    return failure.refuse(context.output, message)
  else
    context.output:note({ message = message .. "; polling only" },
      "aistudios: " .. message .. "; polling only")
  end
  local code
  if given.id[1] then
    code = follow.run(context, polls(context, given))
  else
    code = wait(context, listener)
  end
  if listener then listener:close() end
  return code
end

--- Prints an address for webhookUrl.
local function sign(context, given, secret)
  if not secret or not given.url then
    return failure.usage(context.output, "--sign needs --secret-env and --url")
  end
  local ok, url = pcall(aistudios.webhook.sign_url, given.url, given.sign, secret, WEEK)
  if not ok then
    return failure.usage(context.output, (url:gsub("^[^:]+:%d+: ", "")))
  end
  context.output:write({ webhookUrl = url }, url)
  return status.done
end

---@type aistudios.cli.Command
return {
  name = "listen",
  about = "Receives webhooks, verifies them, and prints or forwards them",
  details = "Each message is a line; its signature is not shown. With ids it polls these "
    .. "projects too, and ends when all are done. Without, it ends when it can hear nothing "
    .. "more, or with ^C.",
  arguments = { { "[ID...]", "Projects to follow by polling too." } },
  options = {
    { "--port N", "Where to listen; 0: any that is free.", convert = arguments.port,
      default = 0 },
    { "--bind ADDRESS", "On which address (127.0.0.1)." },
    { "--forward-to URL", "Where head and body are handed on unchanged; http only." },
    { "--secret-env NAME", "The environment variable with the secret of the addresses." },
    { "--poll SECONDS", "How often to look at the projects (30).",
      convert = arguments.seconds },
    { "--sign KEY", "Print a signed address for this job instead; it is good for a week." },
    { "--url URL", "Of --sign: where the service can reach this." },
  },
  run = function (context, given)
    local secret, code = read_secret(context, given)
    if secret == nil then return code end
    if given.sign then return sign(context, given, secret) end
    local target = given.forward_to and http_listener.read_target(given.forward_to)
    if given.forward_to and not target then
      return failure.usage(context.output,
        "--forward-to must be an address such as http://127.0.0.1:3000/hook; the query is that "
        .. "of each message")
    end
    return serve(context, given, secret, target)
  end,
}
