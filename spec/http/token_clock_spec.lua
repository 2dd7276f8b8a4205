-- Tokens and refusals from a server whose clock is wrong: what counts are
-- differences of its own times.
local core = require "aistudios.core"
local http = require "spec.support.http"
local mime = require "mime"
local socket = require "socket"
local support = require "spec.support"

local HOUR, LONG_AGO = 3600, 978307200 -- 2001-01-01

local function http_date(time) return os.date("!%a, %d %b %Y %H:%M:%S GMT", time) end

describe("a server with a clock of its own", function ()
  local listener, url, client

  before_each(function ()
    listener = assert(socket.bind("127.0.0.1", 0))
    listener:settimeout(10)
    local _, port = listener:getsockname()
    url = ("http://127.0.0.1:%d/"):format(port)
    client = core.client { app_id = "an-id", user_key = "a-user-key", retries = 0,
      token_url = url .. "token" }
  end)

  after_each(function ()
    client:close()
    listener:close()
  end)

  -- Answers one request; its path.
  local function answer(status, headers, body)
    local peer = assert(listener:accept())
    peer:settimeout(10)
    local path = assert(http.read_request(peer):match "^%u+ /(%S*)")
    peer:send(("HTTP/1.1 %s\r\n%sConnection: close\r\nContent-Length: %d\r\n\r\n%s")
      :format(status, headers, #body, body))
    peer:close()
    return path
  end

  local function submit()
    assert(client:submit(1, { method = "GET", auth = "token", url = url .. "call" }))
  end

  local function take()
    local deadline = core.now() + 10
    while true do
      local id, response = support.take(client)
      if id then return response end
      assert(core.now() < deadline, "no completion in time")
      client:wait(1)
    end
  end

  -- A payload that needs each character of base64url; `other` is put in the place of A.
  local function give_token(issued, life, other, number)
    number = number or "%d"
    local function part(text)
      return (mime.b64(text):gsub("=", ""):gsub("%+", "-"):gsub("/", "_"))
    end
    local payload = part(('{"a":"@@@>>>???","iat":' .. number .. ',"exp":' .. number .. "}")
      :format(issued, issued + life))
    assert(payload:find "A" and payload:find "-" and payload:find "_")
    local token = ("%s.%s.%s"):format(part '{"alg":"HS256"}', payload:gsub("A", other or "A"),
      part "signature")
    return answer("200 OK", "", ('{"success":true,"data":{"token":"%s"}}'):format(token))
  end

  local function call_with(fetch)
    submit()
    if fetch then assert.equal("token", fetch()) end
    assert.equal("call", answer("200 OK", "", "{}"))
    assert.equal(200, take().status)
  end

  local offsets = { ["years behind"] = LONG_AGO - os.time(), ["days ahead"] = 72 * HOUR }
  for what, offset in pairs(offsets) do
    it("gives tokens that live as long as they say: " .. what, function ()
      call_with(function () return give_token(os.time() + offset, HOUR) end)
      call_with() -- it is fresh
    end)

    it("gives tokens that end when they say: " .. what, function ()
      call_with(function () return give_token(os.time() + offset, 1) end)
      socket.sleep(1.1)
      call_with(function () return give_token(os.time() + offset, 1) end)
    end)
  end

  it("gives tokens that end when they say, in numbers of any form", function ()
    for _, number in ipairs { "%.1f", "%.15e" } do
      call_with(function () return give_token(os.time(), 1, nil, number) end)
      socket.sleep(1.1)
    end
  end)

  it("gives tokens that end before they begin, which are used like those that do not say",
    function ()
      for _, life in ipairs { 0, -HOUR } do
        client:close()
        client = core.client { app_id = "an-id", user_key = "a-user-key", retries = 0,
          token_url = url .. "token" }
        call_with(function () return give_token(os.time(), life) end)
        call_with() -- it is fresh
      end
    end)

  it("gives tokens that are no base64url, which are used like those that do not say", function ()
    call_with(function () return give_token(os.time(), 1, "!") end)
    socket.sleep(1.1)
    call_with() -- it is fresh
  end)

  it("asks to wait until a date of its own", function ()
    submit()
    answer("503 Service Unavailable", ("Date: %s\r\nRetry-After: %s\r\n")
      :format(http_date(LONG_AGO), http_date(LONG_AGO + 300)), "")
    local seconds = take().auth.retry_after
    assert.is_true(seconds > 290 and seconds < 300.001, seconds)
    submit() -- remembered: nobody is asked
    local later = take().auth.retry_after
    assert.is_true(later > 280 and later < seconds, later)
  end)

  it("asks to wait for a number of seconds, and for none with what only begins as one", function ()
    for text, asked in pairs { ["40"] = 40, ["39.5"] = 40, ["2026-11-28T10:00:00Z"] = false,
      ["20 min"] = false, ["1.2.3"] = false } do
      client:close()
      client = core.client { app_id = "an-id", user_key = "a-user-key", retries = 0,
        token_url = url .. "token" }
      submit()
      answer("503 Service Unavailable", ("Retry-After: %s\r\n"):format(text), "")
      local seconds = take().auth.retry_after
      assert.is_true(not asked == not seconds, text)
      assert.is_true(not asked or seconds > asked - 10 and seconds < asked + 0.001, text)
    end
  end)

  it("that does not tell its time is believed to have ours", function ()
    submit()
    answer("503 Service Unavailable",
      ("Retry-After: %s\r\n"):format(http_date(os.time() + 200)), "")
    local seconds = take().auth.retry_after
    assert.is_true(seconds > 150 and seconds < 200.001, seconds)
  end)
end)
