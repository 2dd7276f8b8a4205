-- SPDX-License-Identifier: MIT
--
-- sandbox: how many requests a second the sandbox answers, with few and with
-- many projects stored, and its memory when idle. It runs as a program on one
-- core; this process sends requests over 4 connections, 16 at once on each.

local cjson = require "cjson"
local common = require "spec.bench.common"
local http = require "spec.support.http"
local support = require "spec.support"

local MANY = math.tointeger(tonumber(os.getenv "BENCH_PROJECTS" or 100000))
local LEAST_PER_SECOND, MOST_MEMORY = 3000, 30

local pipe = assert(io.popen(("exec taskset -c 0 %s -e '%s'"):format(support.lua,
  [[require "aistudios.sandbox.program".run { render_seconds = 0 }]])))
local line = cjson.decode(pipe:read "l")
local port = math.tointeger(tonumber(line.url:match ":(%d+)$"))
local admin = math.tointeger(tonumber(line.admin:match ":(%d+)$"))
local caller = http.caller { port = port, app_id = line.app_id, user_key = line.user_key }

local function memory()
  local status = support.read_file(("/proc/%d/status"):format(line.pid))
  return tonumber(status:match "VmRSS:%s*(%d+)") / 1024
end

-- Requests per second: `count` times the text of one request.
local function rate(text, count)
  local AT_ONCE, CONNECTIONS = 16, 4
  local connections = {}
  for i = 1, CONNECTIONS do connections[i] = http.connect(port, 30) end
  local batch, left, began = text:rep(AT_ONCE), count, common.now()
  while left > 0 do
    for _, connection in ipairs(connections) do assert(connection.tcp:send(batch)) end
    for _, connection in ipairs(connections) do
      for _ = 1, AT_ONCE do assert(connection:receive().status == 200) end
    end
    left = left - CONNECTIONS * AT_ONCE
  end
  local seconds = common.now() - began
  for _, connection in ipairs(connections) do connection:close() end
  return (count - left) / seconds
end

local function request(method, path, body, headers)
  local lines = { ("%s %s HTTP/1.1"):format(method, path), "Host: localhost" }
  for name, value in pairs(headers or { Authorization = caller.token }) do
    lines[#lines + 1] = name .. ": " .. value
  end
  if body then
    lines[#lines + 1] = "Content-Type: application/json"
    lines[#lines + 1] = "Content-Length: " .. #body
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")
end

local function report(name, text, count)
  local per_second = rate(text, count)
  print(("%-44s %8.0f a second"):format(name, per_second))
  common.figure(name, 1e6 / per_second, 1e6 / LEAST_PER_SECOND, "us")
end

local API = "/api/odin/v3/editor"
local hello = support.read_file "spec/fixtures/hello-project.json"
local small = cjson.encode { language = "en", text = "Hi", model = "M" }

common.figure("idle memory", memory(), MOST_MEMORY, "MB")

local function with_projects(known, count)
  local id
  while known < count do
    local more = math.min(count - known, 1000)
    id = caller:ask("POST", "/api/odin/v3/simple/custom", small).data.projectId
    if more > 1 then rate(request("POST", "/api/odin/v3/simple/custom", small), more - 1) end
    known = known + more
  end
  local stored = http.ask(admin, "GET", "/projects?limit=1")
  print(("%d projects, %.0f MB"):format(cjson.decode(stored.body).count, memory()))
  report(("get_progress, %d projects"):format(count), request("GET", API .. "/progress/" .. id),
    20000)
  local page = request("GET", "/projects?limit=20&offset=5")
  return page
end

with_projects(0, 10)
report("list_projects, 10 projects", request("GET", API .. "/project"), 10000)
with_projects(10, 1000)
report("list_projects, 1,000 projects", request("GET", API .. "/project"), 2000)
report("create_project", request("POST", API .. "/project", hello), 10000)
with_projects(11000, MANY)

local key = { ["STUDIO-API-KEY"] = line.user_key }
report("list_sessions, a page", request("GET", "/api/v2/sessions?page_size=20", nil, key), 10000)

support.run("kill " .. math.tointeger(line.pid))
pipe:close()
