-- Credentials become a token: once for all who share them.
local core = require "aistudios.core"
local sandbox = require "aistudios.sandbox"
local slow_system = require "spec.support.slow_system"
local socket = require "socket"
local support = require "spec.support"

local PROJECTS = "/api/odin/v3/editor/project"

local function new_client(server, config)
  config = config or {}
  config.app_id = config.app_id or server.app_id
  config.user_key = config.user_key or server.user_key
  config.token_url = server.url .. "/api/odin/v3/auth/token"
  return core.client(config)
end

local function take(handle)
  local deadline = core.now() + 15
  while true do
    local id, response = support.take(handle)
    if id then return response, id end
    assert(core.now() < deadline, "no completion within 15 s")
    handle:wait(1)
  end
end

local function list(server, handle, id)
  return assert(handle:submit(id or 1, { method = "GET", auth = "token",
    url = server.url .. PROJECTS }))
end

local function count(server, endpoint)
  local n = 0
  for _, request in ipairs(server:requests()) do
    if request.endpoint == endpoint then n = n + 1 end
  end
  return n
end

describe("a token", function()
  local server

  before_each(function() server = sandbox.start {} end)
  after_each(function() server:close() end)

  it("is not fetched again and again where the service takes none", function()
    local client <close> = require "aistudios".new { base_url = server.url, app_id = server.app_id,
      user_key = server.user_key, retries = 0 }
    server:fault { on = "list_projects", kind = "status", status = 401, times = "always" }
    for _ = 1, 20 do
      local _, err = client:list_projects()
      assert.equal("auth", err.kind)
    end
    assert.equal(2, count(server, "get_token"))
    server:clear_faults()
    assert(client:list_projects())
    assert.equal(2, count(server, "get_token"))
    server:fault { on = "list_projects", kind = "status", status = 401 }
    assert(client:list_projects()) -- the one before was taken meanwhile
    assert.equal(3, count(server, "get_token"))
  end)

  it("is fetched once for all requests of all clients", function()
    server:fault { on = "get_token", kind = "slow", seconds = 0.2 }
    local a <close> = new_client(server)
    local b <close> = new_client(server)
    for i = 1, 30 do
      list(server, a, i)
      list(server, b, i)
    end
    for _ = 1, 30 do
      assert.equal(200, take(a).status)
      assert.equal(200, take(b).status)
    end
    assert.equal(1, count(server, "get_token"))
  end)

  it("has a number, and another one when it is said to be refused", function()
    local client <close> = new_client(server)
    local function ask(refused)
      assert(client:submit(1, { method = "GET", auth = "token", refused_token = refused,
        url = server.url .. PROJECTS }))
      return take(client).token
    end
    local first = ask()
    assert.equal("integer", math.type(first))
    assert.equal(first, ask())
    local second = ask(first)
    assert.is_true(second > first)
    assert.equal(second, ask(first))
    assert.equal(2, count(server, "get_token"))
  end)

  it("that was issued elsewhere has no number, and stays", function()
    local token = require "spec.support.http".caller(server).token
    local client <close> = core.client { token = token }
    for _ = 1, 2 do
      assert(client:submit(1, { method = "GET", auth = "token", refused_token = 9,
        url = server.url .. PROJECTS }))
      local response = take(client)
      assert.equal(200, response.status)
      assert.is_nil(response.token)
    end
  end)

  it("that is not to be had says why, and what the answer points to", function()
    server:fault { on = "get_token", kind = "status", status = 503, times = 9,
      headers = { Location = "https://other.example.com/" } }
    local client <close> = new_client(server)
    list(server, client)
    assert.equal("https://other.example.com/", take(client).auth.location)
    client:close()
    server:close()
    local other <close> = new_client(server)
    list(server, other)
    local failed = take(other).auth
    assert.equal("connect", failed.failure)
    assert.truthy(failed.message:find "%S")
  end)

  it("is sent bare, as the documentation shows", function()
    local client <close> = new_client(server)
    list(server, client)
    assert.equal(200, take(client).status)
    for _, request in ipairs(server:requests()) do
      if request.endpoint == "list_projects" then
        assert.is_nil(request.headers.authorization:find(" ", 1, true))
      end
    end
  end)

  it("is not shared with another user key", function()
    local good <close> = new_client(server)
    local bad <close> = new_client(server, { user_key = "not-the-key" })
    list(server, good)
    assert.equal(200, take(good).status)
    list(server, bad)
    local r = take(bad)
    assert.equal("auth", r.failure)
    assert.is_false(r.sent)
    assert.is_nil((r.auth.body or ""):find("not-the-key", 1, true))
  end)

  it("is dropped by a 401 and fetched again for the next request", function()
    local client <close> = new_client(server)
    list(server, client)
    assert.equal(200, take(client).status)
    server:expire_tokens()
    list(server, client)
    local r = take(client)
    assert.equal(401, r.status)
    assert.is_true(r.renewable)
    list(server, client)
    assert.equal(200, take(client).status)
    assert.equal(2, count(server, "get_token"))
  end)

  it("that was issued elsewhere is used as it is, and is not renewable",
    function()
      local handle <close> = core.client { token = "issued-elsewhere" }
      list(server, handle)
      local r = take(handle)
      assert.equal(401, r.status)
      assert.is_nil(r.renewable)
      assert.equal(0, count(server, "get_token"))
    end)

  it("that cannot stand in a header line is refused", function()
    assert.has_error(function() core.client { token = "a\nb" } end,
      "token: only printable ASCII without blanks is allowed")
  end)

  it("is asked for again after passing failures", function()
    server:fault { on = "get_token", kind = "status", status = 503 }
    local client <close> = new_client(server)
    list(server, client)
    assert.equal(200, take(client).status)
    assert.equal(2, count(server, "get_token"))
  end)

  it("is asked for again when the connection is dropped", function()
    server:fault { on = "get_token", kind = "drop_after_read" }
    local client <close> = new_client(server)
    list(server, client)
    assert.equal(200, take(client).status)
  end)

  it("is given up after the repeats, for all who wait", function()
    server:fault { on = "get_token", kind = "status", status = 500,
      times = 50 }
    local client <close> = new_client(server)
    for i = 1, 5 do list(server, client, i) end
    for _ = 1, 5 do
      local r = take(client)
      assert.equal("auth", r.failure)
      assert.equal(500, r.auth.status)
      assert.equal(3, r.auth.attempts)
    end
    assert.equal(3, count(server, "get_token"))
  end)

  it("is not asked for twice when the credentials are wrong", function()
    local client <close> = new_client(server, { user_key = "wrong-key-0" })
    list(server, client)
    local r = take(client)
    assert.equal("auth", r.failure)
    assert.equal(1, r.auth.attempts)
    assert.equal(1, count(server, "get_token"))
  end)

  it("that is no JSON or no token is a failure, not a crash", function()
    for _, kind in ipairs { "not_json", "success_false", "truncated" } do
      server:fault { on = "get_token", kind = kind, times = 9 }
      local client <close> = new_client(server, { retries = 0 })
      list(server, client)
      assert.equal("auth", take(client).failure, kind)
      server:clear_faults()
    end
  end)

  it("is hidden wherever it would show", function()
    local client <close> = new_client(server)
    list(server, client)
    take(client)
    local token
    for _, request in ipairs(server:requests()) do
      token = token or request.headers.authorization
    end
    local text = client:redact("a " .. token .. " b " .. server.user_key)
    assert.equal("a [secret] b [secret]", text)
  end)

  it("is hidden when others have come after it, each seen in many answers", function()
    local client <close> = new_client(server)
    local tokens = {}
    for i = 1, 4 do -- CLIENT_TOKENS_KEPT
      server:expire_tokens()
      repeat
        list(server, client)
        local response = take(client)
      until response.status == 200
      local requests = server:requests()
      tokens[i] = requests[#requests].headers.authorization
      for _ = 1, 3 do
        list(server, client)
        take(client)
      end
    end
    for _, token in ipairs(tokens) do assert.equal("[secret]", client:redact(token)) end
    assert.not_equal(tokens[1], tokens[2])
  end)
end)

describe("a token fetch", function()
  local server

  before_each(function() server = sandbox.start {} end)
  after_each(function() server:close() end)

  local function submit(client, limits)
    local request = { method = "GET", auth = "token", url = server.url .. PROJECTS }
    for name, value in pairs(limits or {}) do request[name] = value end
    assert(client:submit(1, request))
  end

  it("has the limits of each one that waits, whoever came first", function()
    server:fault { on = "get_token", kind = "slow", seconds = 1.5 }
    local hasty <close> = new_client(server, { stall_timeout = 0.3, total_timeout = 0.3 })
    local patient <close> = new_client(server)
    local began = core.now()
    submit(hasty, { stall_timeout = 0.3 })
    submit(patient)
    local response = take(hasty)
    assert.is_true(core.now() - began < 1.2)
    assert.equal("auth", response.failure)
    assert.equal("stall", response.auth.failure)
    assert.truthy(response.auth.message:find("0.3 s", 1, true))
    assert.equal(200, take(patient).status)
    assert.equal(1, count(server, "get_token"))
  end)

  it("is left by each that waits when its time for a connection is over", function()
    local silent = assert(socket.bind("127.0.0.1", 0)) -- it never shakes hands
    local _, port = silent:getsockname()
    local nowhere = { app_id = server.app_id, user_key = server.user_key,
      token_url = ("https://127.0.0.1:%d/token"):format(port) }
    local patient <close> = core.client(nowhere)
    local hasty <close> = core.client(nowhere)
    submit(patient)
    submit(hasty, { connect_timeout = 0.3 })
    local response = take(hasty)
    assert.same({ "auth", "connect", false },
      { response.failure, response.auth.failure, response.auth.sent })
    assert.truthy(response.auth.message:find("0.3 s", 1, true))
    assert.is_nil(patient:peek())
    silent:close()
  end)

  local NONE = { connect_timeout = 0, stall_timeout = 0, total_timeout = 0 }

  for what, hasty in pairs {
    ["of any kind"] = { connect_timeout = 0.3, stall_timeout = 0.3, total_timeout = 0.3 },
    ["of stalls"] = { stall_timeout = 0.3 } } do
    for first, second in pairs { [NONE] = hasty, [hasty] = NONE } do
      it(("has no limit %s where one that waits has none, the %s"):format(what,
        first == NONE and "first" or "second"), function()
        server:fault { on = "get_token", kind = "slow", seconds = 1 }
        local a <close> = new_client(server, first)
        local b <close> = new_client(server, second)
        submit(a, first)
        submit(b, second)
        assert.equal(200, take(first == NONE and a or b).status)
        assert.equal(1, count(server, "get_token"))
      end)
    end
  end

  it("ends when it would for each of those who wait", function()
    server:fault { on = "get_token", kind = "slow", seconds = 4 }
    local first <close> = new_client(server, { retries = 0 })
    local second <close> = new_client(server, { retries = 0 })
    for _, one in ipairs { first, second } do submit(one, { stall_timeout = 0.4 }) end
    for _, one in ipairs { first, second } do
      assert.equal("stall", take(one).auth.failure)
    end
    support.sleep(0.7) -- for which the failure stands
    submit(first, { total_timeout = 2 })
    assert.equal(200, take(first).status)
    assert.equal(2, count(server, "get_token"))
  end)

  it("is repeated no sooner than the service asks", function()
    server:fault { on = "get_token", kind = "status", status = 503, retry_after = 2 }
    local client <close> = new_client(server)
    local began = core.now()
    submit(client)
    assert.equal(200, take(client).status)
    assert.is_true(core.now() - began > 1.8)
  end)

  it("is repeated as often when it is made again", function()
    server:fault { on = "get_token", kind = "status", status = 500, times = 3 }
    local client <close> = new_client(server, { retries = 1 })
    submit(client)
    assert.equal(2, take(client).auth.attempts)
    support.sleep(1.5)
    submit(client) -- the third answer of 500
    assert.equal(200, take(client).status)
  end)

  it("is as patient for those who come after the first client was closed", function()
    server:fault { on = "get_token", kind = "slow", seconds = 1 }
    local first = new_client(server, { connect_timeout = 0.3, stall_timeout = 0.3,
      total_timeout = 0.3, retries = 0 })
    local second <close> = new_client(server)
    first:close()
    submit(second)
    assert.equal(200, take(second).status)
    assert.equal(1, count(server, "get_token"))
  end)

  it("goes on for those who wait when the first one is over its time", function()
    server:fault { on = "get_token", kind = "slow", seconds = 1 }
    local client <close> = new_client(server)
    submit(client, { total_timeout = 0.3 })
    assert.equal("timeout", take(client).failure)
    submit(client)
    assert.equal(200, take(client).status)
    assert.equal(1, count(server, "get_token"))
  end)

  it("has the limits of one that waits from when that came", function()
    server:fault { on = "get_token", kind = "slow", seconds = 5 }
    local first <close> = new_client(server)
    local second <close> = new_client(server)
    submit(first, { stall_timeout = 30 })
    support.sleep(3)
    submit(second, { stall_timeout = 3.5 })
    assert.equal(200, take(second).status)
    assert.equal(1, count(server, "get_token"))
  end)

  it("that is silent is made again for one that comes when nobody waits any more", function()
    server:fault { on = "get_token", kind = "slow", seconds = 60 }
    local first <close> = new_client(server)
    local second <close> = new_client(server)
    submit(first, { total_timeout = 2, stall_timeout = 30 })
    assert.equal("timeout", take(first).failure)
    submit(second, { stall_timeout = 0.5 })
    assert.equal(200, take(second).status)
    assert.equal(2, count(server, "get_token"))
  end)

  it("is repeated only for those who want repeats", function()
    server:fault { on = "get_token", kind = "status", status = 503 }
    local once <close> = new_client(server, { retries = 0 })
    local often <close> = new_client(server)
    submit(once) -- first: the answer may be there before the other one is
    submit(often)
    assert.equal(503, take(once).auth.status)
    assert.equal(200, take(often).status)
  end)

  it("with a wrong key is made twice at most, however many calls wait", function()
    local client <close> = new_client(server, { user_key = "wrong-key-0", max_in_flight = 4 })
    for _ = 1, 500 do submit(client) end
    for _ = 1, 500 do assert.equal("auth", take(client).failure) end
    assert.is_true(count(server, "get_token") <= 2)
  end)

  it("is not made again before the time that the service asks for", function()
    server:fault { on = "get_token", kind = "status", status = 503, retry_after = 300 }
    local client <close> = new_client(server)
    for _ = 1, 3 do
      submit(client)
      local response = take(client)
      assert.equal(503, response.auth.status)
      local left = response.auth.retry_after -- a difference of two times, which are rounded
      assert.is_true(left > 200 and left < 300.001, tostring(left))
    end
    assert.equal(1, count(server, "get_token"))
  end)

  it("is made again a little later", function()
    server:fault { on = "get_token", kind = "status", status = 500 }
    local client <close> = new_client(server, { retries = 0 })
    submit(client)
    assert.equal(500, take(client).auth.status)
    support.sleep(0.7)
    submit(client)
    assert.equal(200, take(client).status)
  end)

  it("is made again twice as late the next time", function()
    server:fault { on = "get_token", kind = "status", status = 500, times = 2 }
    local client <close> = new_client(server, { retries = 0 })
    for _, pause in ipairs { 0.7, 0.7, 0.5 } do -- of which it stands for 0.5 and 1 s
      submit(client)
      assert.equal(500, take(client).auth.status)
      support.sleep(pause)
    end
    assert.equal(2, #server:requests "get_token")
    submit(client)
    assert.equal(200, take(client).status)
  end)
end)

describe("a token that is a JWT", function()
  it("is renewed before its own end, without a 401", function()
    local server <close> = sandbox.start { jwt = true, token_seconds = 3 }
    local client <close> = new_client(server)
    local deadline = core.now() + 5
    while core.now() < deadline do
      list(server, client)
      assert.equal(200, take(client).status)
      support.sleep(0.2)
    end
    assert.is_true(count(server, "get_token") >= 2)
  end)
end)

describe("TLS", function()
  it("refuses a certificate that nobody vouches for, unsent", function()
    local tls = support.certificates()
    local server <close> = sandbox.start {
      tls = { cert = tls.self_signed_cert, key = tls.self_signed_key } }
    local client <close> = new_client(server, { retries = 0, ca_file = tls.ca_cert })
    list(server, client)
    local r = take(client)
    assert.equal("auth", r.failure)
    assert.equal("tls", r.auth.failure)
    assert.equal(0, #server:requests())
  end)

  it("trusts the authority that ca_file names", function()
    local tls = support.certificates()
    local server <close> = sandbox.start {
      tls = { cert = tls.server_cert, key = tls.server_key } }
    local client <close> = new_client(server, { ca_file = tls.ca_cert })
    list(server, client)
    assert.equal(200, take(client).status)
  end)

  it("is not held up by a ca_file that is a pipe or a device", function()
    local tls = support.certificates()
    local server <close> = sandbox.start {
      tls = { cert = tls.server_cert, key = tls.server_key } }
    local pipe = support.directory "authorities" .. "/pipe"
    support.run(("mkfifo '%s'"):format(pipe))
    for _, path in ipairs { pipe, "/dev/zero" } do
      local client <close> = new_client(server, { retries = 0, ca_file = path })
      list(server, client)
      local r = take(client)
      assert.equal("auth", r.failure)
      assert.equal("tls", r.auth.failure)
      assert.truthy(r.auth.message:find(path, 1, true), r.auth.message)
    end
  end)

  -- With a directory of them libcurl reads all authorities again for each connection.
  it("looks for no authority in a directory", function()
    if support.is_gnutls then return end -- it asks stat for none
    local tls = support.certificates()
    local server <close> = sandbox.start { tls = { cert = tls.server_cert, key = tls.server_key } }
    local function authorities_asked_for(ca_file)
      return slow_system.run("-u SSL_CERT_FILE -u CURL_CA_BUNDLE TELL_STAT=/etc/ssl/certs/", [[
        local client <close> = require "aistudios".new { base_url = arg[1], token = "a-token",
          ca_file = arg[2] }
        local _, err = client:get_progress "p"
        print(err and err.message)
      ]], server.url, ca_file)
    end
    for _, ca_file in ipairs { false, tls.self_signed_cert } do
      local printed = authorities_asked_for(ca_file or nil)
      assert.matches("authority that is trusted here", printed)
      assert.not_matches("stat /etc/ssl/certs/%x+%.0", printed)
    end
  end)
end)
