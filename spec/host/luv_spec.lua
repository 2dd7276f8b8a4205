-- SPDX-License-Identifier: MIT
--
-- host.luv in each of the ways to run luv's loop: it neither spins nor misses a
-- time. Before 1.45, libuv's `run "once"` runs the timers that are due and then waits
-- as if there had never been any.
local aistudios = require "aistudios"
local core = require "aistudios.core"
local sandbox = require "aistudios.sandbox"
local small_project = require "spec.support.small_project"
local uv = require "luv"

local MOST_TURNS = 100 -- of the loop, in about a second; one that spins does thousands

local runs = {
  default = function () uv.run() end,
  once = function (is_over) while not is_over() do uv.run "once" end end,
}

for mode, run in pairs(runs) do
  describe(("a loop that runs by '%s'"):format(mode), function ()
    local server, client

    before_each(function ()
      server = assert(sandbox.start { render_seconds = 0.5 })
      client = assert(aistudios.new { base_url = server.url, app_id = server.app_id,
        user_key = server.user_key, wait = require "aistudios.host.luv" })
    end)

    after_each(function ()
      client:close()
      uv.run "nowait"
      server:close()
    end)

    --- Runs `f` in a coroutine; seconds and turns of the loop until its end.
    local function measure(f)
      local turns, is_over = 0, false
      local check = uv.new_check()
      check:start(function () turns = turns + 1 end)
      check:unref()
      local began = core.now()
      require "aistudios.host.luv".spawn(function ()
        f()
        is_over = true
      end)
      run(function () return is_over end)
      check:close()
      assert.is_true(is_over)
      return core.now() - began, turns
    end

    it("sleeps between the polls of a render", function ()
      local _, turns = measure(function ()
        assert(client:render(small_project(), { interval = 0.2 }))
      end)
      assert.is_true(turns < MOST_TURNS, turns)
    end)

    it("ends a call by its time, and a wait by its own", function ()
      assert(client:confirm_auth())
      server:fault { on = "list_projects", kind = "stall", seconds = 60, times = "always" }
      local seconds, turns = measure(function ()
        local _, err = client:list_projects { timeout = { total = 0.5 }, retries = 0 }
        assert.equal("timeout", err.kind)
        local job = client.async:list_projects()
        assert.is_false(job:wait(0.3))
        job:cancel()
        job:wait()
      end)
      assert.is_true(seconds > 0.7 and seconds < 10, seconds)
      assert.is_true(turns < MOST_TURNS, turns)
    end)
  end)
end
