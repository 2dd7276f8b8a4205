-- SPDX-License-Identifier: MIT
--
-- slow_server: answers each request after 20 ms on average, as a service that works
-- does; prints its port. The times are spread evenly over SPREAD milliseconds (0):
--
--   lua5.4 spec/bench/slow_server.lua SPREAD

local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local DELAY = 0.02 -- s
local SPREAD = (tonumber(arg[1]) or 0) / 1000 -- s

math.randomseed(1)

local TOKEN = '{"success":true,"data":{"token":"bench-token"}}'
local PROJECT = '{"success":true,"data":{"projectId":"65f0c0ffee65f0c0ffee65f0"}}'

local function answer(connection)
  local first = connection:read "*l"
  if not first then return false end
  local length = 0
  for line in connection:lines "*l" do
    if line == "" or line == "\r" then break end
    length = tonumber(line:lower():match "^content%-length: (%d+)") or length
  end
  if length > 0 and not connection:read(length) then return false end
  cqueues.sleep(DELAY + SPREAD * (math.random() - 0.5))
  local body = first:find("auth/token", 1, true) and TOKEN or PROJECT
  return connection:write(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    .. "Content-Length: %d\r\n\r\n%s"):format(#body, body)) and connection:flush()
end

local listener = socket.listen("127.0.0.1", 0)
local _, _, port = listener:localname()
io.stdout:setvbuf "line"
print(math.tointeger(port))

local loop = cqueues.new()
loop:wrap(function ()
  for connection in listener:clients() do
    connection:setmode("bf", "bf")
    connection:onerror(function (_, _, code) return code end)
    loop:wrap(function ()
      repeat until not answer(connection)
      connection:close()
    end)
  end
end)
assert(loop:loop())
