-- A server of lua-http that receives webhooks, and renders: both in one loop of
-- cqueues. Usage: receiver.lua VIDEO, with the keys in the environment.
local aistudios = require "aistudios"
local cqueues = require "cqueues"
local headers = require "http.headers"
local server = require "http.server"

local SECRET = "a secret of this server's own"
local client = assert(aistudios.new { wait = require "aistudios.host.cqueues" })
local seen, events, change = {}, {}, require "cqueues.condition".new()

local function receive(_, stream)
  local request = stream:get_headers()
  local event, err = aistudios.webhook.read {
    method = request:get ":method", url = request:get ":path",
    body = stream:get_body_as_string(10), secret = SECRET, seen = seen,
  }
  local answer = headers.new()
  answer:append(":status", event and "200" or "400")
  stream:write_headers(answer, true)
  if not event then io.stderr:write(tostring(err), "\n") return end
  events[#events + 1] = event
  change:signal()
end

local listener = assert(server.listen { host = "127.0.0.1", port = 0, tls = false,
  onstream = receive, onerror = function (_, _, what, err)
    if err then io.stderr:write(what, ": ", tostring(err), "\n") end
  end })
assert(listener:listen())
local here = "http://127.0.0.1:" .. select(3, listener:localname())

local loop = cqueues.new()
loop:wrap(function () assert(listener:loop()) end)
loop:wrap(function ()
  local project = require "project"
  project.webhookUrl = aistudios.webhook.sign_url(here .. "/hook", "order 66", SECRET, 3600)
  local id = assert(client:create_project(project)).project_id
  local last
  repeat
    if not events[1] then change:wait() end
    last = table.remove(events, 1)
  until last.progress == 100 and not last.is_repeat
  last = assert(aistudios.webhook.confirm(client, last, id))
  print(last.job_key, assert(client:download(last.download_url, arg[1])).path)
  client:close()
  listener:close()
end)
assert(loop:loop(60))
