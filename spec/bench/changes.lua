-- How often a call changes from one file of the module to another, counted by a
-- hook at each function call: how far a reader has to jump to follow it.
--
--   lua5.4 spec/bench/changes.lua       counts
--   lua5.4 spec/bench/changes.lua list  prints the files of each way too
local count -- a hook while something is counted
local resume = coroutine.resume

function coroutine.resume(co, ...) -- luacheck: ignore
  if count then debug.sethook(co, count, "c") end
  return resume(co, ...)
end

local aistudios = require "aistudios"
local sandbox = require "aistudios.sandbox".start { render_seconds = 0 }
local client = sandbox:client()
local project = dofile "spec/fixtures/hello.lua"

local function changes_of(f)
  local way, seen, files = {}, {}, 0
  function count()
    local file = debug.getinfo(2, "S").source:match "lua/aistudios/(.*)"
    if not file or file == way[#way] then return end
    way[#way + 1] = file
    if not seen[file] then seen[file], files = true, files + 1 end
  end
  debug.sethook(count, "c")
  local result, err = f()
  debug.sethook()
  count = nil
  assert(result, err)
  return #way, files, way
end

local target = os.tmpname()
for _, case in ipairs {
  { "create_project", function () return client:create_project(project) end },
  { "render", function () return client:render(project, { to = target, interval = 0.01 }) end },
} do
  case[2]() -- what is loaded once is loaded now
  local changes, files, way = changes_of(case[2])
  print(("%-16s %3d changes of file, %2d files"):format(case[1], changes, files))
  if arg[1] == "list" then print(table.concat(way, " ")) end
end
os.remove(target)
client:close()
sandbox:close()
assert(aistudios)
