-- SPDX-License-Identifier: MIT
--
-- storm.visit: one HTTP/1.1 connection of the storm's server: reads requests and has
-- what the ways of misbehaving (ways.lua) are made of.

local cqueues = require "cqueues"
local native = require "spec.support.native"
local service = require "spec.storm.service"

local JSON = "Content-Type: application/json\r\n"
local LONGEST = 3 -- s that a flood or a silence lasts at most; clients give up before
local PAUSE = 0.002 -- s between the parts of a flood: others are served meanwhile

---@class spec.storm.Visit
---@field c table  the connection, of cqueues
---@field request? { method: string, path: string, length: integer, is_token: boolean }
local Visit = {}
Visit.__index = Visit

local M = {}

function M.new(c)
  return setmetatable({ c = c }, Visit)
end

--- The head of the next request; nil: there is none.
function Visit:read_head()
  local line = self.c:read "*l"
  if not line then return nil end
  local method, path = line:match "^(%u+) (%S+) HTTP/1"
  if not method then return nil end
  local request = { method = method, path = path, length = 0,
    is_token = path:find "/auth/token$" ~= nil }
  while true do
    line = self.c:read "*l"
    if not line then return nil end
    if line == "" or line == "\r" then break end
    request.length = tonumber(line:lower():match "^content%-length: (%d+)") or request.length
  end
  self.request, self.body = request, nil
  return request
end

--- Reads a share of the body (1: all of it); false: it did not come.
function Visit:read_body(share)
  local n = math.floor(self.request.length * share)
  self.body = n > 0 and self.c:read(n) or ""
  return self.body ~= nil and #self.body == n
end

--- Acts on the request, which was read as a whole.
function Visit:act()
  if self.request.method == "POST" and not self.request.is_token then
    service.act(self.request.path, self.body)
  end
end

--- The body of a good answer.
function Visit:good_body()
  local request = self.request
  if request.is_token then return service.token() end
  if request.method == "GET" then return service.shown(request.path) end
  return service.created(request.path, self.body or "")
end

function Visit:write(text) return self.c:write(text) end

--- Writes an answer.
---@param status integer|string  "200 OK"
---@param body string
---@param headers? string  lines
---@param times? integer  how often, in one write (1)
function Visit:answer(status, body, headers, times)
  return self:write((("HTTP/1.1 %s\r\n%s%sContent-Length: %d\r\n\r\n%s"):format(status,
    JSON, headers or "", #body, body)):rep(times or 1))
end

function Visit:good(headers) return self:answer("200 OK", self:good_body(), headers) end

--- Writes the same again and again until the client is gone.
function Visit:flood(text)
  local deadline = cqueues.monotime() + LONGEST
  repeat cqueues.sleep(PAUSE) until not self:write(text) or cqueues.monotime() > deadline
end

--- Answers nothing more, and reads until the client is gone.
function Visit:wait()
  self.c:settimeout(LONGEST)
  while self.c:read(-65536) do end
end

--- The connection will end with a reset.
function Visit:reset() native.reset_on_close(self.c:pollfd()) end

--- Sends the end of the stream, and goes on reading.
function Visit:half_close()
  self.c:shutdown "w"
  self:wait()
end

--- The server process ends at once, and another is started.
function Visit:restart() -- luacheck: ignore self
  native.kill(native.pid(), 9)
end

return M
