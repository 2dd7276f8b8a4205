-- Each adapter in its real loop: calls inside coroutines of the loop look
-- blocking and block nobody.
local aistudios = require "aistudios"
local core = require "aistudios.core"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

-- What differs: `spawn(f)` starts a coroutine of the loop, `run()` runs the
-- loop until nothing is left, `ticks(f)` calls f every 10 ms until it returns
-- true.
local hosts = {}

function hosts.cqueues()
  local cqueues = require "cqueues"
  local loop = cqueues.new()
  local function spawn(f) loop:wrap(f) end
  return {
    wait = require "aistudios.host.cqueues",
    spawn = spawn,
    run = function() assert(loop:loop(30)) end,
    ticks = function(f)
      spawn(function() while not f() do cqueues.sleep(0.01) end end)
    end,
    is_clean = function() return loop:empty() end,
    close = function() loop:close() end,
  }
end

-- luv has one loop for the life of the state; here it opens what it keeps.
do
  local uv = require "luv"
  uv.new_timer():close()
  uv.run()
end

function hosts.luv()
  local uv = require "luv"
  local coroutines = require "aistudios.host.coroutines"
  return {
    wait = require "aistudios.host.luv",
    spawn = coroutines.spawn,
    run = function() uv.run() end,
    ticks = function(f)
      local timer = uv.new_timer()
      timer:start(10, 10, function() if f() then timer:close() end end)
    end,
    is_clean = function()
      local active = 0
      uv.walk(function(handle)
        if handle:is_active() and not handle:is_closing() then active = active + 1 end
      end)
      return active == 0
    end,
    close = function()
      uv.walk(function(handle) if not handle:is_closing() then handle:close() end end)
      uv.run()
    end,
  }
end

-- A loop of a program's own around `step()`, with ticks every 10 ms.
local function ticking(spawn, wait, step)
  local due
  return {
    wait = wait, spawn = spawn, is_ours = true,
    run = function()
      local deadline = core.now() + 30
      while step() or due do
        assert(core.now() < deadline, "the loop hangs")
        if due and due() then due = nil end
      end
    end,
    ticks = function(f) due = f end,
    is_clean = function() return not step() end,
    close = function() end,
  }
end

function hosts.luasocket()
  local luasocket = require "aistudios.host.luasocket"
  return ticking(luasocket.spawn, luasocket, function()
    local _, busy = luasocket.step(0.01)
    return busy
  end)
end

-- It prints the errors of its coroutines.
function hosts.copas()
  local path = package.path
  package.path = path .. ";" .. support.elsewhere
  local copas = require "copas"
  package.path = path
  local busy = 0
  local host = ticking(function(f)
    busy = busy + 1
    copas.addthread(function()
      f()
      busy = busy - 1
    end)
  end, require "aistudios.host.copas", function()
    copas.step(0.01)
    return busy > 0
  end)
  host.is_ours = false
  return host
end

function hosts.scheduler()
  local scheduler = require "aistudios.host.scheduler"
  return ticking(scheduler.spawn, scheduler, function()
    support.sleep(0.01)
    return scheduler.tick()
  end)
end

