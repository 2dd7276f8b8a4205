-- A token that processes share in a file.
local aistudios = require "aistudios"
local core = require "aistudios.core"
local lfs = require "lfs"
local json = require "aistudios.json"
local native = require "spec.support.native"
local sandbox = require "aistudios.sandbox"
local slow_system = require "spec.support.slow_system"
local support = require "spec.support"

describe("a token store", function ()
  local server, path

  before_each(function ()
    server = assert(sandbox.start { render_seconds = 0 })
    path = support.directory "store" .. "/token.json"
  end)
  after_each(function () server:close() end)

  local function new_client(options)
    local all = { base_url = server.url, app_id = server.app_id, user_key = server.user_key,
      token_store = path }
    for name, value in pairs(options or {}) do all[name] = value end
    return assert(aistudios.new(all))
  end

  --- One call of a client that lives no longer; its warnings.
  local function call(options)
    local warnings, all = {}, {}
    for name, value in pairs(options or {}) do all[name] = value end
    all.on_event = function (event)
      if event.type == "warning" then warnings[#warnings + 1] = event.message end
    end
    local client <close> = new_client(all)
    local result, err = client:list_projects()
    return result, err, warnings
  end

  local function fetches() return #server:requests "get_token" end

  local function read() return (assert(support.read_file(path))) end

  local function wait_for_file()
    support.wait_until(function () return support.read_file(path) end)
  end

  it("spares the next process the fetch", function ()
    for _ = 1, 3 do
      local _, err, warnings = call()
      assert.is_nil(err)
      assert.same({}, warnings)
      wait_for_file()
    end
    assert.equal(1, fetches())
  end)

  it("can be read by its owner, whatever the umask", function ()
    local said = support.run(([[umask 0777; %s -e '
      local client <close> = assert(require "aistudios".new { base_url = %q, app_id = %q,
        user_key = %q, token_store = %q })
      print(client:list_projects())']]):format(support.lua, server.url, server.app_id,
      server.user_key, path))
    assert.truthy(said:find "^table: ", said)
    assert.equal("600 600", support.run(("echo $(stat -c %%a '%s' '%s.lock')"):format(path, path)))
  end)

  it("is a file of its owner only, and names the key without holding it", function ()
    call()
    wait_for_file()
    assert.equal("600", support.run(("stat -c %%a '%s'"):format(path)))
    assert.is_nil(read():find(server.user_key, 1, true))
    local digest = support.run(("printf '%%s\\0%%s\\0%%s' '%s' '%s' '%s' | sha256sum"):format(
      server.url .. "/api/odin/v3/auth/token", server.app_id, server.user_key))
    assert.equal(digest:match "%x+", json.decode(read()).key)
    local left = support.run(("ls '%s'"):format(path:match "^(.+)/"))
    assert.equal("token.json\ntoken.json.lock", left)
  end)

  it("lets processes that start together fetch one token", function ()
    server:fault { on = "get_token", kind = "slow", seconds = 0.5 }
    local program = path:gsub("token.json$", "program.lua")
    support.write_file(program, ([[
      local client <close> = assert(require "aistudios".new { base_url = %q, app_id = %q,
        user_key = %q, token_store = %q })
      print(client:list_projects() and "good")]]):format(server.url, server.app_id,
      server.user_key, path))
    local said = support.run(("for i in $(seq 12); do %s '%s' 2>&1 & done; wait")
      :format(support.lua, program))
    assert.equal(("good\n"):rep(12), said .. "\n")
    assert.equal(1, fetches())
  end)

  it("gives no token that is empty, and one of a letter", function ()
    call()
    wait_for_file()
    local whole = read()
    for _, token in ipairs { "", "x" } do
      support.write_file(path, (whole:gsub('"token":"[^"]*"', ('"token":"%s"'):format(token))))
      local before = #server:requests "list_projects"
      call()
      local sent = server:requests "list_projects"[before + 1].headers.authorization
      assert.equal(token == "x", sent == "x", sent)
      assert.is_true(#sent > 0)
    end
  end)

  it("gives another token once its own is refused", function ()
    call()
    wait_for_file()
    local first = json.decode(read()).token
    server:expire_tokens()
    local result = call()
    assert.truthy(result)
    assert.equal(2, fetches())
    support.wait_until(function () return json.decode(read()).token ~= first end)
    assert.truthy(call())
    assert.equal(2, fetches())
  end)

  it("does not bring back a token that was forgotten", function ()
    call()
    wait_for_file()
    for fetched = 2, 3 do
      local before = json.decode(read()).token
      local client <close> = new_client()
      if fetched == 3 then assert(client:list_models()) end
      client:forget_token()
      assert(client:list_models())
      assert(client:list_models())
      assert.equal(fetched, fetches())
      support.wait_until(function () return json.decode(read()).token ~= before end)
    end
    call()
    assert.equal(3, fetches())
  end)

  it("asked before a token was forgotten does not bring it back", function ()
    call()
    wait_for_file()
    local client <close> = new_client()
    local first = client.async:list_models()
    client:forget_token()
    local second = client.async:list_models()
    assert(first:wait(5) and second:wait(5))
    assert(first:result())
    assert(second:result())
    assert.equal(2, fetches())
  end)

  it("does not serve another key of the account", function ()
    call()
    wait_for_file()
    local _, err = call { user_key = "another-key", retries = 0 }
    assert.equal("auth", err.kind)
    assert.truthy(call())
    assert.equal(2, fetches())
  end)

  it("that is no such file, or somebody else's, is left alone and reported", function ()
    local others = json.encode { aistudios_token = "1", token_url = "https://example.com",
      app_id = "a", key = "b", token = "c", obtained = os.time(), life = 80000 }
    for _, case in ipairs { { "holds no token", '{"my": "settings"}' },
      { "holds no token", (" "):rep(1 << 20) .. others }, { "another account", others } } do
      local said, text = table.unpack(case)
      support.write_file(path, text)
      os.execute(("chmod 644 '%s'"):format(path))
      local result, _, warnings = call()
      assert.truthy(result)
      assert.equal(1, #warnings)
      assert.truthy(warnings[1]:find(said, 1, true), warnings[1])
      assert.truthy(warnings[1]:find(path, 1, true))
      assert.equal(text, read())
      assert.equal("rw-r--r--", lfs.attributes(path, "permissions"))
    end
    assert.equal(3, fetches())
  end)

  it("that is a directory is left alone and reported", function ()
    lfs.mkdir(path)
    local result, _, warnings = call()
    lfs.rmdir(path)
    assert.truthy(result)
    assert.truthy(warnings[1]:find("is no regular file", 1, true), warnings[1])
  end)

  it("that others could have written is not believed", function ()
    call()
    wait_for_file()
    os.execute(("chmod 666 '%s'"):format(path))
    local result, _, warnings = call()
    assert.truthy(result)
    assert.truthy(warnings[1]:find("another user", 1, true))
    assert.equal(2, fetches())
  end)

  it("that belongs to another user is not believed", function ()
    if support.run "id -u" ~= "0" then return pending "only root can give a file away" end
    call()
    wait_for_file()
    support.run(("chown 12345 '%s'"):format(path))
    local result, _, warnings = call()
    assert.truthy(result)
    assert.truthy(warnings[1]:find("another user", 1, true))
    assert.equal(2, fetches())
  end)

  it("has the life of its token, of a day at most and less five minutes", function ()
    server:close()
    for seconds, life in pairs { [1000] = 900, [1000000] = 86400 - 300 } do
      server = assert(sandbox.start { render_seconds = 0, jwt = true, token_seconds = seconds })
      call()
      wait_for_file()
      assert.equal(life, json.decode(support.read_file(path)).life)
      server:close()
      os.remove(path)
    end
  end)

  -- It was read as it was, and stayed readable.
  it("that others may read is theirs to read no more", function ()
    call()
    wait_for_file()
    os.execute(("chmod 644 '%s'"):format(path))
    local result, _, warnings = call()
    assert.truthy(result)
    assert.same({}, warnings)
    assert.equal(1, fetches())
    assert.equal("rw-------", lfs.attributes(path, "permissions"))
  end)

  it("in a directory that is not there fails no call", function ()
    local result, _, warnings = call { token_store = "/nowhere/at/all/token.json" }
    assert.truthy(result)
    assert.truthy(warnings[1]:find("/nowhere/at/all/token.json", 1, true))
  end)

  it("whose lock cannot be made is not used", function ()
    support.run(("mkdir '%s.lock'"):format(path))
    local result, _, warnings = call()
    assert.truthy(result)
    assert.truthy(warnings[1]:find("cannot make the lock of " .. path, 1, true), warnings[1])
    assert.is_nil(support.read_file(path))
  end)

  it("that cannot be written is reported with the call whose token it is", function ()
    local warnings = {}
    local client <close> = new_client { on_event = function (event)
      if event.type == "warning" then warnings[#warnings + 1] = event.message end
    end }
    native.file_limit(10) -- bytes: there is no room for a token
    local result = client:list_projects()
    native.file_limit()
    assert.truthy(result)
    assert.equal(1, #warnings)
    assert.truthy(warnings[1]:find("cannot write " .. path, 1, true), warnings[1])
    assert.truthy(client:stats().token_problem:find(path, 1, true))
    assert.truthy(client:list_projects())
    assert.equal(1, #warnings)
  end)

  it("that cannot be read is told to a client without on_event too", function ()
    support.write_file(path, "{broken")
    local client <close> = new_client()
    assert.truthy(client:list_projects())
    assert.truthy(client:stats().token_problem:find(path, 1, true))
    assert.equal("{broken", read())
  end)

  it("that is empty, or whose token has ended, is filled", function ()
    support.write_file(path, "")
    assert.truthy(call())
    support.wait_until(function () return #read() > 0 end)
    local stale = json.decode(read())
    stale.obtained = stale.obtained - stale.life - 1
    support.write_file(path, json.encode(stale))
    assert.truthy(call())
    assert.equal(2, fetches())
    stale.obtained = math.mininteger
    support.write_file(path, json.encode(stale))
    assert.truthy(call())
    assert.equal(3, fetches())
  end)

  it("may have been written by a clock that is a minute ahead, and no more", function ()
    call()
    wait_for_file()
    local kept = json.decode(read())
    for seconds, count in pairs { [40] = 0, [80] = 1 } do
      local before = fetches()
      kept.obtained = os.time() + seconds
      support.write_file(path, json.encode(kept))
      assert.truthy(call())
      assert.equal(count, fetches() - before, seconds)
    end
  end)

  it("does not make a call wait for a process that holds its lock and hangs", function ()
    local program = path:gsub("token.json$", "holder.lua")
    server:fault { on = "get_token", kind = "slow", seconds = 3, times = 1 }
    support.write_file(program, ([[
      local client <close> = assert(require "aistudios".new { base_url = %q, app_id = %q,
        user_key = %q, token_store = %q })
      client:list_projects()]]):format(server.url, server.app_id, server.user_key, path))
    os.execute(("%s '%s' &"):format(support.lua, program))
    support.wait_until(function () return fetches() == 1 end)
    local client <close> = new_client()
    local began, used = core.now(), os.clock()
    local _, err = client:list_projects { timeout = 0.5 }
    used = os.clock() - used
    assert.is_true(support.is_slow or used < 0.1, used) -- it looks at the lock now and then
    assert.equal("timeout", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.is_true(core.now() - began < 2)
    local other <close> = new_client { token_store = path .. "2" }
    assert.truthy(other:list_projects())
    assert.truthy(client:list_projects())
    assert.equal(2, fetches())
  end)

  it("keeps clients of one process that do not share a token from fetching at once", function ()
    server:fault { on = "get_token", kind = "slow", seconds = 0.5, times = 1 }
    support.write_file(path .. ".pem", "") -- not needed for http:
    local one <close> = new_client()
    local other <close> = new_client { ca_file = path .. ".pem" }
    local jobs = { one.async:list_projects(), other.async:list_projects() }
    for _, job in ipairs(jobs) do
      assert.is_true(job:wait(8))
      assert.truthy(job:result())
    end
    assert.equal(1, fetches())
  end)

  it("is not waited for when the process that holds its lock has died", function ()
    local program = path:gsub("token.json$", "holder.lua")
    server:fault { on = "get_token", kind = "slow", seconds = 9, times = 1 }
    support.write_file(path, "")
    support.write_file(program, ([[
      print(require "spec.support.native".pid())
      io.stdout:flush()
      local client <close> = assert(require "aistudios".new { base_url = %q, app_id = %q,
        user_key = %q, token_store = %q })
      client:list_projects()]]):format(server.url, server.app_id, server.user_key, path))
    local holder = io.popen(("exec env %s '%s'"):format(support.lua, program))
    local pid = tonumber(holder:read "l")
    support.wait_until(function () return fetches() == 1 end)
    local client <close> = new_client()
    local job = client.async:list_projects()
    client:step(0.3) -- it looks at the lock
    native.kill(pid, 9)
    holder:close()
    assert.is_true(job:wait(8)) -- it waits 15 s for one that lives
    assert.truthy(job:result())
    assert.equal(2, fetches())
  end)

  -- A call of another process whose disk is as `environment` says: what it printed.
  local function call_elsewhere(environment)
    return slow_system.run(environment, [[
      local now = require "aistudios.core".now
      local url, id, key, path = ...
      local client <close> = assert(require "aistudios".new { base_url = url, app_id = id,
        user_key = key, token_store = path })
      local began = now()
      local result, err = client:list_projects { timeout = 0.8 }
      print(result and "done" or err.kind, now() - began)
    ]], server.url, server.app_id, server.user_key, path)
  end

  it("lets a call wait a tenth of a second for the disk, and no longer", function ()
    path = path .. ".part" -- the files that SLOW_WRITE is for
    local said, seconds = call_elsewhere "SLOW_WRITE=1":match "(%l+) (%S+)"
    assert.equal("done", said)
    assert.is_true(tonumber(seconds) >= 0.1, seconds)
  end)

  it("is not left open, not even as descriptor 0", function ()
    server:fault { on = "get_token", kind = "slow", seconds = 0.5 }
    local said = support.run(([[exec <&-; %s -e '
      local place = io.open "/dev/null" -- takes 0
      local client <close> = assert(require "aistudios".new { base_url = %q, app_id = %q,
        user_key = %q, token_store = %q })
      local job = client.async:list_projects()
      client:step(0.25) -- the token is asked for
      place:close()
      assert(job:wait(5) and job:result())
      local pid = require "spec.support.native".pid()
      io.write(io.popen("readlink /proc/" .. pid .. "/fd/0"):read "a")
    ']]):format(support.lua, server.url, server.app_id, server.user_key, path))
    wait_for_file()
    assert.is_nil(said:find("token", 1, true), said)
  end)

  it("is used on a disk without locks", function ()
    local ENOLCK = 37
    for _ = 1, 2 do assert.truthy(call_elsewhere("FLOCK_ERRNO=" .. ENOLCK):find "^done") end
    assert.equal(1, fetches())
  end)
end)
