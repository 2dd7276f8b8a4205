-- nmap: its scripts run in a Lua inside of it. Debian's is 5.3, which cannot load
-- the module; a script of it has the command instead.
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

describe("a script of nmap", function ()
  it("renders by the command, and is told in one sentence why the module does not load", function ()
    local server <close> = assert(sandbox.start { render_seconds = 0.2 })
    local at, root = support.directory "nmap", support.run "pwd"
    local said = support.run(([[AISTUDIOS_BASE_URL='%s' AISTUDIOS_APP_ID='%s' \
      AISTUDIOS_USER_KEY='%s' HOME='%s' PROGRAM='%s/bin/aistudios' VIDEO='%s/hello.mp4' \
      PROJECT='%s/spec/examples/project.lua' LUA_PATH_5_3='%s;;' LUA_PATH='%s;;' \
      timeout -s KILL 60 nmap --script '%s/spec/hosts/real/aistudios.nse' 2>&1]]):format(
      server.url, server.app_id, server.user_key, at, support.build, at, root, package.path,
      package.path, root))
    assert.truthy(said:find("aistudios needs Lua 5.4; this is Lua 5.3", 1, true), said)
    assert.truthy(said:find("code: 0", 1, true), said)
    assert.truthy(said:find('hello.mp4"', 1, true), said)
    assert.equal("ftyp", support.read_file(at .. "/hello.mp4"):sub(5, 8))
    assert.equal(1, #server:ledger())
  end)
end)
