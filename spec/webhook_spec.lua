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
  it("is read with a memory as it was left, or the misuse is told", function()
    local ok, message = pcall(webhook.read, { url = address(), body = BODY, secret = SECRET,
      seen = { bad = 5 } })
    assert.is_false(ok)
    assert.truthy(message:find("webhook.read: option 'seen' must be", 1, true), message)
  end)

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

  it("is found in every place and form in which services send it", function()
    local url = address "k"
    local queried = url .. "&progress=40&backendTaskId=t"
    for name, request in pairs {
      ["the query of a POST"] = { method = "POST", url = queried },
      ["the query of a POST with an empty object"] = { method = "POST", url = queried,
        body = "{}" },
      ["the query of a POST with null"] = { method = "POST", url = queried, body = "null" },
      ["the query of a POST with a blank body"] = { method = "POST", url = queried,
        body = " \r\n" },
      ["a byte order mark"] = { url = url,
        body = '\u{FEFF}{"progress":40,"backendTaskId":"t"}' },
      ["a line end and a zero byte"] = { url = url,
        body = '{"progress":40,"backendTaskId":"t"}\r\n\0' },
      ["text that is broken elsewhere"] = { url = url,
        body = '{"progress":40,"backendTaskId":"t","name":"\\ud83d\xff"}' },
      ["a list"] = { url = url, body = '[{"progress":40,"backendTaskId":"t"}]' },
      ["a list, in which the furthest counts"] = { url = url,
        body = '[{"progress":10},{"progress":40,"backendTaskId":"t"},{"progress":20}]' },
      ["the envelope of the API"] = { url = url,
        body = '{"success":true,"data":{"progress":40,"backendTaskId":"t"}}' },
      ["a list in an envelope"] = { url = url,
        body = '{"data":[{"progress":"40","backendTaskId":"t"}]}' },
      ["JSON within a text"] = { url = url,
        body = '"{\\"progress\\":40,\\"backendTaskId\\":\\"t\\"}"' },
      ["a text in an envelope"] = { url = url,
        body = '{"data":"{\\"progress\\":40,\\"backendTaskId\\":\\"t\\"}"}' },
      ["a parsed table"] = { url = url, body = { progress = 40, backendTaskId = "t" } },
      ["a parsed envelope"] = { url = url,
        body = { data = { progress = 40.0, backend_task_id = "t" } } },
      ["a form that is no UTF-8"] = { url = url, seen = {},
        body = "progress=40&backendTaskId=t&name=%FF" },
      ["a form in other words"] = { url = url, method = "PATCH",
        body = "backend_task_id=t&progress=40.0" },
    } do
      request.secret = SECRET
      local event, err = webhook.read(request)
      assert.truthy(event, name .. ": " .. tostring(err))
      assert.equal(40, event.progress, name)
      assert.equal("t", event.backend_task_id, name)
    end
  end)

  it("that is broken is an error", function()
    for _, body in ipairs { '{"progress":', "hello", "12", "true", { f = print },
      ("[" ):rep(9) .. ("]"):rep(9) } do
      local event, err = webhook.read("POST", address(), body, SECRET)
      assert.is_nil(event)
      assert.equal("protocol", err.kind)
    end
  end)

  it("is read in a time that grows as it does, whatever stands in it", function()
    local blanks = (" "):rep(60000)
    for _, body in ipairs { "x" .. blanks .. "x", "a=" .. ("\0"):rep(60000) .. "x", blanks,
      ('{"progress":"%sx"}'):format(("1"):rep(60000)) } do
      local began = os.clock()
      webhook.read("POST", address(), body, SECRET)
      assert.is_true(os.clock() - began < 1, body:sub(1, 20))
    end
    assert.equal(40, webhook.read("POST", address(), blanks .. '{"progress":" 40 "}\n\0 \0', SECRET)
      .progress)
  end)

  it("says nothing of a progress that is none", function()
    for _, progress in ipairs { '"nan"', '"0x10"', '"half"', "null", "{}", "1e400", '""' } do
      local event = webhook.read("POST", address(), '{"progress":' .. progress .. ',"a":1}', SECRET)
      assert.is_nil(event and event.progress, progress)
    end
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

  it("by GET is news when it says something new", function()
    local seen, url = {}, address()
    local function is_repeat(progress)
      return assert(webhook.read { method = "GET", url = url .. "&progress=" .. progress,
        secret = SECRET, seen = seen }).is_repeat
    end
    assert.is_false(is_repeat(10))
    assert.is_false(is_repeat(100))
    assert.is_true(is_repeat(10))
    assert.is_true(is_repeat(100))
  end)

  it("is the same whatever the order of its members and the form it comes in", function()
    local seen, url = {}, address()
    for i, body in ipairs { '{"progress":40,"backendTaskId":"t"}',
      '{ "backendTaskId": "t", "progress": 40 }', '{"data":{"progress":40,"backendTaskId":"t"}}',
    } do
      local event = assert(webhook.read { url = url, body = body, secret = SECRET, seen = seen })
      assert.equal(i > 1, event.is_repeat)
    end
  end)

  it("is late when a higher progress came before, of the same address only", function()
    local seen = {}
    local function read(url, progress)
      local event = assert(webhook.read { url = url, body = { progress = progress },
        secret = SECRET, seen = seen })
      return event.is_late
    end
    local one, other = address "one", address "other"
    assert.is_false(read(one, 25))
    assert.is_false(read(one, 100))
    assert.is_true(read(one, 50))
    assert.is_true(read(one, 25))
    assert.is_false(read(one, 100))
    assert.is_false(read(other, 10))
    assert.is_false(read(one, nil))
    local stored = assert(aistudios.decode(assert(aistudios.encode(seen))))
    seen = stored -- may be kept as JSON
    assert.is_true(read(one, 99))
  end)

  it("is forgotten with its address", function()
    local seen, now = {}, os.time()
    for i = 1, 3 do
      local url = address("job " .. i, now + i * 100)
      assert(webhook.read { url = url, body = { progress = 1 }, secret = SECRET, seen = seen,
        now = now + i * 100 - 1 })
      local count = 0
      for _ in pairs(seen) do count = count + 1 end
      assert.equal(1, count)
    end
  end)

  it("without anything in it still says which job it is", function()
    local event = assert(webhook.read("POST", address("k"), nil, SECRET))
    assert.equal("k", event.job_key)
    assert.is_nil(event.progress)
    assert.same({}, event.payload)
  end)
end)

