-- SPDX-License-Identifier: MIT
--
-- scenarios: settings and faults that belong together, by name, and the files
-- of users that have the same form: { about, settings, faults } as JSON.

local fault_options = require "aistudios.sandbox.fault_options"
local json = require "aistudios.sandbox.json"
local options = require "aistudios.sandbox.options"
local routes = require "aistudios.sandbox.routes"
local suggest = require "aistudios.util.suggest"

local M = {}

local MAX_BYTES = 1024 * 1024

---@type table<string, table>
M.rows = {
  ["lost-submission"] = {
    about = "create_project is done and billed, and its answer is lost, once",
    faults = { { on = "create_project", kind = "drop_after_read" } },
  },
  ["gateway-503"] = {
    about = "create_project is done and billed; a gateway answers 503 with Retry-After, once",
    faults = { { on = "create_project", kind = "status", from = "gateway", act = true } },
  },
  ["render-stuck-99"] = {
    about = "Renders come to 99 % and stay there",
    settings = { stuck_at = 99 },
  },
  ["url-expired"] = {
    about = "The address of a video has expired when it is fetched; the next one is good",
    faults = { { on = "download", kind = "expired_url" } },
  },
  ["token-ends-mid-batch"] = {
    about = "The token expires with the third create_project",
    faults = { { on = "create_project", kind = "expired_token", nth = 3 } },
  },
  ["webhook-twice"] = {
    about = "Every webhook is sent twice",
    faults = { { on = "any", kind = "webhook_twice", times = "always" } },
  },
  ["rate-limited"] = {
    about = "More than two calls in a second are refused: 429 with Retry-After 1",
    settings = { rate_limit = 2 },
  },
  ["list-lag"] = {
    about = "The project list shows a render only after 30 seconds",
    settings = { list_lag = 30 },
  },
}

for name, row in pairs(M.rows) do row.name = name end

---@return table[]  name, about, settings, faults; by name
function M.list()
  local list = {}
  for _, row in pairs(M.rows) do list[#list + 1] = row end
  table.sort(list, function (a, b) return a.name < b.name end)
  return list
end

local function problem_in(scenario)
  for name in pairs(scenario) do
    if not ({ name = 1, about = 1, settings = 1, faults = 1 })[name] then
      return ("a scenario has no '%s'"):format(tostring(name))
    end
  end
  local _, problem = options.settings(scenario.settings or {})
  if problem then return problem end
  if type(scenario.faults or {}) ~= "table" then return "faults must be a list" end
  for i, fault in ipairs(scenario.faults or {}) do
    problem = type(fault) ~= "table" and "must be an object"
        or fault_options.problem_of(fault, routes.names)
    if problem then return ("faults[%d]: %s"):format(i, problem) end
  end
end

local function read_file(path)
  local file, message = io.open(path, "rb")
  if not file then return nil, message end
  local text = file:read(MAX_BYTES) or ""
  file:close()
  local scenario = json.decode(text)
  if type(scenario) ~= "table" then return nil, path .. ": not a JSON object" end
  return scenario
end

local function find(name)
  local row = M.rows[name]
  if row then return row end
  if name:find "[/.]" then
    local scenario, problem = read_file(name)
    if scenario then scenario.name = scenario.name or name end
    return scenario, problem
  end
  local hint = suggest.hint(name, M.rows)
  return nil, ("no scenario of the name '%s'%s"):format(name, hint)
end

--- Reads a scenario.
---@param given string|table  a name, or { name = }, of a known one or of a file
---                           (with a dot or a slash in it); or settings and faults
---@return table? scenario
---@return string? problem
function M.read(given)
  if type(given) == "string" then given = { name = given } end
  local scenario = given ---@type table?
  if given.name ~= nil and type(given.name) ~= "string" then
    return nil, "the name of a scenario must be a string"
  elseif given.name and not given.settings and not given.faults then
    local message
    scenario, message = find(given.name)
    if not scenario then return nil, message end
  end
  local problem = problem_in(scenario)
  if problem then return nil, ("scenario %s: %s"):format(scenario.name or "", problem) end
  return scenario
end

--- Gives a world the settings and faults of a scenario.
---@param state aistudios.sandbox.State
---@param scenario table  of `read`
function M.apply(state, scenario)
  if scenario.settings then state:set(options.settings(scenario.settings)) end
  for _, fault in ipairs(scenario.faults or {}) do state.faults:arm(fault) end
  state:emit("scenario", { name = scenario.name, about = scenario.about })
end

return M
