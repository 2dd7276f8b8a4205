-- SPDX-License-Identifier: MIT
--
-- rows.projects: what was made of the requests: projects, bills, sessions and
-- webhooks.

local json = require "aistudios.sandbox.json"
local stamp = require "aistudios.sandbox.clock".stamp

local MOST_ON_A_PAGE = 1000

local function describe(state, project)
  local shown = state.projects:summary(project)
  shown.progress = state.projects:progress(project)
  shown.build_progress = project.build_began and state.projects:build_progress(project) or nil
  shown.orientation, shown.updatedAt = project.orientation, stamp(project.updated)
  return shown
end

-- Newest first, a page at a time.
local function projects(context, given)
  local state = context.state
  local all, found = state.projects, {}
  local skip = given.offset or 0
  local limit = math.min(given.limit or 100, MOST_ON_A_PAGE)
  for project in all:newest_first(skip) do
    if #found >= limit then break end
    found[#found + 1] = describe(state, project)
  end
  found.count = all.count
  return found
end

local function project(context, given)
  local found = context.state.projects:get(given.id)
  if not found then return nil, "no such project" end
  local shown = describe(context.state, found)
  shown.scenes = json.decode(context.state.projects.scenes_text(found))
  return shown
end

local function storyboard_of(value)
  return require "aistudios.project.storyboard"(value)
end

-- The storyboard of what a request brought, or of what a project became.
local function storyboard(context, given)
  local value
  if given.request then
    local entry = context.state.request_log:get(given.request)
    value = entry and entry.body and json.decode(entry.body)
    if type(value) ~= "table" or not value.scenes then return nil, "no such project" end
  else
    local found = context.state.projects:get(given.id)
    if not found then return nil, "no such project" end
    value = { name = found.name, orientation = found.orientation,
      scenes = json.decode(context.state.projects.scenes_text(found)) }
  end
  return storyboard_of(value)
end

local function last_of(list, limit)
  if not limit or #list <= limit then return list end
  return table.move(list, #list - limit + 1, #list, 1, {})
end

local function html(text) return { type = "text/html; charset=utf-8", body = text } end

local function numbered(list, name)
  local copy = { [name] = json.list({ table.unpack(list) }) }
  for key, value in pairs(list) do
    if type(key) == "string" then copy[key] = value end
  end
  return copy
end

return {
  {
    name = "ledger", method = "GET", path = "/ledger",
    about = "What would have been billed, duplicates marked: the last 10,000, oldest first",
    takes = { limit = { "integer", "only the last so many entries" } },
    run = function (context, given) return context.state.ledger:list(given.limit) end,
    shown = function (list)
      local shown = numbered(list, "entries")
      shown.builds = json.list(list.builds)
      return shown
    end,
  },
  {
    name = "projects", method = "GET", path = "/projects",
    about = "The projects, newest first, and their count",
    takes = { offset = { "integer", "how many are left out (0)" },
      limit = { "integer", "how many are shown (100), at most 1,000" } },
    run = projects,
    shown = function (list) return numbered(list, "projects") end,
  },
  {
    name = "project", method = "GET", path = "/projects/{id}",
    about = "One project with its scenes",
    takes = { id = { "string", "of the project", required = true } },
    run = project, failure = 404,
  },
  {
    name = "storyboard", method = "GET", path = "/projects/{id}/storyboard",
    about = "The storyboard of a project, a page of HTML",
    takes = { id = { "string", "of the project", required = true } },
    run = storyboard, shown = html, failure = 404,
  },
  {
    name = "request_storyboard", method = "GET", path = "/requests/{request}/storyboard",
    about = "The storyboard of the project that a request brought, also when it was refused",
    takes = { request = { "integer", "id of the request", required = true } },
    run = storyboard, shown = html, failure = 404,
  },
  {
    name = "sessions", method = "GET", path = "/sessions",
    about = "The live sessions, oldest first",
    run = function (context) return context.state.sessions:report() end,
    shown = json.list,
  },
  {
    name = "webhooks", method = "GET", path = "/webhooks",
    about = "The webhooks that were sent, oldest first",
    takes = { limit = { "integer", "only the last so many" } },
    run = function (context, given) return last_of(context.state.webhooks.sent, given.limit) end,
    shown = json.list,
  },
  {
    name = "send_webhook", method = "POST", path = "/webhooks/{id}/send",
    about = "Sends a webhook again, as it was",
    takes = { id = { "integer", "of the webhook", required = true } },
    failure = 404,
    run = function (context, given)
      if context.state.webhooks:send_again(given.id) then return true end
      return nil, "no such webhook"
    end,
  },
}
