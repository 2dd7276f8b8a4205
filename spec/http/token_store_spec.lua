-- A token that processes share in a file.
local aistudios = require "aistudios"
local core = require "aistudios.core"
local json = require "aistudios.json"
local native = require "spec.support.native"
local sandbox = require "aistudios.sandbox"
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
    for said, text in pairs {
      ["holds no token"] = '{"my": "settings"}', ["another account"] = others } do
      support.write_file(path, text)
      local result, _, warnings = call()
      assert.truthy(result)
      assert.equal(1, #warnings)
      assert.truthy(warnings[1]:find(said, 1, true), warnings[1])
      assert.truthy(warnings[1]:find(path, 1, true))
      assert.equal(text, read())
    end
    assert.equal(2, fetches())
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

  it("in a directory that is not there fails no call", function ()
    local result, _, warnings = call { token_store = "/nowhere/at/all/token.json" }
    assert.truthy(result)
    assert.truthy(warnings[1]:find("/nowhere/at/all/token.json", 1, true))
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

  it("that is empty, or whose token has ended, is filled", function ()
    support.write_file(path, "")
    assert.truthy(call())
    support.wait_until(function () return #read() > 0 end)
    local stale = json.decode(read())
    stale.obtained = stale.obtained - stale.life - 1
    support.write_file(path, json.encode(stale))
    assert.truthy(call())
    assert.equal(2, fetches())
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
    local began = core.now()
    local _, err = client:list_projects { timeout = 0.5 }
    assert.equal("timeout", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.is_true(core.now() - began < 2)
    local other <close> = new_client { token_store = path .. "2" }
    assert.truthy(other:list_projects())
    assert.truthy(client:list_projects())
    assert.equal(2, fetches())
  end)
end)
