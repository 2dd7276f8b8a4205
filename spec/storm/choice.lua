-- SPDX-License-Identifier: MIT
--
-- storm.choice: what each submission is and which port it goes to. That depends on the
-- seed and the submission's number alone.

local service = require "spec.storm.service"
local support = require "spec.support"

local M = {}

local RARE, H2 = 0.04, 0.5  -- the chance that such a way is kept when it is chosen
local PORTS_AT_ONCE = 20    -- so few that connections are used again while they are young
local PORTS_EVERY = 200     -- submissions until others are chosen
local LARGE = 0.05               -- share of the projects
local UPLOAD, EXPORT, MAKE = 0.08, 0.08, 0.08 -- shares of submissions
local READ, READ_H2 = 0.05, 0.6  -- of calls that cost nothing; those may go over HTTP/2

local seed, ports, limits, upload
local current

local text = ("A long story, told in many words. "):rep(8000)
local scenes = { small = { { sceneIdx = 0, clips = {} } },
  large = { { sceneIdx = 0, clips = { { type = "text", text = text } } } } }

--- @param given_ports table[]  way, is_rare
--- @param directory string  for files that are uploaded
--- @param given_limits aistudios.Timeouts
function M.begin(given_seed, given_ports, directory, given_limits)
  seed, ports, limits = given_seed, given_ports, given_limits
  upload = directory .. "/slides.pdf"
  support.write_file(upload, "%PDF-1.4\n" .. ("slide\n"):rep(200))
end

local function is_h2(port) return port.way:find "^h2_" ~= nil end

local function choose_port()
  while true do
    local port = ports[math.random(#ports)]
    if math.random() < (port.is_rare and RARE or is_h2(port) and H2 or 1) then return port end
  end
end

local function choose_current(number)
  math.randomseed(seed, -number)
  current = {}
  for i = 1, PORTS_AT_ONCE do current[i] = choose_port() end
end

local function create(async, name)
  local size = math.random() < LARGE and "large" or "small"
  return async:create_project { name = name, scenes = scenes[size] }
end

local function send_document(async, name)
  return async:create_from_document({ file = upload, name = name }, { timeout = limits })
end

local function export(async, name) return async:export_project(service.id_of(name)) end

local function make_video(async, name)
  return async:make_video("topic", name, { interval = 0.02, deadline = 1.5, retries = 1 })
end

local function read(async) return async:get_project "00000000" end

--- The port of a submission, its kind, and a function that makes it.
---@param number integer
---@return table port
---@return "create"|"upload"|"export"|"make"|"read" kind
---@return fun(async: aistudios.Async, name: string): aistudios.Job call
function M.of(number)
  if number % PORTS_EVERY == 1 then choose_current(number) end
  math.randomseed(seed, number)
  local port = current[math.random(#current)]
  if math.random() < (is_h2(port) and READ_H2 or READ) then return port, "read", read end
  local dice = math.random()
  if dice < UPLOAD then return port, "upload", send_document end
  if dice < UPLOAD + EXPORT then return port, "export", export end
  if dice < UPLOAD + EXPORT + MAKE then return port, "make", make_video end
  return port, "create", create
end

return M