for name, make in pairs(hosts) do
  describe("aistudios.host." .. name, function()
    local server, host, client

    before_each(function()
      server = assert(sandbox.start { render_seconds = 0 })
      host = make()
      client = assert(aistudios.new {
        base_url = server.url, app_id = server.app_id,
        user_key = server.user_key, wait = host.wait,
      })
    end)

    after_each(function()
      client:close()
      host.close()
      server:close()
    end)

    it("lets two calls overlap while the loop's own timer ticks", function()
      assert(client:confirm_auth()) -- outside of any coroutine it blocks
      server:fault { on = "list_projects", kind = "slow", seconds = 0.3, times = 2 }
      local done, ticks = 0, 0
      local began = core.now()
      for _ = 1, 2 do
        host.spawn(function()
          assert(client:list_projects())
          done = done + 1
        end)
      end
      assert.equal(0, done)
      host.ticks(function()
        ticks = ticks + 1
        return done == 2
      end)
      host.run()
      assert.equal(2, done)
      assert.is_true(core.now() - began < 0.55, "they did not overlap")
      assert.is_true(ticks >= 10, ticks .. " ticks")
      assert.is_true(host.is_clean())
    end)

    it("runs many calls of many coroutines, one after the other too", function()
      local done = 0
      for _ = 1, 40 do
        host.spawn(function()
          for _ = 1, 3 do assert(client:list_projects()) end
          done = done + 1
        end)
      end
      host.run()
      assert.equal(40, done)
      assert.equal(120, #support.requests(server, "list_projects"))
      assert.equal(1, #support.requests(server, "get_token"))
    end)

    it("renders a project as if it blocked", function()
      local path = support.directory("host-" .. name) .. "/hello.mp4"
      local result, err
      host.spawn(function()
        result, err = client:render(support.project(),
          { to = path, interval = 0.02, longest_interval = 0.05 })
      end)
      host.run()
      assert.is_nil(err)
      assert.equal(path, result.path)
      assert.equal(1, #server:ledger())
    end)

    it("lets a generator that calls yield its own values, everywhere", function()
      local function generator()
        return coroutine.wrap(function()
          for i = 1, 3 do
            assert(client:list_models())
            coroutine.yield(i)
          end
          return "the end"
        end)
      end
      local function values(each)
        return table.concat({ each(), each(), each(), each() }, " ")
      end
      assert.equal("1 2 3 the end", values(generator()))
      local seen
      host.spawn(function() seen = values(generator()) end)
      host.run()
      assert.equal("1 2 3 the end", seen)
      assert.is_true(host.is_clean())
    end)

    it("blocks in a coroutine of somebody else, and where nothing can yield", function()
      local co = coroutine.create(function() return client:list_models() end)
      local ok, models = coroutine.resume(co)
      assert.is_true(ok)
      assert.is_table(models)
      assert.equal("dead", coroutine.status(co))
      local count = 0
      host.spawn(function()
        ("ab"):gsub(".", function() count = count + (client:list_models() and 1 or 0) end)
      end)
      host.run()
      assert.equal(2, count)
    end)

    it("hands errors to who called", function()
      local result, err
      host.spawn(function()
        result, err = client:get_project "000000000000000000000000"
      end)
      host.run()
      assert.is_nil(result)
      assert.equal("rejected", err.outcome)
    end)

    it("wakes who waits for a job that another coroutine cancels", function()
      local job = client.async:wait_for_video("000000000000000000000000",
        { interval = 20, longest_interval = 20 })
      server:fault { on = "get_progress", kind = "unknown_state", times = 100 }
      local ended
      host.spawn(function()
        job:wait()
        ended = select(2, job:result())
      end)
      host.spawn(function()
        job:cancel()
        client:list_projects()
      end)
      local began = core.now()
      host.run()
      assert.equal("table", type(ended))
      assert.is_true(core.now() - began < 5)
    end)

    it("closes while calls wait, and leaves the loop clean", function()
      server:fault { on = "list_projects", kind = "slow", seconds = 20, times = 3 }
      local errors = {}
      for i = 1, 3 do
        host.spawn(function()
          errors[i] = select(2, client:list_projects())
        end)
      end
      host.ticks(function()
        if #support.requests(server, "list_projects") < 3 then return false end
        client:close()
        return true
      end)
      host.run()
      for i = 1, 3 do assert.equal("cancelled", errors[i] and errors[i].kind) end
      assert.is_true(host.is_clean())
    end)

    it("forgets a coroutine that was closed while it waited", function()
      if name == "cqueues" or name == "copas" then return end -- they own theirs
      server:fault { on = "list_projects", kind = "slow", seconds = 0.2, times = 2 }
      local done = false
      local killed = coroutine.create(function() client:list_projects() end)
      assert(coroutine.resume(killed))
      host.spawn(function()
        assert(client:list_projects())
        done = true
      end)
      assert(coroutine.close(killed))
      host.run()
      assert.is_true(done)
      assert.is_true(host.is_clean())
    end)

    it("raises an error of a coroutine where the loop runs", function()
      if not host.is_ours then return end -- luv ends, cqueues returns it, copas prints it
      host.spawn(function()
        client:list_projects()
        error("a mistake of the host", 0)
      end)
      assert.has_error(function() host.run() end)
      host.run()
    end)
  end)
end

describe("an adapter", function()
  local server, client

  before_each(function() server = assert(sandbox.start { render_seconds = 60 }) end)

  after_each(function()
    client:close()
    server:close()
  end)

  local function new_client(name)
    client = assert(aistudios.new { base_url = server.url, app_id = server.app_id,
      user_key = server.user_key, wait = require("aistudios.host." .. name) })
    return client
  end

  it("works in a second cqueues loop after the first was dropped", function()
    local cqueues = require "cqueues"
    new_client "cqueues"
    server:fault { on = "list_projects", kind = "slow", seconds = 3 }
    local first, second, models = cqueues.new(), cqueues.new(), nil
    first:wrap(function() client:list_projects() end)
    first:step(0.2)
    second:wrap(function() models = client:list_models() end)
    assert(second:loop(5))
    assert.is_table(models)
    client:close()
    first:close()
    second:close()
  end)

  for _, name in ipairs { "cqueues", "luv" } do
    it("of " .. name .. " wakes at once who waits for a job that is cancelled", function()
      new_client(name)
      local id = assert(client:create_project(support.project())).project_id
      local job = client.async:wait_for_video(id, { interval = 4, longest_interval = 4 })
      local host, heard = hosts[name](), nil
      host.spawn(function()
        local began = core.now()
        job:wait()
        heard = core.now() - began
      end)
      local count = 0
      host.ticks(function()
        count = count + 1
        if count == 20 then job:cancel() end
        return count == 20
      end)
      host.run()
      client:close()
      host.close()
      assert.is_true(heard < 2, "heard after " .. heard .. " s")
    end)
  end
end)

describe("a program with luv's loop", function()
  it("may end right after its client, without another turn of the loop", function()
    local server <close> = assert(sandbox.start {})
    -- luv crashes at the end when a handle was closed and its loop not run
    local said = support.run(([[%s - 2>&1 <<'END'
      local client = assert(require "aistudios".new { base_url = "%s",
        app_id = "%s", user_key = "%s", wait = require "aistudios.host.luv" })
      coroutine.wrap(function() print(#client:list_projects()) end)()
      require "luv".run()
      client:close()
END]]):format(support.lua, server.url, server.app_id, server.user_key))
    assert.equal("0", said)
  end)
end)
