-- A server that forks: before there is a client, and after one has worked. Each
-- process renders; what a child inherited says that it is not the child's.
-- Usage: prefork.lua, with the keys in the environment.
local aistudios = require "aistudios"
local native = require "spec.support.native"

local function render(client)
  return assert(client:create_project((require "project"))).project_id
end

local function in_child(f)
  local pid = native.fork(function ()
    local ok, err = pcall(f)
    if not ok then io.stderr:write(tostring(err), "\n") end
    return ok
  end)
  return function () assert(native.wait(pid) == 0, "a child has failed") end
end

local function render_with_new()
  local client <close> = assert(aistudios.new())
  render(client)
end

local early = { in_child(render_with_new), in_child(render_with_new) } -- nothing was made yet

local client = assert(aistudios.new())
local running = client.async:render(require "project", { to = arg[1] })
for _ = 1, 20 do client:step(0.01) end

local late = in_child(function ()
  local ok, err = pcall(client.list_projects, client)
  assert(not ok and tostring(err):find "made before fork", tostring(err))
  ok, err = pcall(running.wait, running, 1)
  assert(not ok and tostring(err):find "before fork", tostring(err))
  render_with_new()
  client:close() -- does nothing to the parent's
end)

for _, wait in ipairs(early) do wait() end
late()
assert(running:wait(30))
print(assert(running:result()).path)
render(client)
client:close()
