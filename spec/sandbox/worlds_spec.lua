-- SPDX-License-Identifier: MIT
--
-- Worlds: several AppIds on one port that do not see each other.

local http = require "spec.support.http"
local sandbox = require "aistudios.sandbox"
local webhook_receiver = require "spec.support.webhook_receiver"

local API = "/api/odin/v3"
local fields = { language = "en", text = "Hi", model = "M" }

local server, other

-- A caller with the credentials of a world.
local function caller_of(world)
  return http.caller { port = server.port, app_id = world.app_id, user_key = world.user_key }
end

before_each(function()
  server = assert(sandbox.start { render_seconds = 0, seed = 5 })
  other = server:new_world { app_id = "other", render_seconds = 100, clock = "frozen" }
end)

after_each(function() server:close() end)

describe("a world", function()
  it("has projects, a ledger, a log, a clock and settings of its own", function()
    local mine, theirs = caller_of(server), caller_of(other)
    local id = mine:ask("POST", API .. "/simple/custom", fields).data.projectId
    local foreign = theirs:ask("POST", API .. "/simple/custom", fields).data.projectId
    assert.equal(404, theirs:ask("GET", API .. "/editor/progress/" .. id).status)
    assert.equal(404, mine:ask("GET", API .. "/editor/progress/" .. foreign).status)
    assert.equal(100, mine:ask("GET", API .. "/editor/progress/" .. id).data.progress)
    assert.equal(0, theirs:ask("GET", API .. "/editor/progress/" .. foreign).data.progress)
    assert.equal(id, server:ledger()[1].project_id)
    assert.equal(foreign, other:ledger()[1].project_id)
    assert.equal(0, other:ledger().duplicates)
    assert.equal(2, #other:requests "get_progress")
    other:advance(100)
    assert.equal(100, theirs:ask("GET", API .. "/editor/progress/" .. foreign).data.progress)
    assert.equal("real", server:clock().mode)
    for _, world in ipairs { server, other } do
      local path = world:projects()[1].download_url:match "^http://[^/]+(.*)$"
      assert.equal(200, http.ask(server.port, "GET", path).status)
      assert.equal(1, #world:requests "download")
    end
  end)

  it("has faults of its own, which hit its token request too", function()
    other:fault { on = "get_token", kind = "status", status = 502 }
    other:fault { on = "create_session_token", kind = "drop_before_read" }
    local mine = caller_of(server)
    assert.has_error(function() caller_of(other) end)
    local body = { appId = other.app_id, userKey = other.user_key }
    assert.is_nil((mine:ask("POST", "/api/v2/sessions/token", body)))
    assert.truthy(mine:ask("POST", "/api/v2/sessions/token", body).data.session_token)
    assert.equal("drop_before_read", other:requests "create_session_token"[1].fault)
    assert.equal(0, #server:requests "create_session_token")
  end)

  it("knows its own key for live sessions", function()
    local mine = caller_of(server)
    local body = { appId = other.app_id, userKey = other.user_key }
    local token = mine:ask("POST", "/api/v2/sessions/token", body).data.session_token
    mine:ask("POST", "/api/v2/sessions/start", { avatar_id = "a" },
      { Authorization = "Bearer " .. token })
    assert.equal(1, #other:sessions())
    assert.equal(0, #server:sessions())
    local function count(world)
      return mine:ask("GET", "/api/v2/sessions", nil, { ["STUDIO-API-KEY"] = world.user_key })
        .data.count
    end
    assert.equal(1, count(other))
    assert.equal(0, count(server))
  end)

  it("gets an AppId that no other has also after a reset, and takes nothing of the first one's ids",
    function()
    local made = server:new_world()
    server:reset()
    local again = server:new_world()
    assert.not_equal(made.app_id, again.app_id)
    local id = caller_of(server):ask("POST", API .. "/simple/custom", fields).data.projectId
    server:reset()
    assert.equal(id, caller_of(server):ask("POST", API .. "/simple/custom", fields).data.projectId)
  end)

  it("is made of values only, nested less than without end", function()
    local deep = {}
    for _ = 1, 200 do deep = { deep } end
    assert.error_matches(function() server:new_world { app_id = deep } end, "nested too deeply")
    assert.equal("valued", server:new_world { app_id = "valued", [print] = 1 }.app_id)
  end)

  it("has a client, and the seed decides about its ids", function()
    local client <close> = assert(other:client())
    assert.truthy(client:confirm_auth())
    assert.equal(1, #other:requests "confirm_auth")
    local token = caller_of(other).token
    server:close()
    server = assert(sandbox.start { seed = 5 })
    other = server:new_world { app_id = "other", user_key = "k" }
    caller_of(other)
    assert.equal(token, caller_of(other).token)
  end)

  -- One thread sent the webhooks of all worlds, one after the other.
  it("sends its webhooks while another world's receiver does not answer", function()
    local silent = assert(require "socket".bind("127.0.0.1", 0))
    local _, port = silent:getsockname()
    local function create(world, url)
      local body = { webhookUrl = url }
      for name, value in pairs(fields) do body[name] = value end
      assert.equal(200, caller_of(world):ask("POST", API .. "/simple/custom", body).status)
    end
    create(server, ("http://127.0.0.1:%d/"):format(port))
    assert(silent:settimeout(5))
    local peer = assert(silent:accept()) -- it is on its way now, for 5 s
    other:set { render_seconds = 0 }
    local receiver = webhook_receiver.start(1)
    create(other, receiver.url)
    assert.equal(100, receiver.bodies()[1].progress)
    assert.is_nil(server:webhooks()[1].status)
    assert.is_nil(server:webhooks()[1].problem)
    peer:close()
    silent:close()
  end)

  it("is listed, and gone when it is removed; the first one stays", function()
    assert.equal(2, #server:worlds())
    local theirs = caller_of(other)
    server:remove_world "other"
    assert.equal(1, #server:worlds())
    assert.equal(401, theirs:ask("GET", API .. "/auth").status)
    assert.has_error(function() other:ledger() end)
    assert.has_error(function() server:remove_world(server.app_id) end)
    assert.has_error(function() server:remove_world "other" end)
  end)

  it("is refused when its credentials are taken, or its options are wrong", function()
    assert.has_error(function() server:new_world { app_id = "other" } end,
      "new_world: there is a world of this app_id already")
    assert.has_error(function() server:new_world { user_key = server.user_key } end,
      "new_world: another world has this user_key")
    assert.has_error(function() server:new_world(5) end, "new_world: options must be a table")
    local ok, message = pcall(function() server:new_world { rendr_seconds = 1 } end)
    assert.is_false(ok)
    assert.truthy(message:find("did you mean 'render_seconds'", 1, true))
    assert.truthy(message:find "worlds_spec.lua:%d+: ")
  end)
end)
