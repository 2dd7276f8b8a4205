-- What on_event and on_progress are told.
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, client, events

local function types(endpoint)
  local list = {}
  for _, event in ipairs(events) do
    if not endpoint or event.endpoint == endpoint then list[#list + 1] = event.type end
  end
  return list
end

before_each(function()
  events = {}
  server = sandbox.start { render_seconds = 0.1 }
  client = support.client(server, {
    on_event = function(event) events[#events + 1] = event end })
end)

after_each(function()
  client:close()
  server:close()
end)

describe("on_event", function()
  it("is told of a call from its queue to its answer", function()
    assert(client:list_projects())
    assert.same({ "queued", "sent", "received" }, types "list_projects")
    assert.same({ "token_fetched" }, types "get_token")
    local last = events[#events]
    assert.equal(1, last.request)
    assert.equal(1, last.attempt)
    assert.equal(200, last.status)
    assert.equal("list_projects", last.method)
    assert.is_true(last.bytes_received > 0)
    assert.is_true(last.timing.total > 0)
    assert.equal("boolean", type(last.reused))
  end)

  it("is told why a call is sent again, and when", function()
    server:fault { on = "list_projects", kind = "status", status = 503, retry_after = 0 }
    assert(client:list_projects())
    assert.same({ "queued", "sent", "received", "retried", "queued", "sent", "received" },
      types "list_projects")
    for _, event in ipairs(events) do
      if event.type == "retried" then
        assert.equal(503, event.status)
        assert.is_true(event.pause >= 0 and event.pause <= 0.5)
        assert.equal("string", type(event.reason))
      end
    end
    assert.equal(2, events[#events].attempt)
  end)

  it("is told the time of a server that says no", function()
    assert.is_nil(client:get_progress "no-such-id")
    assert.is_true(math.abs(events[#events].server_time - os.time()) < 60)
  end)

  it("is told of another token when the old one is refused", function()
    assert(client:list_projects())
    server:expire_tokens()
    assert(client:list_projects())
    local count = 0
    for _, event in ipairs(events) do
      if event.type == "token_fetched" then count = count + 1 end
    end
    assert.equal(2, count)
  end)

  it("is told the parts of an operation under their own names", function()
    assert(client:render(support.project(), { interval = 0.05 }))
    assert.same({ "queued", "sent", "received" }, types "create_project")
    for _, event in ipairs(events) do assert.equal("render", event.method) end
  end)

  it("is told once that a call is deprecated, and the call works", function()
    local project = support.project()
    project.isExport = false
    local id = assert(client:create_project(project)).project_id
    for _ = 1, 3 do
      assert(client:modify_project(id, { updates = { title = "new" } }))
    end
    local count = 0
    for _, event in ipairs(events) do
      if event.type == "deprecated" then
        count = count + 1
        assert.equal("modify_project", event.endpoint)
      end
    end
    assert.equal(1, count)
  end)

  it("is not told that a request was sent when there was no connection", function()
    local other <close> = support.client(server, { retries = 0, token = "a-token",
      base_url = "http://127.0.0.1:" .. support.free_port(),
      on_event = function(event) events[#events + 1] = event end })
    assert.is_nil((other:list_projects()))
    assert.same({ "queued", "received" }, types "list_projects")
    assert.equal("connect", events[#events].failure)
  end)

  it("is told nothing of what was refused before it was sent", function()
    client:get_project("export")
    assert.same({}, types())
  end)
end)

describe("a callback that takes longer than its call may", function()
  it("leaves nothing sent", function()
    local slow = support.client(server, { on_event = function() support.sleep(0.2) end })
    local _, err = slow:create_project(support.project(), { timeout = 0.1 })
    slow:close()
    assert.equal("timeout", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.equal(0, #server:requests())
  end)
end)

describe("on_progress", function()
  it("is told how far an upload is", function()
    local folder = support.directory "event"
    local size = 20 * 1000 * 1000
    support.write_file(folder .. "/big.pdf", ("x"):rep(size))
    server:fault { on = "upload_docs", kind = "slow", seconds = 0.3 }
    local last
    assert(client:upload_docs(folder .. "/big.pdf", nil, {
      on_progress = function(p) last = p end }))
    assert.is_true(last.sent >= size)
    assert.equal("upload_docs", last.endpoint)
  end)

  it("may be an object that can be called", function()
    local count = 0
    local object = setmetatable({}, { __call = function(_, p)
      count = count + 1
      assert.equal("wait", p.phase)
    end })
    local id = assert(client:create_project(support.project())).project_id
    assert(client:wait_for_video(id, { interval = 0.05, on_progress = object }))
    assert.is_true(count > 0)
  end)
end)
