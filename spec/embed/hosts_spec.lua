-- C programs as hosts: many states on many threads, little memory, a life of
-- their own. Each program judges itself and prints one line.
local support = require "spec.support"

local function run(name, arguments, environment)
  return support.run(("%s LUA_PATH='%s' LUA_CPATH='%s' %s/spec/hosts/%s %s 2>&1")
    :format(environment or "", package.path, package.cpath, support.build, name,
      arguments))
end

describe("a C program that links libaistudios.a", function()
  it("renders from a hundred states on four threads, some of which close early",
    function()
      local said = run("embed", support.directory "embed")
      assert.truthy(said:find("100 states, 96 renders done, 104 abandoned", 1, true), said)
      assert.truthy(said:find("1 I/O thread, 1 token fetch", 1, true), said)
    end)

  it("gets an error wherever memory ends in a render, and loses nothing",
    function()
      -- a full run takes every allocation; under a sanitizer every 17th
      local said = run("limited", support.directory "limited"
        .. (support.is_slow and " 1 17" or ""))
      assert.truthy(said:find("limited: %d+ runs"), said)
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
