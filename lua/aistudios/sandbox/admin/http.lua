-- SPDX-License-Identifier: MIT
--
-- http: the admin interface. A request is one of the operations; its arguments
-- come from the path, the query and a JSON body. `world` in the query is the
-- AppId of the world that is meant. Faults never apply here.

local console = require "aistudios.sandbox.console"
local copy = require "aistudios.util.copy"
local http = require "aistudios.sandbox.http"
local json = require "aistudios.sandbox.json"
local operations = require "aistudios.sandbox.admin.operations"
local suggest = require "aistudios.util.suggest"

local M = {}

local JSON = "application/json; charset=utf-8"

local function reply(status, value, headers)
  return { status = status, body = json.encode(value) .. "\n",
    headers = { "Content-Type", JSON, "Cache-Control", "no-store",
      table.unpack(headers or {}) } }
end

local function refuse(status, message, headers)
  return reply(status, { error = message }, headers)
end

-- ---- which operation ----

local routes, paths = {}, {}
for _, row in ipairs(operations.rows) do
  if row.path then
    local route = http.route(row.path)
    route.row = row
    routes[#routes + 1] = route
    paths[row.path] = true
  end
end

-- Paths without a name in them come first: /faults/kinds is no fault.
table.sort(routes, function (a, b)
  if #a.keys ~= #b.keys then return #a.keys < #b.keys end
  return a.row.name < b.row.name
end)

-- The row of a request and the parameters of its path; or what is wrong.
local function find(method, path)
  local allowed = {}
  for _, route in ipairs(routes) do
    local parameters = http.match(route, path)
    if parameters and route.row.method == method then return route.row, parameters end
    if parameters then allowed[#allowed + 1] = route.row.method end
  end
  if allowed[1] then
    table.sort(allowed)
    local list = table.concat(allowed, ", ")
    return nil, refuse(405, path .. " takes " .. list, { "Allow", list })
  end
  return nil, refuse(404, ("there is no %s%s; GET / tells what there is"):format(path,
    suggest.hint(path, paths)))
end

-- ---- its arguments ----

-- What the text of a query means for an argument of that type.
local function typed(text, rule)
  local kind = rule and rule[1]
  if kind == "integer" or kind == "number" then return tonumber(text) or text end
  if kind == "boolean" and (text == "true" or text == "false") then return text == "true" end
  return text
end

local function read_body(request)
  if request.is_too_large then return nil, refuse(413, "the body is too large") end
  if not request.body:find "%S" then return {} end
  local body, message = json.decode(request.body)
  if type(body) ~= "table" or not request.body:find "^%s*{" then
    return nil, refuse(400, "the body must be a JSON object" .. (message and ": " .. message or ""))
  end
  for name, value in pairs(body) do
    if value == json.null then body[name] = nil end
  end
  return body
end

local function arguments_of(request, row, parameters, query)
  local given, problem = read_body(request)
  if not given then return nil, problem end
  for _, source in ipairs { query, parameters } do
    for name, text in pairs(source) do
      if name ~= "world" then given[name] = typed(text, row.takes and row.takes[name]) end
    end
  end
  return given
end

-- ---- its answer ----

local function show(context, row, given, result)
  if row.shown then result = row.shown(result, given, context) end
  if type(result) == "table" and result.body and result.type then
    return { status = 200, body = result.body,
      headers = { "Content-Type", result.type, "Cache-Control", "no-store" } }
  end
  if result == true then result = { ok = true } end
  return reply(200, result)
end

local function settle(context, row, given, result, problem, id, seconds)
  if not id then
    if problem then return refuse(row.failure or 400, problem) end
    return show(context, row, given, result)
  end
  local service = context.service
  local resume = service.deferred[id]
  service.deferred[id] = function () return settle(context, row, given, resume()) end
  return { defer = id, seconds = seconds }
end

--- What there is, for `GET /`.
local function describe(service)
  local list = {}
  for _, row in ipairs(operations.rows) do
    if row.path then
      local takes = {}
      for name, rule in pairs(row.takes or {}) do
        takes[name] = ("%s: %s"):format(rule[1], rule[2])
      end
      list[#list + 1] = { name = row.name, method = row.method, path = row.path,
        about = row.about, takes = takes }
    end
  end
  list[#list + 1] = { name = "events", method = "GET", path = "/events", takes = {
    after = "integer: only those after the one with this id" },
    about = "What happens, as server-sent events: request, project, ledger, webhook, fault, "
      .. "clock, settings, scenario" }
  return reply(200, {
    about = "The admin interface of a sandbox. Arguments go into the path, the query or a JSON "
      .. "body; `world` in the query is the app_id of a world, the first by default.",
    url = service.shared.url, console = "/console", operations = list,
  })
end

-- For a browser that was sent to the address of the admin interface.
local function to_console()
  return { status = 302, headers = { "Location", "/console" } }
end

-- A page of another site may not send requests here.
local function is_foreign(headers)
  local origin = headers.origin
  return origin ~= nil and origin:match "^%w+://(.*)$" ~= headers.host
end

local function events(service, headers, query)
  local after = math.tointeger(tonumber(headers["last-event-id"] or query.after
    or service.events.last))
  if not after or after < 0 then return refuse(400, "argument 'after' must be an integer") end
  return { status = 200, events = after,
    headers = { "Content-Type", "text/event-stream", "Cache-Control", "no-store" } }
end

--- Answers a request.
---@param service table
---@param request table  method, target, headers, body, is_too_large
---@return table response  see csrc/sandbox/http_response.h
function M.answer(service, request)
  local path, query = http.parse_target(request.target)
  local method = request.method
  if method == "HEAD" then method = "GET" end
  if is_foreign(request.headers) then return refuse(403, "a page of another site asks") end
  if method == "GET" and path == "/console" then return console() end
  if method == "GET" and path == "/" then
    if (request.headers.accept or ""):find("text/html", 1, true) then return to_console() end
    return describe(service)
  end
  if method == "GET" and path == "/events" then return events(service, request.headers, query) end
  local row, parameters = find(method, path)
  if not row then return parameters end
  local given, problem = arguments_of(request, row, parameters, query)
  if not given then return problem end
  local context = { service = service, worlds = service.worlds,
    state = service.worlds:get(query.world) }
  if not context.state then return refuse(404, "there is no such world") end
  problem = operations.problem_of(row, given)
  if problem then return refuse(400, problem) end
  return settle(context, row, given, operations.run(service, row.name, query.world, given))
end

--- Events as text/event-stream.
---@param list table[]
---@return string
function M.events_text(list)
  local lines = {}
  for i, event in ipairs(list) do
    local data = copy(event.data, { world = event.world })
    lines[i] = ("id: %d\nevent: %s\ndata: %s\n\n"):format(event.id, event.kind, json.encode(data))
  end
  return table.concat(lines)
end

return M
