-- What the service tells on its own: signed addresses, and messages read.
local aistudios = require "aistudios"
local support = require "spec.support"
local webhook = require "aistudios.webhook"

local SECRET = "a secret of my own server"
local BASE = "https://example.com/hook"
local BODY = '{"progress":100,"credit":2.5,"backendTaskId":"t1","download_url":"https://x/y.mp4"}'

local function address(key, expires)
  return webhook.sign_url(BASE, key or "job 7/ü", SECRET, expires or 3600)
end

describe("a signed address", function()
  it("tells which job a message is about", function()
    local event = assert(webhook.read("POST", address(), BODY, SECRET))
    assert.equal("job 7/ü", event.job_key)
    assert.equal(100, event.progress)
    assert.equal(2.5, event.credit)
    assert.equal("t1", event.backend_task_id)
    assert.equal("https://x/y.mp4", event.download_url)
    assert.is_false(event.is_repeat)
  end)

  it("keeps a query of its own, and is read without its host", function()
    local url = webhook.sign_url(BASE .. "?a=1", "k", SECRET, 60)
    assert.truthy(url:find("hook?a=1&", 1, true))
    local path = url:gsub("^https://[^/]+", "")
    assert.equal("k", assert(webhook.read("POST", path, "{}", SECRET)).job_key)
  end)

  it("is refused when anything in it was changed", function()
    local url = address("k")
    for _, changed in ipairs {
      url:gsub("job_key=k", "job_key=j"),
      url:gsub("expires=(%d)", function(d) return "expires=" .. (d + 1) end),
      url:gsub("signature=%x", "signature=g"), url:gsub("signature=%x", "signature="),
      url:gsub("&signature=%x+", ""), url:gsub("%?.*", ""), "", "?",
    } do
      local event, err = webhook.read("POST", changed, BODY, SECRET)
      assert.is_nil(event, changed)
      assert.equal("auth", err.kind)
    end
    assert.is_nil((webhook.read("POST", url, BODY, SECRET .. "x")))
  end)

  it("ends when it is said to", function()
    local url = address("k", os.time() + 100)
    assert.truthy(webhook.read("POST", url, BODY, SECRET, { now = os.time() + 99 }))
    local _, err = webhook.read("POST", url, BODY, SECRET, { now = os.time() + 102 })
    assert.truthy(err.message:find("expired", 1, true))
  end)

  it("never shows the secret", function()
    assert.is_nil(address():find(SECRET, 1, true))
    local _, err = webhook.read("POST", "/x?job_key=a&expires=1&signature=2", "", SECRET)
    assert.is_nil(tostring(err):find(SECRET, 1, true))
  end)

  it("is made from sound arguments only", function()
    for i, f in ipairs {
      function() webhook.sign_url("nowhere", "k", SECRET, 60) end,
      function() webhook.sign_url(BASE, "", SECRET, 60) end,
      function() webhook.sign_url(BASE, "k", "short", 60) end,
      function() webhook.sign_url(BASE, "k", SECRET, -1) end,
      function() webhook.sign_url(BASE, "k", SECRET, 1.5) end,
    } do
      local ok, message = pcall(f)
      assert.is_false(ok, i)
      assert.truthy(message:find("webhook_spec.lua:", 1, true))
    end
  end)
end)

describe("a message", function()
  it("may come as JSON, as a form or in the query", function()
    local url = address "k"
    for _, case in ipairs {
      { "POST", url, '{"progress":40,"backendTaskId":"t"}' },
      { "PUT", url, "progress=40&backendTaskId=t" },
      { "GET", url .. "&progress=40&backendTaskId=t", nil },
    } do
      local event = assert(webhook.read(case[1], case[2], case[3], SECRET))
      assert.equal(40, event.progress)
      assert.equal("t", event.backend_task_id)
    end
  end)

  it("that is broken is an error", function()
    local event, err = webhook.read("POST", address(), '{"progress":', SECRET)
    assert.is_nil(event)
    assert.equal("protocol", err.kind)
  end)

  it("that came before is told from news", function()
    local seen, url = {}, address()
    local function is_repeat(body, now)
      return assert(webhook.read("POST", url, body, SECRET,
        { seen = seen, now = now, window = 10 })).is_repeat
    end
    local now = os.time()
    assert.is_false(is_repeat('{"progress":1}', now))
    assert.is_true(is_repeat('{"progress":1}', now + 5))
    assert.is_false(is_repeat('{"progress":2}', now + 5))
    assert.is_false(is_repeat('{"progress":1}', now + 30))
  end)

  it("without anything in it still says which job it is", function()
    local event = assert(webhook.read("POST", address("k"), nil, SECRET))
    assert.equal("k", event.job_key)
    assert.is_nil(event.progress)
    assert.same({}, event.payload)
  end)
end)

describe("aistudios.webhook", function()
  it("is loaded when it is asked for, and by nobody else", function()
    assert.equal(webhook, aistudios.webhook)
    local command = support.lua .. [[ -e 'require "aistudios.client"
      os.exit(package.loaded["openssl.hmac"] == nil)']]
    assert.is_true(os.execute(command))
  end)
end)

describe("a render with a signed address", function()
  local sandbox = require "aistudios.sandbox"
  local server, client, receiver

  before_each(function()
    server = sandbox.start { render_seconds = 0.2 }
    client = support.client(server)
    receiver = assert(require "socket".bind("127.0.0.1", 0))
    receiver:settimeout(5)
  end)

  after_each(function()
    receiver:close()
    client:close()
    server:close()
  end)

  --- The next request that comes: method, target, body.
  local function receive()
    local connection = assert(receiver:accept())
    connection:settimeout(5)
    local method, target = assert(connection:receive "*l"):match("^(%S+) (%S+)")
    local length = 0
    for line in function() return connection:receive "*l" end do
      if line == "" then break end
      length = tonumber(line:match("^[Cc]ontent%-[Ll]ength: (%d+)")) or length
    end
    local body = length > 0 and connection:receive(length) or nil
    connection:send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    connection:close()
    return method, target, body
  end

  it("tells its end there, and the project agrees", function()
    local _, port = receiver:getsockname()
    local project = support.project()
    project.webhookUrl = webhook.sign_url(("http://127.0.0.1:%d/hook"):format(port),
      "order 66", SECRET, 600)
    local id = assert(client:create_project(project)).project_id
    local event
    repeat
      local method, target, body = receive()
      event = assert(webhook.read(method, target, body, SECRET))
      assert.equal("order 66", event.job_key)
    until event.progress == 100
    assert.truthy(event.download_url)
    assert.equal("number", type(event.credit))
    local confirmed = assert(webhook.confirm(client, event, id))
    assert.is_true(confirmed.confirmed)
    assert.equal(id, confirmed.project_id)
    event.backend_task_id = "another"
    local _, err = webhook.confirm(client, event, id)
    assert.truthy(err.message:find("does not agree", 1, true))
  end)
end)
