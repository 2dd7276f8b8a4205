-- SPDX-License-Identifier: MIT
--
-- Scenarios: what a client meets in each of them.

local http = require "spec.support.http"
local sandbox = require "aistudios.sandbox"
local scenarios = require "aistudios.sandbox.scenarios"
local receivers = require "spec.support.webhook_receiver"
local support = require "spec.support"

local API = "/api/odin/v3"

local server, caller

local function begin(scenario)
  server = assert(sandbox.start { render_seconds = 0, clock = "frozen", scenario = scenario })
  caller = http.caller(server)
end

local function get(path) return caller:ask("GET", API .. path) end

local function create(webhook)
  local project = require "cjson".decode(support.read_file "spec/fixtures/hello-project.json")
  project.webhookUrl = webhook
  return caller:ask("POST", API .. "/editor/project", project)
end

after_each(function() server:close() end)

-- What each does; the spec has one for every scenario that there is.
local effects = {
  ["lost-submission"] = function()
    assert.is_nil((create()))
    assert.equal(1, #server:ledger())
    assert.equal(200, create().status)
    assert.equal(1, server:ledger().duplicates)
  end,
  ["gateway-503"] = function()
    local answer = create()
    assert.equal(503, answer.status)
    assert.truthy(answer.headers["retry-after"])
    assert.is_nil(answer.json)
    assert.equal(1, #server:ledger())
    assert.equal(200, create().status)
  end,
  ["render-stuck-99"] = function()
    local id = create().data.projectId
    server:advance(1e6)
    caller:renew()
    local data = get("/editor/progress/" .. id).data
    assert.equal(99, data.progress)
    assert.is_nil(data.downloadUrl)
    assert.equal(99, get("/editor/project/" .. id).data.project.progress)
    assert.equal("exporting", get("/editor/project").data[1].state)
  end,
  ["url-expired"] = function()
    local id = create().data.projectId
    local function path()
      return get("/editor/progress/" .. id).data.downloadUrl:match "^http://[^/]+(.*)$"
    end
    local first = path()
    local answer = http.ask(server.port, "GET", first)
    assert.equal(403, answer.status)
    assert.truthy(answer.body:find("Request has expired", 1, true))
    assert.equal(403, http.ask(server.port, "GET", first).status)
    assert.not_equal(first, path())
    assert.equal(200, http.ask(server.port, "GET", path()).status)
  end,
  ["token-ends-mid-batch"] = function()
    assert.equal(200, create().status)
    assert.equal(200, create().status)
    assert.equal(401, create().status)
    assert.equal(401, create().status)
    caller:renew()
    assert.equal(200, create().status)
    assert.equal(3, #server:ledger())
  end,
  ["webhook-twice"] = function()
    local receiver = receivers.start(2)
    create(receiver.url)
    local bodies = receiver.bodies()
    assert.same(bodies[1], bodies[2])
    assert.equal(100, bodies[1].progress)
    support.wait_until(function()
      local sent = server:webhooks()
      return #sent == 2 and sent[2].status == 204
    end)
  end,
  ["rate-limited"] = function()
    server:advance(1)
    assert.equal(200, get("/editor/project").status)
    assert.equal(200, get("/editor/project").status)
    local answer = get("/editor/project")
    assert.equal(429, answer.status)
    assert.equal("1", answer.headers["retry-after"])
    assert.is_false(answer.json.success)
    server:advance(1)
    assert.equal(200, get("/editor/project").status)
  end,
  ["list-lag"] = function()
    local id = create().data.projectId
    assert.same({}, get("/editor/project").data)
    server:advance(30)
    assert.equal(id, get("/editor/project").data[1].id)
  end,
}

describe("the scenario", function()
  for name in pairs(scenarios.rows) do
    it(name .. " does what it says", function()
      begin(name)
      effects[name]()
    end)
  end

  it("can be applied later, comes back with a reset, and goes with none", function()
    begin "list-lag"
    server:scenario "lost-submission"
    assert.equal(1, #server:faults())
    server:set { list_lag = 0 }
    server:reset()
    assert.equal(0, #server:faults())
    assert.equal(30, server:state().settings.list_lag)
    assert.equal(#server:scenarios(), 8)
  end)

  it("can be a table or a file of the user", function()
    local path = support.directory "scenarios" .. "/mine.json"
    support.write_file(path, [[{ "about": "two in a row", "settings": { "list_lag": 5 },
      "faults": [{ "on": "list_projects", "kind": "status", "times": 2 }] }]])
    begin(path)
    assert.equal(500, get("/editor/project").status)
    assert.equal(5, server:state().settings.list_lag)
    server:clear_faults()
    server:scenario { faults = { { on = "list_projects", kind = "not_json" } } }
    assert.is_nil(get("/editor/project").json)
  end)

  it("is refused where it is wrong, with what was meant", function()
    begin()
    local path = support.directory "scenarios" .. "/wrong.json"
    support.write_file(path, "[")
    for expected, scenario in pairs {
      ["did you mean 'gateway-503'"] = "gateway-502",
      ["faults[1]: no fault of the kind 'slwo'; did you mean 'slow'"] =
        { faults = { { on = "any", kind = "slwo" } } },
      ["unknown option 'list_lagg'"] = { settings = { list_lagg = 1 } },
      ["a scenario has no 'fault'"] = { fault = {} },
      ["the name of a scenario must be a string"] = { name = 5 },
      ["not a JSON object"] = path,
      ["No such file"] = "missing.json",
    } do
      local ok, message = pcall(function() server:scenario(scenario) end)
      assert.is_false(ok)
      assert.truthy(message:find(expected, 1, true), message)
    end
    local other, message = sandbox.start { scenario = "gateway-502" }
    assert.is_nil(other)
    assert.truthy(message:find("gateway-503", 1, true))
  end)
end)

describe("a fault of webhooks", function()
  -- The reports of a render that takes 100 seconds.
  local function reports(kind, count)
    server = assert(sandbox.start { render_seconds = 100, clock = "frozen" })
    caller = http.caller(server)
    server:fault { on = "create_project", kind = kind }
    local receiver = count > 0 and receivers.start(count)
    create(receiver and receiver.url or "http://127.0.0.1:1/")
    server:advance(100)
    return receiver and receiver.bodies() or {}
  end

  local function progress_of(bodies)
    local seen = {}
    for i, body in ipairs(bodies) do seen[i] = math.tointeger(body.progress) end
    return seen
  end

  it("sends each twice", function()
    assert.same({ 25, 25, 50, 50, 75, 75, 100, 100 }, progress_of(reports("webhook_twice", 8)))
  end)

  it("lets later ones overtake earlier ones", function()
    assert.same({ 50, 25, 100, 75 }, progress_of(reports("webhook_out_of_order", 4)))
  end)

  it("loses them, and says so", function()
    reports("webhook_lost", 0)
    local sent = server:webhooks()
    assert.equal(4, #sent)
    assert.truthy(sent[4].problem:find("lost on demand", 1, true))
    assert.is_nil(sent[4].status)
  end)

  it("sends one before the call is answered", function()
    server = assert(sandbox.start { render_seconds = 100, clock = "frozen" })
    caller = http.caller(server)
    server:fault { on = "create_project", kind = "webhook_before_answer" }
    local receiver = receivers.start(1)
    local id = create(receiver.url).data.projectId
    local sent = server:webhooks() -- it was answered by then
    assert.equal(204, sent[1].status)
    assert.equal(0, sent[1].event.progress)
    assert.equal(id, sent[1].project_id)
    receiver.bodies()
  end)

  it("is none of those that are sent again on demand", function()
    local receiver = receivers.start(3)
    server = assert(sandbox.start { render_seconds = 0 })
    caller = http.caller(server)
    create(receiver.url)
    support.wait_until(function() return (server:webhooks()[1] or {}).status end)
    local first = server:webhooks()[1]
    server:send_webhook(first.id)
    server:advance(0)
    server:send_webhook(first.id)
    server:advance(0)
    local bodies = receiver.bodies()
    assert.same(bodies[1], bodies[3])
    assert.equal(first.id, server:webhooks()[2].again)
    assert.has_error(function() server:send_webhook(99) end, "send_webhook: no such webhook")
  end)
end)
