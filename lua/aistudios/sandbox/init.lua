-- SPDX-License-Identifier: MIT
--
-- aistudios.sandbox: a server of the API inside this process. It runs on
-- threads of its own, so a script that blocks can call it.

local World = require "aistudios.sandbox.world"
local call = require "aistudios.sandbox.call"
local core = require "aistudios.sandbox.core"
local options_of = require "aistudios.sandbox.options"

local M = {}

---@class aistudios.sandbox.Request
---@field id integer          counts from 1
---@field endpoint? string    name of the call; "download"; nil: no such call
---@field method string
---@field path string         as it came, without the query
---@field query table<string, string>
---@field headers table<string, string>  names in lower case
---@field body? string        as it came; nil: it was not read
---@field body_size? integer  of a body so long that `body` is its beginning
---@field parts? aistudios.sandbox.Part[]  of a multipart body
---@field status? integer     of the answer; nil: there was none
---@field connection integer  counts the connections
---@field fault? string       kind of the fault that applied to it

---@class aistudios.sandbox.Part
---@field name string
---@field filename? string
---@field type? string
---@field size integer
---@field data string    its first 64 KiB
---@field digest string  of all of it: equal for equal contents

---@class aistudios.sandbox.Render
---@field project_id string
---@field endpoint string
---@field name? string
---@field work string         "render", "dubbing", "generation", "avatar", "build"
---@field credit integer
---@field duplicate_of? string  project of an earlier, equal request
---@field time number           seconds since 1970

---@class aistudios.Sandbox: aistudios.sandbox.World
---@field host string
---@field port integer
---@field seed integer   what its random numbers follow from
---@field admin? string  URL of the admin interface
---@field console? string  URL of the console
local Sandbox = setmetatable({ __name = "aistudios.Sandbox" }, { __index = World })
Sandbox.__index = Sandbox

local function url_of(options, port, scheme)
  local host = options.host
  if host == "0.0.0.0" then host = "127.0.0.1" end
  if host == "::" then host = "::1" end
  if host:find(":", 1, true) then host = "[" .. host .. "]" end
  return ("%s://%s:%d"):format(scheme, host, port)
end

--- Starts a sandbox. Wrong options raise.
---@param options? aistudios.sandbox.Options
---@return aistudios.Sandbox? sandbox
---@return string? message
function M.start(options)
  local video = require "aistudios.sandbox.video"
  local checked, problem, is_wrong_use = options_of.read(options)
  if not checked then
    if is_wrong_use then error("aistudios.sandbox.start: " .. problem, 2) end
    return nil, problem
  end
  checked.video_size = #video
  local handle, message = core.start(checked, video)
  if not handle then
    message = message:gsub("Failed to bind to port %d+: ", "")
    return nil, "the sandbox does not start: " .. message
  end
  local port, admin_port = handle:port()
  local admin = admin_port and url_of(checked, admin_port, "http")
  local self = setmetatable({
    handle = handle, host = checked.host, port = port, admin = admin,
    console = admin and admin .. "/console",
    url = url_of(checked, port, checked.cert and "https" or "http"),
    app_id = checked.world.app_id, user_key = checked.world.user_key,
  }, Sandbox)
  self.seed = handle:call("begin", self.url)
  return self
end

--- Makes a world of its own on the same port: another AppId, with projects, a
--- ledger, faults and a clock that no other world sees. Wrong options raise.
---@param options? aistudios.sandbox.WorldOptions  what is not given is as in the sandbox,
--- but for the credentials
---@return aistudios.sandbox.World
function Sandbox:new_world(options)
  if options ~= nil and type(options) ~= "table" then
    error("new_world: options must be a table", 2)
  end
  local made = call.insist(self, "new_world", options)
  made.handle = self.handle
  return setmetatable(made, World)
end

--- The worlds: app_id, user_key, seed, url.
---@return table[]
function Sandbox:worlds()
  return (call.insist(self, "worlds"))
end

--- Removes a world with all that it holds. The first one stays.
---@param app_id string
function Sandbox:remove_world(app_id)
  call.insist(self, "remove_world", { app_id = app_id })
end

--- Counts: requests, by_endpoint, projects, renders, duplicates, credits,
--- active_sessions, connections (so far), open_connections.
---@return table
function Sandbox:stats()
  local stats = call.insist(self, "stats")
  stats.connections, stats.open_connections = self.handle:connections()
  return stats
end

--- Closes its connections and ends its threads. May be called again.
function Sandbox:close()
  self.handle:close()
end

Sandbox.__close = Sandbox.close

function Sandbox:__tostring()
  local state = self.handle:state()
  return ("aistudios.Sandbox (%s)"):format(state == "open" and self.url or state)
end

return M
