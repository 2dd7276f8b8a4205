-- What the host does to the coroutine that steps: it closes it, drops it, leaves it
-- by an error of its debug hook. No job is lost, and none is run twice.
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, client

before_each(function()
  server = sandbox.start { render_seconds = 0.1 }
  client = support.client(server)
end)

after_each(function()
  client:close()
  server:close()
end)

local function step_until(f, seconds)
  return support.wait_until(function()
    client:step(0.01)
    return f()
  end, seconds or 10)
end

describe("a coroutine that ends inside a callback", function()
  --- Starts a render whose callback waits for ever in a coroutine of the host.
  local function start()
    local job
    local co = coroutine.create(function()
      job = client.async:render(support.project(), { interval = 0.02,
        on_progress = function() coroutine.yield "inside" end })
      while not job:done() do
        client:step(0.01)
        coroutine.yield()
      end
    end)
    support.wait_until(function()
      local ok, where = coroutine.resume(co)
      assert(ok, where)
      return where == "inside"
    end)
    return job, co
  end

  it("by being closed ends the job, which says what is paid for", function()
    local job, co = start()
    assert(coroutine.close(co))
    assert.equal(0, client:timeout())
    step_until(function() return job:done() end)
    local _, err = job:result()
    assert.equal("cancelled", err.kind)
    assert.equal("string", type(err.project_id))
    assert.truthy(err.message:find("the coroutine that ran the callback was ended", 1, true))
    assert.truthy(err.resume_token)
    assert.equal(0, client:stats().jobs)
  end)

  it("by being collected ends the job as well", function()
    local job = start()
    collectgarbage()
    collectgarbage()
    step_until(function() return job:done() end)
    assert.equal("cancelled", select(2, job:result()).kind)
    assert.equal(0, client:stats().jobs)
  end)

  it("leaves the other jobs of the same step to the next one", function()
    local others = {}
    local job, co = start()
    for i = 1, 20 do others[i] = client.async:list_projects() end
    coroutine.close(co)
    for i = 1, 20 do
      assert.is_true(others[i]:wait(10))
      assert(others[i]:result())
    end
    assert.is_true(job:wait(10))
  end)

  it("lets what must go on go on: a session is stopped", function()
    client:close()
    client = support.client(server, { on_event = function(event)
      if event.endpoint == "stop_session" then coroutine.yield "inside" end
    end })
    local session = assert(client:session { avatar_id = "x" })
    local co = coroutine.create(function() session:close() end)
    local _, where = coroutine.resume(co)
    assert.equal("inside", where)
    coroutine.close(co)
    local driver = coroutine.wrap(function()
      while client:stats().jobs > 0 do client:step(0.01) end
      return "done"
    end)
    support.wait_until(function() return driver() == "done" end)
    assert.equal(0, server:stats().active_sessions)
  end)
end)

--- `pcall(f)` with an error at its `n`th instruction, if it has so many: the
--- hook is taken off before the pcall ends, so it never raises outside.
local function pcall_interrupted(n, f)
  local set = debug.sethook
  local ok, message = pcall(function()
    set(function()
      set()
      error("out of budget", 0)
    end, "", n)
    f()
    set()
  end)
  set()
  return ok, message
end

