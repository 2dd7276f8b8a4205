-- SPDX-License-Identifier: MIT
--
-- Webhooks of renders.

local calls = require "spec.support.sandbox_calls"
local cjson = require "cjson"
local support = require "spec.support"

local get, post = calls.get, calls.post

before_each(function() calls.begin() end)
after_each(calls.finish)

describe("a webhook", function()
  local socket = require "socket"

  --- The first line and the body of one, which is answered unless `is_silent`.
  local function take(listener, is_silent)
    listener:settimeout(5)
    local peer = assert(listener:accept())
    peer:settimeout(5)
    local head = {}
    for line in function() return peer:receive "*l" end do
      if line == "" then break end
      head[#head + 1] = line
    end
    local length = table.concat(head, "\n"):match "Content%-Length: (%d+)"
    local body = cjson.decode((peer:receive(tonumber(length))))
    if not is_silent then peer:send "HTTP/1.1 204 No Content\r\n\r\n" end
    peer:close()
    return head[1], body
  end

  local function create(url)
    return post("/simple/custom", { language = "en", text = "Hi", model = "M",
      webhookUrl = url }).data.projectId
  end

  local listener, url

  before_each(function()
    listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    url = ("http://127.0.0.1:%d/hook?job=1&secret=x"):format(port)
  end)

  after_each(function() listener:close() end)

  it("tells how a render gets on, and at its end where the video is", function()
    calls.begin { render_seconds = 100 }
    local id = create(url)
    calls.server:advance(60, { wait = false }) -- this thread takes them
    for _, progress in ipairs { 25, 50 } do
      local line, event = take(listener)
      assert.equal("POST /hook?job=1&secret=x HTTP/1.1", line)
      assert.equal(progress, event.progress)
      assert.is_nil(event.download_url)
    end
    calls.server:advance(40, { wait = false })
    take(listener)
    local _, event = take(listener)
    assert.equal(100, event.progress)
    assert.equal(1, event.credit)
    local project = get("/editor/project/" .. id).data.project
    assert.equal(project.backendTaskId, event.backendTaskId)
    assert.equal(project.download_url, event.download_url)
    support.wait_until(function() return calls.server:webhooks()[4].status == 204 end)
    assert.equal(id, calls.server:webhooks()[4].project_id)
  end)

  it("comes as time goes by, without being asked for", function()
    calls.begin { render_seconds = 0.2 }
    create(url)
    local seen = {}
    repeat
      local _, event = take(listener)
      seen[#seen + 1] = event.progress
    until event.progress == 100
    assert.is_true(#seen >= 2)
    for i = 2, #seen do assert.is_true(seen[i] > seen[i - 1]) end
    support.wait_until(function()
      local sent = calls.server:webhooks()
      return sent[#sent].status == 204
    end)
  end)

  it("is sent to this machine only, and says what became of it", function()
    create "https://example.com/hook"
    create "http://10.1.2.3/hook"
    local _, port = listener:getsockname()
    create(("http://127.0.0.1:%d/hook"):format(port + 65536)) -- no other port is meant
    for _, host in ipairs { "127.0.0.1", "[::1]", "127.0.0.256" } do
      create(("http://%s:%d/"):format(host, support.free_port()))
    end
    support.wait_until(function()
      local sent = calls.server:webhooks()
      return #sent == 6 and sent[4].problem and sent[5].problem and sent[6].problem
    end)
    local sent = calls.server:webhooks()
    for i = 1, 3 do assert.truthy(sent[i].problem:find("this machine", 1, true)) end
    assert.equal("not an address", sent[6].problem)
  end)

  it("whose receiver says nothing is told as one", function()
    create(url)
    take(listener, true)
    local problem = support.wait_until(function() return calls.server:webhooks()[1].problem end)
    assert.truthy(problem:find("closed without an answer", 1, true), problem)
  end)

  it("that is longer than a connection holds goes on when it is read", function()
    create(url .. ("&more"):rep(1 << 20))
    support.sleep(0.1)
    assert.equal(#url - #url:match "^http://[^/]+" + (5 << 20), #take(listener) - #"POST  HTTP/1.1")
    support.wait_until(function() return calls.server:webhooks()[1].status == 204 end)
  end)

  it("that nobody takes does not hold up the end", function()
    create(url)
    support.wait_until(function() return #calls.server:webhooks() == 1 end)
    local before = socket.gettime()
    calls.server:close()
    assert.is_true(socket.gettime() - before < 3) -- a step of it may take 5
  end)
end)
