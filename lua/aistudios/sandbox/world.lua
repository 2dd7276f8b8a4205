-- SPDX-License-Identifier: MIT
--
-- world: the methods by which a Lua program works with one world of a sandbox.
-- Each runs the operation of its name (see admin/operations.lua), which the
-- admin interface runs too.

local call = require "aistudios.sandbox.call"
local copy = require "aistudios.util.copy"

local insist, try = call.insist, call.try

---@class aistudios.sandbox.Session
---@field session_id string
---@field avatar_id string
---@field is_active boolean    it is billed
---@field duration number      seconds so far
---@field credits number
---@field end_reason? string
---@field talks { type: string, message: string }[]

---@class aistudios.sandbox.Webhook  that was sent
---@field id integer
---@field url string
---@field project_id string
---@field event aistudios.sandbox.WebhookEvent
---@field time number          seconds since 1970
---@field again? integer       the id of the one that it repeats
---@field status? integer      of the answer
---@field problem? string      why there was no answer, or why it was not sent

---@class aistudios.sandbox.WebhookEvent
---@field backendTaskId string
---@field progress integer     0 to 100
---@field credit? integer      in the last one
---@field download_url? string in the last one

---@class aistudios.sandbox.World
---@field url string       base URL of the sandbox, without a slash at its end
---@field app_id string
---@field user_key string
---@field package handle userdata
local World = { __name = "aistudios.sandbox.World" }
World.__index = World

local function expect(value, kind, what)
  if type(value) ~= kind then error(("%s must be a %s"):format(what, kind), 3) end
end

--- A client of this world: `base_url`, `streaming_url`, `app_id` and `user_key`
--- lead to it, unless the options say otherwise.
---@param options? aistudios.Options
---@return aistudios.Client? client
---@return aistudios.Error? err
function World:client(options)
  if options ~= nil then expect(options, "table", "client: options") end
  return require "aistudios".new(copy(options, { base_url = self.url, streaming_url = self.url,
    app_id = self.app_id, user_key = self.user_key }))
end

-- ---- what it received and made ----

--- What it received, oldest first: the last 10,000 requests.
---@param filter? string|table  only those of this call, or a table of endpoint,
---  method, path, status, fault, connection, after (an id), limit
---@return aistudios.sandbox.Request[]
function World:requests(filter)
  if type(filter) == "string" then filter = { endpoint = filter } end
  return (insist(self, "requests", filter))
end

--- One request, with the `answer` that was sent: headers, body, size.
---@param id integer
---@return aistudios.sandbox.Request? request
---@return string? message
function World:request(id)
  local result, message = try(self, "request", { id = id })
  return result, message
end

--- Forgets what it received.
function World:clear_requests()
  insist(self, "clear_requests")
end

--- Waits until so many requests were received and answered.
---@param filter table  as in `requests`, and count (1), timeout in seconds (10)
---@return integer? count  nil: not within that time
---@return string? message
function World:wait(filter)
  expect(filter, "table", "wait: the filter")
  local result, message = try(self, "wait", filter)
  return result, message
end

--- Everything that would have been billed: a list (of the last 10,000) with
--- `count`, `duplicates` and `credits` of all. Its `builds` are the projects
--- that tools built, which cost nothing until they are rendered.
---@return aistudios.sandbox.Render[]
function World:ledger()
  return (insist(self, "ledger"))
end

--- The projects, newest first, with the `count` of all.
---@param page? table  offset (0), limit (100, at most 1,000)
---@return table[]
function World:projects(page)
  return (insist(self, "projects", page))
end

--- One project with its scenes.
---@param id string
---@return table? project
---@return string? message
function World:project(id)
  local result, message = try(self, "project", { id = id })
  return result, message
end

--- The storyboard of a project, a page of HTML.
---@param id string
---@return string? html
---@return string? message
function World:storyboard(id)
  local result, message = try(self, "storyboard", { id = id })
  return result, message
end

--- The live sessions, oldest first.
---@return aistudios.sandbox.Session[]
function World:sessions()
  return (insist(self, "sessions"))
end

--- The webhooks that were sent, oldest first.
---@return aistudios.sandbox.Webhook[]
function World:webhooks()
  return (insist(self, "webhooks"))
end

--- Sends a webhook again, as it was.
---@param id integer
function World:send_webhook(id)
  insist(self, "send_webhook", { id = id })
end

-- ---- faults ----

--- Arms a fault. `on` is the name of an endpoint, "download" or "any"; the fault
--- applies to the `nth` (1) call from now on, and to `times` (1, or "always") of
--- them; with a `probability`, to each of them by chance.
---@param fault aistudios.sandbox.Fault
function World:fault(fault)
  if type(fault) ~= "table" then error("a fault must be a table", 2) end
  insist(self, "fault", fault)
end

--- The faults that are armed, with `seen` (calls) and `left` (nil: always).
---@return table[]
function World:faults()
  return (insist(self, "faults"))
end

--- Removes all faults that are armed.
function World:clear_faults()
  insist(self, "clear_faults")
end

--- The scenarios that are known by name: name, about, settings, faults.
---@return table[]
function World:scenarios()
  return (insist(self, "scenarios"))
end

--- Applies a scenario: its settings and its faults.
---@param scenario string|table  a name, the path of a JSON file, or a table of
---  settings and faults
function World:scenario(scenario)
  if type(scenario) == "string" then scenario = { name = scenario } end
  expect(scenario, "table", "scenario: a name or a scenario, which")
  insist(self, "scenario", scenario)
end

-- ---- time and settings ----

--- What time it is there.
---@return table clock  mode ("real", "offset", "frozen"), now (seconds since
---  1970), time (the same as text), offset
function World:clock()
  return (insist(self, "clock"))
end

--- Makes its clock another one.
---@param clock string|table  "real", "frozen", or mode, time and offset
function World:set_clock(clock)
  if type(clock) == "string" then clock = { mode = clock } end
  expect(clock, "table", "set_clock: a clock")
  insist(self, "set_clock", clock)
end

--- Moves its clock forward. All that falls due meanwhile is done in order:
--- tokens expire, renders end, webhooks are sent and answered.
---@param seconds number
---@param options? table  wait = false: does not wait for answers to webhooks. A
---  program that takes them on this very thread needs that.
function World:advance(seconds, options)
  if type(seconds) ~= "number" or seconds ~= seconds or seconds < 0 then
    error("advance: a number of seconds from 0 up", 2)
  end
  insist(self, "advance", { seconds = seconds, wait = options and options.wait })
end

--- Changes settings.
---@param settings aistudios.sandbox.Settings
---@return aistudios.sandbox.Settings settings  all of them
function World:set(settings)
  expect(settings, "table", "set: settings")
  return (insist(self, "set", settings))
end

--- Answers as the pages have them ("documented"), or as clients met them
--- ("observed"): bare lists, objects for lists, objects without a name.
---@param shape "documented"|"observed"
function World:set_shape(shape)
  insist(self, "set", { shape = shape })
end

--- Expires every token that is still valid.
---@return integer count
function World:expire_tokens()
  return (insist(self, "expire_tokens"))
end

--- Gives the video of a project, or of all, other bytes and another ETag.
---@param project_id? string
function World:replace_video(project_id)
  insist(self, "replace_video", { id = project_id })
end

--- Makes it as it was at its start.
function World:reset()
  insist(self, "reset")
end

--- Credentials, seed, clock, settings, faults, stats.
---@return table
function World:state()
  return (insist(self, "state"))
end

return World
