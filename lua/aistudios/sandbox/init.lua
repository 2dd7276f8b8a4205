-- SPDX-License-Identifier: MIT
--
-- aistudios.sandbox: a server of the API inside this process. It runs on
-- threads of its own, so a script that blocks can call it.

local core = require "aistudios.sandbox.core"
local fault_options = require "aistudios.sandbox.fault_options"
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

---@class aistudios.Sandbox
---@field url string       base URL, without a slash at its end
---@field host string
---@field port integer
---@field app_id string
---@field user_key string
local Sandbox = { __name = "aistudios.Sandbox" }
Sandbox.__index = Sandbox

local problems = {
  closed = "this sandbox is closed",
  foreign = "this sandbox was started before fork; start a new one in the child",
}

-- Calls a method of the service. Raises at the caller of the public method when
-- the sandbox is closed or belongs to the parent process.
local function call_service(self, name, ...)
  local problem = problems[self.handle:state()]
  if problem then error(problem, 3) end
  return self.handle:call(name, ...)
end

local function url_of(options, port)
  local host = options.host
  if host == "0.0.0.0" then host = "127.0.0.1" end
  if host == "::" then host = "::1" end
  if host:find(":", 1, true) then host = "[" .. host .. "]" end
  return ("%s://%s:%d"):format(options.cert and "https" or "http", host, port)
end

--- Starts a sandbox. Wrong options raise.
---@param options? table
---  host            address to listen on ("127.0.0.1")
---  port            0: any that is free (0)
---  app_id          the AppId that it knows ("sandbox-app")
---  user_key        the UserKey that belongs to it (a fixed one)
---  render_seconds  how long a render takes (2)
---  build_seconds   how long a tool builds a project (as long as a render)
---  generated_seconds  how long a generated file can be fetched (3600)
---  shape           "documented": answers as the pages' tables have them;
---                  "observed": as clients met them ("documented")
---  list_lag        seconds until list_projects shows a project whose render
---                  was started (0)
---  simple_video_exports  whether create_simple_video renders when isExport is
---                  not there: false as its table says, true as a tutorial of
---                  the vendor assumes (false)
---  token_seconds   how long a token is valid (86400)
---  jwt             whether tokens are JSON Web Tokens with an `exp` (false)
---  tls             { cert =, key = }, each the path of a PEM file or its text
---  download_bytes  size of the videos; the plain one is 11,806 bytes
---  download_rate   bytes per second of one download, at most (no limit)
---  max_body        largest body of a request, in bytes (256 MiB)
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
  local port = handle:port()
  local self = setmetatable({
    handle = handle, host = checked.host, port = port, url = url_of(checked, port),
    app_id = checked.app_id, user_key = checked.user_key,
  }, Sandbox)
  handle:call("set_url", self.url)
  return self
end

--- A client of this sandbox: `base_url`, `streaming_url`, `app_id` and
--- `user_key` lead to it, unless the options say otherwise.
---@param options? table  of aistudios.new
---@return aistudios.Client? client
---@return aistudios.Error? err
function Sandbox:client(options)
  if options ~= nil and type(options) ~= "table" then
    error("client: options must be a table", 2)
  end
  local all = {
    base_url = self.url, streaming_url = self.url,
    app_id = self.app_id, user_key = self.user_key,
  }
  for name, value in pairs(options or {}) do all[name] = value end
  return require "aistudios".new(all)
end

--- What it received, oldest first: the last 10,000 requests.
---@param endpoint? string  only those of this call
---@return aistudios.sandbox.Request[]
function Sandbox:requests(endpoint)
  local result = call_service(self, "requests", endpoint)
  return result
end

--- Forgets what it received.
function Sandbox:clear_requests()
  call_service(self, "clear_requests")
end

--- Everything that would have been billed: a list (of the last 10,000) with
--- `count`, `duplicates` and `credits` of all. Its `builds` are the projects
--- that tools built, which cost nothing until they are rendered.
---@return aistudios.sandbox.Render[]
function Sandbox:ledger()
  local result = call_service(self, "get_ledger")
  return result
end

--- Arms a fault. `on` is the name of an endpoint, "download" or "any"; the fault
--- applies to the `nth` (1) call from now on, and to `times` (1) of them.
---
---  drop_before_read  closes the connection before the call is read or done
---  drop_after_read   does the call, then closes without an answer
---  reset_mid_body    does it, sends half of the answer, resets the connection
---  truncated         does it, sends half of the answer and closes
---  stall             does it, sends half and nothing more for `seconds` (3600)
---  slow              does it, answers after `seconds` (1)
---  status            answers `status` (500), with `retry_after`, `headers`,
---                    `body`; does the call only with `act = true`. By default
---                    it is the API's answer, in its envelope; with `from =
---                    "gateway"` it is a cache's page of HTML (503, Retry-After
---                    5), which says nothing of what became of the call
---  not_json          does it, answers HTML with `status` (200)
---  success_false     does nothing, answers 200 with success: false
---  expired_token     ends the token of the call, answers 401
---  done_without_url  ends the render, answers 100 % without an address
---  unknown_state     does it, answers with a `state` that nobody documented
---  bare_list         does it, answers without the envelope
---  huge              does it, answers `bytes` (100 MiB) of no JSON
---@param fault table
function Sandbox:fault(fault)
  if type(fault) ~= "table" then error("a fault must be a table", 2) end
  local problem = fault_options.problem_of(fault, call_service(self, "names"))
  if problem then error("fault: " .. problem, 2) end
  call_service(self, "fault", fault)
end

--- Removes all faults that are armed.
function Sandbox:clear_faults()
  call_service(self, "clear_faults")
end

--- Expires every token that is still valid.
---@return integer count
function Sandbox:expire_tokens()
  local result = call_service(self, "expire_tokens")
  return result
end

--- Moves its clock forward: tokens age, renders progress.
---@param seconds number
function Sandbox:advance(seconds)
  if type(seconds) ~= "number" or seconds ~= seconds or seconds < 0 then
    error("advance: a number of seconds from 0 up", 2)
  end
  call_service(self, "advance", seconds)
end

--- Gives the video of a project, or of all, other bytes and another ETag.
---@param project_id? string
function Sandbox:replace_video(project_id)
  call_service(self, "replace_video", project_id)
end

--- Answers as the pages have them ("documented"), or as clients met them
--- ("observed"): bare lists, objects for lists, objects without a name.
---@param shape "documented"|"observed"
function Sandbox:set_shape(shape)
  if shape ~= "documented" and shape ~= "observed" then
    error("set_shape: \"documented\" or \"observed\"", 2)
  end
  call_service(self, "set_shape", shape)
end

--- The live sessions, oldest first: session_id, avatar_id, is_active, duration
--- in seconds, credits, end_reason, talks.
---@return table[]
function Sandbox:sessions()
  local result = call_service(self, "get_sessions")
  return result
end

--- The webhooks that were sent, oldest first: url, project_id, event, time,
--- and the status of the answer or the problem.
---@return table[]
function Sandbox:webhooks()
  local result = call_service(self, "get_webhooks")
  return result
end

--- Counts: requests, by_endpoint, projects, renders, duplicates, credits,
--- active_sessions, connections (so far), open_connections.
---@return table
function Sandbox:stats()
  local stats = call_service(self, "stats")
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
