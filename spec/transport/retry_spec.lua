-- When a failed call is sent again, and when never.
local retry = require "aistudios.transport.retry"

local GET = { name = "get_project", is_replayable = true }
local POST = { name = "create_project" }

local function answer(status, headers)
  return { status = status, headers = headers or {}, sent = true }
end

local function pause(row, response, outcome, more)
  more = more or {}
  return retry.pause(row, response, outcome, more.is_no, more.repeats or 0, more.left or 120)
end

-- What the API's own envelope says no to.
local NO = { is_no = true }

describe("a repeat", function()
  it("of a call that changes nothing follows every passing failure", function()
    for _, status in ipairs { 408, 425, 429, 500, 501, 502, 503, 504, 507, 520, 530, 599 } do
      assert.truthy(pause(GET, answer(status), "unknown"), status)
    end
    for _, failure in ipairs { "resolve", "connect", "descriptors", "timeout", "stall",
      "network" } do
      assert.truthy(pause(GET, { failure = failure, sent = true }, "unknown"), failure)
    end
  end)

  it("never follows what will not pass", function()
    for _, status in ipairs { 301, 400, 401, 403, 404, 405, 421, 422 } do
      assert.is_nil(pause(GET, answer(status), "rejected"), status)
    end
    for _, failure in ipairs { "tls", "protocol", "too_large", "cancelled", "closed",
      "file", "auth", "memory" } do
      assert.is_nil(pause(GET, { failure = failure, sent = false }, "not_sent"), failure)
    end
  end)

  it("of a call that may cost follows only what surely did nothing", function()
    assert.truthy(pause(POST, { failure = "connect", sent = false }, "not_sent"))
    assert.truthy(pause(POST, { failure = "resolve", sent = false }, "not_sent"))
    assert.truthy(pause(POST, answer(429), "rejected"))
    for _, status in ipairs { 200, 403, 500, 503 } do
      assert.truthy(pause(POST, answer(status, { ["retry-after"] = "0" }), "rejected", NO), status)
    end
  end)

  it("of a call that may cost never follows a gateway's Retry-After", function()
    for _, status in ipairs { 403, 408, 425, 500, 502, 503, 504, 520 } do
      for _, outcome in ipairs { "rejected", "unknown" } do
        assert.is_nil(pause(POST, answer(status, { ["retry-after"] = "0" }), outcome), status)
      end
    end
  end)

  it("of a call that may cost never follows a no that asks for none", function()
    for _, status in ipairs { 200, 400, 500, 503 } do
      assert.is_nil(pause(POST, answer(status), "rejected", NO), status)
    end
  end)

  it("of a call that may cost never follows a doubt", function()
    for _, status in ipairs { 408, 429, 500, 502, 503, 504 } do
      assert.is_nil(pause(POST, answer(status), "unknown"), status)
    end
    for _, failure in ipairs { "timeout", "stall", "network", "connect" } do
      assert.is_nil(pause(POST, { failure = failure, sent = true }, "unknown"), failure)
    end
  end)

  it("waits a random part of 0.5 s, then of twice as much, up to 8 s", function()
    for repeats, most in pairs { [0] = 0.5, 1, 2, 4, 8, 8, 8 } do
      local least, largest = math.huge, 0
      for _ = 1, 400 do
        local seconds = pause(GET, answer(500), "unknown", { repeats = repeats })
        least, largest = math.min(least, seconds), math.max(largest, seconds)
      end
      assert.is_true(largest <= most and largest > 0.8 * most, repeats)
      assert.is_true(least < 0.2 * most)
    end
  end)

  it("waits as long as the server asks, up to 120 s", function()
    local function asked(row, status, seconds)
      return pause(row, answer(status, { ["retry-after"] = seconds }), "rejected", { left = 200 })
    end
    assert.equal(7, asked(POST, 429, "7"))
    assert.equal(120, asked(GET, 503, "120"))
    assert.is_nil(asked(GET, 503, "121"))
  end)

  it("tells no longer a time than a year", function()
    for _, asked in ipairs { ("9"):rep(400), "Fri, 31 Dec 9999 23:59:59 GMT" } do
      assert.equal(366 * 86400, retry.asked { ["retry-after"] = asked })
    end
  end)

  it("waits until the date that the server names", function()
    local headers = { date = "Sun, 06 Nov 1994 08:49:37 GMT",
      ["retry-after"] = "Sun, 06 Nov 1994 08:50:07 GMT" }
    assert.equal(30, retry.asked(headers))
    headers["retry-after"] = "Sun, 06 Nov 1994 08:49:00 GMT"
    assert.equal(0, retry.asked(headers))
    headers["retry-after"] = "soon"
    assert.is_nil(retry.asked(headers))
  end)

  it("is not made when the call's time would be over", function()
    assert.is_nil(pause(POST, answer(429, { ["retry-after"] = "7" }), "rejected", { left = 6 }))
    assert.is_nil(pause(GET, answer(500), "unknown", { left = 0 }))
  end)
end)
