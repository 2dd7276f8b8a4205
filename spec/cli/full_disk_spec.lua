-- A disk that takes no more: what cannot be written is told, nothing that was there is lost,
-- and what was bought is brought home when there is room. A limit of the size of files
-- stands for the disk.
local command = require "spec.support.command"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, world

before_each(function ()
  server = assert(sandbox.start { render_seconds = 0.1, download_bytes = 200000 })
  world = command.world(server)
  support.write_file(world.at .. "/project.lua", support.read_file "spec/examples/project.lua")
end)

after_each(function ()
  command.stop_all()
  server:close()
end)

-- Runs a command whose files may have so many blocks of 512 bytes, at most; its code is told
-- in what it prints, for that goes through a pipe.
local function run_full(blocks, arguments, input)
  world.wrapper = ([[sh -c '{ trap "" XFSZ; ulimit -f %d; "$@"
    echo "ended with $?"; } 2>&1 | cat' sh]]):format(blocks)
  local ended = command.run(world, arguments, input)
  world.wrapper = nil
  return math.tointeger(ended.out:match "ended with (%d+)"), ended.out
end

describe("a full disk", function ()
  it("keeps no film from being fetched later, and bought once", function ()
    local code, printed = run_full(100, { "render", "project.lua", "--to", "out.mp4",
      "--interval", "0.1" })
    assert.equal(1, code, printed)
    assert.truthy(printed:find("out.mp4", 1, true), printed)
    assert.truthy(printed:find("File too large", 1, true), printed)
    assert.is_false(support.exists(world.at .. "/out.mp4"))
    local token = printed:match '"resume":"([^"]+)"'
    local ended = command.run(world, { "resume", token, "--interval", "0.1" })
    assert.equal(0, ended.code, ended.err)
    assert.equal(200000, #support.read_file(world.at .. "/out.mp4"))
    assert.equal(1, #server:ledger())
  end)

  it("takes nothing from the credentials that are there", function ()
    local path = world.at .. "/config/aistudios/credentials.json"
    world.environment.AISTUDIOS_APP_ID, world.environment.AISTUDIOS_USER_KEY = nil, nil
    local input = server.app_id .. "\n" .. server.user_key .. "\n"
    assert.equal(0, command.run(world, { "auth", "login" }, input).code)
    local before = support.read_file(path)
    local code, printed = run_full(0, { "auth", "login" }, input)
    assert.equal(1, code, printed)
    assert.truthy(printed:find("nothing was stored", 1, true), printed)
    assert.truthy(printed:find("keep the keys", 1, true), printed)
    assert.is_nil(printed:find(server.user_key, 1, true))
    assert.equal(before, support.read_file(path))
    assert.equal("credentials.json",
      support.run(("ls -A '%s/config/aistudios'"):format(world.at)))
  end)

  it("holds up no render for a token that cannot be kept", function ()
    for i, arguments in ipairs { { "render", "project.lua" }, { "make", "topic", "Tea" } } do
      local code, printed = run_full(0, { arguments[1], "--interval", "0.1",
        table.unpack(arguments, 2) })
      assert.equal(0, code, printed)
      assert.equal(i, #server:ledger())
    end
  end)
end)
