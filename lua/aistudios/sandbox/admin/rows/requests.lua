-- SPDX-License-Identifier: MIT
--
-- rows.requests: what the sandbox received.

local copy = require "aistudios.util.copy"
local har = require "aistudios.sandbox.admin.har"
local json = require "aistudios.sandbox.json"
local routes = require "aistudios.sandbox.routes"
local wait = require "aistudios.sandbox.admin.wait"

local MOST_SECONDS = 3600

local calls = {}
for name in pairs(routes.names) do calls[name] = name ~= "any" or nil end

local filter_rows = {
  endpoint = { "string", "only those of this call, e.g. create_project", names = calls },
  method = { "string", "only those with this method" },
  path = { "string", "only those whose path contains this" },
  status = { "integer", "only those with this status of their answer" },
  fault = { "string", "only those that a fault of this kind applied to" },
  connection = { "integer", "only those of this connection" },
  after = { "integer", "only those after the one with this id" },
}

local function filter_of(given)
  return function (entry)
    for _, name in ipairs { "endpoint", "method", "status", "fault", "connection" } do
      if given[name] ~= nil and entry[name] ~= given[name] then return false end
    end
    return (not given.path or entry.path:find(given.path, 1, true) ~= nil)
        and (not given.after or entry.id > given.after)
  end
end

local function last_of(list, limit)
  if not limit or #list <= limit then return list end
  return table.move(list, #list - limit + 1, #list, 1, {})
end

local function list(context, given)
  local log = context.state.request_log
  return last_of(log:list(next(given) and filter_of(given)), given.limit)
end

local BRIEF = { "id", "endpoint", "method", "path", "status", "fault", "time", "seconds" }

local function brief(entry)
  local shown = {}
  for _, name in ipairs(BRIEF) do shown[name] = entry[name] end
  return shown
end

local function as_json(found, _, given)
  local shown = {}
  for i, entry in ipairs(found) do
    shown[i] = given.brief and brief(entry) or har.as_text(har.with_answer(entry))
  end
  return json.list(shown)
end

local formats = {
  json = as_json,
  jsonl = har.json_lines,
  har = har.archive,
}

local function request(context, given)
  local entry, answer = context.state.request_log:get(given.id)
  if not entry then return nil, "no such request" end
  return har.with_answer(entry, answer)
end

local function complete_count(context, given)
  local matches, count = filter_of(given), 0
  for _, entry in ipairs(context.state.request_log:list(matches)) do
    if entry.is_complete then count = count + 1 end
  end
  return count
end

local function wait_for(context, given)
  local wanted = given.count or 1
  local seconds = math.min(given.timeout or 10, MOST_SECONDS)
  local function ask()
    local count = complete_count(context, given)
    return count >= wanted and count or nil
  end
  return wait.until_true(context.service.native, seconds, ask, function ()
    return nil, ("%d of %d requests within %g s"):format(complete_count(context, given), wanted,
      seconds)
  end)
end

return {
  {
    name = "requests", method = "GET", path = "/requests",
    about = "The requests that are kept (the last 10,000), oldest first",
    takes = copy(filter_rows, {
      limit = { "integer", "the last so many of them" },
      format = { "string", "json (default), jsonl or har" },
      brief = { "boolean", "without headers and bodies (false)" },
    }),
    run = function (context, given)
      if given.format and not formats[given.format] then
        return nil, "argument 'format' must be json, jsonl or har"
      end
      return list(context, given)
    end,
    shown = function (found, given, context)
      return formats[given.format or "json"](found, context, given)
    end,
  },
  {
    name = "request", method = "GET", path = "/requests/{id}",
    about = "One request, with the answer that was sent",
    takes = { id = { "integer", "of the request", required = true } },
    run = request, failure = 404, shown = har.as_text,
  },
  {
    name = "clear_requests", method = "DELETE", path = "/requests",
    about = "Forgets the requests that were received so far",
    run = function (context)
      context.state.request_log:clear()
      return true
    end,
  },
  {
    name = "wait", method = "GET", path = "/wait",
    about = "Answers once so many requests were received and answered; 408 when they were not",
    takes = copy(filter_rows, {
      count = { "integer", "of the requests (1)" },
      timeout = { "number", "seconds (10)" },
    }),
    run = wait_for, failure = 408,
    shown = function (count) return { count = count } end,
  },
}
