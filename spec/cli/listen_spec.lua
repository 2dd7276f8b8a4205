-- aistudios listen: webhooks come in whole, are believed only when they are
-- signed, and go on as they came.
local aistudios = require "aistudios"
local core = require "aistudios.core"
local command = require "spec.support.command"
local http_listener = require "aistudios.cli.http_listener"
local http_reader = require "aistudios.cli.http_reader"
local sandbox = require "aistudios.sandbox"
local socket = require "socket"
local support = require "spec.support"

local SECRET = "a secret of thirty-two bytes, yes"

describe("cli.http_reader", function ()
  local function read(text)
    local reader = http_reader.new()
    return reader:feed(text)
  end

  -- The same whatever pieces it comes in.
  local function read_in_pieces(text, size)
    local reader = http_reader.new()
    for at = 1, #text, size do
      local request, status = reader:feed(text:sub(at, at + size - 1))
      if request or status then return request, status end
    end
  end

  it("reads a request in whatever pieces it comes", function ()
    local plain = "POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-A:  1 \r\nContent-Length: 5\r\n\r\nhello"
    local chunked = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
      .. "3;ext=1\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n"
    for size = 1, 40 do
      local request = assert(read_in_pieces(plain, size))
      assert.same({ "POST", "/a?b=c", "hello", "hello", "1" }, { request.method,
        request.target, request.body, request.raw_body, request.headers["x-a"] })
      assert.equal("X-A:  1 ", request.lines[2])
      request = assert(read_in_pieces(chunked, size))
      assert.equal("hello", request.body)
      assert.truthy(request.raw_body:find("Trailer: x\r\n\r\n$"))
    end
    assert.equal("", read "GET / HTTP/1.0\r\n\r\n".body)
  end)

  it("refuses what is unclear or too large", function ()
    local long = ("x"):rep(70000)
    for text, wanted in pairs {
      ["POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"] = 400,
      ["POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"] = 400,
      ["POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"] = 400,
      ["POST / HTTP/1.1\r\nContent-Length: 0x5\r\n\r\n"] = 400,
      ["POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"] = 501,
      ["POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"] = 413,
      ["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFF\r\n"] = 413,
      ["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"] = 400,
      ["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"] = 400,
      ["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\n"] = 400,
      ["POST / HTTP/1.1\r\nX : 1\r\n\r\n"] = 400,
      ["POST / HTTP/1.1\r\nX: 1\r\n folded\r\n\r\n"] = 400,
      ["POST / HTTP/1.1\r\nX: a\0b\r\n\r\n"] = 400,
      ["POST /a b HTTP/1.1\r\n\r\n"] = 400,
      ["nonsense\r\n\r\n"] = 400,
      ["GET / HTTP/1.1\r\nX: " .. long] = 431,
    } do
      local request, status = read(text)
      assert.is_nil(request)
      assert.equal(wanted, status, text:sub(1, 80))
    end
  end)

  it("takes a time that grows as the request does, whatever stands in it", function ()
    local blanks, letters = (" "):rep(60000), ("a"):rep(60000)
    for _, text in ipairs { "POST / HTTP/1.1\r\nA: x" .. blanks .. "x\r\n\r\n",
      "POST / HTTP/1.1\r\n" .. letters .. "\rb\r\n\r\n",
      "POST / HTTP/1.1\r\nA: x\r" .. letters .. "\r\n\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" .. letters,
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" .. letters .. "\r.\n" } do
      local began = os.clock()
      read(text)
      assert.is_true(os.clock() - began < 1, text:sub(1, 60))
    end
    assert.equal("a  b", read("GET / HTTP/1.1\r\nA: \t a  b \t\r\n\r\n").headers.a)
  end)

  it("keeps the bounds of a body in chunks, in whatever pieces it comes", function ()
    local head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    local function chunk(bytes, extension)
      return ("%x;%s\r\n%s\r\n"):format(bytes, extension or "", ("x"):rep(bytes))
    end
    for wanted, body in pairs {
      [400] = "1;" .. ("x"):rep(1100) .. "\r\na\r\n0\r\n\r\n",
      [413] = chunk(200 * 1024) .. chunk(100 * 1024) .. "0\r\n\r\n",
      [431] = "0\r\nTrailer: " .. ("x"):rep(70000) .. "\r\n\r\n",
    } do
      for _, size in ipairs { 333, 5000, 1e6 } do
        local request, status = read_in_pieces(head .. body, size)
        assert.is_nil(request)
        assert.equal(wanted, status)
      end
    end
    local tiny = chunk(1, ("x"):rep(1000)):rep(600) .. "0\r\n\r\n"
    assert.equal(413, select(2, read_in_pieces(head .. tiny, 5000)))
    assert.equal(413, select(2, read(head .. tiny)))
    assert.equal(256 * 1024, #read(head .. chunk(256 * 1024) .. "0\r\n\r\n").body)
  end)

  it("never fails on random bytes", function ()
    local seed = os.time()
    math.randomseed(seed)
    local words = { "GET", " ", "/", "\r\n", "HTTP/1.1", ":", "\0", "Content-Length: 3", "a",
      "Transfer-Encoding: chunked", "\n", "5", "0", "\xFF", ";" }
    for _ = 1, 3000 do
      local reader = http_reader.new()
      for _ = 1, math.random(12) do
        local ok, request, status = pcall(reader.feed, reader, words[math.random(#words)])
        assert.is_true(ok, ("seed %d: %s"):format(seed, tostring(request)))
        if request or status then break end
      end
    end
  end)
end)

describe("cli.http_listener.forwarded", function ()
  it("keeps query, header lines and body, but for those of the connection", function ()
    local request = http_reader.new():feed("POST /in?job_key=a%20b HTTP/1.1\r\nhOsT: public\r\n"
      .. "X-Odd:   spaced\tvalue\r\nx-odd: twice\r\nConnection: keep-alive\r\n"
      .. "Content-Length: 3\r\n\r\na\0b")
    local target = http_listener.read_target "http://localhost:3000/hook"
    assert.equal("POST /hook?job_key=a%20b HTTP/1.1\r\nHost: localhost:3000\r\n"
      .. "X-Odd:   spaced\tvalue\r\nx-odd: twice\r\nContent-Length: 3\r\n"
      .. "Connection: close\r\n\r\na\0b", http_listener.forwarded(request, target))
  end)

  it("takes http addresses only", function ()
    assert.same({ host = "::1", port = 80, path = "/" }, http_listener.read_target "http://[::1]")
    for _, text in ipairs { "https://a", "a:80", "http://", "http://a:0", "http://a:99999",
      "http://a/b?c", "http://a b" } do
      assert.is_nil(http_listener.read_target(text), text)
    end
  end)
end)

describe("aistudios listen", function ()
  local world, running, port

  local function start(...)
    running = command.start(world, { "listen", "--secret-env", "HOOK_SECRET", ... })
    port = tonumber(running:expect('"port":%d+', true):match "%d+")
  end

  after_each(command.stop_all)

  before_each(function ()
    world = command.world()
    world.environment.HOOK_SECRET = SECRET
  end)

  local function send(text)
    local client = assert(socket.connect("127.0.0.1", port))
    client:settimeout(5)
    client:send(text)
    local answer = client:receive "*a"
    client:close()
    return answer
  end

  local function message(body, key, secret)
    local url = aistudios.webhook.sign_url("http://127.0.0.1:" .. port .. "/hook", key or "job 1",
      secret or SECRET, 600)
    return ("POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"):format(
      url:match "^http://[^/]*(.*)$", #body, body)
  end

  local function post(...) return send(message(...)) end

  local function stop(code)
    running:signal "INT"
    local ended = running:wait(5)
    assert.equal(code or 130, ended.code, ended.err)
    return ended
  end

  it("prints a line for each message that is signed, without its signature", function ()
    start()
    assert.truthy(post('{"progress": 40}'):find("^HTTP/1.1 200"))
    assert.truthy(post('{"progress": 40}'):find("^HTTP/1.1 200"))
    assert.truthy(post('{"progress": 100, "download_url": "https://x/y"}', "\27[31m"))
    local ended = stop()
    assert.same({ "job 1", 40, true }, { ended.lines[2].job_key, ended.lines[2].progress,
      ended.lines[2].verified })
    assert.equal("https://x/y", ended.lines[4].download_url)
    assert.is_nil(ended.out:find("signature", 1, true))
    assert.is_nil(ended.out:find("\27", 1, true))
  end)

  it("refuses what is not signed, or is no request", function ()
    start()
    assert.truthy(post("{}", "a", "another secret of many bytes"):find("^HTTP/1.1 403"))
    assert.truthy(send "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}":find("^HTTP/1.1 403"))
    assert.truthy(post("{broken"):find("^HTTP/1.1 400"))
    assert.truthy(send "nonsense\r\n\r\n":find("^HTTP/1.1 400"))
    local ended = stop()
    assert.equal(1, #ended.lines)
    assert.equal(3, #ended.notes)
  end)

  it("without a secret prints whatever comes, and says that it is not verified", function ()
    running = command.start(world, { "listen" })
    port = tonumber(running:expect('"port":%d+', true):match "%d+")
    for _, body in ipairs { '{"progress": 40}', "no JSON" } do
      assert.truthy(send(("POST /in?a=b HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s")
        :format(#body, body)):find "^HTTP/1.1 200")
    end
    local lines = stop().lines
    assert.same({ progress = 40 }, lines[2].payload)
    assert.equal("no JSON", lines[3].payload)
    for i = 2, 3 do assert.same({ "/in", false }, { lines[i].path, lines[i].verified }) end
  end)

  it("asks for the body where the sender waits for that", function ()
    start()
    local client = assert(socket.connect("127.0.0.1", port))
    client:settimeout(5)
    client:send "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    assert.equal("HTTP/1.1 100 Continue", client:receive "*l")
    client:send "{"
    support.sleep(0.1)
    client:send '"a"'
    assert.equal("", client:receive "*l")
    assert.equal("HTTP/1.1 403 Forbidden", client:receive "*l") -- and asks once
    client:close()
    stop()
  end)

  -- Opens connections that send each a text, and wait.
  local function hold(count, text)
    local held = {}
    for i = 1, count do
      held[i] = assert(socket.connect("127.0.0.1", port))
      held[i]:send(text)
    end
    return held
  end

  -- 64 that sent nothing kept all messages out for half a minute.
  it("hears a message, however many connections send none", function ()
    start()
    local held = hold(300, "POST")
    assert.truthy(post "{}":find "^HTTP/1.1 200")
    for _, client in ipairs(held) do client:close() end
    stop()
  end)

  it("says no to more messages than it can answer", function ()
    local silent = assert(socket.bind("127.0.0.1", 0, 128))
    start("--forward-to", ("http://127.0.0.1:%d"):format(select(2, silent:getsockname())))
    local held = hold(64, message "{}")
    support.wait_until(function ()
      return select(2, running:printed():gsub('"source":"webhook"', "")) == 64
    end)
    local another = hold(1, "")[1]
    another:settimeout(5)
    assert.equal("HTTP/1.1 503 Service Unavailable", another:receive "*l")
    another:close()
    silent:close()
    for _, client in ipairs(held) do client:close() end
    stop()
  end)

  it("ends when nothing more can be heard", function ()
    world.wrapper = ("env LD_PRELOAD='%s' ACCEPT_ERRNO=12"):format(
      require "spec.support.slow_system".LIBRARY) -- no memory
    start()
    assert(socket.connect("127.0.0.1", port)):close()
    local ended = running:wait(5)
    assert.equal(1, ended.code, ended.err)
    assert.truthy(ended.err:find("nothing more can be heard: ENOMEM", 1, true), ended.err)
  end)

  it("signs addresses of http, with a secret", function ()
    for text, arguments in pairs { ["--secret-env and --url"] = { "--url", "http://x/" },
      ["sign_url"] = { "--secret-env", "HOOK_SECRET", "--url", "nowhere" } } do
      local ended = command.run(world, { "listen", "--sign", "job", table.unpack(arguments) })
      assert.equal(2, ended.code, ended.err)
      assert.truthy(ended.err:find(text, 1, true), ended.err)
    end
  end)

  it("forwards to a server and hands its answer back", function ()
    local server = assert(socket.bind("127.0.0.1", 0))
    server:settimeout(10)
    local _, target = server:getsockname()
    start("--forward-to", "http://127.0.0.1:" .. target .. "/app")
    local url = aistudios.webhook.sign_url("http://x/hook", "job", SECRET, 600)
    local query = url:match "%?.*$"
    local client = assert(socket.connect("127.0.0.1", port))
    client:send("POST /hook" .. query .. " HTTP/1.1\r\nHost: public\r\nX-A: b\r\n"
      .. "Content-Length: 15\r\n\r\n{\"progress\": 5}")
    local inner = assert(server:accept())
    inner:settimeout(5)
    local head = {}
    for line in function () return inner:receive "*l" end do
      if line == "" then break end
      head[#head + 1] = line
    end
    assert.equal("POST /app" .. query .. " HTTP/1.1", head[1])
    assert.equal("X-A: b", head[3])
    assert.equal('{"progress": 5}', inner:receive(15))
    inner:send "HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n"
    inner:close()
    client:settimeout(5)
    assert.equal("HTTP/1.1 418 Teapot", client:receive "*l")
    client:close()
    server:close()
    assert.equal(418, stop().notes[1].status)
  end)

  it("answers others while the name of the server that it forwards to is looked up", function ()
    world.wrapper = ("env LD_PRELOAD='%s' SLOW_RESOLVE=3"):format(
      require "spec.support.slow_system".LIBRARY)
    start("--forward-to", "http://localhost:" .. support.free_port() .. "/app")
    local forwarded = hold(1, message "{}")[1]
    running:expect '"source":"webhook"'
    local began = core.now()
    assert.truthy(send "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n":find "^HTTP/1.1 403")
    assert.is_true(core.now() - began < 1.5)
    forwarded:settimeout(10)
    assert.equal("HTTP/1.1 502 Bad Gateway", forwarded:receive "*l")
    forwarded:close()
    stop()
  end)

  it("answers 502 when nobody takes what it forwards", function ()
    start("--forward-to", "http://127.0.0.1:" .. support.free_port() .. "/app")
    assert.truthy(post "{}":find "^HTTP/1.1 502")
    assert.is_string(stop().notes[1].message)
  end)

  it("ends with an exit code when it cannot listen, or the secret is missing", function ()
    start()
    local ended = command.run(world, { "listen", "--port", tostring(port) })
    assert.equal(1, ended.code, ended.err)
    stop()
    assert.equal(2, command.run(world, { "listen", "--secret-env", "MISSING" }).code)
    world.environment.HOOK_SECRET = "short"
    ended = command.run(world, { "listen", "--secret-env", "HOOK_SECRET" })
    assert.equal(2, ended.code)
    assert.is_nil(ended.err:find("short", 1, true))
    assert.equal(2, command.run(world, { "listen", "--forward-to", "https://x" }).code)
  end)

  it("ends when nobody reads what it prints", function ()
    running = command.start(world, { "listen" }, nil, "/dev/full")
    assert.equal(1, running:wait(5).code)
  end)

  it("follows projects by polling when no message comes, and ends when they are done",
    function ()
      local server <close> = assert(sandbox.start { render_seconds = 0.5 })
      world = command.world(server)
      world.environment.HOOK_SECRET = SECRET
      local client <close> = support.client(server)
      local id = client:create_project(dofile "spec/examples/project.lua").project_id
      start("--poll", "0.2", id)
      local ended = running:wait(10)
      assert.equal(0, ended.code, ended.err)
      assert.equal("poll", ended.lines[2].source)
      assert.equal(id, ended.lines[#ended.lines].project_id)
      assert.is_string(ended.lines[#ended.lines].download_url)
      local blocker = assert(socket.bind("127.0.0.1", 0))
      local _, taken = blocker:getsockname()
      ended = command.run(world, { "listen", "--port", tostring(taken), id })
      blocker:close()
      assert.equal(0, ended.code, ended.err)
      assert.truthy(ended.err:find("polling only", 1, true))
    end)

  it("receives what a sandbox sends to an address that it has signed", function ()
    local server <close> = assert(sandbox.start { render_seconds = 0.2 })
    start()
    local signed = command.run(world, { "listen", "--secret-env", "HOOK_SECRET", "--sign",
      "order 7", "--url", "http://127.0.0.1:" .. port .. "/hook" })
    assert.equal(0, signed.code, signed.err)
    local client <close> = support.client(server)
    local project = dofile "spec/examples/project.lua"
    project.webhookUrl = signed.lines[1].webhookUrl
    assert(client:create_project(project))
    running:expect '"progress":100'
    local ended = stop()
    assert.equal("order 7", ended.lines[#ended.lines].job_key)
  end)
end)
