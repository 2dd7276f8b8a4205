-- SPDX-License-Identifier: MIT
--
-- Each kind of fault does what it says.

local calls = require "spec.support.sandbox_calls"
local core = require "aistudios.core"
local http = require "spec.support.http"
local small_project = require "spec.support.small_project"
local support = require "spec.support"

local EDITOR = "/api/odin/v3/editor"

local ask, create, file_of = calls.ask, calls.create, calls.file_of

before_each(function() calls.begin() end)
after_each(calls.finish)

local function is_done(answer) assert.is_true(answer.json.success) return 1 end

local expectations = {
  drop_before_read = function(answer) assert.is_nil(answer) return 0 end,
  drop_after_read = function(answer, problem)
    assert.is_nil(answer)
    assert.equal("closed", problem)
    return 1
  end,
  reset_mid_body = function(answer)
    assert.equal(200, answer.status)
    assert.truthy(answer.problem)
    assert.truthy(#answer.body > 0 and #answer.body < 64)
    return 1
  end,
  truncated = function(answer)
    assert.equal(200, answer.status)
    assert.equal("closed", answer.problem)
    assert.equal(32, #answer.body)
    return 1
  end,
  stall = function(answer)
    assert.equal("closed", answer.problem)
    assert.equal(32, #answer.body)
    return 1
  end,
  slow = is_done,
  status = function(answer)
    assert.equal(500, answer.status)
    assert.is_false(answer.json.success)
    return 0
  end,
  not_json = function(answer)
    assert.equal(200, answer.status)
    assert.equal("text/html; charset=utf-8", answer.headers["content-type"])
    assert.equal("<", answer.body:sub(1, 1))
    return 1
  end,
  success_false = function(answer)
    assert.equal(200, answer.status)
    assert.is_false(answer.json.success)
    return 0
  end,
  expired_token = function(answer)
    assert.equal(401, answer.status)
    assert.truthy(answer.json.error.msg:find("expired", 1, true))
    assert.equal(401, ask("GET", "/api/odin/v3/auth").status)
    calls.caller:renew()
    return 0
  end,
  bare_list = function(answer)
    assert.is_nil(answer.json.success)
    assert.truthy(answer.json.projectId)
    return 1
  end,
  unknown_state = function(answer)
    assert.equal("hibernating", answer.data.state)
    return 1
  end,
  done_without_url = function(answer) assert.truthy(answer.data.projectId) return 1 end,
  expired_url = function(answer) assert.equal(403, answer.status) return 0 end,
  webhook_twice = is_done, webhook_out_of_order = is_done, webhook_lost = is_done,
  webhook_before_answer = is_done,
  huge = function(answer)
    assert.equal("1000", answer.headers["content-length"])
    return 1
  end,
}

local extras = { slow = { seconds = 0.01 }, stall = { seconds = 0.05 }, huge = { bytes = 1000 } }

local function fault(kind, on, more)
  local whole = { kind = kind, on = on }
  for _, some in ipairs { extras[kind] or {}, more or {} } do
    for name, value in pairs(some) do whole[name] = value end
  end
  calls.server:fault(whole)
end

describe("a fault", function()
  for kind in pairs(require "aistudios.sandbox.fault_kinds".rows) do
    it("of the kind " .. kind .. " does what it says, once, and bills what was done", function()
      fault(kind, "create_project")
      local billed = expectations[kind](ask("POST", EDITOR .. "/project", small_project()))
      assert.equal(billed, #calls.server:ledger())
      local seen = calls.server:requests "create_project"
      assert.equal(kind, seen[#seen].fault)
      assert.truthy(create(small_project(function(whole) whole.name = "next" end)))
      assert.equal(billed + 1, #calls.server:ledger())
      assert.equal(0, calls.server:ledger().duplicates)
    end)
  end

  it("hits the nth call from then on, and as many as it says", function()
    calls.server:fault { on = "list_projects", kind = "status", status = 503, nth = 2, times = 2 }
    local seen = {}
    for i = 1, 5 do seen[i] = ask("GET", EDITOR .. "/project").status end
    assert.same({ 200, 503, 503, 200, 200 }, seen)
  end)

  it("hits any call, or only those it is for", function()
    calls.server:fault { on = "get_progress", kind = "status" }
    assert.equal(200, ask("GET", EDITOR .. "/project").status)
    calls.server:fault { on = "any", kind = "status", status = 418 }
    assert.equal(418, ask("GET", EDITOR .. "/project").status)
    calls.server:clear_faults()
    assert.equal(404, ask("GET", EDITOR .. "/progress/x").status)
  end)

  it("of a status says when to come back, has headers, a body, and may act", function()
    calls.server:fault { on = "create_project", kind = "status", status = 503, retry_after = 7,
      act = true, headers = { Location = "http://127.0.0.1:1/" }, body = "[1,2]" }
    local answer = ask("POST", EDITOR .. "/project", small_project())
    assert.equal(503, answer.status)
    assert.equal("7", answer.headers["retry-after"])
    assert.equal("http://127.0.0.1:1/", answer.headers.location)
    assert.same({ 1, 2 }, answer.json)
    assert.equal(1, #calls.server:ledger())
  end)

  it("of a status can be a gateway's, without the API's envelope", function()
    calls.server:fault { on = "create_project", kind = "status", from = "gateway", act = true }
    local answer = ask("POST", EDITOR .. "/project", small_project())
    assert.equal(503, answer.status)
    assert.equal("5", answer.headers["retry-after"])
    assert.equal("text/html; charset=utf-8", answer.headers["content-type"])
    assert.truthy(answer.body:find("Varnish cache server", 1, true))
    assert.equal(1, #calls.server:ledger())
    calls.server:fault { on = "create_project", kind = "status", from = "gateway", status = 502,
      retry_after = false, body = "<p>x</p>" }
    answer = ask("POST", EDITOR .. "/project", small_project())
    assert.equal(502, answer.status)
    assert.is_nil(answer.headers["retry-after"])
    assert.equal("<p>x</p>", answer.body)
    assert.equal(1, #calls.server:ledger())
  end)

  it("that is early leaves a body unread, a late one does not", function()
    fault("drop_before_read", "create_project")
    fault("drop_after_read", "create_project", { nth = 2 })
    ask("POST", EDITOR .. "/project", small_project())
    ask("POST", EDITOR .. "/project", small_project())
    local seen = calls.server:requests "create_project"
    assert.is_nil(seen[1].body)
    assert.truthy(seen[2].body)
    assert.is_nil(seen[1].status or seen[2].status)
  end)

  it("resets a connection, where another only ends it", function()
    local connection <close> = http.connect(calls.server.port)
    fault("reset_mid_body", "list_projects")
    connection:ask("GET", EDITOR .. "/project",
      { headers = { Authorization = calls.caller.token } })
    local sent = connection.tcp:send "x"
    local again = connection.tcp:send "x"
    assert.is_nil(sent and again)
  end)

  it("holds up its own connection and no other", function()
    fault("slow", "list_projects", { seconds = 60 })
    local slow <close> = http.connect(calls.server.port)
    slow:send("GET", EDITOR .. "/project", { headers = { Authorization = calls.caller.token } })
    support.wait_until(function() return #calls.server:requests "list_projects" == 1 end)
    local before = core.now()
    assert.equal(200, ask("GET", EDITOR .. "/project").status)
    assert.is_true(core.now() - before < 1)
  end)

  it("lets 100 per cent come without an address, and the address later", function()
    calls.begin { render_seconds = 1000 }
    local id = create()
    calls.server:fault { on = "get_progress", kind = "done_without_url", times = 2 }
    for _ = 1, 2 do
      local data = ask("GET", EDITOR .. "/progress/" .. id).data
      assert.equal(100, data.progress)
      assert.is_nil(data.downloadUrl)
    end
    assert.truthy(ask("GET", EDITOR .. "/progress/" .. id).data.downloadUrl)
  end)

  it("sends lists without an envelope, and states that nobody documented", function()
    local id = create()
    fault("bare_list", "list_projects")
    assert.equal(id, ask("GET", EDITOR .. "/project").json[1].id)
    fault("unknown_state", "list_projects")
    assert.equal("hibernating", ask("GET", EDITOR .. "/project").data[1].state)
    fault("unknown_state", "get_project", { state = "failed" })
    assert.equal("failed", ask("GET", EDITOR .. "/project/" .. id).data.project.state)
    fault("unknown_state", "get_progress")
    assert.equal("hibernating", ask("GET", EDITOR .. "/progress/" .. id).data.state)
  end)

  it("hits downloads too", function()
    local path = file_of(create())
    local whole = http.ask(calls.server.port, "GET", path).body
    for _, kind in ipairs { "truncated", "reset_mid_body" } do
      fault(kind, "download")
      local answer = http.ask(calls.server.port, "GET", path)
      assert.equal(whole:sub(1, #whole // 2), answer.body)
      assert.truthy(answer.problem)
    end
    fault("status", "download", { status = 403 })
    local answer = http.ask(calls.server.port, "GET", path)
    assert.equal(403, answer.status)
    assert.is_nil(answer.headers["content-type"]:find "json")
  end)

  it("raises where it is armed when it is not known or not complete", function()
    for _, case in ipairs {
      { { on = "create_projekt", kind = "slow" }, "did you mean 'create_project'" },
      { { on = "create_project", kind = "slwo" }, "did you mean 'slow'" },
      { { kind = "slow" }, "no endpoint" }, { { on = "any" }, "no fault" },
      { { on = "any", kind = "slow", status = 500 }, "slow takes no 'status'" },
      { { on = "any", kind = "status", status = 99 }, "'status' must be" },
      { { on = "any", kind = "status", from = "proxy" }, "'from' must be" },
      { { on = "any", kind = "status", code = true }, "'code' must be" },
      { { on = "any", kind = "slow", nth = 0 }, "'nth' must be" },
      { { on = "any", kind = "slow", times = 1.5 }, "'times' must be" },
    } do
      local ok, message = pcall(function() calls.server:fault(case[1]) end)
      assert.is_false(ok)
      assert.truthy(message:find "faults_spec.lua:%d+: fault: ")
      assert.truthy(message:find(case[2], 1, true), message)
    end
  end)
end)
