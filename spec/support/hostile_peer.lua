-- SPDX-License-Identifier: MIT
--
-- hostile_peer: servers that misuse the protocol, in a process of their own,
-- over raw sockets. `start` runs one; run as a program, this file is one.
--
--   lua5.4 spec/support/hostile_peer.lua NAME [CERTIFICATE KEY]

local M = {}

local Peer = { __name = "spec.hostile_peer" }
Peer.__index = Peer

--- Ends it; what it has written can still be read.
function Peer:stop()
  require "spec.support.native".kill(self.pid, 9)
end

function Peer:close()
  if not self.pipe then return end
  self:stop()
  self.pipe:close()
  self.pipe = nil
end
Peer.__close = Peer.close

--- What it has written since, a line each.
function Peer:next_line() return self.pipe:read "l" end

--- Starts one.
---@param name string  one of `kinds` below; those called h2_ speak TLS
---@return table peer  url, ca_file, next_line(), stop(), close()
function M.start(name)
  local support = require "spec.support"
  local is_tls = name:find "^h2_" ~= nil
  local c = support.certificates()
  local self = setmetatable({ ca_file = c.ca_cert }, Peer)
  self.pipe = assert(io.popen(("echo $$; exec lua5.4 spec/support/hostile_peer.lua %s %s")
    :format(name, is_tls and ("'%s' '%s'"):format(c.server_cert, c.server_key) or "")))
  self.pid = tonumber(self.pipe:read "l")
  self.url = (is_tls and "https" or "http") .. "://127.0.0.1:" .. self.pipe:read "l"
  return self
end

if ... == "spec.support.hostile_peer" then return M end

-- ---- the program ----

local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local SETTINGS, HEADERS, DATA, RST_STREAM, WINDOW_UPDATE = 4, 1, 0, 3, 8
local END_STREAM, END_HEADERS, ACK = 1, 4, 1
local STATUS_200 = "\x88" -- HPACK: an entry of the static table

