-- Proxies: what they are asked for, and what never is.
local aistudios = require "aistudios"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

--- Runs a program with all the environment's proxies set to `proxy`.
local function with_proxies(proxy, code)
  local path = support.directory "proxy" .. "/program.lua"
  support.write_file(path, code)
  local environment = {}
  for _, name in ipairs { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" } do
    environment[#environment + 1] = ("%s='%s'"):format(name, proxy)
  end
  return support.run(("env -u no_proxy -u NO_PROXY %s %s '%s' 2>&1")
    :format(table.concat(environment, " "), support.lua, path))
end

--- Who asks, by the headers of a request; nil where they do not say it, or twice.
local function agent_of(connection)
  local found, count = nil, 0
  for line in function () return connection:receive "*l" end do
    if line == "" then break end
    local agent = line:match "^User%-Agent: (.*)$"
    if agent then found, count = agent, count + 1 end
  end
  return count == 1 and found or nil
end

describe("a service of this machine", function ()
  it("is told who asks", function ()
    local server = assert(require "socket".bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    server:settimeout(10)
    local client <close> = assert(aistudios.new { base_url = "http://127.0.0.1:" .. port,
      token = ("t"):rep(12), retries = 0, user_agent = "mine/1" })
    client.async:list_projects()
    local connection = assert(server:accept())
    connection:settimeout(10)
    assert.equal("mine/1", agent_of(connection))
    connection:close()
    server:close()
  end)

  it("is reached without the environment's proxy, and without the option's", function ()
    local server <close> = assert(sandbox.start { render_seconds = 0 })
    local dead = "http://127.0.0.1:" .. support.free_port()
    for _, host in ipairs { "127.0.0.1", "LocalHost" } do
      for _, option in ipairs { "nil", ("%q"):format(dead) } do
        local said = with_proxies(dead, ([[
          local client <close> = assert(require "aistudios".new {
            base_url = %q, app_id = %q, user_key = %q, proxy = %s, retries = 0 })
          print(client:list_projects())]]):format(
          ("http://%s:%d"):format(host, server.port), server.app_id, server.user_key, option))
        assert.truthy(said:find "^table: ", said)
      end
    end
  end)
end)

describe("any other service", function ()
  it("is asked for through the environment's proxy", function ()
    local proxy = assert(require "socket".bind("127.0.0.1", 0))
    local _, port = proxy:getsockname()
    proxy:settimeout(10)
    for _, host in ipairs { "127.0.0.1.example", "localhost.example", "127a.example" } do
      -- in the background: it talks to the proxy here
      os.execute(([[
        env -u no_proxy -u NO_PROXY https_proxy=http://127.0.0.1:%d %s -e '
          local client <close> = assert(require "aistudios".new {
            base_url = "https://%s", token = ("t"):rep(12), retries = 0 })
          client:list_projects()' &]]):format(port, support.lua, host))
      local connection = assert(proxy:accept())
      connection:settimeout(10)
      assert.equal("CONNECT " .. host .. ":443 HTTP/1.1", (connection:receive "*l"))
      assert.equal("aistudios-lua/" .. aistudios._VERSION, agent_of(connection))
      connection:close()
    end
    proxy:close()
  end)
end)

describe("an address of this machine", function ()
  local function accept_all(listener, answer)
    local seen = {}
    listener:settimeout(0.3)
    for peer in function () return (listener:accept()) end do
      peer:settimeout(5)
      seen[#seen + 1] = peer:receive "*l"
      repeat local line = peer:receive "*l" until not line or line == ""
      peer:send(answer(seen[#seen]))
      peer:close()
    end
    listener:close()
    return seen
  end

  -- Asks for each address in turn through a proxy; what that is asked for.
  local function asked(addresses, request, answer)
    local proxy = assert(require "socket".bind("127.0.0.1", 0))
    local _, port = proxy:getsockname()
    local client <close> = require "aistudios.core".client { token = "a-token",
      proxy = "http://127.0.0.1:" .. port }
    for i, address in ipairs(addresses) do
      request.method, request.url = "GET", address
      assert(client:submit(i, request))
    end
    return accept_all(proxy, answer or function () return "HTTP/1.1 204 No\r\n\r\n" end)
  end

  it("is known in every form", function ()
    local hosts = { "localhost.", "LOCALHOST", "a.localhost", "127.1", "2130706433", "0x7f000001",
      "0177.0.0.1", "0.0.0.0", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]", "[::]" }
    local addresses = {}
    for i, host in ipairs(hosts) do addresses[i] = "http://" .. host .. ":1/" end
    addresses[#addresses + 1] = "http://notlocalhost:1/"
    assert.same({ "GET http://notlocalhost:1/ HTTP/1.1" }, asked(addresses, {}))
  end)

  it("is not asked for at a proxy where a redirect leads to it, and others are", function ()
    local to = support.directory "redirected" .. "/file"
    local seen = asked({ "http://films.example/a" }, { to = to, follow = 5 }, function (line)
      local next_one = line:find "/a " and "http://other.example/b" or "http://127.0.0.1:1/c"
      return ("HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"):format(next_one)
    end)
    assert.same({ "GET http://films.example/a HTTP/1.1", "GET http://other.example/b HTTP/1.1" },
      seen)
  end)

  it("may redirect to others, for which there is a proxy", function ()
    local server = assert(require "socket".bind("127.0.0.1", 0))
    local proxy = assert(require "socket".bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    local _, proxy_port = proxy:getsockname()
    local client <close> = require "aistudios.core".client { token = "a-token",
      proxy = "http://127.0.0.1:" .. proxy_port }
    assert(client:submit(1, { method = "GET", url = "http://127.0.0.1:" .. port, follow = 5,
      to = support.directory "redirected" .. "/file" }))
    accept_all(server, function ()
      return "HTTP/1.1 302 Found\r\nLocation: http://films.example/a\r\nContent-Length: 0\r\n\r\n"
    end)
    assert.same({ "GET http://films.example/a HTTP/1.1" },
      accept_all(proxy, function () return "HTTP/1.1 204 No\r\n\r\n" end))
  end)
end)

describe("a redirect to the other scheme", function ()
  -- A download of http://films.example/a, whose proxy answers that it is at `location`.
  local function redirect(location, environment)
    local proxy = assert(require "socket".bind("127.0.0.1", 0))
    local _, port = proxy:getsockname()
    proxy:settimeout(10)
    local path = support.directory "redirected" .. "/film"
    local pipe = assert(io.popen(([[env -u NO_PROXY -u no_proxy -u https_proxy -u HTTPS_PROXY \
      -u all_proxy -u ALL_PROXY http_proxy=http://name:secret@127.0.0.1:%d %s %s -e '
      local client <close> = require "aistudios.core".client { token = "a-token" }
      assert(client:submit(1, { method = "GET", url = "http://films.example/a", follow = 5,
        to = %q, total_timeout = 3 })) -- it holds the sockets of this process, too
      while not client:peek() do client:wait(1) end
      print(select(2, client:peek()).message)']]):format(port, environment, support.lua, path)))
    local first = assert(proxy:accept())
    first:settimeout(10)
    local asked = { (first:receive "*l") }
    repeat local line = first:receive "*l" until line == ""
    first:send("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " .. location .. "\r\n\r\n")
    first:settimeout(0.5)
    asked[2] = first:receive "*l"
    proxy:settimeout(0.1)
    local second = not asked[2] and proxy:accept()
    asked[2] = second and second:receive "*l" or asked[2]
    first:close()
    if second then second:close() end
    proxy:close()
    return asked, pipe
  end

  it("goes through the proxy of that one", function ()
    local other = assert(require "socket".bind("127.0.0.1", 0))
    local _, port = other:getsockname()
    other:settimeout(10)
    for location, host in pairs { ["https://films.invalid/b"] = "films.invalid",
      ["HTTPS://other.invalid/b c"] = "other.invalid" } do
      local asked, pipe = redirect(location, "https_proxy=http://127.0.0.1:" .. port)
      assert.same({ "GET http://films.example/a HTTP/1.1" }, asked)
      local peer = assert(other:accept())
      assert.equal(("CONNECT %s:443 HTTP/1.1"):format(host), (peer:receive "*l"))
      repeat
        local line = peer:receive "*l"
        assert.is_nil(line and line:lower():find "proxy%-auth")
      until not line or line == ""
      peer:close()
      pipe:close()
    end
    other:close()
  end)

  it("goes without one where that has none", function ()
    local asked, pipe = redirect("https://films.invalid/b", "")
    assert.same({ "GET http://films.example/a HTTP/1.1" }, asked)
    assert.truthy(pipe:read "a":find("films.invalid", 1, true))
    pipe:close()
    asked, pipe = redirect("https://127.0.0.1:1/b", "https_proxy=http://127.0.0.1:1")
    assert.same({ "GET http://films.example/a HTTP/1.1" }, asked)
    pipe:close()
  end)

  it("stays with it where the scheme stays", function ()
    for _, location in ipairs { "/b", "//films.example/b", "b" } do
      local asked, pipe = redirect(location, "https_proxy=http://127.0.0.1:1")
      pipe:close()
      assert.same({ "GET http://films.example/a HTTP/1.1", "GET http://films.example/b HTTP/1.1" },
        asked)
    end
  end)
end)

describe("an address in brackets", function ()
  it("is asked for through a proxy but for that of this machine", function ()
    local proxy = assert(require "socket".bind("127.0.0.1", 0))
    proxy:settimeout(10)
    local _, port = proxy:getsockname()
    local client <close> = require "aistudios.core".client { token = "a-token",
      proxy = "http://127.0.0.1:" .. port }
    for i, host in ipairs { "[::1]", "[::1]:1", "[2001:db8::1]" } do
      assert(client:submit(i, { method = "GET", url = "http://" .. host .. "/" }))
    end
    local connection = assert(proxy:accept())
    assert.equal("GET http://[2001:db8::1]/ HTTP/1.1", (connection:receive "*l"))
    connection:close()
    local failures = {}
    for _ = 1, 3 do
      while not client:peek() do client:wait(1) end
      local id, response = client:peek()
      failures[id] = response.failure
      client:drop(id)
    end
    proxy:close()
    assert.same({ "connect", "network" }, { failures[2], failures[3] }) -- port 80 may answer
  end)
end)

describe("the environment's exceptions", function ()
  it("are those of the time at which the client was made", function ()
    local said = support.run(([[env -u NO_PROXY no_proxy=one.invalid http_proxy='%s' %s -e '
      local client <close> = require "aistudios.core".client { token = "a-token" }
      require "spec.support.native".unsetenv "no_proxy"
      for i, host in ipairs { "one", "other" } do
        client:submit(i, { method = "GET", url = "http://" .. host .. ".invalid/" })
        while not client:peek() do client:wait(1) end
        io.write(select(2, client:peek()).failure, " ")
        client:drop(i)
      end' 2>&1]]):format("http://127.0.0.1:" .. support.free_port(), support.lua))
    assert.equal("resolve connect ", said)
  end)
end)

-- A call and a download through the environment's proxy; prints all that a
-- host gets to see of it.
local PROGRAM = [[
local aistudios = require "aistudios"
local function show(value, indent)
  if type(value) ~= "table" then print(indent .. tostring(value)) return end
  for name, member in pairs(value) do show(member, indent .. tostring(name) .. " ") end
  print(indent .. tostring(value))
end
local client <close> = assert(aistudios.new { base_url = "https://service.example",
  app_id = "an-id", user_key = "the-user-key", retries = 0,
  on_event = function (event) show(event, "event ") end })
show(tostring(client), "")
show(select(2, client:list_projects()), "")
show(select(2, client:download("http://files.example/film.mp4", arg[1])), "")
show(client:stats(), "")
]]

describe("the credentials of the environment's proxy", function ()
  local USER, PASSWORD = "someone", "s3cr/et@9%x"
  local ENCODED = "s3cr%2Fet%409%25x"
  local BASIC = require "mime".b64(USER .. ":" .. PASSWORD)
  local proxy, port, at

  before_each(function ()
    at = support.directory "proxy"
    support.write_file(at .. "/program.lua", PROGRAM)
    proxy = assert(require "socket".bind("127.0.0.1", 0))
    port = math.tointeger(tonumber((select(2, proxy:getsockname()))))
    proxy:settimeout(10)
  end)
  after_each(function () proxy:close() end)

  -- Starts the program in the background, for it talks to the proxy here.
  local function start(variables)
    os.execute(("(timeout 20 env -u no_proxy -u NO_PROXY %s %s '%s/program.lua' '%s/film' 2>&1 "
      .. "| head -c 100000; echo end) >'%s/said' &"):format(variables, support.lua, at, at, at))
  end

  local function printed()
    return support.wait_until(function ()
      local text = support.read_file(at .. "/said")
      return text and text:find "end\n$" and text
    end)
  end

  local function assert_hidden(said)
    assert.truthy(said:find("network", 1, true), said)
    local secrets = { PASSWORD, ENCODED, "s3cr", BASIC, BASIC:sub(10, 20), "the-user-key" }
    for _, secret in ipairs(secrets) do
      assert.is_nil(said:find(secret, 1, true), said)
    end
  end

  local function environment(names, address)
    local variables = {}
    for i, name in ipairs(names) do variables[i] = ("%s='%s'"):format(name, address) end
    return table.concat(variables, " ")
  end

  local ways = {
    { "https_proxy", "http_proxy" }, { "HTTPS_PROXY", "http_proxy" },
    { "all_proxy" }, { "ALL_PROXY" },
  }

  -- Answers one connection: 407, with a page that tells what was sent.
  local function refuse()
    local connection = assert(proxy:accept())
    connection:settimeout(10)
    local credentials
    for line in function () return connection:receive "*l" end do
      credentials = line:match "^Proxy%-Authorization: Basic (%S+)" or credentials
      if line == "" then break end
    end
    assert.equal(BASIC, credentials)
    local page = ("<p>Basic %s is %s:%s"):format(credentials, USER, PASSWORD)
    connection:send(("HTTP/1.1 407 Proxy Authentication Required\r\nX-Echo: %s\r\n"
      .. "Proxy-Authenticate: Basic realm=\"%s\"\r\nContent-Length: %d\r\n"
      .. "Connection: close\r\n\r\n%s"):format(PASSWORD, ENCODED, #page, page))
    connection:close()
  end

  for _, names in ipairs(ways) do
    it("stand in no text when it wants others: " .. table.concat(names, ", "), function ()
      start(environment(names, ("http://%s:%s@127.0.0.1:%d"):format(USER, ENCODED, port)))
      refuse()
      refuse()
      local said = printed()
      assert_hidden(said)
      assert.truthy(said:find("407", 1, true), said)
    end)
  end

  -- libcurl's own words have the whole address in them.
  for what, address in pairs {
    ["that refuses connections"] = "http://%s:%s@127.0.0.1:1",
    ["without a scheme that refuses connections"] = "%s:%s@127.0.0.1:1",
    ["with an impossible port"] = "http://%s:%s@127.0.0.1:999999",
    ["with a scheme that nobody knows"] = "gopher://%s:%s@127.0.0.1:1",
  } do
    it("stand in no text: one " .. what, function ()
      for _, password in ipairs { ENCODED, PASSWORD } do
        start(environment({ "ALL_PROXY" }, address:format(USER, password)))
        assert_hidden(printed())
        os.remove(at .. "/said")
      end
    end)
  end

  -- libcurl cuts its words after 255 bytes: in the midst of a long password.
  it("stand in no text that was cut", function ()
    for more = 0, 6 do
      local address = ("http://%s:%s@127.0.0.1:999999"):format(("u"):rep(more + 1),
        ENCODED:rep(40))
      start(environment({ "ALL_PROXY" }, address))
      assert_hidden(printed())
      os.remove(at .. "/said")
    end
  end)

  it("stand in no text of the command that looks at the environment", function ()
    for _, address in ipairs { "http://%s:%s@127.0.0.1:1", "%s:%s@127.0.0.1:1" } do
      local said = support.run(("env %s AISTUDIOS_BASE_URL=https://127.0.0.1:1 "
        .. "%s '%s/bin/aistudios' doctor 2>&1 || true")
        :format(environment({ "https_proxy" }, address:format(USER, PASSWORD)), support.lua,
          support.build))
      assert.truthy(said:find("https_proxy", 1, true), said)
      assert.is_nil(said:find("s3cr", 1, true), said)
    end
  end)
end)

describe("the credentials of the option's proxy", function ()
  it("stand in no text", function ()
    local client <close> = require "aistudios.core".client {
      proxy = "http://someone:pass-word-9%40@127.0.0.1:1" }
    assert.equal("no [secret] and no [secret] or [secret]",
      client:redact "no someone:pass-word-9%40 and no pass-word-9@ or pass-word-9%40")
  end)
end)
