-- Following a render, bringing its file home, and all of it at once.
local copy = require "aistudios.util.copy"
local now = require "aistudios.core".now
local goals = require "aistudios.workflows.goals"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local QUICK = { interval = 0.05, longest_interval = 0.2 }
local server, client, folder

local function with(more) return copy(more, copy(QUICK)) end

local function requests(name)
  return support.requests(server, name)
end

local read = support.read_file

local function begin(options)
  server = sandbox.start(options or { render_seconds = 0.3 })
  client = support.client(server)
end

local function create()
  return assert(client:create_project(support.project())).project_id
end

before_each(function()
  folder = support.directory "video"
  begin()
end)

after_each(function()
  client:close()
  server:close()
end)

describe("waiting for a video", function()
  it("ends at 100 per cent with an address", function()
    local id, seen = create(), {}
    local result = assert(client:wait_for_video(id, with {
      on_progress = function(p) seen[#seen + 1] = p.progress end }))
    assert.equal(id, result.project_id)
    assert.equal(100, result.progress)
    assert.truthy(result.download_url:find("^http"))
    assert.equal(100, seen[#seen])
    for i = 2, #seen do assert.is_true(seen[i] >= seen[i - 1]) end
  end)

  it("goes on at 100 per cent as long as there is no address", function()
    server:fault { on = "get_progress", kind = "done_without_url", times = 5 }
    server:fault { on = "get_project", kind = "status", status = 503, times = 9 }
    local result = assert(client:wait_for_video(create(), with { retries = 0 }))
    assert.truthy(result.download_url)
    assert.is_true(#requests("get_progress") >= 6)
  end)

  it("takes a state that nobody documented for work in progress", function()
    server:fault { on = "get_progress", kind = "unknown_state", times = 3 }
    assert.truthy(client:wait_for_video(create(), with()))
  end)

  it("ends when the state looks like a failure", function()
    server:fault { on = "get_progress", kind = "unknown_state", state = "failed", times = 3 }
    local id = create()
    local _, err = client:wait_for_video(id, with())
    assert.equal("api", err.kind)
    assert.equal("failed", err.code)
    assert.equal("unknown", err.outcome)
    assert.equal(id, err.project_id)
    assert.equal("look", err.next)
  end)

  it("keeps to its deadline", function()
    client:close()
    server:close()
    begin { render_seconds = 60 }
    local id, before = create(), now()
    local _, err = client:wait_for_video(id, with { deadline = 0.5 })
    assert.is_true(now() - before >= 0.5 and now() - before < 2)
    assert.equal("timeout", err.kind)
    assert.is_true(err.retryable)
    assert.equal(id, err.project_id)
    assert.equal("wait_for_video", err.endpoint)
    assert.truthy(err.message:find("0.5", 1, true))
  end)

  it("keeps to its deadline inside of a poll", function()
    server:fault { on = "get_progress", kind = "stall", seconds = 60 }
    local id, before = create(), now()
    local _, err = client:wait_for_video(id, with { deadline = 0.5, timeout = 30 })
    assert.is_true(now() - before < 3)
    assert.equal("timeout", err.kind)
    assert.equal("wait", err.next)
    assert.truthy(err.message:find("deadline", 1, true))
    assert.equal("timeout", err.cause.kind)
  end)

  it("ends when nothing moves for long", function()
    server:fault { on = "get_progress", kind = "done_without_url", times = 1000 }
    server:fault { on = "get_project", kind = "status", status = 503, times = 1000 }
    local id, before = create(), now()
    local _, err = client:wait_for_video(id, with { stalled = 1.5 })
    assert.is_true(now() - before < 2.7 or support.is_slow, now() - before)
    assert.equal("stalled", err.kind)
    assert.equal("wait", err.next)
    assert.truthy(err.message:find("for 1.5 s", 1, true))
    assert.truthy(err.message:find("100 %, and the service names no address", 1, true))
  end)

  it("finds the address in the project when the progress has none", function()
    server:fault { on = "get_progress", kind = "done_without_url", times = 1000 }
    local result = assert(client:wait_for_video(create(), with { stalled = 5 }))
    assert.truthy(result.download_url:find "^http")
    assert.equal(100, result.progress)
    assert.equal(1, #requests("get_project"))
  end)

  for _, fault in ipairs {
    { status = 501 }, { status = 507 }, { status = 520 }, { status = 530 }, { status = 421 },
    { status = 425 }, { status = 301, from = "gateway" }, { status = 404, from = "gateway" },
    { status = 403, from = "gateway" }, { status = 410, from = "gateway" },
    { status = 200, body = "<html>" }, { status = 200, body = "" },
    { kind = "drop_before_read" }, { kind = "truncated" },
  } do
    local name = fault.kind or ("%d%s"):format(fault.status, fault.body or fault.from or "")
    it("outlasts any number of polls that end with " .. name, function()
      fault.on, fault.times, fault.kind = "get_progress", 8, fault.kind or "status"
      server:fault(fault)
      assert.truthy(client:wait_for_video(create(),
        { retries = 0, interval = 0.01, longest_interval = 0.02 }))
    end)
  end

  it("outlasts an outage of the token's endpoint", function()
    local id = create()
    server:expire_tokens()
    server:fault { on = "get_token", kind = "status", status = 503, times = 8 }
    assert.truthy(client:wait_for_video(id,
      { retries = 0, interval = 0.01, longest_interval = 0.02, deadline = 60 }))
  end)

  it("outlasts a no to a project that is not known at once, and no more", function()
    local id = create()
    local fault = { on = "get_progress", kind = "status", status = 404, times = 3 }
    server:fault(fault)
    assert.truthy(client:wait_for_video(id, with()))
    local _, err = client:wait_for_video("000000000000000000000000", with())
    assert.equal("api", err.kind)
    assert.equal("rejected", err.outcome)
    assert.equal("look", err.next)
    local count = 0
    for _, request in ipairs(requests("get_progress")) do
      if request.path:find "0000000000000000$" then count = count + 1 end
    end
    assert.equal(4, count)
  end)

  it("of a project that was never exported says so at once", function()
    local project = support.project()
    project.isExport = false
    local id = assert(client:create_project(project)).project_id
    local _, err = client:wait_for_video(id, with())
    assert.truthy(err.message:find("never exported", 1, true))
    assert.equal("rejected", err.outcome)
    assert.equal("fix", err.next)
    assert.equal(id, err.project_id)
    assert.equal(1, #requests("get_progress"))
  end)

  it("asks every 3 to 15 seconds when nobody says otherwise", function()
    local job = client.async:wait_for_video(create())
    local deadline = now() + 5
    while #requests("get_progress") < 1 or not client:timeout() do
      assert.is_true(now() < deadline)
      client:step(0.01)
    end
    assert.is_true(client:timeout() > 2 and client:timeout() <= 15)
    job:cancel()
    assert.is_true(job:wait(1))
  end)
end)

describe("a state", function()
  it("looks like a failure in many spellings", function()
    for _, state in ipairs { "error", "failed", "FAILED", "fail", "render_failed", "exportError",
      "canceled", "ABORTED" } do
      assert.is_true(goals.is_failure(state), state)
    end
    for _, state in ipairs { "rendering", "exported", "failover", "terror", "", "queued" } do
      assert.is_false(goals.is_failure(state), state)
    end
    assert.is_false(goals.is_failure(nil))
    assert.is_false(goals.is_failure(3))
  end)
end)

describe("a download", function()
  local function address()
    return assert(client:wait_for_video(create(), with())).download_url
  end

  it("brings the file under its name when it is whole", function()
    local url, seen = address(), {}
    local path = folder .. "/a.mp4"
    local result = assert(client:download(url, path, {
      on_progress = function(p) seen[#seen + 1] = p.received end }))
    local text = read(path)
    assert.equal(#text, result.size)
    assert.equal(path, result.path)
    assert.equal("ftyp", text:sub(5, 8))
    assert.is_nil(read(path .. ".part"))
  end)

  it("shows no credentials to whoever has the file", function()
    assert(client:download(address(), folder .. "/a.mp4"))
    local sent = requests("download")[1].headers
    assert.is_nil(sent.authorization)
    for _, value in pairs(sent) do
      assert.is_nil(tostring(value):find(server.user_key, 1, true))
    end
  end)

  it("to a place that cannot be written fails before anything is sent", function()
    local url = address()
    for _, path in ipairs { "/nonexistent/x.mp4", folder } do
      local _, err = client:download(url, path)
      assert.equal("file", err.kind)
      assert.equal("not_sent", err.outcome)
    end
    assert.equal(0, #requests("download"))
  end)

  it("that is cut off is begun again, and leaves nothing half", function()
    local url, path = address(), folder .. "/a.mp4"
    for _, kind in ipairs { "truncated", "reset_mid_body" } do
      server:fault { on = "download", kind = kind, times = 9 }
      local _, err = client:download(url, path, { retries = 0 })
      assert.equal("network", err.kind, kind)
      assert.is_nil(read(path))
      server:clear_faults()
      server:fault { on = "download", kind = kind }
      assert(client:download(url, path))
      assert.equal("ftyp", read(path):sub(5, 8))
      os.remove(path)
    end
  end)

  it("of something that is no film is refused", function()
    server:fault { on = "download", kind = "not_json" }
    local _, err = client:download(address(), folder .. "/a.mp4")
    assert.equal("protocol", err.kind)
    assert.is_nil(read(folder .. "/a.mp4"))
  end)

  it("whose part is whole already, but was never named, is not begun again", function()
    local url, path = address(), folder .. "/a.mp4"
    assert(client:download(url, path))
    local film = read(path)
    local _, _, headers = require "socket.http".request { url = url, method = "HEAD" }
    os.rename(path, path .. ".part")
    support.write_file(path .. ".part.etag", headers.etag)
    assert(client:download(url, path))
    assert.equal(film, read(path))
    local seen = requests("download")
    assert.equal(416, seen[#seen].status)
  end)

  it("that the server refuses says so", function()
    server:fault { on = "download", kind = "status", status = 404 }
    local _, err = client:download(address(), folder .. "/a.mp4")
    assert.equal("http", err.kind)
    assert.equal(404, err.status)
    assert.is_nil(read(folder .. "/a.mp4"))
  end)

  it("spares a file that is there when it should", function()
    local path = folder .. "/a.mp4"
    support.write_file(path, "mine")
    local _, err = client:download(address(), path, { overwrite = false })
    assert.equal("file", err.kind)
    assert.equal("mine", read(path))
  end)

  it("of an odd address is refused", function()
    for _, url in ipairs { "", "file:///etc/passwd", "not a url", "ftp://example.com/x" } do
      local _, err = client:download(url, folder .. "/a.mp4")
      assert.equal("invalid", err.kind, url)
    end
  end)
end)

describe("rendering", function()
  it("creates, waits and downloads in one call", function()
    local phases = {}
    local path = folder .. "/hello.mp4"
    local result = assert(client:render(support.project(), with { to = path,
      on_progress = function(p) phases[p.phase] = true end }))
    assert.equal(path, result.path)
    assert.equal(#read(path), result.size)
    assert.equal(1, #server:ledger())
    assert.equal(result.project_id, server:ledger()[1].project_id)
    assert.is_true(phases.wait)
  end)

  it("without a file returns the address", function()
    local result = assert(client:render(support.project(), with()))
    assert.truthy(result.download_url)
    assert.is_nil(result.path)
  end)

  it("to a place that cannot be written costs nothing", function()
    local _, err = client:render(support.project(), with { to = "/nonexistent/x.mp4" })
    assert.equal("file", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.equal(0, #server:requests())
  end)

  it("of a project that must not be exported is refused", function()
    local project = support.project()
    project.isExport = false
    local _, err = client:render(project, with())
    assert.equal("invalid", err.kind)
    assert.equal("isExport", err.problems[1].path)
  end)

  it("that fails later names the project, and is not to be repeated", function()
    server:fault { on = "download", kind = "status", status = 400, times = 9 }
    local _, err = client:render(support.project(), with { to = folder .. "/a.mp4" })
    assert.equal("render", err.endpoint)
    assert.equal("download", err.phase)
    assert.equal("unknown", err.outcome)
    assert.is_false(err.retryable)
    assert.equal(server:ledger()[1].project_id, err.project_id)
    server:clear_faults()
    server:fault { on = "get_progress", kind = "unknown_state", state = "failed", times = 9 }
    _, err = client:render(support.project(), with { to = folder .. "/a.mp4" })
    assert.equal("wait", err.phase)
    assert.equal("string", type(err.project_id))
    assert.equal("look", err.next)
    assert.is_nil(tostring(err):find("go on", 1, true))
  end)

  it("that is not created says in which phase", function()
    server:fault { on = "create_project", kind = "success_false" }
    local _, err = client:render(support.project(), with())
    assert.equal("create", err.phase)
    assert.equal("rejected", err.outcome)
    assert.is_nil(err.project_id)
  end)
end)
