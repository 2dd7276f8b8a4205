-- SPDX-License-Identifier: MIT
--
-- common: what the benches share: a web server with fixed answers, and the
-- line that run.lua gathers into its table.

local core = require "aistudios.core"
local support = require "spec.support"

local M = {}

M.PROJECT = "/api/odin/v3/editor/project"

local SERVER = [[
    default_type application/json;
    location = /api/odin/v3/auth/token {
      return 200 '{"success":true,"data":{"token":"bench-token"}}';
    }
    location = /api/odin/v3/editor/project {
      return 200 '{"success":true,"data":{"projectId":"65f0c0ffee65f0c0ffee65f0"}}';
    }
    location /files/ { alias "%s/"; limit_rate %d; }
]]

--- A web server that answers each call alike and serves `files`.
---@param options? table  files (a directory), rate (of files, bytes/s),
---   tls, http2
function M.server(options)
  options = options or {}
  return support.nginx {
    tls = options.tls or false, http2 = options.http2,
    server = SERVER:format(options.files or "/nowhere", options.rate or 0),
  }
end

--- A server that takes connections and says nothing.
function M.silent_server()
  local listener = assert(require "socket".bind("127.0.0.1", 0, 1024))
  local _, port = listener:getsockname()
  return {
    url = ("http://127.0.0.1:%d"):format(port),
    close = function() listener:close() end,
  }
end

--- Options of a client that talks to it.
function M.client(server, more)
  local options = {
    base_url = server.url, ca_file = server.ca_file, app_id = "bench",
    user_key = "bench-user-key",
  }
  for name, value in pairs(more or {}) do options[name] = value end
  return assert(require "aistudios".new(options))
end

--- A file of `bytes` that takes no room on the disk and begins as an MP4 does.
---@return string name
function M.sparse_file(directory, bytes)
  support.write_file(directory .. "/film.mp4", "\0\0\0\24ftypisom\0\0\2\0isommp41")
  support.run(("truncate -s %d '%s/film.mp4'"):format(bytes, directory))
  return "film.mp4"
end

--- A program of this directory.
function M.program(name)
  return ("'%s/bench/%s'"):format(support.build, name)
end

--- Runs a command; the numbers that it prints.
---@return number[]
function M.numbers(command)
  local found = {}
  for word in support.run(command):gmatch "%S+" do
    found[#found + 1] = assert(tonumber(word), command)
  end
  return found
end

--- The value below which `share` of the list lies.
function M.quantile(list, share)
  table.sort(list)
  return list[math.max(1, math.ceil(share * #list))]
end

--- One figure of the table.
---@class spec.bench.Row
---@field name string
---@field value number
---@field unit? string       "times" when absent: a ratio of two figures of this run
---@field goal? number       at most; without one it is told beside
---@field at_least? boolean  the goal is a least value
---@field samples? number[]  of the rounds, for their spread

--- Tells a figure: as a line for readers, and to run.lua, if that runs this.
---@param row spec.bench.Row
function M.row(row)
  row.unit = row.unit or "times"
  local line = ("  %s %.3f %s"):format(row.name, row.value, row.unit)
  local samples = row.samples
  if samples then
    row.min, row.median, row.max = M.quantile(samples, 0), M.quantile(samples, 0.5),
      M.quantile(samples, 1)
    line = ("%s (rounds %.3f, %.3f, %.3f)"):format(line, row.min, row.median, row.max)
    row.samples = nil
  end
  if row.goal then
    row.is_reached = row.at_least and row.value >= row.goal
      or not row.at_least and row.value <= row.goal
    line = ("%s, goal at %s %g: %s"):format(line, row.at_least and "least" or "most", row.goal,
      row.is_reached and "reached" or "NOT reached")
  end
  print(line)
  local path = os.getenv "BENCH_ROWS"
  if not path then return end
  row.bench = arg[0]:match "([%w_]+)%.lua$"
  local file <close> = assert(io.open(path, "a"))
  file:write(require "cjson".encode(row), "\n")
end

--- The same in short: a ratio or another figure, at most `goal`.
---@param name string
---@param value number
---@param goal? number
---@param unit? string
---@param samples? number[]
function M.figure(name, value, goal, unit, samples)
  M.row { name = name, value = value, goal = goal, unit = unit, samples = samples }
end

--- The ratio of two lists of figures from alternated rounds: least to least, and
--- beside it that of each pair.
---@param name string
---@param ours number[]
---@param theirs number[]
---@param goal? number
function M.ratio(name, ours, theirs, goal)
  local samples = {}
  for i, value in ipairs(ours) do samples[i] = value / theirs[i] end
  M.figure(name, math.min(table.unpack(ours)) / math.min(table.unpack(theirs)), goal, nil,
    samples)
end

M.now = core.now

--- Makes calls of create_project as a program would, `flight` of them at a time:
--- results are taken in order, and make room for the next.
---@param client aistudios.Client
---@param project table
---@param count integer
---@param flight integer
function M.create_projects(client, project, count, flight)
  local jobs, first, last = {}, 1, 0
  repeat
    while last < count and last - first < 2 * flight do
      last = last + 1
      jobs[last] = client.async:create_project(project)
    end
    client:step(1)
    while jobs[first] and jobs[first]:done() do
      assert(jobs[first]:result())
      jobs[first] = nil
      first = first + 1
    end
  until first > count
end

local words = "A caption of the length that captions have, on two lines of the screen"

-- Clips as an editor writes them, one of each kind in turn.
local kinds = {
  function (id, clip)
    clip.id, clip.type, clip.shapeName, clip.fill = id, "shape", "Star", "#3366cc"
    clip.animation, clip.angle = { type = "fade-in", delay = 0, duration = 2 }, 12
  end,
  function (id, clip)
    clip.id, clip.type, clip.text, clip.fill = id, "textImage", words, "#222222"
    clip.fontSize, clip.fontFamily, clip.align = 30, "Noto Sans CJK", "center"
  end,
  function (id, clip)
    clip.id, clip.type = id, "image"
    clip.source_url = "https://cdn.example.com/pictures/" .. id .. ".png"
  end,
  function (id, clip)
    clip.id, clip.type = id, "videoImage"
    clip.video_url = "https://cdn.example.com/films/" .. id .. ".mp4"
  end,
}

--- A project of scenes of 20 clips as an editor writes them.
---@param scenes integer
function M.editor_project(scenes)
  local project = support.project()
  for i = 1, scenes do
    local scene = support.project().scenes[1]
    scene.sceneIdx = i - 1
    for j = 2, 20 do
      local clip = { layer = j, left = 40.5 * j, top = 20.25 * j, width = 400, height = 300,
        scaleX = 1.25, scaleY = 1.25, opacity = 90, lockRotation = false,
        lockMovementX = false, lockMovementY = false, lockUniScaling = false }
      kinds[j % #kinds + 1](("clip-%d-%d"):format(i, j), clip)
      scene.clips[j] = clip
    end
    project.scenes[i] = scene
  end
  return project
end

return M
