-- Jobs: calls that run on their own while the host goes on.
local now = require "aistudios.core".now
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, client

local function new_client(options)
  return support.client(server, options)
end

local function requests(name)
  return #support.requests(server, name)
end

--- Steps without waiting until `done`, at most five seconds.
local function spin(done)
  local deadline = now() + 5
  while not done() do
    assert(now() < deadline, "not done within 5 s")
    client:step(0)
    support.sleep(0.001)
  end
end

before_each(function()
  server = sandbox.start { render_seconds = 0.2 }
  client = new_client()
end)

after_each(function()
  client:close()
  server:close()
end)

describe("a job", function()
  it("is there at once and done after some steps", function()
    server:fault { on = "list_projects", kind = "slow", seconds = 0.2 }
    local before = now()
    local job = client.async:list_projects()
    assert.is_true(now() - before < 0.19)
    assert.is_false(job:done())
    assert.is_nil(job:result())
    assert.equal("aistudios.job: list_projects (running)", tostring(job))
    spin(function() return job:done() end)
    assert.truthy(job:result())
    assert.equal("aistudios.job: list_projects (done)", tostring(job))
    assert.is_false(client:step(0))
  end)

  it("gives the error of a call that failed", function()
    server:fault { on = "list_projects", kind = "success_false" }
    local job = client.async:list_projects()
    assert.is_true(job:wait(5))
    local result, err = job:result()
    assert.is_nil(result)
    assert.equal("api", err.kind)
    assert.truthy(tostring(job):find("failed", 1, true))
  end)

  it("of a call that is refused unsent is done at once", function()
    local job = client.async:get_project("export")
    assert.is_true(job:done())
    assert.equal("invalid", select(2, job:result()).kind)
  end)

  it("can be waited for, for a time", function()
    server:fault { on = "list_projects", kind = "slow", seconds = 0.4 }
    local job = client.async:list_projects()
    local before = now()
    assert.is_false(job:wait(0.1))
    assert.is_true(now() - before >= 0.09 and now() - before < 0.39)
    assert.is_true(job:wait())
    assert.is_true(job:wait(0))
  end)

  it("goes on when nobody holds it", function()
    client.async:create_project(support.project())
    collectgarbage()
    collectgarbage()
    spin(function() return client:stats().jobs == 0 end)
    assert.equal(1, #server:ledger())
  end)

  it("runs beside others", function()
    server:fault { on = "list_projects", kind = "slow", seconds = 0.3, times = 8 }
    local before, jobs = now(), {}
    for i = 1, 8 do jobs[i] = client.async:list_projects() end
    for _, job in ipairs(jobs) do assert.is_true(job:wait(5)) end
    assert.is_true(now() - before < 1.2)
  end)

  it("tells how far it is", function()
    local job = client.async:render(support.project(), { interval = 0.05 })
    assert.equal("create", job:progress().phase)
    spin(function() return job:progress().phase == "wait" end)
    local seen = job:progress()
    assert.equal("render", seen.endpoint)
    assert.equal("string", type(seen.project_id))
    assert.is_true(job:wait(5))
    assert.equal(100, job:progress().progress)
  end)

  it("shares one token with all others, of other clients and states too", function()
    server:fault { on = "get_token", kind = "slow", seconds = 0.3 }
    local elsewhere <close> = support.state([[
      local url, app_id, user_key = ...
      local aistudios = require "aistudios"
      local client <close> = assert(aistudios.new {
        base_url = url, app_id = app_id, user_key = user_key })
      local jobs, good = {}, 0
      for i = 1, 20 do jobs[i] = client.async:list_projects() end
      for _, job in ipairs(jobs) do
        job:wait(10)
        if job:result() then good = good + 1 end
      end
      return tostring(good)
    ]], server.url, server.app_id, server.user_key)
    local other, jobs = new_client(), {}
    for i = 1, 40 do
      jobs[i] = (i % 2 == 0 and client or other).async:list_projects()
    end
    for _, job in ipairs(jobs) do assert.is_true(job:wait(10)) end
    for _, job in ipairs(jobs) do assert.truthy(job:result()) end
    other:close()
    assert.equal("20", elsewhere:join())
    assert.equal(1, requests("get_token"))
    assert.equal(60, requests("list_projects"))
  end)
end)

describe("cancelling", function()
  it("before anything is sent costs nothing", function()
    local narrow = new_client { max_in_flight = 1 }
    server:fault { on = "list_projects", kind = "slow", seconds = 0.3 }
    local first = narrow.async:list_projects()
    local job = narrow.async:create_project(support.project())
    job:cancel()
    job:cancel()
    assert.is_true(job:wait(5))
    local _, err = job:result()
    assert.equal("cancelled", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.is_true(first:wait(5))
    assert.truthy(first:result())
    narrow:close()
    assert.equal(0, requests("create_project"))
  end)

  it("after sending leaves it open what the server did", function()
    server:fault { on = "create_project", kind = "slow", seconds = 1 }
    local job = client.async:create_project(support.project())
    spin(function() return requests("create_project") == 1 end)
    local before = now()
    job:cancel()
    assert.is_true(job:wait(5))
    assert.is_true(now() - before < 0.5)
    local _, err = job:result()
    assert.equal("cancelled", err.kind)
    assert.equal("unknown", err.outcome)
  end)

  it("ends a job that waits for its next poll", function()
    local id = assert(client:create_project(support.project())).project_id
    local job = client.async:wait_for_video(id, { interval = 30 })
    spin(function() return requests("get_progress") == 1 and client:timeout() ~= nil
      and client:timeout() > 1 end)
    job:cancel()
    assert.is_true(client:dirty())
    assert.equal(0, client:timeout())
    client:step(0)
    assert.is_true(job:done())
    assert.equal("cancelled", select(2, job:result()).kind)
  end)

  it("ends a job that waits to repeat", function()
    server:fault { on = "create_project", kind = "status", status = 429, retry_after = 30 }
    local job = client.async:create_project(support.project())
    spin(function() return client:timeout() ~= nil and client:timeout() > 1 end)
    job:cancel()
    assert.is_true(job:wait(1))
    local _, err = job:result()
    assert.equal("cancelled", err.kind)
    assert.equal("rejected", err.outcome)
  end)

  it("a job that is done changes nothing", function()
    local job = client.async:list_projects()
    assert.is_true(job:wait(5))
    job:cancel()
    assert.truthy(job:result())
  end)
end)

describe("closing a client", function()
  it("ends its jobs, soon", function()
    server:fault { on = "list_projects", kind = "slow", seconds = 3, times = 20 }
    local jobs = {}
    for i = 1, 20 do jobs[i] = client.async:list_projects() end
    jobs[21] = client.async:wait_for_video("some-id", { interval = 30 })
    support.sleep(0.05)
    local before = now()
    client:close()
    assert.is_true(now() - before < 0.5)
    for _, job in ipairs(jobs) do
      assert.is_true(job:done())
      local _, err = job:result()
      assert.equal("cancelled", err.kind)
      assert.truthy(err.message:find("closed", 1, true))
    end
  end)

  it("is final and may be repeated", function()
    client:close()
    client:close()
    local _, err = client:list_projects()
    assert.equal("cancelled", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.is_true(client.async:list_projects():done())
    assert.is_false(client:step(0))
    assert.is_nil(client:timeout())
  end)

  it("happens at the end of a block", function()
    local job
    do
      local scoped <close> = new_client()
      job = scoped.async:wait_for_video("some-id")
    end
    assert.is_true(job:done())
  end)

  it("is done by the garbage collector when all is forgotten", function()
    server:fault { on = "list_projects", kind = "slow", seconds = 2, times = 5 }
    local forgotten = new_client()
    for _ = 1, 5 do forgotten.async:list_projects() end
    local watch = setmetatable({ forgotten }, { __mode = "v" })
    forgotten = nil -- luacheck: ignore
    local before = now()
    collectgarbage()
    collectgarbage()
    assert.is_nil(watch[1])
    assert.is_true(now() - before < 1)
    assert.truthy(client:confirm_auth())
  end)
end)

describe("a callback", function()
  it("that raises fails its own job and no other", function()
    local cause = { "mine" }
    local job = client.async:render(support.project(), { interval = 0.05,
      on_progress = function() error(cause) end })
    local other = client.async:render(support.project(), { interval = 0.05 })
    assert.is_true(job:wait(5))
    local _, err = job:result()
    assert.equal("cancelled", err.kind)
    assert.equal(cause, err.cause)
    assert.equal("unknown", err.outcome)
    assert.equal("string", type(err.project_id))
    assert.is_true(other:wait(5))
    assert.truthy(other:result())
  end)

  it("that raises a value without a text loses nothing that is paid for", function()
    local cause = setmetatable({}, { __tostring = function() error "no text" end })
    local is_armed = false
    local loud = new_client { on_event = function(event)
      if is_armed and event.type == "received" then error(cause) end
    end }
    is_armed = true
    local _, err = loud:create_project(support.project())
    loud:close()
    assert.equal("cancelled", err.kind)
    assert.equal(cause, err.cause)
    assert.equal(server:ledger()[1].project_id, err.project_id)
    assert.truthy(tostring(err):find("__tostring raises", 1, true))
  end)

  it("of events that raises before sending leaves nothing sent", function()
    local loud = new_client { on_event = function(event)
      if event.type == "queued" then error "no" end
    end }
    local _, err = loud:create_project(support.project())
    loud:close()
    assert.equal("cancelled", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.truthy(err.cause:find("no", 1, true))
    assert.equal(0, #server:requests())
  end)

  it("cannot step its client or wait for it, but can start jobs", function()
    local messages, started = {}, nil
    local function try(f, ...)
      local ok, message = pcall(f, ...)
      assert.is_false(ok)
      messages[#messages + 1] = message
    end
    local id = assert(client:create_project(support.project())).project_id
    assert(client:wait_for_video(id, { interval = 0.05, on_progress = function()
      if started then return end
      started = client.async:list_projects()
      try(client.step, client)
      try(client.list_projects, client)
      try(started.wait, started)
    end }))
    assert.equal(3, #messages)
    for _, message in ipairs(messages) do
      assert.truthy(message:find("inside a callback", 1, true))
    end
    assert.is_true(started:wait(5))
    assert.truthy(started:result())
  end)

  it("can close its client, right after it returned", function()
    local id = assert(client:create_project(support.project())).project_id
    local was_open
    local _, err = client:wait_for_video(id, { interval = 0.05, on_progress = function()
      client:close()
      was_open = tostring(client):find("open", 1, true) ~= nil
    end })
    assert.is_true(was_open)
    assert.equal("cancelled", err.kind)
    assert.truthy(tostring(client):find("closed", 1, true))
  end)

  it("may yield to the host's own loop, and others go on meanwhile", function()
    local id = assert(client:create_project(support.project())).project_id
    local result
    local host = coroutine.create(function()
      result = assert(client:wait_for_video(id, { interval = 0.05,
        on_progress = function() coroutine.yield("from the callback") end }))
    end)
    local yielded = 0
    while coroutine.status(host) ~= "dead" do
      local ok, value = coroutine.resume(host)
      assert(ok, value)
      if value == "from the callback" then
        yielded = yielded + 1
        assert.truthy(client:confirm_auth())
      end
    end
    assert.is_true(yielded > 0)
    assert.equal(100, result.progress)
  end)
end)

describe("a callback that waits in the host's own loop", function()
  -- Begins a download in a coroutine of the host, whose callback yields, and goes on until
  -- it does.
  local function begin(path)
    server:set { download_bytes = 60000, download_rate = 200000 }
    local url = assert(client:wait_for_video(assert(client:create_project(support.project()))
      .project_id, { interval = 0.02 })).download_url
    local told = {}
    local host = coroutine.create(function()
      told.result, told.err = client:download(url, path, { on_progress = function()
        coroutine.yield "inside"
      end })
    end)
    local ok, value
    repeat ok, value = coroutine.resume(host) until not ok or value == "inside"
    assert(ok, value)
    return host, told
  end

  it("gets what came for its call meanwhile", function()
    local host, told = begin(support.directory "job" .. "/a.mp4")
    local before = now()
    while now() < before + 0.6 do client:step(0.05) end -- it has come
    while coroutine.status(host) ~= "dead" do assert(coroutine.resume(host)) end
    assert.equal(60000, assert(told.result, told.err).size)
  end)

  it("ends with its client, as unknown", function()
    local host, told = begin(support.directory "job" .. "/a.mp4")
    client:close()
    while coroutine.status(host) ~= "dead" do assert(coroutine.resume(host)) end
    assert.is_nil(told.result)
    assert.same({ "cancelled", "unknown" }, { told.err.kind, told.err.outcome })
    assert.truthy(told.err.message:find("while a callback", 1, true), told.err.message)
  end)
end)

describe("waiting", function()
  it("is the host's own when it wants it to be", function()
    local waits = 0
    local patient
    patient = new_client { wait = function(given, seconds)
      waits = waits + 1
      assert.equal(patient, given)
      assert.is_true(seconds == nil or seconds >= 0)
      support.sleep(0.002)
    end }
    assert.truthy(patient:list_projects())
    patient:close()
    assert.is_true(waits > 0)
  end)

  it("that raises ends the call that waited", function()
    local other = new_client { wait = function() error "host says no" end }
    local _, err = other:create_project(support.project())
    other:close()
    assert.equal("cancelled", err.kind)
    assert.truthy(err.cause:find("host says no", 1, true))
  end)

  it("in a step takes at most the time given", function()
    server:fault { on = "list_projects", kind = "slow", seconds = 1 }
    local job = client.async:list_projects()
    assert(client:confirm_auth())
    local before = now()
    client:step(0.1)
    assert.is_true(now() - before < 0.5)
    assert.is_false(job:done())
    before = now()
    for _ = 1, 1000 do client:step(0) end
    assert.is_true(now() - before < 0.5)
  end)

  it("is not needed when there is nothing to wait for", function()
    local before = now()
    assert.is_false(client:step(10))
    assert.is_true(now() - before < 5)
  end)
end)

describe("a callback that is a nuisance", function()
  it("may cancel a job whose time has come in the same step", function()
    client:close()
    local jobs, is_armed = {}, false
    client = new_client { on_event = function(event)
      if not is_armed or event.type ~= "queued" then return end
      is_armed = false
      for _, job in ipairs(jobs) do job:cancel() end
    end }
    server:fault { on = "get_progress", kind = "unknown_state", times = 100 }
    local id = assert(client:create_project(support.project())).project_id
    for i = 1, 3 do
      jobs[i] = client.async:wait_for_video(id, { interval = 0.2, longest_interval = 0.2 })
    end
    local deadline = now() + 0.1
    while now() < deadline do client:step(0.01) end
    is_armed = true
    support.sleep(0.4) -- a slow frame
    while client:step(0.1) do end
    for i = 1, 3 do assert.equal("cancelled", select(2, jobs[i]:result()).kind) end
  end)

  it("does not lose what was paid for", function()
    client:close()
    client = new_client { on_event = function(event)
      if event.type == "received" and event.endpoint == "create_project" then error "disk full" end
    end }
    local result, err = client:create_project(support.project())
    assert.is_nil(result)
    assert.equal("cancelled", err.kind)
    assert.truthy(err.project_id)
    assert.equal(1, #server:ledger())
  end)

  it("ends with its client when it waits for ever", function()
    client:close()
    client = new_client { on_event = function() coroutine.yield() end }
    local co = coroutine.create(function() client.async:list_projects() end)
    assert(coroutine.resume(co))
    coroutine.close(co)
    client:close()
    assert.equal(0, client:stats().jobs)
  end)
end)

describe("for a host's loop, a client", function()
  it("has a descriptor that is readable when a step is due", function()
    local fd = client:pollfd()
    assert.equal("integer", math.type(fd))
    assert.equal(fd, client:getfd())
    assert.equal("r", client:events())
    assert.is_nil(client:timeout())
    assert.is_false(client:dirty())
  end)

  it("counts what it does", function()
    assert(client:list_projects())
    local stats = client:stats()
    assert.equal(0, stats.jobs)
    assert.equal(0, stats.queued)
    assert.equal(1, stats.completed)
    assert.equal(1, stats.token_fetches)
    assert.is_true(stats.bytes_received > 0)
  end)

  it("has a limit to what it queues", function()
    if support.is_slow then return end -- so many jobs take minutes there
    server:fault { on = "get_token", kind = "slow", seconds = 60 }
    local job
    for _ = 1, 65536 + 1 do job = client.async:list_projects() end
    assert.is_true(job:done())
    local _, err = job:result()
    assert.equal("not_sent", err.outcome)
    assert.truthy(err.message:find("65536", 1, true))
  end)
end)

describe("after a fork", function()
  local native = require "spec.support.native"

  it("a client is closed in the child without a word, and goes on in the parent", function()
    assert(client:confirm_auth())
    local running = client.async:list_projects()
    local pid = native.fork(function()
      client:close()
      client:close()
      if support.is_thread_sanitized then return true end
      local own <close> = new_client()
      return own:list_projects() ~= nil
    end)
    assert.equal(0, native.wait(pid))
    assert.is_true(running:wait(5))
    assert.truthy(running:result())
    assert.truthy(client:list_projects())
  end)

  it("every method raises in the child, at the caller's line", function()
    local methods = require "aistudios.client"
    local session <close> = assert(client:session { avatar_id = "x" })
    local ended = client.async:list_projects()
    ended:wait()
    local running = client.async:list_projects()
    local report = support.directory "fork" .. "/report"
    local unchecked = { close = true, -- and what is the package's own:
      credentials = true, session_token = true, keep_secret = true, redact = true,
      forbid_fork = true, takes_new_token = true, renew_token = true }
    local function calls()
      local found = {}
      for name, method in pairs(methods.Client) do
        if not name:find "^__" and not unchecked[name] then
          found[name] = function() method(client) return true end
          if methods.Async[name] then
            found["async " .. name] = function() methods.Async[name](client.async) return true end
          end
        end
      end
      for _, name in ipairs { "done", "result", "wait", "cancel", "progress", "token" } do
        found["job:" .. name] = function() running[name](running) return true end
      end
      found["session:talk"] = function() session:talk "Hi" return true end
      found["session:info"] = function() session:info() return true end
      return found
    end
    local pid = native.fork(function()
      local wrong = {}
      for name, call in pairs(calls()) do
        local ok, message = pcall(call)
        if ok or not tostring(message):find "^[^:]*job_spec%.lua:%d+: [^\n]*before fork" then
          wrong[#wrong + 1] = name .. ": " .. tostring(message)
        end
      end
      if not ended:done() or not ended:result() or not ended:wait() then
        wrong[#wrong + 1] = "a job that had ended lost its result"
      end
      support.write_file(report, table.concat(wrong, "\n"))
      return true
    end)
    assert.equal(0, native.wait(pid))
    assert.equal("", support.read_file(report))
    assert.is_true(running:wait(5))
  end)
end)
