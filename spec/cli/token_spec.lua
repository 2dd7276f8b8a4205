-- One access token for all commands of an account.
local command = require "spec.support.command"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, world

before_each(function ()
  server = assert(sandbox.start { render_seconds = 0.3 })
  world = command.world(server)
end)

after_each(function ()
  command.stop_all()
  server:close()
end)

local function token_files()
  return support.run(("find '%s/state' -name 'token-*' -type f | sort"):format(world.at))
end

describe("the access token", function ()
  it("is fetched once by commands that follow each other, and kept for this user", function ()
    for _ = 1, 3 do assert.equal(0, command.run(world, { "projects" }).code) end
    assert.equal(1, #server:requests "get_token")
    local path, lock = token_files():match "^([^\n]+)\n([^\n]+)$"
    assert.equal(path .. ".lock", lock)
    assert.equal("600", support.run(("stat -c %%a '%s'"):format(path)))
    assert.equal("700", support.run(("stat -c %%a '%s'"):format(path:match "^(.*)/")))
    assert.is_nil(support.read_file(path):find(server.user_key, 1, true))
  end)

  it("is fetched once by 50 commands that run together", function ()
    local running, count = {}, support.is_slow and 10 or 50
    for i = 1, count do running[i] = command.start(world, { "projects" }) end
    for i = 1, count do
      local ended = running[i]:wait(60)
      assert.equal(0, ended.code, ended.err)
    end
    assert.equal(1, #server:requests "get_token")
  end)

  it("is another one for each account and host", function ()
    assert.equal(0, command.run(world, { "projects" }).code)
    world.environment.AISTUDIOS_APP_ID = "other"
    assert.equal(3, command.run(world, { "projects" }).code)
    world.environment.AISTUDIOS_APP_ID = server.app_id
    local second <close> = assert(sandbox.start())
    assert.equal(0, command.run(world, { "projects", "--host", second.url }).code)
    assert.equal(1, #second:requests "get_token")
  end)

  it("is renewed when the service refuses it, and removed with the profile", function ()
    assert.equal(0, command.run(world, { "projects" }).code)
    server:expire_tokens()
    assert.equal(0, command.run(world, { "projects" }).code)
    assert.equal(0, command.run(world, { "projects" }).code)
    assert.equal(2, #server:requests "get_token")
    local login = command.run(world, { "auth", "login", "--host", server.url },
      server.app_id .. "\n" .. server.user_key .. "\n")
    assert.equal(0, login.code, login.err)
    assert.equal(0, command.run(world, { "auth", "logout" }).code)
    assert.equal("", token_files())
  end)

  it("is not kept where nothing can be written, and the command works", function ()
    world.environment.XDG_STATE_HOME = "/dev/null"
    local ended = command.run(world, { "projects" })
    assert.equal(0, ended.code, ended.err)
  end)
end)
