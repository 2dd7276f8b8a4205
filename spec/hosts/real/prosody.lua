-- Prosody, a server with a loop of its own, renders by a module of it.
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

describe("Prosody", function ()
  it("renders in its own loop, which is not held up", function ()
    local server <close> = assert(sandbox.start { render_seconds = 1 })
    server:fault { on = "get_progress", kind = "slow", seconds = 0.4, times = 2 }
    local at, root = support.directory "prosody", support.run "pwd"
    support.write_file(at .. "/prosody.cfg.lua", ([[
      run_as_root = true
      pidfile = %q
      data_path = %q
      plugin_paths = { %q }
      interfaces, c2s_ports, s2s_ports = { "127.0.0.1" }, {}, {}
      modules_enabled = { "aistudios" }
      modules_disabled = { "c2s", "s2s", "tls", "posix", "offline", "saslauth" }
      log = { warn = %q }
      VirtualHost "localhost"
    ]]):format(at .. "/pid", at, root .. "/spec/hosts/real", at .. "/log"))
    support.run(([[AISTUDIOS_BASE_URL='%s' AISTUDIOS_APP_ID='%s' AISTUDIOS_USER_KEY='%s' \
      LUA_PATH='%s' LUA_CPATH='%s' RESULT='%s/result' VIDEO='%s/hello.mp4' \
      PROJECT='%s/spec/examples/project.lua' \
      timeout -s KILL 60 prosody -F --config '%s/prosody.cfg.lua' >'%s/out' 2>&1
      test -f '%s/result' || { cat '%s/out' '%s/log'; false; }]]):format(server.url,
      server.app_id, server.user_key, package.path, package.cpath, at, at, root, at, at, at, at,
      at))
    assert.equal(at .. "/hello.mp4\n", support.read_file(at .. "/result"))
    assert.equal("ftyp", support.read_file(at .. "/hello.mp4"):sub(5, 8))
    assert.equal(1, #server:ledger())
    assert.is_true(tonumber(support.read_file(at .. "/result.ticks")) < 0.3)
  end)
end)
