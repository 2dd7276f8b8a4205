-- SPDX-License-Identifier: MIT
--
-- storm.victim: a process with renders in flight, to be killed. Before each call that
-- costs the resume token is in a file, as the README asks for.
--
--   lua5.4 spec/storm/victim.lua DIRECTORY BASE_URL CA_FILE NAME...

local aistudios = require "aistudios"

local directory, url, ca_file = table.unpack(arg)

local client = assert(aistudios.new {
  base_url = url, streaming_url = url, ca_file = ca_file, app_id = "victim",
  user_key = "key", check = false, retries = 1,
  timeout = { connect = 2, stall = 1, total = 2 },
})

local function save(name, token)
  local path = directory .. "/" .. name
  local file = assert(io.open(path .. ".new", "w"))
  file:write(token or "")
  file:close()
  assert(os.rename(path .. ".new", path))
end

local scene = { sceneIdx = 0, clips = {} }
for i = 4, #arg do -- a render, and what is built and exported, in turns
  local options = { interval = 0.05, deadline = 10,
    on_token = function (token) save(arg[i], token) end }
  if i % 2 == 0 then client.async:render({ name = arg[i], scenes = { scene } }, options)
  else client.async:make_video("topic", arg[i], options) end
end
while client:step(1) do end
