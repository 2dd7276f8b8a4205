-- aistudios auth, profiles and doctor: whose account a command uses.
local aistudios = require "aistudios"
local command = require "spec.support.command"
local lfs = require "lfs"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, world

before_each(function ()
  server = assert(sandbox.start())
  world = command.world()
end)

after_each(function ()
  command.stop_all()
  server:close()
end)

local function login(...)
  return command.run(world, { "auth", "login", "--host", server.url, ... },
    server.app_id .. "\n" .. server.user_key .. "\n")
end

local function file() return world.at .. "/config/aistudios/credentials.json" end

describe("aistudios auth login", function ()
  it("checks the keys with one token fetch and stores them for this user only", function ()
    local ended = login()
    assert.equal(0, ended.code, ended.err)
    assert.is_true(ended.lines[1].verified)
    assert.equal(1, #server:requests "get_token")
    assert.equal("600", support.run(("stat -c %%a '%s'"):format(file())))
    local stored = aistudios.decode(support.read_file(file())).profiles.default
    assert.same({ app_id = server.app_id, user_key = server.user_key, host = server.url },
      stored)
    assert.is_nil((ended.out .. ended.err):find(server.user_key, 1, true))
    ended = command.run(world, { "projects" })
    assert.equal(0, ended.code, ended.err)
  end)

  it("stores nothing that the service refuses", function ()
    local ended = command.run(world, { "auth", "login", "--host", server.url },
      "wrong\nkey\n")
    assert.equal(3, ended.code, ended.err)
    assert.is_false(support.exists(file()))
  end)

  it("stores keys that could not be checked, and says so", function ()
    server:fault { on = "get_token", kind = "drop_before_read", times = 10 }
    local ended = login()
    assert.equal(1, ended.code, ended.err)
    assert.is_false(ended.lines[1].verified)
    assert.is_true(support.exists(file()))
  end)

  it("never writes over a file that it cannot read", function ()
    support.run(("mkdir -p '%s'"):format(world.at .. "/config/aistudios"))
    for _, text in ipairs { '{"profiles": {', '{"other": 1}', '{"profiles": {"a": 5}}' } do
      support.write_file(file(), text)
      local ended = login()
      assert.equal(1, ended.code)
      assert.equal(text, support.read_file(file()))
      assert.equal(1, command.run(world, { "auth", "logout" }).code)
      assert.equal(text, support.read_file(file()))
      assert.equal(3, command.run(world, { "projects" }).code)
    end
    assert.equal(0, #server:requests())
  end)

  it("says at once when the file cannot be written, and leaves the old one", function ()
    assert.equal(0, login().code)
    local before = support.read_file(file())
    support.run(("mkdir -p '%s/full'"):format(world.at))
    world.environment.XDG_CONFIG_HOME = "/dev/null"
    local ended = login()
    assert.equal(1, ended.code)
    assert.truthy(ended.notes[1].message:find("nothing was stored", 1, true), ended.err)
    assert.equal(before, support.read_file(file()))
  end)

  -- A copy, or one made by hand, was read as it was.
  it("keeps its file from others, whoever made it", function ()
    assert.equal(0, login().code)
    support.run(("chmod 644 '%s'"):format(file()))
    assert.equal(0, command.run(world, { "auth", "status" }).code)
    assert.equal("rw-------", lfs.attributes(file(), "permissions"))
  end)

  it("takes no key as an argument", function ()
    for _, option in ipairs { "--user-key", "--app-id", "--key" } do
      assert.equal(2, command.run(world, { "auth", "login", option, "x" }).code)
    end
    assert.equal(2, command.run(world, { "auth", "login" }, "only one line\n").code)
  end)

  it("asks on a terminal and shows nothing of what is typed", function ()
    local running = command.start_on_terminal(world,
      { "auth", "login", "--host", server.url })
    running:expect "AppId (not shown): "
    running:type("wrong\21" .. server.app_id .. "x\127\r")
    running:expect "UserKey (not shown): "
    running:type(server.user_key .. "\r")
    local ended = running:wait()
    assert.equal(0, ended.code, ended.out)
    assert.is_nil(ended.out:find(server.user_key, 1, true), ended.out)
    assert.is_nil(ended.out:find(server.app_id, 1, true), ended.out)
    assert.truthy(ended.out:find("checked and stored", 1, true))
  end)

  it("takes both keys that are pasted at once", function ()
    local running = command.start_on_terminal(world, { "auth", "login", "--host", server.url })
    running:expect "AppId (not shown): "
    running:type(server.app_id .. "\r" .. server.user_key .. "\r")
    assert.equal(0, running:wait().code)
  end)

  it("gives the terminal back when it is ended at the prompt", function ()
    local running = command.start_on_terminal(world, { "auth", "login" })
    running:expect "AppId (not shown): "
    running:signal "TERM"
    assert.equal(130, running:wait().code)
  end)

  it("is left with ^C at the prompt", function ()
    local running = command.start_on_terminal(world, { "auth", "login" })
    running:expect "AppId (not shown): "
    running:type "abc\3"
    assert.equal(130, running:wait().code)
    assert.is_false(support.exists(file()))
  end)
end)

describe("aistudios auth status and logout", function ()
  it("say whose keys are used, and forget them", function ()
    assert.equal(3, command.run(world, { "auth", "status" }).code)
    assert.equal(0, login("--profile", "work").code)
    local ended = command.run(world, { "auth", "status", "--profile", "work" })
    assert.equal(0, ended.code, ended.err)
    assert.equal("file", ended.lines[1].source)
    assert.equal(server.url, ended.lines[1].host)
    world.environment.AISTUDIOS_PROFILE = "work"
    assert.equal(0, command.run(world, { "auth", "status" }).code)
    assert.equal(0, command.run(world, { "auth", "logout" }).code)
    assert.equal(3, command.run(world, { "auth", "status" }).code)
    assert.equal(1, command.run(world, { "auth", "logout" }).code)
  end)
end)

describe("the keys of a command", function ()
  it("come from the environment, else from the profile; a named one goes first", function ()
    assert.equal(0, login("--profile", "work").code)
    world.environment.AISTUDIOS_APP_ID = "other"
    world.environment.AISTUDIOS_USER_KEY = "other"
    world.environment.AISTUDIOS_BASE_URL = server.url
    assert.equal(3, command.run(world, { "projects" }).code)
    assert.equal(0, command.run(world, { "projects", "--profile", "work" }).code)
    local ended = command.run(world, { "projects", "--profile", "missing" })
    assert.equal(3, ended.code)
    assert.truthy(ended.notes[1].message:find("missing", 1, true))
  end)

  it("are never mixed from two places", function ()
    assert.equal(0, login().code)
    world.environment.AISTUDIOS_APP_ID = "other"
    local ended = command.run(world, { "projects" })
    assert.equal(3, ended.code)
    assert.truthy(ended.notes[1].message:find("AISTUDIOS_USER_KEY is not", 1, true))
  end)
end)

describe("aistudios doctor", function ()
  local function by_name(ended)
    local found = {}
    for _, line in ipairs(ended.lines) do found[line.check] = line end
    return found
  end

  it("says of each thing whether it is well", function ()
    assert.equal(0, login().code)
    local ended = command.run(world, { "doctor", "--json" })
    local found = by_name(ended)
    for _, name in ipairs { "versions", "host", "dns", "proxy", "ca_file", "connection",
      "tls", "clock", "key", "token", "disk", "state", "descriptors" } do
      assert.is_true(found[name] and found[name].ok, name .. ended.out)
      assert.is_string(found[name].detail)
    end
    assert.equal(0, ended.code, ended.out)
    assert.is_nil(ended.out:find(server.user_key, 1, true))
  end)

  it("looks at the sandbox, and nowhere else, where one is wanted", function ()
    world.environment.AISTUDIOS_SANDBOX = "1"
    world.environment.AISTUDIOS_BASE_URL = server.url
    local ended = command.run(world, { "doctor", "--json" })
    assert.equal(0, ended.code, ended.out)
    assert.truthy(by_name(ended).host.detail:find("http://127.0.0.1:", 1, true))
    assert.equal(0, #server:requests())
    world.environment.AISTUDIOS_SANDBOX = "yes"
    assert.equal(2, command.run(world, { "doctor", "--json" }).code)
  end)

  it("ends with 3 when only the keys are at fault, and says what to do", function ()
    local ended = command.run(world, { "doctor", "--host", server.url })
    local found = by_name(ended)
    assert.is_false(found.key.ok)
    assert.truthy(found.key.hint:find("auth login", 1, true))
    assert.equal(3, ended.code, ended.out)
  end)

  it("says what is wrong with host, CA file and connection", function ()
    assert.equal(0, login().code)
    assert.is_false(by_name(command.run(world, { "doctor", "--host", "nonsense" })).host.ok)
    support.write_file(world.at .. "/ca.pem", "nothing")
    world.environment.SSL_CERT_FILE = world.at .. "/ca.pem"
    local port = support.free_port()
    local ended = command.run(world, { "doctor", "--host", "http://127.0.0.1:" .. port })
    local found = by_name(ended)
    assert.is_false(found.ca_file.ok)
    assert.is_false(found.connection.ok)
    assert.is_false(found.token.ok)
    assert.equal(1, ended.code)
  end)

  it("says what this machine lacks: room, descriptors, a place for tokens", function ()
    world.wrapper = "sh -c 'ulimit -n 60; cd /proc && exec \"$@\"' sh" -- where no room is
    world.environment.XDG_STATE_HOME = "/proc/none"
    local found = by_name(command.run(world, { "doctor", "--host", server.url }))
    for _, name in ipairs { "disk", "descriptors", "state" } do
      assert.is_false(found[name].ok, name)
      assert.is_string(found[name].hint)
    end
  end)

  it("says that a name has no address, and that a server is not trusted", function ()
    local found = by_name(command.run(world, { "doctor", "--host", "https://" .. ("x"):rep(64)
      .. ".test" })) -- longer than any part of a name
    assert.is_false(found.dns.ok)
    assert.is_nil(found.tls)
    local certificates = support.certificates()
    local other <close> = assert(sandbox.start { tls = { cert = certificates.server_cert,
      key = certificates.server_key } })
    found = by_name(command.run(world, { "doctor", "--host", other.url }))
    assert.is_false(found.tls.ok)
    assert.truthy(found.tls.detail:find("not trusted", 1, true))
  end)

  it("says that this machine's clock is wrong", function ()
    local peer = assert(require "socket".bind("127.0.0.1", 0))
    peer:settimeout(10)
    local _, port = peer:getsockname()
    local running = command.start(world,
      { "doctor", "--host", "http://127.0.0.1:" .. port })
    local connection = assert(peer:accept())
    connection:settimeout(1)
    connection:receive "*l"
    connection:send("HTTP/1.1 401 Unauthorized\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
      .. "Content-Length: 2\r\nConnection: close\r\n\r\n{}")
    connection:close()
    peer:close()
    local found = by_name(running:wait())
    assert.is_false(found.clock.ok, running:printed())
    assert.truthy(found.clock.detail:find "^%+%d+ s")
  end)
end)
