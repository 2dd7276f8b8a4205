-- SPDX-License-Identifier: MIT
--
-- Tokens: who gets them, what they open, when they end.

local calls = require "spec.support.sandbox_calls"
local cjson = require "cjson"

local ask = calls.ask

before_each(function() calls.begin() end)
after_each(calls.finish)

describe("a token", function()
  it("is given for the right credentials and for no others", function()
    assert.truthy(calls.caller.token)
    local answer = ask("POST", "/api/odin/v3/auth/token",
      { appId = calls.server.app_id, userKey = "other" })
    assert.equal(401, answer.status)
    assert.is_false(answer.json.success)
  end)

  it("opens the calls, bare", function()
    local answer = ask("GET", "/api/odin/v3/auth")
    assert.same({ success = true, data = { isAuthenticated = true } }, answer.json)
  end)

  it("is refused when it is missing, wrong, or has a prefix", function()
    for header, expected in pairs { [""] = "missing", nonsense = "not valid",
      ["Bearer " .. calls.caller.token] = "Bearer" } do
      local answer = ask("GET", "/api/odin/v3/auth", nil, { Authorization = header })
      assert.equal(401, answer.status)
      assert.is_false(answer.json.success)
      assert.truthy(answer.json.error.msg:find(expected, 1, true))
    end
  end)

  it("ends after token_seconds, or on demand", function()
    calls.server:advance(86399)
    assert.equal(200, ask("GET", "/api/odin/v3/auth").status)
    calls.server:advance(2)
    local answer = ask("GET", "/api/odin/v3/auth")
    assert.equal(401, answer.status)
    assert.truthy(answer.json.error.msg:find("expired", 1, true))
    calls.caller:renew()
    assert.equal(1, calls.server:expire_tokens())
    assert.equal(401, ask("GET", "/api/odin/v3/auth").status)
  end)

  it("can be a JWT that says when it ends", function()
    calls.begin { jwt = true, token_seconds = 100 }
    local payload = calls.caller.token:match "^[%w_-]+%.([%w_-]+)%.[%w_-]+$"
    local text = require "mime".unb64((payload:gsub("-", "+"):gsub("_", "/"))
      .. ("="):rep(-#payload % 4))
    local left = cjson.decode(text).exp - os.time()
    assert.is_true(left >= 99 and left <= 101)
    assert.equal(200, ask("GET", "/api/odin/v3/auth").status)
  end)
end)
