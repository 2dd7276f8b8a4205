-- What errors say of connections that never stood, of answers that are none of the
-- API's, and of tokens that were not to be had.
local aistudios = require "aistudios"
local cqueues = require "cqueues"
local socket = require "cqueues.socket"
local support = require "spec.support"

local TOKEN = '{"success":true,"data":{"token":"token-0123456789"}}'

local function read_request(connection)
  local length, first = 0, nil
  for line in connection:lines "*L" do
    first = first or line
    if line == "\r\n" then break end
    length = tonumber(line:lower():match "^content%-length: (%d+)") or length
  end
  if length > 0 then connection:read(length) end
  return first
end

local function write_answer(connection, status, body, headers)
  connection:xwrite(("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s"):format(status,
    headers or "", #body, body), "bn")
end

--- A server of this process: calls `handle` with each connection, while `run`
--- is called with the server's port.
local function with_server(handle, run)
  local loop, listener = cqueues.new(), socket.listen("127.0.0.1", 0)
  local is_over
  local _, _, port = listener:localname()
  loop:wrap(function ()
    while not is_over do
      local connection = listener:accept(0.05)
      if connection then
        connection:onerror(function (_, _, code) return code end)
        connection:setmode("bn", "bn")
        loop:wrap(function ()
          handle(connection)
          connection:close()
        end)
      end
    end
    listener:close()
  end)
  loop:wrap(function ()
    local ok, problem = pcall(run, port)
    is_over = true
    if not ok then error(problem, 0) end
  end)
  assert(loop:loop())
end

--- The error of a call of a client of such a server.
local function error_of(handle, options, call)
  local err
  with_server(handle, function (port)
    local all = { base_url = "http://127.0.0.1:" .. port, app_id = "a", user_key = "key-of-a-user",
      retries = 0, wait = require "aistudios.host.cqueues" }
    for name, value in pairs(options or {}) do
      all[name] = type(value) == "string" and value:gsub("PORT", port) or value
    end
    local client <close> = assert(aistudios.new(all))
    local _
    if call then _, err = call(client) else _, err = client:list_models() end
  end)
  return assert(err)
end

local function create(client) return client:create_project(support.project()) end

local function find(err, text)
  assert.truthy(err.message:find(text, 1, true), err.message)
end

--- Answers a request for a token with one, and others by `answer(connection)`.
local function after_token(answer)
  return function (connection)
    for _ = 1, 9 do
      local first = read_request(connection)
      if not first then return end
      if first:find("/auth/token", 1, true) then write_answer(connection, "200 OK", TOKEN)
      else answer(connection) end
    end
  end
end

describe("a connection that never stood", function ()
  local function handshake(certificate, key, version)
    return function (connection)
      local context = require "openssl.ssl.context".new("TLS", true)
      context:setCertificate(certificate)
      context:setPrivateKey(key)
      if version then
        context:setCipherList "ALL:@SECLEVEL=0"
        context:setOptions(require "openssl.ssl.context".OP_NO_TLSv1_2
          | require "openssl.ssl.context".OP_NO_TLSv1_3)
      end
      connection:starttls(context)
    end
  end

  --- A certificate for a name that the authority of the specs has signed.
  local function certificate_for(name, first, last)
    local x509, pkey = require "openssl.x509", require "openssl.pkey"
    local alt_name = require "openssl.x509.altname".new()
    local subject = require "openssl.x509.name".new()
    local files = support.certificates()
    local folder = files.ca_cert:match "^(.*)/"
    local authority = x509.new(support.read_file(files.ca_cert))
    local key = pkey.new(support.read_file(files.server_key))
    local made = x509.new()
    alt_name:add("DNS", name)
    subject:add("CN", name)
    made:setVersion(3)
    made:setSubjectAlt(alt_name)
    made:setSerial(math.random(1 << 30))
    made:setIssuer(authority:getSubject())
    made:setSubject(subject)
    made:setLifetime(os.time() + first, os.time() + last)
    made:setPublicKey(key)
    made:sign(pkey.new(support.read_file(folder .. "/ca.key")))
    return made, key
  end

  local function tls_error(handle, options)
    local all = { base_url = "https://localhost:PORT", ca_file = support.certificates().ca_cert }
    for name, value in pairs(options or {}) do all[name] = value end
    local err = error_of(handle, all)
    assert.equal("network", err.kind)
    assert.equal("not_sent", err.outcome)
    return err
  end

  it("names another host where none was reached, and nowhere else", function ()
    local silent = assert(require "socket".bind("127.0.0.1", 0))
    local _, port = silent:getsockname()
    for proxy, has_hint in pairs { [support.free_port()] = true, [port] = false } do
      local client <close> = assert(aistudios.new { token = "a-token", retries = 0,
        base_url = aistudios.hosts.global, proxy = "http://127.0.0.1:" .. proxy,
        timeout = { total = 0.5 } })
      local _, err = client:list_models()
      local _, hints = err.message:gsub("option base_url", "")
      assert.equal(has_hint and 1 or 0, hints, err.message)
    end
    silent:close()
  end)

  it("says which part of TLS failed, and what to do", function ()
    local day = 24 * 3600
    for _, case in ipairs {
      { "has expired, or the clock", "localhost", -9 * day, -8 * day },
      { "is not valid yet, or the clock", "localhost", 8 * day, 9 * day },
      { "is base_url right", "other.example", -day, day },
    } do
      local err = tls_error(handshake(certificate_for(case[2], case[3], case[4])))
      find(err, case[1])
      assert.is_false(err.retryable)
      assert.equal("fix", err.next)
    end
  end)

  it("names the option ca_file when nobody vouches for the server", function ()
    local certificate, key = certificate_for("localhost", -3600, 3600)
    local err = tls_error(handshake(certificate, key),
      { ca_file = support.certificates().self_signed_cert })
    find(err, "no authority that is trusted")
    find(err, "ca_file")
  end)

  it("names a file of authorities that cannot be used", function ()
    for _, path in ipairs { "/nowhere/authorities.pem",
      not support.is_gnutls and "README.md" or nil } do
      local err = tls_error(function () end, { ca_file = path })
      find(err, path)
      find(err, "SSL_CERT_FILE")
      assert.equal("fix", err.next)
    end
  end)

  it("says so when the server speaks TLS that is too old, or none", function ()
    local certificate, key = certificate_for("localhost", -3600, 3600)
    find(tls_error(handshake(certificate, key, "old")), "none from 1.2 on")
    find(tls_error(function (connection)
      connection:read(5)
      write_answer(connection, "400 Bad Request", "")
    end), "is the port right")
  end)

  it("was broken off when it is reset in the handshake: it may be repeated", function ()
    local err = tls_error(function (connection) connection:read(5) end)
    find(err, "the connection broke")
    assert.is_true(err.retryable)
    assert.equal("repeat", err.next)
  end)

  it("says what a proxy answered, and where its password goes", function ()
    for status, text in pairs { ["407 Auth"] = "http://name:password@host:port",
      ["403 No"] = "the proxy does not let the connection through (HTTP 403)" } do
      local err = error_of(function (connection)
        read_request(connection)
        write_answer(connection, status, "<html>")
      end, { base_url = "https://service.example", proxy = "http://127.0.0.1:PORT" })
      find(err, text)
      assert.equal("not_sent", err.outcome)
      assert.is_false(err.retryable)
    end
    local err = error_of(function (connection)
      read_request(connection)
      write_answer(connection, "502 Bad Gateway", "")
    end, { base_url = "https://service.example", proxy = "http://127.0.0.1:PORT" })
    assert.is_true(err.retryable)
  end)

  it("says so when the process may open no more files", function ()
    local path = support.directory "failure" .. "/program.lua"
    support.write_file(path, [[
      local client <close> = assert(require "aistudios".new { base_url = arg[1], app_id = "a",
        user_key = "key-of-a-user", retries = 0 })
      local files = {}
      for i = 1, 200 do files[i] = io.open "/dev/null" end
      local _, err = client:list_models()
      print(err.message, err.outcome)]])
    for _, url in ipairs { "http://127.0.0.1:1", "https://nobody.test:1" } do
      local said = support.run(("ulimit -n 60; %s '%s' %s 2>&1"):format(support.lua, path, url))
      assert.truthy(said:find("too many open files", 1, true), said)
      assert.truthy(said:find("not_sent", 1, true), said)
    end
  end)

  it("says so too when its file of authorities is the one file too many", function ()
    local listener = assert(require "socket".bind("127.0.0.1", 0)) -- which accepts nothing
    local path = support.directory "failure" .. "/program.lua"
    support.write_file(path, ([[
      local client <close> = assert(require "aistudios".new { base_url = "https://127.0.0.1:%d",
        ca_file = %q, app_id = "a", user_key = "key-of-a-user", retries = 0 })
      local files = {}
      for i = 1, 200 do files[i] = io.open "/dev/null" end
      files[#files]:close() -- for the socket
      local _, err = client:list_models()
      print(err.message, err.outcome, err.next)]]):format(select(2, listener:getsockname()),
      support.certificates().ca_cert))
    local said = support.run(("ulimit -n 60; %s '%s' 2>&1"):format(support.lua, path))
    listener:close()
    assert.truthy(said:find("too many open files", 1, true), said)
    assert.truthy(said:find("not_sent\trepeat", 1, true), said)
  end)
end)

describe("an answer", function ()
  it("with a header of 120 KB is told as that", function ()
    local err = error_of(after_token(function (connection)
      write_answer(connection, "200 OK", "[]", "X: " .. ("a"):rep(120 * 1024) .. "\r\n")
    end), nil, create)
    assert.equal("protocol", err.kind)
    assert.equal("unknown", err.outcome)
    find(err, "a header of more than 100 KiB")
  end)

  it("of a megabyte is redacted as far as it is shown", function ()
    local server <close> = assert(require "aistudios.sandbox".start())
    local client <close> = support.client(server)
    local redact, bytes = client.redact, 0
    client.redact = function (self, text, most)
      bytes = bytes + math.min(#text, most or #text)
      return redact(self, text, most)
    end
    server:fault { on = "list_projects", kind = "status", status = 400, body = ("x"):rep(1 << 20) }
    local _, err = client:list_projects()
    assert.equal(("x"):rep(511) .. "...", err.body)
    assert.is_true(bytes < 20000, bytes)
  end)

  it("with a long reason is cut after 500 characters", function ()
    for _, character in ipairs { "a", "é", "日", "😀" } do
      local err = error_of(after_token(function (connection)
        write_answer(connection, "400 No", ('{"success":false,"message":"%s"}')
          :format(character:rep(3000)))
      end))
      assert.equal(500, utf8.len(err.message))
      assert.equal(character:rep(497) .. "...", err.message)
    end
  end)

  it("that is a web page leads to the address of the API, one that is broken does not", function ()
    local hosts = require "aistudios.config".hosts
    local global = hosts.global
    finally(function () hosts.global = global end)
    for body, is_hinted in pairs { ["<html>"] = true, ["\xEF\xBB\xBF <p>"] = true,
      ["{"] = false } do
      local err = error_of(after_token(function (connection)
        write_answer(connection, "200 OK", body)
      end), nil, function (client)
        hosts.global = client.policy.base_url
        return client:list_projects()
      end)
      assert.equal("protocol", err.kind)
      assert.equal(is_hinted, err.message:find("base_url", 1, true) ~= nil, err.message)
    end
  end)

  it("of any status below 300 is one that says yes", function ()
    for _, status in ipairs { 201, 299 } do
      local result
      error_of(after_token(function (connection)
        write_answer(connection, status .. " Fine", '{"success":true,"data":{"projects":[]}}')
      end), nil, function (client)
        result = assert(client:list_projects())
        return nil, "none"
      end)
      assert.same({}, result.projects)
    end
  end)

  -- With 429 the project was bought three times, and told as refused.
  it("whose envelope says yes in spite of its status is unknown, and the call not repeated",
    function ()
      local server <close> = assert(require "aistudios.sandbox".start())
      local client <close> = support.client(server)
      for i, status in ipairs { 400, 401, 403, 404, 409, 422, 429, 500, 503 } do
        server:fault { on = "create_project", kind = "status", status = status, retry_after = 0,
          body = '{"success":true,"data":{"projectId":"an-id"}}', act = true }
        local project = support.project()
        project.name = "number " .. i
        local _, err = client:create_project(project)
        assert.equal("unknown", err.outcome, status)
        assert.is_false(err.retryable, status)
        assert.equal(i, #support.requests(server, "create_project"), status)
      end
    end)

  it("is good with any status from 200 to 299, and told by its status from 300 on", function ()
    for status, reason in pairs { [299] = "", [405] = "does not take this call",
      [408] = "the service waited too long", [413] = "too large for the service",
      [500] = "the service failed", [502] = "a gateway of the service failed",
      [503] = "not available", [504] = "a gateway of the service waited too long" } do
      local result, err
      with_server(after_token(function (connection)
        write_answer(connection, status .. " X", '{"data":[]}')
      end), function (port)
        local client <close> = assert(aistudios.new { base_url = "http://127.0.0.1:" .. port,
          app_id = "a", user_key = "key-of-a-user", retries = 0,
          wait = require "aistudios.host.cqueues" })
        result, err = client:list_models()
      end)
      assert.equal(status < 300, result ~= nil, err)
      if err then find(err, reason) end
    end
  end)

  it("that says no in the API's words is the API's, unless the status is a gateway's too",
    function ()
      local no = '{"success":false,"error":{"code":7,"msg":"not so"}}'
      for status, kind in pairs { [404] = "api", [422] = "api", [499] = "api", [408] = "http",
        [429] = "http", [500] = "http", [503] = "http" } do
        local err = error_of(after_token(function (connection)
          write_answer(connection, status .. " No", no)
        end))
        assert.equal(kind, err.kind, status)
        assert.equal("rejected", err.outcome, status)
        assert.equal(7, err.code)
        find(err, "not so")
      end
    end)

  it("is kept in the error up to 512 bytes, whole characters of it", function ()
    for character, count in pairs { a = 511, ["é"] = 255, ["日"] = 170 } do
      local err = error_of(after_token(function (connection)
        write_answer(connection, "404 No", character:rep(600))
      end))
      assert.equal(character:rep(count) .. "...", err.body)
    end
    local err = error_of(after_token(function (connection)
      write_answer(connection, "404 No", ("a"):rep(512))
    end))
    assert.equal(("a"):rep(512), err.body)
    err = error_of(after_token(function (connection) -- most of it is secret
      write_answer(connection, "404 No", ("key-of-a-user "):rep(20000))
    end))
    assert.equal(("[secret] "):rep(60):sub(1, 511) .. "...", err.body)
  end)

  it("that asks to wait says for how long, whatever its status", function ()
    for _, status in ipairs { "200 OK", "400 No", "429 Slow", "503 Busy" } do
      for _, call in ipairs { create, function (client) return client:list_models() end } do
        local err = error_of(after_token(function (connection)
          write_answer(connection, status, '{"success":false,"message":"later"}',
            "Retry-After: 9\r\n")
        end), nil, call)
        assert.equal(9, err.retry_after, status)
      end
    end
  end)

  it("that is a redirect names the other host, and no more of its address", function ()
    local err = error_of(after_token(function (connection)
      write_answer(connection, "302 Found", "", "Location: https://login.example/a?secret=1\r\n")
    end))
    find(err, "https://login.example:")
    assert.is_nil(err.message:find("secret", 1, true))
    assert.equal("fix", err.next)
  end)

  it("that is a redirect to a secret does not show it, in small letters either", function ()
    local err = error_of(after_token(function (connection)
      write_answer(connection, "302 Found", "", "Location: https://Key-Of-A-User.example/\r\n")
    end))
    assert.is_nil(err.message:lower():find("key-of-a-user", 1, true), err.message)
    find(err, "it points to https://")
  end)

  it("that breaks off has its ids, as far as they came", function ()
    local HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    for text, id in pairs {
      ['{"success":true,"data":{"projectId":"P-1"}}'] = "P-1",
      ['{"success":true,"data":{"projectId" : "P-1","name":"x'] = "P-1",
      ['{"success":true,"data":{"projectId":"P-'] = false, [""] = false,
    } do
      local err = error_of(after_token(function (connection)
        connection:xwrite(HEAD .. text, "bn")
        connection:shutdown "rw"
      end), nil, create)
      assert.equal("unknown", err.outcome)
      assert.equal(id or nil, err.project_id, text)
      assert.equal(text ~= "" and text or nil, err.body)
      assert.equal("look", err.next)
    end
  end)

  it("that breaks off shows no secret as an id, and no long one", function ()
    for id, shown in pairs { ["key-of-a-user"] = "[secret]", [("x"):rep(100000)] = false } do
      local err = error_of(after_token(function (connection)
        connection:xwrite("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"
          .. '{"success":true,"data":{"projectId":"' .. id .. '"', "bn")
        connection:shutdown "rw"
      end), nil, create)
      assert.equal(shown or err.project_id, err.project_id)
      assert.is_true(#err.project_id <= 500 and not tostring(err):find("key-of-a-user", 1, true))
    end
  end)

  it("that names a project is not a refusal, whatever its status", function ()
    for _, status in ipairs { "401 Unauthorized", "429 Too Many Requests" } do
      for text, id in pairs { ['{"success":true,"data":{"projectId":"P-1"}}'] = "P-1",
        ['{"data":{"projectId":"P-1"}}'] = "P-1",
        [' { "success" : true, "data":{"proj'] = false } do
        local count = 0
        local err = error_of(after_token(function (connection)
          count = count + 1
          write_answer(connection, status, text)
        end), { retries = 2 }, create)
        assert.same({ 1, "unknown", id or nil }, { count, err.outcome, err.project_id }, text)
      end
    end
    local err = error_of(after_token(function (connection)
      write_answer(connection, "400 Bad Request", '{"success":false,"data":{"projectId":"P-1"}}')
    end), nil, create)
    assert.equal("rejected", err.outcome)
  end)

  it("that is clear after others that broke off leaves nothing to look for", function ()
    local count = 0
    local err = error_of(after_token(function (connection)
      count = count + 1
      if count <= 2 then return connection:shutdown "rw" end
      write_answer(connection, "404 Not Found", '{"success":false,"message":"nope"}')
    end), { retries = 2 }, function (client) return client:get_project "an-id" end)
    assert.equal("fix", err.next)
  end)

  it("that is a redirect of any kind is told as one", function ()
    for _, status in ipairs { 300, 303, 305, 399 } do
      local err = error_of(after_token(function (connection)
        write_answer(connection, status .. " Other", "", "Location: http://127.0.0.2/login\r\n")
      end))
      find(err, "redirected; base_url is not the address of the API")
      find(err, "http://127.0.0.2:")
    end
  end)

  it("that says that nothing was modified is no redirect", function ()
    local err = error_of(after_token(function (connection)
      connection:write "HTTP/1.1 304 Not Modified\r\n\r\n"
    end))
    assert.equal(304, err.status)
    assert.is_nil(err.message:find("redirected", 1, true))
  end)
end)

describe("a token that was not to be had", function ()
  local function token_error(status, body, headers, options)
    return error_of(function (connection)
      while read_request(connection) do write_answer(connection, status, body, headers) end
    end, options)
  end

  it("is no matter of the credentials when a proxy, a path or a gateway says no", function ()
    for status, text in pairs { ["407 Auth"] = "a proxy wants", ["404 No"] = "not found",
      ["503 Busy"] = "not available" } do
      local err = token_error(status, "<")
      assert.equal("http", err.kind, status)
      assert.equal("<", err.body)
      assert.equal("not_sent", err.outcome)
      find(err, text)
    end
  end)

  it("is a matter of the credentials when the service says no with 200", function ()
    assert.equal("auth", token_error("200 OK", '{"success":false}').kind)
  end)

  it("says so when the answer is a web page or a redirect, and what failed when there is none",
    function ()
      find(token_error("200 OK", "<html>"), "no access token: the answer is a web page")
      find(token_error("200 OK", '{"success":true,"data":{}}'),
        "no access token: the answer holds none")
      for _, status in ipairs { "302 Found", "303 See Other" } do
        find(token_error(status, "", "Location: http://127.0.0.2/login\r\n"),
          "http://127.0.0.2")
      end
      local err = error_of(function (connection) connection:write "\1\2\3 no HTTP\r\n\r\n" end)
      find(err, "no access token: unusable answer: ")
    end)

  it("is one of the credentials when the service speaks of them", function ()
    for _, status in ipairs { 400, 401, 403, 419, 422, 498 } do
      local err = token_error(status .. " No", "{}")
      assert.equal("auth", err.kind, status)
      assert.equal("not_sent", err.outcome)
    end
    for _, status in ipairs { 402, 404, 410, 429, 500 } do
      assert.equal("http", token_error(status .. " No", "{}").kind, status)
    end
  end)

  it("may be one when a page says no, which may be a firewall's", function ()
    local err = token_error("403 No", "<html>")
    assert.equal("auth", err.kind)
    find(err, "app_id and user_key")
    find(err, "firewall")
  end)

  it("counts how often it was asked for", function ()
    local err = token_error("503 Busy", "", nil, { retries = 2 })
    assert.equal(3, err.attempts)
    assert.truthy(tostring(err):find("3 attempts", 1, true))
  end)

  it("is had also from an answer whose names are written with escapes", function ()
    local used
    with_server(function (connection)
      for request in read_request, connection do
        local is_fetch = request:find("auth/token", 1, true)
        used = used or not is_fetch
        write_answer(connection, "200 OK", is_fetch
          and [[{"succ\u0065ss":true,"d\u0061ta":{"token2":1,"t\u006Fken":"token-0123456789"}}]]
          or '{"success":true,"data":[]}')
      end
    end, function (port)
      local client <close> = assert(aistudios.new { base_url = "http://127.0.0.1:" .. port,
        app_id = "a", user_key = "key-of-a-user", retries = 0,
        wait = require "aistudios.host.cqueues" })
      assert(client:list_projects())
    end)
    assert.is_true(used)
  end)

  it("does not say that nothing was sent, when another was refused with the call before",
    function ()
      local fetches = 0
      local err = error_of(function (connection)
        for request in read_request, connection do
          local is_fetch = request:find("auth/token", 1, true)
          fetches = fetches + (is_fetch and 1 or 0)
          local is_good = is_fetch and fetches == 1
          write_answer(connection, is_good and "200 OK" or "401 No", is_good and TOKEN or "{}")
        end
      end)
      assert.equal(2, fetches)
      assert.equal("auth", err.kind)
      assert.equal("rejected", err.outcome)
    end)

  it("is no HTTP answer when it has no status", function ()
    local err = error_of(function (connection)
      read_request(connection)
      connection:xwrite("HTTP/200 OK\r\nContemt-Length: 2\r\n\r\n{}", "bn")
    end, { token = "token-0123456789" }, function (client)
      return client:download(client.policy.base_url .. "/film.mp4", support.directory "failure"
        .. "/film.mp4")
    end)
    assert.equal("protocol", err.kind)
    assert.equal("unknown", err.outcome)
    find(err, "it has no status")
  end)

  it("names the page where keys are made", function ()
    find(token_error("401 No", "{}"), "API key page at http://127.0.0.1")
    local _, err = aistudios.new { app_id = "a" }
    find(err, "API key page at https://app.aistudios.com")
  end)
end)
