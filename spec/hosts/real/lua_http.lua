-- A server of lua-http as receiver of webhooks.
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

describe("a server of lua-http", function ()
  it("receives the webhooks of a render that it started, in the same loop", function ()
    local server <close> = assert(sandbox.start { render_seconds = 0.5 })
    local at, root = support.directory "lua_http", support.run "pwd"
    local said = support.run(([[AISTUDIOS_BASE_URL='%s' AISTUDIOS_APP_ID='%s' \
      AISTUDIOS_USER_KEY='%s' LUA_PATH='%s/spec/examples/?.lua;%s;%s' LUA_CPATH='%s' \
      timeout -s KILL 60 %s spec/hosts/real/receiver.lua '%s/hello.mp4' 2>&1]]):format(server.url,
      server.app_id, server.user_key, root, package.path, support.elsewhere, package.cpath,
      support.lua, at))
    assert.equal(("order 66\t%s/hello.mp4"):format(at), said)
    assert.equal("ftyp", support.read_file(at .. "/hello.mp4"):sub(5, 8))
    assert.equal(1, #server:ledger())
    assert.equal(0, #support.requests(server, "get_progress")) -- nobody polls
  end)
end)
