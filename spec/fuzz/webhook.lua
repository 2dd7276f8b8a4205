-- SPDX-License-Identifier: MIT
--
-- Fuzz target: what comes to a webhook's address. A signed address with any
-- body is an event or an error; no event is of a job that was not signed.

local bytes = require "spec.fuzz.bytes"
local webhook = require "aistudios.webhook"

local SECRET, NOW = "sixteen bytes or more", 1700000000
local address = webhook.sign_url("https://example.com/hook", "job 1", SECRET, NOW + 60)

local function read(url, body, method, seen)
  local event, err = webhook.read { url = url, body = body, method = method, secret = SECRET,
    now = NOW, seen = seen }
  if event then -- nobody but the secret's owner could name the job
    assert(event.job_key == "job 1" and type(event.payload) == "table")
    assert(event.progress == nil or event.progress - event.progress == 0)
    assert(event.download_url == nil or type(event.download_url) == "string")
    assert(type(event.is_repeat) == "boolean" and type(event.is_late) == "boolean")
  else
    assert(err.kind == "auth" or err.kind == "protocol")
    assert(not tostring(err):find "[\0-\31\127]")
    assert(not tostring(err):find(SECRET, 1, true))
  end
  return event, err
end

return function (text)
  local b = bytes(text)
  local method, at, change = b:pick { "POST", "GET" }, b:below(256), b:take(1)
  local seen = {}
  local event = read(address, b:rest(), method, seen)
  if event then assert(read(address, b:rest(), method, seen).is_repeat) end
  read(address .. "&" .. b:rest(), nil, method, seen)
  read(address:sub(1, at) .. change .. address:sub(at + 2), "{}", method)
  read(b:rest(), b:rest(), method)
end
