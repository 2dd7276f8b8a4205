-- SPDX-License-Identifier: MIT
--
-- cli.http_listener: receives HTTP requests on luv's loop, one a connection,
-- and hands them on to another server as they came.

local http_reader = require "aistudios.cli.http_reader"
local uv = require "luv"

local M = {}

local MOST_CONNECTIONS = 64
local PATIENCE = 30000          -- ms that a connection may take
local MOST_ANSWER = 1024 * 1024 -- bytes of an answer that is handed back

local reasons = { [200] = "OK", [400] = "Bad Request", [403] = "Forbidden",
  [408] = "Request Timeout", [413] = "Content Too Large",
  [431] = "Request Header Fields Too Large", [501] = "Not Implemented",
  [502] = "Bad Gateway", [503] = "Service Unavailable" }

local function close(handle)
  if handle and not handle:is_closing() then handle:close() end
end

--- A plain answer.
---@param status integer
---@return string
function M.answer(status)
  local reason = reasons[status] or "Error"
  return ("HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
    .. "Connection: close\r\n\r\n%s\n"):format(status, reason, #reason + 1, reason)
end

---@class aistudios.cli.HttpListener
---@field port integer
---@field failure? string  why it hears nothing more
local Listener = { __name = "aistudios.cli.http_listener" }
Listener.__index = Listener

-- Hears nothing more. libuv calls again and again of a socket that cannot accept.
local function fail(self, message)
  self.failure = self.failure or message
  close(self.server)
end

-- Closes the connection that has waited longest for the rest of its request: who opens
-- many and sends nothing must not keep a message out.
local function make_room(self)
  local oldest
  for connection in pairs(self.connections) do
    if not connection.is_read and (not oldest or connection.serial < oldest.serial) then
      oldest = connection
    end
  end
  if oldest then oldest.finish() end
end

--- Reads one request from a connection.
local function serve(self, socket)
  local reader, timer, has_continued = http_reader.new(), uv.new_timer(), false
  local connection = { socket = socket, timer = timer }
  self.connections[connection] = true
  self.count, self.serial = self.count + 1, self.serial + 1
  connection.serial = self.serial
  function connection.finish()
    if not self.connections[connection] then return end
    self.connections[connection] = nil
    self.count = self.count - 1
    close(timer)
    close(socket)
  end
  function connection.respond(bytes)
    if socket:is_closing() then return end
    socket:write(bytes, connection.finish)
  end
  timer:start(PATIENCE, 0, connection.finish)
  socket:read_start(function (failure, bytes)
    if failure or not bytes then return connection.finish() end
    local request, status = reader:feed(bytes)
    if status then
      socket:read_stop()
      return connection.respond(M.answer(status))
    elseif request then
      socket:read_stop()
      connection.is_read = true
      local ok, message = pcall(self.on_request, request, connection.respond)
      if not ok then fail(self, message) end
    elseif reader:wants_continue() and not has_continued then
      has_continued = true
      socket:write "HTTP/1.1 100 Continue\r\n\r\n"
    end
  end)
end

--- Listens. `on_request(request, respond)` gets each request; `respond` takes
--- the bytes of the whole answer, once.
---@param host string
---@param port integer  0: any that is free
---@param on_request fun(request: aistudios.cli.HttpRequest, respond: fun(bytes: string))
---@return aistudios.cli.HttpListener? listener
---@return string? message
function M.listen(host, port, on_request)
  local server = uv.new_tcp()
  local self = setmetatable({ server = server, on_request = on_request, connections = {},
    count = 0, serial = 0 }, Listener)
  local ok, message = server:bind(host, port)
  if ok then
    ok, message = server:listen(128, function (failure)
      if failure then return fail(self, failure) end
      local socket = uv.new_tcp()
      server:accept(socket)
      if self.count >= MOST_CONNECTIONS then make_room(self) end
      if self.count >= MOST_CONNECTIONS then -- all are being answered
        socket:write(M.answer(503), function () close(socket) end)
        return
      end
      serve(self, socket)
    end)
  end
  if not ok then
    close(server)
    return nil, ("cannot listen on %s port %d: %s"):format(host, port, message)
  end
  self.port = server:getsockname().port
  return self
end

function Listener:close()
  close(self.server)
  for connection in pairs(self.connections) do connection.finish() end
end

---@class aistudios.cli.ForwardTarget
---@field host string
---@field port integer
---@field path string

--- Reads the address to hand requests on to.
---@param text string
---@return aistudios.cli.ForwardTarget?
function M.read_target(text)
  local host, port, path = text:match "^http://%[([%x:.]+)%]:?(%d*)(/?[^?#%s]*)$"
  if not host then host, port, path = text:match "^http://([^/:?#%s]+):?(%d*)(/?[^?#%s]*)$" end
  port = port == "" and 80 or math.tointeger(port)
  if not host or not port or port < 1 or port > 65535 then return nil end
  return { host = host, port = port, path = path ~= "" and path or "/" }
end

--- The bytes of a request for the target: the query, the header lines and the
--- body as they came, but for the lines that are about this connection.
---@param request aistudios.cli.HttpRequest
---@param target aistudios.cli.ForwardTarget
---@return string
function M.forwarded(request, target)
  local query = request.target:match "%?.*$" or ""
  local host = target.host:find(":", 1, true) and "[" .. target.host .. "]" or target.host
  local lines = { ("%s %s%s HTTP/1.1"):format(request.method, target.path, query),
    ("Host: %s:%d"):format(host, target.port) }
  for _, line in ipairs(request.lines) do
    local name = line:match "^[^:]*":lower()
    if name ~= "host" and name ~= "connection" and name ~= "expect" then
      lines[#lines + 1] = line
    end
  end
  lines[#lines + 1] = "Connection: close"
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. request.raw_body
end

--- Hands a request on. `on_end` gets the bytes of the answer, or nil and why
--- there is none.
---@param request aistudios.cli.HttpRequest
---@param target aistudios.cli.ForwardTarget
---@param on_end fun(answer?: string, message?: string)
function M.forward(request, target, on_end)
  local socket, timer, answer, size = uv.new_tcp(), uv.new_timer(), {}, 0
  local function finish(failure)
    if timer:is_closing() then return end
    close(timer)
    close(socket)
    local text = table.concat(answer)
    if text:find "^HTTP/1%.%d %d%d%d" then return on_end(text) end
    on_end(nil, failure or "no HTTP answer")
  end
  local function read(failure, bytes)
    if failure or not bytes then return finish(failure) end
    size = size + #bytes
    answer[#answer + 1] = bytes
    if size > MOST_ANSWER then finish() end
  end
  timer:start(PATIENCE, 0, function () finish "no answer in time" end)
  local function connect(failure, found)
    if timer:is_closing() then return end
    if failure or not found[1] then return finish(failure or "no address") end
    socket:connect(found[1].addr, target.port, function (problem)
      if problem then return finish(problem) end
      socket:write(M.forwarded(request, target))
      socket:read_start(read)
    end)
  end
  local started, message = uv.getaddrinfo(target.host, nil, { socktype = "stream" }, connect)
  if not started then finish(message) end
end

return M
