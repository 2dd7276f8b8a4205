-- What no well-meaning host, disk or server does to the core.
local core = require "aistudios.core"
local support = require "spec.support"

local NOWHERE = "http://127.0.0.1:1/" -- nobody listens

local function take(handle, seconds)
  local deadline = core.now() + (seconds or 10)
  while true do
    local id, response = handle:take()
    if id then return response, id end
    assert(core.now() < deadline, "no completion in time")
    handle:wait(0.2)
  end
end

describe("a host that lets go in odd orders", function ()
  it("may cancel a collected transfer in a finalizer", function ()
    local script = support.build .. "/spec/finalizer.lua"
    support.write_file(script, [[
      local core = require "aistudios.core"
      local owner = setmetatable({}, { __gc = function (owner)
        pcall(owner.transfer.cancel, owner.transfer)
        pcall(owner.transfer.progress, owner.transfer)
        print "finalized"
      end })
      owner.handle = core.client { token = "a-token" }
      owner.transfer = owner.handle:submit(1, { method = "GET",
        url = "http://127.0.0.1:1/" })
      KEPT = owner
    ]])
    assert.equal("finalized", support.run(support.lua .. " " .. script))
  end)

  it("may take in a finalizer that runs while another takes", function ()
    local handle <close> = core.client { token = "a-token" }
    local submitted, taken, is_over = 0, 0, false
    local function arm()
      setmetatable({}, { __gc = function ()
        if is_over then return end
        if handle:take() then taken = taken + 1 end
        arm()
      end })
    end
    for _ = 1, 8 do arm() end
    collectgarbage "generational"
    for round = 1, 200 do
      for i = 1, 8 do
        handle:submit(round * 8 + i, { method = "GET", url = NOWHERE })
        submitted = submitted + 1
      end
      while taken < submitted do
        if handle:take() then taken = taken + 1 else handle:wait(0.2) end
        for _ = 1, 20 do taken = ({ taken })[1] end -- garbage
      end
    end
    is_over = true
    collectgarbage "incremental"
    assert.equal(submitted, taken)
    assert.equal(submitted, handle:stats().completed)
  end)
end)

describe("many requests without credentials", function ()
  it("all fail at once, more than have a place", function ()
    local handle <close> = core.client { max_in_flight = 4 }
    local began = core.now()
    for i = 1, 100 do
      handle:submit(i, { method = "GET", url = NOWHERE, auth = "token" })
    end
    for _ = 1, 100 do assert.equal("auth", take(handle, 3).failure) end
    assert.is_true(core.now() - began < 2)
  end)
end)

describe("a process without descriptors", function ()
  it("gets no client, or one that can be closed", function ()
    local script = support.build .. "/spec/descriptors.lua"
    support.write_file(script, [[
      local core = require "aistudios.core"
      local files = {}
      for i = 1, 60 do files[i] = io.open "/dev/null" end
      for free = 0, 6 do
        for _ = 1, free > 0 and 1 or 0 do table.remove(files):close() end
        local ok, handle = pcall(core.client, { token = "a-token" })
        if ok then handle:close() end
      end
      print "closed"
    ]])
    assert.equal("closed", support.run(
      ("ulimit -n 40; timeout 20 env %s %s"):format(support.lua, script)))
  end)
end)
