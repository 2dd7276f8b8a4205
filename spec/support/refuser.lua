-- SPDX-License-Identifier: MIT
--
-- refuser: an HTTP/2 server that reads each request to its end and then
-- refuses the stream (RST_STREAM with REFUSED_STREAM). It speaks just enough
-- of the protocol for that, inside a cqueues loop that the spec steps.

local cqueues = require "cqueues"
local context = require "openssl.ssl.context"
local pkey = require "openssl.pkey"
local socket = require "cqueues.socket"
local x509 = require "openssl.x509"

local M = {}

local DATA, HEADERS, RST_STREAM, SETTINGS = 0, 1, 3, 4
local END_STREAM, ACK = 1, 1
local REFUSED_STREAM = 7
local PREFACE_BYTES = 24

local function read_file(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function frame(kind, flags, stream, payload)
  return string.pack(">I3BBI4", #payload, kind, flags, stream) .. payload
end

local function serve(server, connection)
  connection:setmode("bn", "bn")
  connection:onerror(function (_, _, code) return code end)
  if not connection:starttls(server.context) then return end
  if not connection:read(PREFACE_BYTES) then return end
  connection:write(frame(SETTINGS, 0, 0, ""))
  while true do
    local head = connection:read(9)
    if not head then break end
    local length, kind, flags, stream = string.unpack(">I3BBI4", head)
    if length > 0 and not connection:read(length) then break end
    if kind == SETTINGS and flags & ACK == 0 then
      connection:write(frame(SETTINGS, ACK, 0, ""))
    elseif kind == HEADERS then
      server.requests = server.requests + 1
    elseif kind == DATA and flags & END_STREAM ~= 0 then
      connection:write(frame(RST_STREAM, 0, stream,
        string.pack(">I4", REFUSED_STREAM)))
    end
  end
  connection:close()
end

--- Starts it on a free port of 127.0.0.1.
---@param certificate string  path of a PEM file
---@param key string          path of a PEM file
---@return table server  url, requests (a count), step(seconds), close()
function M.start(certificate, key)
  local server = { requests = 0 }
  server.context = context.new("TLS", true)
  server.context:setCertificate(x509.new(read_file(certificate)))
  server.context:setPrivateKey(pkey.new(read_file(key)))
  server.context:setAlpnSelect(function () return "h2" end)
  local loop = cqueues.new()
  local listener = socket.listen { host = "127.0.0.1", port = 0 }
  local open = {}
  loop:wrap(function ()
    for connection in listener:clients() do
      open[#open + 1] = connection
      loop:wrap(serve, server, connection)
    end
  end)
  local _, _, port = listener:localname()
  server.url = "https://127.0.0.1:" .. port
  function server.step(_, seconds) assert(loop:step(seconds)) end
  function server.close()
    listener:close()
    for _, connection in ipairs(open) do connection:close() end
    loop:close()
  end
  return server
end

return M
