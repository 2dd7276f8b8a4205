-- SPDX-License-Identifier: MIT
--
-- Live avatars.

local calls = require "spec.support.sandbox_calls"
local cjson = require "cjson"

local SESSIONS = "/api/v2/sessions"

local get, post = calls.get, calls.post

before_each(function() calls.begin() end)
after_each(calls.finish)

describe("a live session", function()
  local bearer, key

  before_each(function()
    local answer = post(SESSIONS .. "/token",
      { appId = calls.server.app_id, userKey = calls.server.user_key })
    assert.equal(1000, answer.json.code)
    bearer = { Authorization = "Bearer " .. answer.data.session_token }
    key = { ["STUDIO-API-KEY"] = calls.server.user_key }
  end)

  local function start(fields)
    return post(SESSIONS .. "/start", fields or { avatar_id = "a" }, bearer)
  end

  local function stop(id, reason)
    return post(SESSIONS .. "/stop", { session_id = id, reason = reason }, key)
  end

  it("starts, talks, and is billed until it is stopped", function()
    local data = start({ avatar_id = "a", greeting_text = "Welcome" }).data
    assert.truthy(data.livekit.url:find "^wss://")
    assert.truthy(data.livekit.token and data.livekit.room_name)
    local answer = post(SESSIONS .. "/" .. data.session_id .. "/talk", { message = "Hi" }, bearer)
    assert.same({ code = 1000, data = cjson.null, message = cjson.null }, answer.json)
    calls.server:advance(120)
    assert.equal(1, calls.server:stats().active_sessions)
    answer = stop(data.session_id, "USER_CLOSED")
    assert.equal(1000, answer.json.code)
    calls.server:advance(600)
    local session = calls.server:sessions()[1]
    assert.is_false(session.is_active)
    assert.equal("USER_CLOSED", session.end_reason)
    assert.is_true(session.duration >= 120 and session.duration < 125)
    assert.equal(1.0, session.credits)
    assert.equal("first_message", session.talks[1].type)
    assert.equal("Hi", session.talks[2].message)
    local shown = get(SESSIONS .. "/" .. data.session_id, key).data
    assert.equal("USER_CLOSED", shown.end_reason)
    assert.truthy(shown.end_at)
  end)

  it("ends by itself when its time is over", function()
    local data = start({ avatar_id = "a", max_session_duration = 2 }).data
    calls.server:advance(121)
    assert.equal("TIMEOUT", calls.server:sessions()[1].end_reason)
    assert.equal(120, calls.server:sessions()[1].duration)
    local answer = stop(data.session_id, "ERROR")
    assert.equal(404, answer.status)
    assert.equal(4040, answer.json.code)
  end)

  it("is one of at most ten", function()
    for _ = 1, 10 do assert.equal(200, start().status) end
    local answer = start()
    assert.equal(429, answer.status)
    assert.equal(4290, answer.json.code)
  end)

  it("needs a bearer for talking and the key for stopping", function()
    local answer = start()
    local path = SESSIONS .. "/" .. answer.data.session_id
    answer = post(path .. "/talk", { message = "x" })
    assert.equal(401, answer.status)
    assert.equal(4010, answer.json.code)
    assert.equal(401, post(SESSIONS .. "/stop", { session_id = "x", reason = "ERROR" }).status)
    assert.equal(401, get(path, { ["STUDIO-API-KEY"] = "other" }).status)
    assert.equal(400, post(path .. "/talk", { text = "x" }, bearer).status)
    answer = stop("x", "BORED")
    assert.equal(4000, answer.json.code)
    calls.server:expire_tokens()
    assert.equal(401, start().status)
  end)

  it("is listed by pages, newest first, active or historic", function()
    local ids = {}
    for i = 1, 5 do ids[i] = start().data.session_id end
    stop(ids[1], "ERROR")
    local data = get(SESSIONS .. "?page=2&page_size=2", key).data
    assert.equal(5, data.count)
    assert.equal(ids[3], data.results[1].sessionId)
    assert.truthy(data.next:find "page=3")
    assert.truthy(data.previous:find "page=1")
    assert.equal(4, get(SESSIONS .. "?type=active", key).data.count)
    assert.equal(ids[1], get(SESSIONS .. "?type=historic", key).data.results[1].sessionId)
    local last = get(SESSIONS .. "?page=9", key)
    assert.truthy(last.body:find('"results":[]', 1, true))
    assert.equal(cjson.null, last.data.next)
    for _, query in ipairs { "page=0", "page_size=101", "type=old", "page=x" } do
      assert.equal(400, get(SESSIONS .. "?" .. query, key).status)
    end
  end)
end)
