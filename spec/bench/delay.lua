-- SPDX-License-Identifier: MIT
--
-- delay: a proxy between two unix sockets that holds back what it reads, in both directions,
-- as a longer way would. A program: lua5.4 delay.lua LISTEN TARGET MILLISECONDS. It prints a
-- line when it listens, and ends when its standard output is closed or it is killed.

local uv = require "luv"

local listen, target, delay = arg[1], arg[2], assert(math.tointeger(tonumber(arg[3])))

-- Passes on what `from` brings, in its order: equal delays end in the order of their start.
local function pass(from, to)
  from:read_start(function (err, data)
    local timer = assert(uv.new_timer())
    timer:start(delay, 0, function ()
      timer:close()
      if to:is_closing() then return end
      if data then to:write(data) else to:close() end
    end)
    if err or not data then from:read_stop() end
  end)
end

local server = assert(uv.new_pipe(false))
assert(server:bind(listen))
assert(uv.fs_chmod(listen, tonumber("777", 8)))
assert(server:listen(64, function ()
  local near, far = assert(uv.new_pipe(false)), assert(uv.new_pipe(false))
  assert(server:accept(near))
  far:connect(target, function (err)
    assert(not err, err)
    pass(near, far)
    pass(far, near)
  end)
end))
print(uv.os_getpid())
io.stdout:flush()
uv.run()