local function frame(kind, flags, stream, payload)
  return string.pack(">I3BBI4", #payload, kind, flags, stream) .. payload
end

local function answer(stream, body)
  return frame(HEADERS, END_HEADERS, stream, STATUS_200)
    .. frame(DATA, END_STREAM, stream, body)
end

-- Longer than any spec waits; without an end, a spec that fails would hang.
local ENDLESS = 5 -- s

local function forever(connection, text, seconds)
  local deadline = cqueues.monotime() + (seconds or ENDLESS)
  repeat until not connection:write(text) or cqueues.monotime() > deadline
end

-- Calls `on_request(connection, stream, number)` when a request is whole.
local function serve_h2(on_request)
  return function (connection, server)
    if not connection:starttls(server.context) then return end
    if not connection:read(24) then return end -- the preface
    connection:write(frame(SETTINGS, 0, 0, ""))
    local number = 0
    while true do
      local head = connection:read(9)
      if not head then return end
      local length, kind, flags, stream = string.unpack(">I3BBI4", head)
      if length > 0 and not connection:read(length) then return end
      if kind == SETTINGS and flags & ACK == 0 then
        connection:write(frame(SETTINGS, ACK, 0, ""))
      elseif (kind == HEADERS or kind == DATA) and flags & END_STREAM ~= 0 then
        number = number + 1
        on_request(connection, stream, number)
      end
    end
  end
end

-- Calls `on_request(connection)` when head and body were read.
local function serve_h1(on_request)
  return function (connection)
    while true do
      local length = 0
      while true do
        local line = connection:read "*l"
        if not line then return end
        if line == "" or line == "\r" then break end
        length = tonumber(line:lower():match "^content%-length: (%d+)") or length
      end
      if length > 0 and not connection:read(length) then return end
      on_request(connection)
    end
  end
end

local function output_of(command)
  local pipe <close> = assert(io.popen(command))
  return pipe:read "a"
end

local CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
local updates = frame(WINDOW_UPDATE, 0, 0, string.pack(">I4", 1)):rep(5000)

local line = "X-Line: " .. ("x"):rep(990) .. "\r\n"

local function slowly(connection, text)
  for i = 1, #text do
    connection:write(text:sub(i, i))
    cqueues.sleep(0.05)
  end
end

local kinds = {
  -- Small frames without pause.
  h2_updates = serve_h2(function (connection) forever(connection, updates, 30) end),

  -- Reads the request and refuses the stream.
  h2_refuse = serve_h2(function (connection, stream)
    print "request"
    connection:write(frame(RST_STREAM, 0, stream, string.pack(">I4", 7)))
  end),

  -- Each connection answers once and is dead after that.
  h2_once = serve_h2(function (connection, stream, number)
    print "request"
    if number == 1 then connection:write(answer(stream, "{}")) end
  end),

  -- Ignores the second request and answers the third late.
  h2_ignore_second = (function ()
    local requests = 0
    return serve_h2(function (connection, stream)
      requests = requests + 1
      if requests == 2 then return end
      if requests == 3 then cqueues.sleep(0.6) end
      connection:write(answer(stream, "{}"))
    end)
  end)(),

  -- A frame of the first answer in each twentieth of a second, and nothing of others.
  h2_trickle = serve_h2(function (connection, stream)
    connection:write(frame(HEADERS, END_HEADERS, stream, STATUS_200))
    for _ = 1, 20 * ENDLESS do
      connection:write(frame(DATA, 0, stream, "x"))
      cqueues.sleep(0.05)
    end
  end),

  -- Answers, and a little later sends on the idle connection what nobody asked
  -- for, as proxies do before they close it.
  late_408 = serve_h1(function (connection)
    print "request"
    connection:write "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    cqueues.sleep(0.1)
    connection:write "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
  end),

  trailers = serve_h1(function (connection)
    connection:write(CHUNKED .. "2\r\n{}\r\n0\r\n")
    forever(connection, line:rep(64))
  end),

  extensions = serve_h1(function (connection)
    connection:write(CHUNKED .. "2;")
    forever(connection, ("x"):rep(65536))
  end),

  informational = serve_h1(function (connection)
    forever(connection, ("HTTP/1.1 102 Processing\r\n\r\n"):rep(2000))
  end),

  -- A body without end.
  body = serve_h1(function (connection)
    connection:write "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"
    forever(connection, ("x"):rep(65536))
  end),

  headers = serve_h1(function (connection)
    connection:write "HTTP/1.1 200 OK\r\n"
    forever(connection, line:rep(64))
  end),

  -- Records of TLS that are full of HelloRequest, instead of a handshake.
  handshake = function (connection)
    connection:read(1)
    forever(connection, ("\22\3\3\64\0" .. ("\0"):rep(16384)):rep(16))
  end,

  -- A proxy that answers CONNECT with a page without end.
  connect = serve_h1(function (connection)
    connection:write("HTTP/1.1 407 Proxy Authentication Required\r\n"
      .. "Content-Length: 1000000000000\r\n\r\n")
    forever(connection, ("x"):rep(65536))
  end),

  -- A body of empty blocks (RFC 1951, stored) without end, which is none.
  deflated = serve_h1(function (connection)
    connection:write "HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n\x78\x9c"
    forever(connection, ("\0\0\0\xFF\xFF"):rep(13000))
  end),

  -- A token and a project, compressed though nobody asked for it.
  compressed = serve_h1(function (connection)
    local body = output_of("printf '%s' '{\"success\":true,\"data\":{\"token\":"
      .. "\"a-token\",\"projectId\":\"project-1\"}}' | gzip -cn")
    connection:write(("HTTP/1.1 200 OK\r\nContent-Encoding: identity, gzip\r\n"
      .. "Content-Length: %d\r\n\r\n%s"):format(#body, body))
  end),

  -- An object, compressed twice; by a header of the body, or of the way it goes.
  coded_twice = serve_h1(function (connection)
    local body = output_of("printf '{}' | gzip -cn | gzip -cn")
    connection:write(("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Encoding: x-gzip\r\n"
      .. "Content-Length: %d\r\n\r\n%s"):format(#body, body))
  end),

  sent_coded_twice = serve_h1(function (connection)
    local body = output_of("printf '{}' | gzip -cn | gzip -cn")
    connection:write(("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, gzip, chunked\r\n\r\n"
      .. "%x\r\n%s\r\n0\r\n\r\n"):format(#body, body))
  end),

  -- Answers, and ends the connection a moment later without having said so.
  hasty = function (connection)
    serve_h1(function ()
      connection:write("HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n"
        .. '{"success":true,"data":{"token":"a-token","projectId":"id-0001"}}')
      cqueues.sleep(0.002)
      connection:shutdown "rw"
    end)(connection)
  end,

  -- A redirect whose body has no end.
  redirect = serve_h1(function (connection)
    connection:write("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n"
      .. "Content-Length: 1000000000000\r\n\r\n")
    forever(connection, ("x"):rep(65536))
  end),

  -- A whole answer, slowly: a byte in each twentieth of a second.
  slow_header = serve_h1(function (connection)
    connection:write "HTTP/1.1 200 OK\r\n"
    slowly(connection, "X-Slow: " .. ("x"):rep(20))
    connection:write "\r\nContent-Length: 2\r\n\r\n{}"
  end),

  slow_extension = serve_h1(function (connection)
    connection:write(CHUNKED .. "2;")
    slowly(connection, ("x"):rep(28))
    connection:write "\r\n{}\r\n0\r\n\r\n"
  end),
}

local name, certificate, key = ...

local function read_file(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function make_context()
  local context = require "openssl.ssl.context".new("TLS", true)
  context:setCertificate(require "openssl.x509".new(read_file(certificate)))
  context:setPrivateKey(require "openssl.pkey".new(read_file(key)))
  context:setAlpnSelect(function () return "h2" end)
  return context
end

io.stdout:setvbuf "line"
local server = { context = certificate and make_context() }
local listener = socket.listen { host = "127.0.0.1", port = 0 }
local loop = cqueues.new()
loop:wrap(function ()
  for connection in listener:clients() do
    connection:setmode("bn", "bn")
    connection:onerror(function (_, _, code) return code end)
    loop:wrap(function ()
      kinds[name](connection, server)
      connection:close()
    end)
  end
end)
listener:listen()
local _, _, port = listener:localname()
print(math.tointeger(port))
assert(loop:loop())
