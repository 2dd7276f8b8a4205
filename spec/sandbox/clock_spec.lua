-- SPDX-License-Identifier: MIT
--
-- The clock, the seed and what follows from both.

local cjson = require "cjson"
local clock = require "aistudios.sandbox.clock"
local http = require "spec.support.http"
local receivers = require "spec.support.webhook_receiver"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local API = "/api/odin/v3"
local NOON = "frozen:2026-01-31T12:00:00Z"

local server, caller

local function begin(options)
  if server then server:close() end
  server = assert(sandbox.start(options))
  caller = http.caller(server)
end

after_each(function()
  if server then server:close() end
  server = nil
end)

local function render(webhook)
  return caller:ask("POST", API .. "/simple/custom",
    { language = "en", text = "Hi", model = "M", webhookUrl = webhook }).data.projectId
end

local function progress(id)
  return caller:ask("GET", API .. "/editor/progress/" .. id).data.progress
end

describe("a clock", function()
  it("is read from a text or a table, and from nothing else", function()
    assert.same({ mode = "frozen", time = 1769860800.0 }, clock.parse(NOON))
    assert.same({ mode = "frozen", time = 5.0 }, clock.parse { time = 5 })
    assert.same({ mode = "frozen" }, clock.parse "frozen")
    assert.same({ mode = "offset", offset = -60 }, clock.parse "offset:-60")
    assert.same({ mode = "real" }, clock.parse "real")
    for _, wrong in ipairs { "frozen:2026-13-01T00:00:00Z", "frozen:2026-02-30T00:00:00Z",
      "frozen:noon", "offset:", "slow", 7, { mode = "offset", offset = "1" }, { hour = 1 } } do
      local parsed, message = clock.parse(wrong)
      assert.is_nil(parsed)
      assert.truthy(message:find("frozen:TIME", 1, true))
    end
  end)

  it("does not go where no date is", function()
    begin { clock = NOON }
    for _, seconds in ipairs { 1e300, math.huge, 1e11, 9.9e10 } do
      assert.is_false((pcall(server.advance, server, seconds)), seconds)
      assert.equal("2026-01-31T12:00:00.000Z", server:clock().time)
    end
    server:advance(9e10)
    assert.equal("4878-01-26", server:clock().time:sub(1, 10))
  end)

  it("that is frozen moves only when it is told to", function()
    begin { clock = NOON, render_seconds = 100 }
    assert.equal("2026-01-31T12:00:00.000Z", server:clock().time)
    local id = render()
    support.sleep(0.01)
    assert.equal(0, progress(id))
    server:advance(99.5)
    assert.equal(99.5, progress(id))
    server:advance(0.5)
    assert.equal(100, progress(id))
    assert.equal("2026-01-31T12:01:40.000Z", server:clock().time)
    assert.equal(1769860800.0, server:ledger()[1].time)
  end)

  it("can be ahead, be set, and go on", function()
    begin { clock = "offset:3600" }
    assert.is_true(server:clock().now - os.time() > 3590)
    server:set_clock "frozen"
    local now = server:clock().now
    support.sleep(0.01)
    assert.equal(now, server:clock().now)
    server:set_clock { time = 1000 }
    assert.equal(1000, server:clock().now)
    server:set_clock "real"
    assert.is_true(math.abs(server:clock().now - os.time()) < 5)
    server:advance(50)
    assert.equal("offset", server:clock().mode)
    assert.has_error(function() server:set_clock "slow" end)
    assert.has_error(function() server:advance(-1) end)
  end)

  it("lets everything that falls due happen, in order, before it answers", function()
    begin { clock = NOON, render_seconds = 100, token_seconds = 90 }
    local receiver = receivers.start(4)
    render(receiver.url)
    server:advance(1000)
    local sent = server:webhooks()
    assert.equal(4, #sent)
    for i, report in ipairs(sent) do
      assert.equal(204, report.status)
      assert.equal(25 * i, report.event.progress)
      assert.equal(1769860800.0 + 25 * i, report.time)
    end
    local bodies = receiver.bodies()
    assert.equal(100, bodies[4].progress)
    assert.truthy(bodies[4].download_url)
    assert.equal(401, caller:ask("GET", API .. "/auth").status)
  end)
end)

describe("a seed", function()
  -- The bytes of some answers and what the ledger says of them.
  local function transcript(seed)
    begin { seed = seed, clock = NOON, jitter = 0.5, render_seconds = 100, port = 0 }
    server:fault { on = "get_progress", kind = "status", probability = 0.5 }
    local said = { caller.token }
    for _ = 1, 5 do
      local id = render()
      server:advance(30)
      local answer = caller:ask("GET", API .. "/editor/progress/" .. id)
      said[#said + 1] = id
      said[#said + 1] = answer.body
    end
    said[#said + 1] = caller:ask("POST", API .. "/avatars/voiceclone",
      { url = "https://example.com/a.mp3", name = "x", gender = "MALE" }).body
    return table.concat(said, "\n")
  end

  it("makes the same requests have the same answers, byte for byte", function()
    local first = transcript(7)
    assert.equal(first, transcript(7))
    assert.not_equal(first, transcript(8))
    assert.truthy(first:find("status 500", 1, true))
  end)

  it("is told, and chosen when none is given", function()
    begin { seed = 12345 }
    assert.equal(12345, server.seed)
    assert.equal(12345, server:state().seed)
    begin {}
    local seed = server.seed
    begin {}
    assert.not_equal(seed, server.seed)
  end)

  it("lets renders differ by what jitter says", function()
    begin { seed = 1, clock = NOON, jitter = 0.2, render_seconds = 100 }
    local seen = {}
    local ids = {}
    for i = 1, 20 do ids[i] = render() end
    server:advance(50)
    for _, id in ipairs(ids) do
      local done = progress(id)
      assert.is_true(done >= 41 and done <= 63, done)
      seen[done] = true
    end
    local kinds = 0
    for _ in pairs(seen) do kinds = kinds + 1 end
    assert.is_true(kinds > 10)
  end)
end)

describe("a reset", function()
  it("makes it as it was at its start", function()
    begin { seed = 3, clock = NOON, render_seconds = 1 }
    local token, id = caller.token, render()
    server:fault { on = "any", kind = "status" }
    server:set { list_lag = 9 }
    server:advance(10)
    server:reset()
    local state = server:state()
    assert.equal(0, state.stats.requests)
    assert.equal(0, state.stats.renders)
    assert.same({}, state.faults)
    assert.equal(0, state.settings.list_lag)
    assert.equal("2026-01-31T12:00:00.000Z", state.clock.time)
    assert.equal(401, caller:ask("GET", API .. "/auth").status)
    caller:renew()
    assert.equal(token, caller.token)
    assert.equal(id, render())
    assert.is_nil(cjson.null == id or nil)
  end)
end)
