-- SPDX-License-Identifier: MIT
--
-- sandbox: how many requests a second the sandbox answers on one core, with few
-- and with many projects stored, and its memory when idle. It runs as a program
-- on one core; this process sends requests over 4 connections, 16 at once on
-- each. What counts is the processor time of the program, which other work of
-- the machine does not change; the wall time is beside it.

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

-- Processor time of the program so far, in seconds.
local function cpu()
  local fields = {} -- behind its name, from the third on
  local text = support.read_file(("/proc/%d/stat"):format(line.pid))
  for word in text:match "^.*%)(.*)$":gmatch "%S+" do fields[#fields + 1] = word end
  return (tonumber(fields[12]) + tonumber(fields[13])) / 100
end

-- Sends `count` times the text of one request; requests per second of processor
-- time and of wall time.
local function rate(text, count)
  local AT_ONCE, CONNECTIONS = 16, 4
  local connections = {}
  for i = 1, CONNECTIONS do connections[i] = http.connect(port, 30) end
  local batch, left = text:rep(AT_ONCE), count
  local began, began_cpu = common.now(), cpu()
  while left > 0 do
    for _, connection in ipairs(connections) do assert(connection.tcp:send(batch)) end
    for _, connection in ipairs(connections) do
      for _ = 1, AT_ONCE do assert(connection:receive().status == 200) end
    end
    left = left - CONNECTIONS * AT_ONCE
  end
  local seconds, cpu_seconds = common.now() - began, cpu() - began_cpu
  for _, connection in ipairs(connections) do connection:close() end
  return (count - left) / cpu_seconds, (count - left) / seconds
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
  local per_second, per_wall_second = rate(text, count)
  print(("%-34s %8.0f a second, %.0f by the wall clock"):format(name, per_second,
    per_wall_second))
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
