-- SPDX-License-Identifier: MIT
--
-- webhook_receiver: takes webhooks on a thread of its own and answers them.

local support = require "spec.support"

local M = {}

local CODE = [[
  local socket = require "socket"
  local fd, count = ...
  local listener = socket.tcp()
  listener:setfd(math.tointeger(tonumber(fd)))
  assert(listener:listen())
  listener:settimeout(20)
  local bodies = {}
  for i = 1, tonumber(count) do
    local peer = listener:accept()
    if not peer then break end
    peer:settimeout(5)
    local length
    for line in function() return peer:receive "*l" end do
      length = length or line:match "^Content%-Length: (%d+)"
      if line == "" then break end
    end
    bodies[i] = peer:receive(tonumber(length))
    peer:send "HTTP/1.1 204 No Content\r\n\r\n"
    peer:close()
  end
  listener:close()
  return table.concat(bodies, "\n")
]]

--- Starts to take so many webhooks.
---@param count integer
---@return table receiver  url; bodies(): waits for all, returns them decoded
function M.start(count)
  local listener = assert(require "socket".bind("127.0.0.1", 0, 64))
  local _, port = listener:getsockname()
  local thread = support.state(CODE, tostring(listener:getfd()), tostring(count))
  listener:setfd(-1) -- the thread owns it
  local receiver = { url = ("http://127.0.0.1:%d/hook"):format(port) }
  function receiver.bodies()
    local list = {}
    for line in thread:join():gmatch "[^\n]+" do
      list[#list + 1] = require "cjson".decode(line)
    end
    thread:close()
    return list
  end
  return receiver
end

return M
