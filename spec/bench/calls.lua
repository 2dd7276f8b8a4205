-- SPDX-License-Identifier: MIT
--
-- calls: 20,000 calls of create_project with 64 in flight over HTTP/1.1,
-- beside a C program that posts ready-made bytes. The projects are checked
-- and encoded, the answers decoded, as always. Rounds of both alternate; the
-- best of each counts.

local aistudios = require "aistudios"
local common = require "spec.bench.common"
local support = require "spec.support"

local COUNT, FLIGHT, ROUNDS = 20000, 64, 3

local project = support.project()
project.isExport = true

local function best(known, wall, cpu)
  return { wall = math.min(known.wall, wall), cpu = math.min(known.cpu, cpu) }
end

local function ours(server)
  local client <close> = common.client(server, { max_in_flight = FLIGHT })
  assert(client:create_project(project))
  local wall, cpu = common.now(), os.clock()
  common.create_projects(client, project, COUNT, FLIGHT)
  return common.now() - wall, os.clock() - cpu
end

local server = common.server()
local body = support.directory "bench" .. "/project.json"
support.write_file(body, assert(aistudios.encode(project)))
local command = ("%s calls '%s' bench-token '%s' %d %d"):format(
  common.program "multi", server.url .. common.PROJECT, body, COUNT, FLIGHT)

local none = { wall = math.huge, cpu = math.huge }
local plain, lua = none, none
for _ = 1, ROUNDS do
  local seen = common.numbers(command)
  plain = best(plain, seen[1], seen[2])
  lua = best(lua, ours(server))
  collectgarbage()
end
server:close()

print(("%d calls of create_project, %d in flight, HTTP/1.1"):format(COUNT, FLIGHT))
print(("  C, libcurl's multi  %6.2f s  CPU %6.2f s"):format(plain.wall, plain.cpu))
print(("  aistudios           %6.2f s  CPU %6.2f s"):format(lua.wall, lua.cpu))
common.figure("wall time / C", lua.wall / plain.wall, 1.35)
common.figure("CPU time / C", lua.cpu / plain.cpu, 1.9)
