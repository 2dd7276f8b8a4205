-- SPDX-License-Identifier: MIT
--
-- Every documented call is there and checks what it requires.

local calls = require "spec.support.sandbox_calls"
local cjson = require "cjson"

local SESSIONS = "/api/v2/sessions"

local post, message_of = calls.post, calls.message_of

before_each(function() calls.begin() end)
after_each(calls.finish)

--- A body that has all required fields of a documented call, and no more.
local samples = {
  string = "https://example.com/x", -- also where an address is required
  integer = 1, number = 1, boolean = true, object = {}, ["object|null"] = cjson.null,
}

local function smallest_body(endpoint, without)
  local body = {}
  for _, field in ipairs(endpoint.fields) do
    local is_top = field.at == "body" and not field.key:find "[%.%[]"
    if is_top and field.required and field.key ~= without then
      body[field.key] = field.enum and field.enum[1] or samples[field.type] or { "x" }
    end
  end
  return next(body) and body or "{}"
end

local function headers_for(endpoint)
  local credentials = { appId = calls.server.app_id, userKey = calls.server.user_key }
  if endpoint.auth == "session_bearer" then
    return { Authorization =
      "Bearer " .. post(SESSIONS .. "/token", credentials).data.session_token }
  elseif endpoint.auth == "studio_api_key" then
    return { ["STUDIO-API-KEY"] = calls.server.user_key }
  end
end

describe("every documented call", function()
  for _, endpoint in ipairs(dofile "spec/fixtures/endpoints.lua") do
    local path = endpoint.path:gsub("{.-}", "65fa6b07dca2e367461a2925")

    it(endpoint.name .. " is there, and is refused without credentials", function()
      local body = endpoint.method ~= "GET" and smallest_body(endpoint) or nil
      local answer = calls.caller:ask(endpoint.method, path, body,
        { Authorization = "", ["STUDIO-API-KEY"] = "nonsense" })
      assert.equal(endpoint.name, calls.server:requests()[2].endpoint)
      assert.equal(401, answer.status)
    end)

    if endpoint.body == "json" then
      it(endpoint.name .. " names a required field that is missing", function()
        for _, field in ipairs(endpoint.fields) do
          if field.required and field.at == "body" and not field.key:find "[%.%[]" then
            local answer = calls.ask(endpoint.method, path, smallest_body(endpoint, field.key),
              headers_for(endpoint))
            local text = endpoint.host == "app" and message_of(answer) or answer.json.message
            assert.equal(400, answer.status)
            assert.truthy(text:find(field.key .. " is required", 1, true), text)
          end
        end
      end)
    end
  end
end)
