local aistudios, socket = require "aistudios", require "socket"
local webhook, secret, seen = aistudios.webhook, os.getenv "WEBHOOK_SECRET", {}
local client <close> = assert(aistudios.new())
local server = assert(socket.bind("127.0.0.1", 0)) -- stands for your web server
local here = "http://127.0.0.1:" .. select(2, server:getsockname())

local project = require "project"
project.webhookUrl = webhook.sign_url(here .. "/hook", "order 66", secret, 24 * 3600)
local ids = { ["order 66"] = assert(client:create_project(project)).project_id }

local function receive() -- one request, answered with 200
  local connection, length = server:accept(), 0
  local method, target = connection:receive():match "^(%S+) (%S+)"
  for line in function () return connection:receive() end do
    length = tonumber(line:lower():match "^content%-length: (%d+)") or length
    if line == "" then break end
  end
  local body = connection:receive(length)
  connection:send "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
  connection:close()
  return { method = method, url = target, body = body, secret = secret, seen = seen }
end

local event, err
repeat
  event, err = webhook.read(receive())
  if not event then print(err) elseif not event.is_repeat and not event.is_late then
    print(event.job_key, event.progress)
  end
until event and event.progress == 100

event = assert(webhook.confirm(client, event, ids[event.job_key]))
print(assert(client:download(event.download_url, "hello.mp4")).path)