describe("webhook.read", function()
  it("raises at the caller's line, and says what is wrong", function()
    local url = address()
    for wanted, f in pairs {
      ["the secret is missing"] = function() webhook.read("POST", url, BODY) end,
      ["secret' must be a string of at least 16 bytes"] = function()
        webhook.read("POST", url, BODY, "short")
      end,
      ["url is missing"] = function() webhook.read { body = BODY, secret = SECRET } end,
      ["'url' must be a string"] = function() webhook.read("POST", {}, BODY, SECRET) end,
      ["'body' must be a string or a table"] = function()
        webhook.read { url = url, body = 5, secret = SECRET }
      end,
      ["unknown option 'adress'"] = function()
        webhook.read { adress = url, body = BODY, secret = SECRET }
      end,
      ["'seen' must be a table"] = function()
        webhook.read("POST", url, BODY, SECRET, { seen = true })
      end,
    } do
      local ok, message = pcall(f)
      assert.is_false(ok)
      assert.truthy(message:find("^[^:]*webhook_spec.lua:%d+: webhook.read: "), message)
      assert.truthy(message:find(wanted, 1, true), message)
      assert.is_nil(message:find("short", 1, true))
    end
  end)
end)

describe("aistudios.webhook", function()
  it("says in one sentence which library is missing", function()
    local said = support.run(support.lua .. [[ -e '
      package.preload["openssl.hmac"] = function () error "none" end
      print(pcall(require, "aistudios.webhook"))
      print(pcall(function () return require "aistudios".webhook end))' 2>&1]])
    local _, count = said:gsub("false\taistudios.webhook needs luaossl [^\n]*lua%-luaossl", "")
    assert.equal(2, count, said)
  end)

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
    local rendering = assert(client:create_project(support.project())).project_id
    local forged = { download_url = "http://elsewhere/x.mp4" } -- was kept as confirmed
    assert.is_nil(assert(webhook.confirm(client, forged, rendering)).download_url)
    event.backend_task_id = "another"
    local _, err = webhook.confirm(client, event, id)
    assert.truthy(err.message:find("does not agree", 1, true))
  end)
end)
