-- SPDX-License-Identifier: MIT
--
-- How often the I/O thread wakes while a call waits for its answer.
local aistudios = require "aistudios"
local lfs = require "lfs"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

-- Times that a thread of the module has gone to sleep.
local function sleeps(name)
  for id in lfs.dir "/proc/self/task" do
    local status = support.read_file("/proc/self/task/" .. id .. "/status") or ""
    if status:find("^Name:%s+aistudios%-" .. name .. "\n") then
      return tonumber(status:match "\nvoluntary_ctxt_switches:%s+(%d+)")
    end
  end
end

describe("a call that waits", function ()
  it("has its limits looked at a few times a second, not a hundred times", function ()
    local server <close> = assert(sandbox.start())
    local client <close> = assert(aistudios.new { base_url = server.url, app_id = server.app_id,
      user_key = server.user_key, timeout = { stall = 7 } })
    assert(client:list_projects())
    server:fault { on = "list_projects", kind = "slow", seconds = 2 }
    local job = client.async:list_projects()
    client:step(0.5)
    local before = assert(sleeps "io")
    support.sleep(1)
    local count, used = sleeps "io" - before, os.clock()
    support.sleep(0.3)
    used = os.clock() - used
    assert(job:wait(10))
    assert.truthy(count <= 20, count)
    assert.truthy(used < 0.15, used) -- of one core; no thread goes round
  end)
end)

describe("a client without calls", function ()
  it("leaves the processor alone, whether it fetches tokens or was given one", function ()
    local server <close> = assert(sandbox.start())
    local own <close> = support.client(server)
    local given <close> = support.client(server, { token = "a-token", retries = 0 })
    assert(own:list_projects())
    assert.equal("auth", select(2, given:list_projects()).kind)
    support.sleep(2.5) -- what was due for the calls is over
    local before, slept = os.clock(), sleeps "io" + sleeps "watch"
    support.sleep(1)
    local used = os.clock() - before
    assert.is_true(used < (support.is_slow and 0.5 or 0.1), used)
    assert.is_true(sleeps "io" + sleeps "watch" - slept <= 5)
  end)
end)
