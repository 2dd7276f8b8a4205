-- Programs as hosts: with a libcurl of their own, as a plugin, forking.
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, at, root

before_each(function ()
  server = assert(sandbox.start { render_seconds = 0.2 })
  at, root = support.directory "programs", support.run "pwd"
end)

after_each(function () server:close() end)

local function run(command)
  return support.run(([[cd '%s' && AISTUDIOS_BASE_URL='%s' AISTUDIOS_APP_ID='%s' \
    AISTUDIOS_USER_KEY='%s' LUA_PATH='%s/spec/examples/?.lua;%s' LUA_CPATH='%s' \
    timeout -s KILL 60 %s 2>&1]]):format(at, server.url, server.app_id, server.user_key, root,
    package.path, package.cpath, command))
end

local function script()
  support.write_file(at .. "/render.lua", [[
    local client <close> = assert(require "aistudios".new())
    print(assert(client:render(require "project", { to = "hello.mp4" })).path)]])
  return "render.lua"
end

describe("a program in C++ with a libcurl of its own, of the other flavour", function ()
  it("renders while it uses its own, and after it has cleaned that up", function ()
    local said = run(("'%s/spec/hosts/real/own_curl' %s/nothing %s"):format(support.build,
      server.url, script()))
    assert.equal("hello.mp4\nhello.mp4\nown answers", said)
    assert.equal(2, #server:ledger())
  end)
end)

describe("a plugin that is opened with RTLD_LOCAL", function ()
  it("renders, each time that it is opened, and shows no name", function ()
    local said = run(("'%s/spec/hosts/real/opener' '%s/spec/hosts/real/plugin.so' %s 3")
      :format(support.build, support.build, script()))
    assert.equal("hello.mp4\nhello.mp4\nhello.mp4", said)
    assert.equal(3, #server:ledger())
  end)
end)

describe("a program that forks", function ()
  it("renders in children from before and after its own client", function ()
    local said = run(("%s '%s/spec/hosts/real/prefork.lua' hello.mp4"):format(support.lua, root))
    assert.equal("hello.mp4", said)
    assert.equal(5, #server:ledger())
  end)
end)
