-- SPDX-License-Identifier: MIT
--
-- sealed: a program in which nothing more can be loaded once its client is
-- made: no searcher, no path, no library, and a descriptor table with room
-- for the client's own sockets and file only. Prints a line per case.
--
--   lua5.4 sealed.lua BASE_URL APP_ID USER_KEY DIRECTORY
local url, app_id, user_key, directory = table.unpack(arg)
local aistudios = require "aistudios"

local SOCKETS = 4 -- to the API, to the film's host, the film's file, one to spare

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

local project = dofile "spec/fixtures/hello.lua"

local client = assert(aistudios.new {
  base_url = url, app_id = app_id, user_key = user_key, retries = 1,
  on_event = function () end,
})

--- The files that are mapped into this process: every library.
local function libraries()
  local found = {}
  for path in read "/proc/self/maps":gmatch "(/[^\n]*%.so[^\n]*)\n" do found[path] = true end
  return found
end

local loaded, mapped = {}, libraries()
for name in pairs(package.loaded) do loaded[name] = true end
package.path, package.cpath, package.searchers, package.preload = "", "", {}, {}
package.loadlib, package.searchpath, loadfile, dofile = nil, nil, nil, nil -- luacheck: ignore

local held = {}
repeat
  local file = io.open "/dev/null"
  held[#held + 1] = file
until not file
for _ = 1, SOCKETS do table.remove(held):close() end

local function seen(progress) return progress.phase end

--- One case: the film, or the whole error.
local function show(name, result, err)
  if result then return print(name, "ok", result.path or result.project_id) end
  print(name, err.kind, err.outcome, tostring(err))
end

show("render", client:render(project, { to = directory .. "/film.mp4", on_progress = seen,
  interval = 0.02 }))
show("event", client:create_project(project)) -- with what the parent has set up
show("refused", client:create_project(project))
show("broken", client:create_project(project))
show("cut", client:create_project(project))
show("busy", client:list_projects())
show("film", client:render(project, { to = directory .. "/none/film.mp4", interval = 0.02 }))
show("callback", client:render(project, { to = directory .. "/film2.mp4", interval = 0.02,
  on_progress = function () error "of mine" end }))
show("invalid", client:create_project { name = "x", scenes = { { clps = {} } } })
local job = client.async:render(project, { to = directory .. "/film3.mp4", interval = 0.02 })
while not (job:token() or ""):find("goal=deliver", 1, true) do client:step(0.05) end
local token = job:token()
job:cancel()
job:wait()
show("token", client:resume(token))
client:close()

for _, file in ipairs(held) do file:close() end
for name in pairs(package.loaded) do
  if not loaded[name] then print("loaded late", name) end
end
for path in pairs(libraries()) do
  if not mapped[path] then print("mapped late", path) end
end
