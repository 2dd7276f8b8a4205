-- SPDX-License-Identifier: MIT
--
-- helper: busted loads it before the specs. After each test nothing may be
-- left that was not there before: no descriptor, no thread. What the process
-- keeps by design (an entropy source, say) is opened once, by a warm-up.

local busted = require "busted"
local support = require "spec.support"

local function list(directory)
  local found, n = {}, 0
  for name in require "lfs".dir(directory) do
    if name:find "^%d+$" then
      found[name] = true
      n = n + 1
    end
  end
  return found, n
end

local function describe(fd)
  local target = support.run(("readlink /proc/%d/fd/%s || true")
    :format(require "spec.support.native".pid(), fd))
  return ("descriptor %s (%s)"):format(fd, target)
end

local function thread_name(id)
  local text = support.read_file("/proc/self/task/" .. id .. "/comm") or "?"
  return ("thread %s (%s)"):format(id, (text:gsub("%s+$", "")))
end

local function is_socket_or_file(fd)
  local lfs = require "lfs"
  return lfs.symlinkattributes("/proc/self/fd/" .. fd) ~= nil
end

local function leftovers(before)
  local found = {}
  for fd in pairs((list "/proc/self/fd")) do
    if not before.fds[fd] and is_socket_or_file(fd) then
      found[#found + 1] = describe(fd)
    end
  end
  for id in pairs((list "/proc/self/task")) do
    if not before.threads[id] then found[#found + 1] = thread_name(id) end
  end
  table.sort(found)
  return found
end

local function snapshot()
  return { fds = (list "/proc/self/fd"), threads = (list "/proc/self/task") }
end

-- A thread that was joined can be seen for a moment longer.
local function settled(before)
  local found
  for attempt = 1, 50 do
    found = leftovers(before)
    if not found[1] then return found end
    if attempt == 2 then collectgarbage() collectgarbage() end
    support.sleep(0.01)
  end
  return found
end

require "spec.support.native".unsetenv "LD_PRELOAD"

-- A first thread lets a thread sanitizer start its own.
support.state "return 1":close()

local before

-- Of the root: before those of any spec, and after them.
busted.before_each(function () before = snapshot() end)

busted.after_each(function ()
  local found = settled(before)
  if found[1] then error("left behind: " .. table.concat(found, ", "), 0) end
end)
