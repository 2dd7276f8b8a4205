-- C programs as hosts: many states on many threads, little memory, a life of
-- their own. Each program judges itself and prints one line.
local support = require "spec.support"

local function run(name, arguments, environment)
  return support.run(("%s LUA_PATH='%s' LUA_CPATH='%s' '%s/spec/hosts/%s' %s 2>&1")
    :format(environment or "", package.path, package.cpath, support.build, name,
      arguments))
end

describe("a C program that links libaistudios.a", function()
  it("renders from a hundred states on four threads, some of which close early",
    function()
      local said = run("embed", support.quote(support.directory "embed"))
      assert.truthy(said:find("100 states, 96 renders done, 104 abandoned", 1, true), said)
      assert.truthy(said:find("1 I/O thread, 1 token fetch", 1, true), said)
    end)

  it("gets an error wherever memory ends in a render, and goes on in the same state",
    function()
      local said = run("limited", support.quote(support.directory "limited") .. " 1 loaded")
      assert.is_true(tonumber(said:match "limited: (%d+) runs") > 100, said)
    end)

  it("gets an error where memory ends in a state that loads the module, which then closes",
    function()
      -- every 17th allocation: nearly all of them are the compiler's
      local said = run("limited", support.quote(support.directory "limited")
        .. (support.is_slow and " 97 new" or " 17 new"))
      assert.is_true(tonumber(said:match "limited: (%d+) runs") > 50, said)
    end)

  it("keeps its signals, its libcurl and its memory while states come and go",
    function()
      local said = run("guest", "")
      local grown = tonumber(said:match "(%-?%d+) KiB more")
      assert.is_true(grown < 2048 or support.is_slow, said)
    end)

  it("may have a locale with a decimal comma", function()
    local at = support.directory "locale"
    support.run(("localedef -i de_DE -f UTF-8 '%s/de_DE.UTF-8' 2>&1"):format(at))
    local said = run("guest", "de_DE.UTF-8", "LOCPATH='" .. at .. "'")
    assert.truthy(said:find("guest: 60 states", 1, true), said)
  end)
end)

describe("a program that links libaistudios.a", function()
  local server

  before_each(function()
    server = assert(require "aistudios.sandbox".start { render_seconds = 0 })
  end)

  after_each(function() server:close() end)

  --- A file with a script that renders by the module of its state.
  local function script(beginning)
    local at = support.directory "linked"
    support.write_file(at .. "/script.lua", ([[
      %s
      local client <close> = assert(aistudios.new { base_url = %q, app_id = %q, user_key = %q })
      local result = aistudios.assert(client:create_project(dofile "spec/fixtures/hello.lua"))
      print(result.project_id and "rendered")]]):format(beginning, server.url,
      server.app_id, server.user_key))
    return at .. "/script.lua"
  end

  it("may have functions of its own under every name that the library has", function()
    local said = support.run(("LUA_PATH= '%s/spec/hosts/names' '%s' 2>&1")
      :format(support.build, script "local aistudios = require 'aistudios'"))
    assert.truthy(said:find "^%d+ names\nrendered$", said)
    assert.equal(1, #server:ledger())
  end)

  it("may be a library that Lua loads", function()
    local said = support.run(("LUA_PATH= LUA_CPATH=';;' %s '%s' 2>&1"):format(support.lua,
      script(("local aistudios = package.loadlib('%s/spec/hosts/plugin.so', 'luaopen_aistudios')()")
        :format(support.build))))
    assert.equal("rendered", said)
    assert.equal(1, #server:ledger())
  end)

  it("needs no other module and shows Lua's functions to nobody", function()
    local said = support.run(("LUA_PATH= LUA_CPATH= '%s/spec/hosts/closed' '%s' 2>&1")
      :format(support.build, script "local aistudios = require 'aistudios'"))
    assert.equal("rendered", said)
    assert.equal(1, #server:ledger())
  end)

  it("learns from `new` that a module in a file cannot use Lua's functions", function()
    local pipe = io.popen(("LUA_PATH='%s' LUA_CPATH='%s' '%s/spec/hosts/closed' '%s' 2>&1")
      :format(package.path, package.cpath, support.build, script [[
        for name in pairs(package.preload) do package.preload[name] = nil end
        package.loaded.aistudios = nil
        local aistudios = require 'aistudios']]))
    local said = pipe:read "a"
    assert.is_nil((pipe:close()))
    assert.truthy(said:find("cannot load aistudios.core: .*undefined symbol: lua.*"
      .. "link it with %-Wl,%-E"), said)
    assert.equal(0, #server:requests())
  end)
end)

describe("states of one process", function()
  it("share connections", function()
    local sandbox = require "aistudios.sandbox"
    local server <close> = assert(sandbox.start {})
    local code = [[
      local url, app_id, user_key = ...
      local client <close> = assert(require "aistudios".new {
        base_url = url, app_id = app_id, user_key = user_key,
        on_event = function (event)
          if event.type == "received" then reused = event.reused end
        end,
      })
      assert(client:list_projects())
      return tostring(reused)]]
    local keeper <close> = assert(require "aistudios".new { -- of the I/O thread
      base_url = server.url, app_id = server.app_id, user_key = server.user_key,
    })
    assert(keeper:list_projects())
    for _ = 1, 3 do
      local state <close> = support.state(code, server.url, server.app_id,
        server.user_key)
      assert.equal("true", state:join())
    end
    assert.equal(1, #support.requests(server, "get_token"))
  end)
end)

describe("a game", function()
  it("steps 64 calls and a download over TLS, once a frame", function()
    local game = require "spec.hosts.game"
    local seen = game.run(1)
    assert.is_true(seen.frames > 20, game.report(seen))
    assert.is_true(seen.calls >= 64)
    assert.is_true(seen.events > seen.calls)
    assert.is_true(seen.progress > 1)
  end)
end)