describe("an error of a debug hook inside a step", function()
  --- Steps with at most so many instructions until all jobs are done.
  local function step_with_budget(jobs, most)
    local raised = 0
    support.wait_until(function()
      local ok, message = pcall_interrupted(math.random(most), function()
        client:step(0.01)
      end)
      if not ok then
        assert.equal("out of budget", message)
        raised = raised + 1
      end
      for _, job in ipairs(jobs) do
        if not job:done() then return false end
      end
      return true
    end, 20)
    return raised
  end

  for most = 200, 500, 100 do
    it("loses no job, at a budget of 1 to " .. most .. " instructions", function()
      local seed, jobs = os.time(), {}
      math.randomseed(seed)
      for i = 1, 60 do jobs[i] = client.async:list_projects() end
      for i = 61, 80 do jobs[i] = client.async:wait_for_video("0", { interval = 0.02 }) end
      jobs[81] = client.async:render(support.project(), { interval = 0.02 })
      local raised = step_with_budget(jobs, most)
      for i = 1, 60 do assert(jobs[i]:result(), "seed " .. seed) end
      for i = 61, 80 do assert.equal("rejected", select(2, jobs[i]:result()).outcome) end
      assert.equal(1, #server:ledger())
      assert.equal(100, assert(jobs[81]:result()).progress)
      assert.equal(0, client:stats().jobs)
      assert.is_true(raised > 0, "seed " .. seed)
    end)
  end

  it("in a callback fails that job alone", function()
    local job = client.async:render(support.project(), { interval = 0.02,
      on_progress = function() for _ = 1, 1e6 do end end })
    local other = client.async:list_projects()
    step_with_budget({ job, other }, 5000)
    assert.equal("cancelled", select(2, job:result()).kind)
    assert(other:result())
  end)

  it("that was set before a job began does not run inside it", function()
    debug.sethook(function() end, "", 1)
    local inside = client.async:wait_for_video("0", { interval = 0.02 }).co
    debug.sethook()
    assert.is_nil((debug.gethook(inside)))
  end)
end)

describe("a job that is waited for", function()
  it("for no number of seconds raises", function()
    local job = client.async:list_models()
    for _, seconds in ipairs { 0 / 0, "x", {} } do
      local ok, message = pcall(job.wait, job, seconds)
      assert.is_false(ok)
      assert.truthy(message:find("a number of seconds is expected", 1, true))
    end
    assert.is_true(job:wait(5))
  end)
end)

describe("an error of a debug hook around a callback", function()
  it("does not end what the client does", function()
    server:close()
    server = sandbox.start { render_seconds = 100 }
    for n = 120, 180 do
      local own <close> = support.client(server)
      local id = assert(own:create_project(support.project())).project_id
      local job = own.async:wait_for_video(id, { interval = 0.01, on_progress = function() end })
      support.wait_until(function() return own.handle:ready() end)
      pcall_interrupted(n, function() own:step() end)
      assert.has_no.errors(function() own:step() end)
      job:cancel()
      support.wait_until(function()
        own:step(0.01)
        return job:done()
      end)
    end
  end)
end)

-- Finalizers and a lack of memory come at such moments.
describe("a client whose core", function()
  local methods, changed = require "aistudios.core".client_methods, {}

  --- Calls `f` once inside the core's `name`, after it has done its work.
  local function intrude(name, f)
    local real = methods[name]
    changed[name] = real
    methods[name] = function(...)
      local results = table.pack(real(...))
      if changed[name] then
        methods[name], changed[name] = real, nil
        f()
      end
      return table.unpack(results, 1, results.n)
    end
  end

  after_each(function()
    for name, real in pairs(changed) do methods[name], changed[name] = real, nil end
  end)

  it("is stepped by a finalizer while an answer is read takes no other for it", function()
    local NO = [[{"success":false,"error":{"code":4010,"msg":"the token has expired"}}]]
    assert(client:list_projects())
    server:fault { on = "delete_projects", kind = "status", status = 200, body = NO,
      times = "always" }
    server:fault { on = "confirm_auth", kind = "status", status = 200, times = "always",
      body = [[{"success":true,"data":{"isAuthenticated":true}}]] }
    intrude("answer", function() client:step() end)
    local result, err = client:delete_projects "an-id"
    assert.is_nil(result)
    assert.equal("api", err.kind)
  end)

  it("is stepped by a finalizer while a good answer is read ends its job once", function()
    assert(client:list_projects())
    intrude("answer", function() client:step() end)
    assert(client:list_projects())
    assert.equal(0, client:stats().jobs)
  end)

  it("has no memory for what ends a job can be closed", function()
    assert(client:list_projects())
    intrude("drop", function() error "not enough memory" end)
    local job = client.async:get_project "no-such-project"
    pcall(job.wait, job, 5)
    client:close()
    assert.is_true(job:done())
    assert.equal(0, client:stats().jobs)
  end)
end)
