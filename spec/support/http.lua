-- SPDX-License-Identifier: MIT
--
-- http: the plainest client there is, over luasocket, so that the specs of the
-- sandbox see every byte of an answer and how it ends; and what a server reads.

local cjson = require "cjson"
local socket = require "socket"

local M = {}

local Connection = {}
Connection.__index = Connection

--- Connects to a sandbox.
---@param port integer
---@param seconds? number  how long a read may take (5)
function M.connect(port, seconds)
  local tcp = assert(socket.tcp())
  assert(tcp:connect("127.0.0.1", port))
  tcp:settimeout(seconds or 5)
  return setmetatable({ tcp = tcp }, Connection)
end

--- Reads one request, for a server of a spec.
---@param peer table  a socket of luasocket
---@return string head  its lines
---@return string? body
function M.read_request(peer)
  local head, length = {}, 0
  for line in function () return peer:receive "*l" end do
    if line == "" then break end
    head[#head + 1] = line
    length = tonumber(line:lower():match "^content%-length: (%d+)") or length
  end
  return table.concat(head, "\n"), length > 0 and peer:receive(length) or ""
end

--- Sends a request.
---@param method string
---@param target string
---@param request? table  headers (table), body
function Connection:send(method, target, request)
  request = request or {}
  local lines = { ("%s %s HTTP/1.1"):format(method, target), "Host: localhost" }
  for name, value in pairs(request.headers or {}) do
    lines[#lines + 1] = name .. ": " .. value
  end
  if request.body then lines[#lines + 1] = "Content-Length: " .. #request.body end
  local text = table.concat(lines, "\r\n") .. "\r\n\r\n" .. (request.body or "")
  return self.tcp:send(text)
end

local function read_head(tcp)
  local line, problem = tcp:receive "*l"
  if not line then return nil, problem end
  local answer = { status = math.tointeger(tonumber(line:match "^HTTP/1.1 (%d+)")), headers = {} }
  for header in function () return tcp:receive "*l" end do
    if header == "" then return answer end
    local name, value = header:match "^([^:]+):%s*(.*)$"
    answer.headers[name:lower()] = value
  end
  return nil, "cut off in the headers"
end

--- Reads an answer: status, headers, body, and `problem` when it ended early
--- ("closed", "timeout"). nil and the problem when not even its head came.
---@param has_no_body? boolean  the answer to a HEAD
function Connection:receive(has_no_body)
  local answer, problem = read_head(self.tcp)
  if not answer then return nil, problem end
  local length = tonumber(answer.headers["content-length"] or 0)
  if has_no_body or length == 0 then
    answer.body = ""
    return answer
  end
  local rest
  answer.body, answer.problem, rest = self.tcp:receive(length)
  answer.body = answer.body or rest
  return answer
end

--- Sends a request and reads the answer.
function Connection:ask(method, target, request)
  local sent, problem = self:send(method, target, request)
  if not sent then return nil, problem end
  return self:receive(method == "HEAD")
end

function Connection:close() self.tcp:close() end
Connection.__close = Connection.close

--- One request on a connection of its own.
function M.ask(port, method, target, request)
  local connection <close> = M.connect(port)
  return connection:ask(method, target, request)
end

-- ---- calls of the API ----

local Caller = {}
Caller.__index = Caller

--- Asks a sandbox as the API's documentation says.
---@param server aistudios.Sandbox
function M.caller(server)
  local self = setmetatable({ server = server }, Caller)
  self:renew()
  return self
end

--- Gets another token.
function Caller:renew()
  self.token = nil
  self.token = self:ask("POST", "/api/odin/v3/auth/token",
    { appId = self.server.app_id, userKey = self.server.user_key }).data.token
end

--- One call. The answer has `json`, the decoded body, and `data`.
---@param method string
---@param path string
---@param body? table|string   a table is sent as JSON
---@param headers? table       instead of the usual ones
function Caller:ask(method, path, body, headers)
  local request = { headers = { Authorization = self.token } }
  if body then
    request.headers["Content-Type"] = "application/json"
    request.body = type(body) == "string" and body or cjson.encode(body)
  end
  for name, value in pairs(headers or {}) do request.headers[name] = value end
  local answer, problem = M.ask(self.server.port, method, path, request)
  if answer and (answer.headers["content-type"] or ""):find "json" then
    local is_json, value = pcall(cjson.decode, answer.body)
    answer.json = is_json and value or nil
    answer.data = is_json and value.data or nil
  end
  return answer, problem
end

local BOUNDARY = "a-line-that-is-in-no-file"

--- A multipart body of parts { name, data, filename }, and its content type.
---@param parts table[]
---@return string body
---@return string type
function M.form(parts)
  local pieces = {}
  for i, part in ipairs(parts) do
    local filename = part[3] and ('; filename="%s"\r\nContent-Type: application/octet-stream')
      :format(part[3]) or ""
    pieces[i] = ('--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n')
      :format(BOUNDARY, part[1], filename, part[2])
  end
  return table.concat(pieces) .. "--" .. BOUNDARY .. "--\r\n",
    "multipart/form-data; boundary=" .. BOUNDARY
end

--- Sends a multipart body.
function Caller:send(path, parts)
  local body, kind = M.form(parts)
  return self:ask("POST", path, body, { ["Content-Type"] = kind })
end

return M
