-- Many at a time, in order: client:each, and the jobs of a live session.
local aistudios = require "aistudios"
local core = require "aistudios.core"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local QUICK = { interval = 0.02, longest_interval = 0.05 }

local server, client

before_each(function()
  server = sandbox.start { render_seconds = 0.1 }
  client = support.client(server)
end)

after_each(function()
  client:close()
  server:close()
end)

local function named(i)
  local project = support.project()
  project.name = "number " .. i
  return project
end

local function items(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return list
end

describe("client:each", function()
  for how, begin in pairs {
    ["calls that wait"] = function(i) return client:render(named(i), QUICK) end,
    ["jobs"] = function(i) return client.async:render(named(i), QUICK) end,
  } do
    it("brings results in the order of the items, from " .. how, function()
      local results, errors = client:each(items(12), begin, { at_once = 4 })
      assert.equal(12, results.n)
      assert.is_nil(next(errors))
      for i = 1, 12 do
        local name = assert(client:get_project(results[i].project_id)).project.name
        assert.equal("number " .. i, name)
      end
      assert.equal(12, #server:ledger())
    end)
  end

  it("has so many in work at a time, five if nobody says otherwise", function()
    for given, wanted in pairs { [false] = 5, [2] = 2, [20] = 12 } do
      local now, most = 0, 0
      client:each(items(12), function()
        now = now + 1
        most = math.max(most, now)
        assert(client:list_models())
        assert(client:list_models())
        now = now - 1
      end, given and { at_once = given } or nil)
      assert.equal(wanted, most)
    end
  end)

  it("overlaps what it waits for", function()
    server:fault { on = "list_projects", kind = "slow", seconds = 0.3, times = 8 }
    local began = core.now()
    client:each(items(8), function() return client:list_projects() end, { at_once = 8 })
    assert.is_true(core.now() - began < 1.5)
  end)

  it("keeps the error of each item at its place, and goes on", function()
    local results, errors = client:each({ "a", "export", "c", "d" }, function(item, i)
      if i == 4 then error { "mine" } end
      if item == "export" then return client:get_project(item) end
      return item .. i
    end)
    assert.equal("a1", results[1])
    assert.equal("c3", results[3])
    assert.is_nil(results[2])
    assert.equal("invalid", errors[2].kind)
    assert.equal("mine", errors[4].cause[1])
    assert.equal("cancelled", errors[4].kind)
  end)

  it("tells how far it is", function()
    local seen = {}
    client:each(items(5), function(i)
      if i == 3 then return nil, "no" end
      return client:list_models()
    end, { on_progress = function(p) seen[#seen + 1] = p end })
    assert.equal(5, #seen)
    local sum = 0
    for i, p in ipairs(seen) do
      assert.equal(i, p.done)
      assert.equal(5, p.total)
      assert.equal(p.index, p.item)
      sum = sum + p.index
    end
    assert.equal(15, sum)
    assert.equal(1, seen[5].failed)
  end)

  describe("as a job", function()
    it("brings the same, while the host goes on", function()
      local job = client.async:each(items(12), function(i)
        if i == 3 then return nil, "no" end
        local made = assert(client:create_project(named(i)))
        return assert(client:get_project(made.project_id)).project.name
      end, { at_once = 4 })
      local steps = 0
      while not job:done() do
        client:step(0.01)
        steps = steps + 1
      end
      local results, errors = job:result()
      assert.is_true(steps > 1)
      assert.equal(12, results.n)
      assert.same({ [3] = "no" }, errors)
      for i = 1, 12 do assert.equal(i ~= 3 and "number " .. i or nil, results[i]) end
      assert.equal(11, #server:ledger())
      assert.equal(0, client:stats().jobs)
    end)

    it("takes jobs as well, and jobs that are done", function()
      local done = client.async:list_models()
      assert.is_true(done:wait(10))
      local job = client.async:each(items(6), function(i)
        return i % 2 == 0 and client.async:list_models() or done
      end)
      assert.is_true(job:wait(10))
      local results, errors = job:result()
      assert.same({}, errors)
      for i = 1, 6 do assert.equal("table", type(results[i])) end
    end)

    it("cancelled cancels what is in work and begins nothing more", function()
      server:fault { on = "list_models", kind = "slow", seconds = 30, times = 20 }
      local job = client.async:each(items(10), function() return client:list_models() end,
        { at_once = 2 })
      client:step(0.05)
      job:cancel()
      assert.is_true(job:wait(10))
      local results, errors = job:result()
      assert.equal(10, results.n)
      for i = 1, 10 do
        assert.equal("cancelled", errors[i].kind)
        assert.equal(i <= 2 and "unknown" or "not_sent", errors[i].outcome)
      end
      support.wait_until(function()
        client:step(0.01)
        return client:stats().jobs == 0
      end)
    end)

    it("ends with its client", function()
      server:fault { on = "list_models", kind = "slow", seconds = 30, times = 20 }
      local job = client.async:each(items(4), function() return client:list_models() end)
      client:step(0.05)
      client:close()
      assert.is_true(job:done())
      assert.equal("cancelled", select(2, job:result())[1].kind)
    end)
  end)

  -- A pause of a host's event loop, say.
  it("fails an item whose function yields something, and no other", function()
    local function begin(i)
      local made = client:create_project(named(i))
      if i == 2 then coroutine.yield(i) end
      return made
    end
    local job = client.async:each(items(4), begin)
    assert.is_true(job:wait(10))
    for _, came in ipairs { { client:each(items(4), begin) }, { job:result() } } do
      local results, errors = table.unpack(came)
      for _, i in ipairs { 1, 3, 4 } do assert.truthy(results[i].project_id) end
      assert.is_nil(results[2])
      assert.truthy(errors[2].message:find("only calls of this client wait", 1, true))
      assert.equal("unknown", errors[2].outcome)
      errors[2] = nil
      assert.same({}, errors)
    end
    assert.equal(0, client:stats().jobs)
  end)

  it("hands what a function yields to the host that runs it", function()
    local co = coroutine.wrap(function()
      return client:each(items(3), function(i)
        assert(client:list_models())
        return coroutine.yield("pause " .. i)
      end)
    end)
    local value, seen = co(), {}
    while type(value) == "string" do
      seen[#seen + 1] = value
      value = co(value .. " is over")
    end
    table.sort(seen)
    assert.same({ "pause 1", "pause 2", "pause 3" }, seen)
    for i = 1, 3 do assert.equal(("pause %d is over"):format(i), value[i]) end
  end)

  it("keeps what was done when on_progress raises, and begins nothing more", function()
    local function fail_at(n)
      return { at_once = 2, on_progress = function(p)
        if p.done == n then error({ "mine" }) end
      end }
    end
    local function begin(i) return client:create_project(named(i)) end
    local results, errors = client:each(items(6), begin, fail_at(2))
    assert.equal("mine", errors.cause[1])
    local known = 0
    for i = 1, 6 do
      assert.is_true((results[i] == nil) ~= (errors[i] == nil))
      if results[i] then known = known + 1 end
      if errors[i] and i > 4 then assert.equal("not_sent", errors[i].outcome) end
    end
    assert.is_true(known >= 2)
    assert.equal(0, client:stats().jobs)
    results, errors = client:each(items(2), begin, fail_at(2))
    assert.truthy(results[1] and results[2] and errors.cause)

    local job = client.async:each(items(6), begin, fail_at(2))
    assert.is_true(job:wait(10))
    results, errors = job:result()
    for i = 1, 6 do assert.is_true((results[i] == nil) ~= (errors[i] == nil)) end
  end)

  it("calls a table that can be called, and another client", function()
    local other <close> = support.client(server)
    local f = setmetatable({}, { __call = function(_, i)
      return assert(other:create_project(named(i))).project_id .. "/" .. i
    end })
    local results, errors = client:each(items(3), f)
    assert.same({}, errors)
    for i = 1, 3 do assert.truthy(results[i]:find("/" .. i, 1, true)) end
  end)

  it("ends where two of them wait for one job", function()
    server:fault { on = "list_models", kind = "slow", seconds = 0.2 }
    local shared = client.async:list_models()
    local first = client.async:each({ 1 }, function() return shared end)
    local second = client.async:each({ 1 }, function() return shared end)
    assert.is_true(first:wait(10))
    assert.is_true(second:wait(10))
  end)

  it("of nothing brings nothing", function()
    local results, errors = client:each({}, error)
    assert.same({ n = 0 }, results)
    assert.same({}, errors)
  end)

  it("may be nested, and may hold sessions", function()
    local results = client:each(items(3), function(i)
      local inner = client:each(items(3), function(j)
        local session <close> = assert(client:session { avatar_id = "x" })
        assert(session:talk "Hi")
        return i * 10 + j
      end)
      return inner[1] + inner[3]
    end)
    assert.same({ 24, 44, 64, n = 3 }, results)
    assert.equal(0, server:stats().active_sessions)
  end)

  it("waits as the host's event loop wants it", function()
    local host = require "aistudios.host.scheduler"
    local own <close> = support.client(server, { wait = host })
    local done, ticks = nil, 0
    server:fault { on = "list_models", kind = "slow", seconds = 0.1, times = 4 }
    host.spawn(function()
      done = own:each(items(4), function() return own:list_models() end)
    end)
    while host.tick() do
      ticks = ticks + 1
      support.sleep(0.005)
    end
    assert.equal(4, #done)
    assert.is_true(ticks > 5)
  end)

  it("cancels what is in work when the host's own way to wait raises", function()
    local own <close> = support.client(server, { wait = function() error "host says no" end })
    server:fault { on = "create_project", kind = "slow", seconds = 5, times = 2 }
    local jobs = {}
    local _, errors = own:each(items(2), function(i)
      jobs[i] = own.async:create_project(named(i))
      return jobs[i]
    end)
    for i = 1, 2 do
      assert.equal("cancelled", errors[i].kind)
      assert.truthy(errors[i].cause:find("host says no", 1, true))
      assert.is_true(jobs[i]:done())
    end
  end)

  it("ends when its client is closed meanwhile", function()
    server:fault { on = "list_models", kind = "slow", seconds = 5, times = 20 }
    local _, errors = client:each(items(10), function(i)
      if i == 3 then client:close() end
      return client:list_models()
    end)
    for i = 1, 10 do assert.equal("cancelled", errors[i].kind) end
  end)

  it("raises at the caller's line when it is used wrongly", function()
    for said, use in pairs {
      ["a list of items is expected"] = function() client:each(3, print) end,
      ["a function is expected"] = function() client:each({}, 3) end,
      ["did you mean 'at_once'"] = function() client:each({}, print, { at_onze = 3 }) end,
      ["from 1 to 1000"] = function() client:each({}, print, { at_once = 0 }) end,
    } do
      local ok, message = pcall(use)
      assert.is_false(ok)
      assert.truthy(message:find("^[^\n]*each_spec%.lua:%d+: "), message)
      assert.truthy(message:find(said, 1, true), message)
    end
  end)
end)

describe("session.async", function()
  it("has the methods of a session, as jobs", function()
    local session = assert(client:session { avatar_id = "x" })
    local talk, info = session.async:talk "Hi", session.async:info()
    assert.is_false(talk:done())
    assert.is_true(talk:wait(5) and info:wait(5))
    assert(talk:result())
    assert.equal(session.id, assert(info:result()).session_id)
    local close = session.async:close()
    assert.is_false(session.is_closed) -- until the service says so
    assert.is_true(close:wait(5))
    assert(close:result())
    assert.is_true(session.is_closed)
    assert.equal(0, server:stats().active_sessions)
    assert.is_true(session.async:close():done())
    assert.is_false(pcall(session.async.talk, session.async, 3))
  end)

  it("leaves a session open that could not be stopped", function()
    local session = assert(client:session { avatar_id = "x" })
    server:fault { on = "stop_session", kind = "status", status = 403 }
    local close = session.async:close()
    assert.is_true(close:wait(5))
    assert.equal(403, select(2, close:result()).status)
    assert.is_false(session.is_closed)
    assert(session:close())
    assert.is_nil(aistudios.encode({ session.is_closed }):find "false")
  end)
end)
