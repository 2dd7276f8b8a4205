-- What no well-meaning host, disk or server does to the core.
local core = require "aistudios.core"
local http = require "spec.support.http"
local lfs = require "lfs"
local native = require "spec.support.native"
local socket = require "socket"
local support = require "spec.support"

local NOWHERE = "http://127.0.0.1:1/" -- nobody listens

local function take(handle, seconds)
  local deadline = core.now() + (seconds or 10)
  while true do
    local id, response = support.take(handle)
    if id then return response, id end
    assert(core.now() < deadline, "no completion in time")
    handle:wait(0.2)
  end
end

-- A listener that hands out what it was sent and answers as it is told.
local function listen()
  local server = { listener = assert(socket.bind("127.0.0.1", 0)) }
  local _, port = server.listener:getsockname()
  server.listener:settimeout(10)
  server.url = "http://127.0.0.1:" .. math.tointeger(tonumber(port)) .. "/"

  function server.accept()
    local peer = assert(server.listener:accept())
    peer:settimeout(10)
    return peer
  end

  server.read = http.read_request

  -- One request on a connection of its own, answered with `text`.
  function server.answer(text)
    local peer = server.accept()
    local head, body = server.read(peer)
    peer:send(text)
    peer:close()
    return head, body
  end

  function server.close() server.listener:close() end
  return setmetatable(server, { __close = server.close })
end

describe("a host that lets go in odd orders", function ()
  it("may cancel a collected transfer in a finalizer", function ()
    local script = support.build .. "/spec/finalizer.lua"
    support.write_file(script, [[
      local core = require "aistudios.core"
      local owner = setmetatable({}, { __gc = function (owner)
        pcall(owner.transfer.cancel, owner.transfer)
        pcall(owner.transfer.progress, owner.transfer)
        print "finalized"
      end })
      owner.handle = core.client { token = "a-token" }
      owner.transfer = owner.handle:submit(1, { method = "GET",
        url = "http://127.0.0.1:1/" })
      KEPT = owner
    ]])
    assert.equal("finalized", support.run(support.lua .. " " .. support.quote(script)))
  end)

  it("may take in a finalizer that runs while another takes", function ()
    local handle <close> = core.client { token = "a-token" }
    local submitted, taken, is_over, seen = 0, 0, false, {}
    -- A finalizer may run between looking at a completion and dropping it: then both
    -- have seen it, and it counts once.
    local function take_once()
      local id = support.take(handle)
      if id and not seen[id] then seen[id], taken = true, taken + 1 end
      return id
    end
    local function arm()
      setmetatable({}, { __gc = function ()
        if is_over then return end
        take_once()
        arm()
      end })
    end
    for _ = 1, 8 do arm() end
    collectgarbage "generational"
    for round = 1, 200 do
      for i = 1, 8 do
        handle:submit(round * 8 + i, { method = "GET", url = NOWHERE })
        submitted = submitted + 1
      end
      while taken < submitted do
        if not take_once() then handle:wait(0.2) end
        for _ = 1, 20 do taken = ({ taken })[1] end -- garbage
      end
    end
    is_over = true
    collectgarbage "incremental"
    assert.equal(submitted, taken)
    assert.equal(submitted, handle:stats().completed)
  end)
end)

describe("a process that ends with everything in flight", function ()
  local function run(ending, rounds, beginning)
    local tls = support.certificates()
    local server <close> = require "aistudios.sandbox".start {
      tls = { cert = tls.server_cert, key = tls.server_key } }
    local script = support.build .. "/spec/ending.lua"
    support.write_file(script, (beginning or "") .. ([[
      local core = require "aistudios.core"
      local handle = core.client { token = "a-token", ca_file = %q }
      for i = 1, 16 do
        handle:submit(i, { method = "GET", url = %q })
      end
      local moment = core.now() + tonumber(arg[1])
      while core.now() < moment do end
      %s
    ]]):format(tls.ca_cert, server.url, ending))
    for i = 1, rounds do
      support.run(("timeout 60 env %s '%s' %g"):format(support.lua, script, i % 20 * 0.001))
    end
  end

  it("does not crash, whether it closes its state or not", function ()
    run("os.exit(0, false)", support.is_slow and 10 or 60)
    run("os.exit(0, true)", 5)
  end)

  it("does not crash either where its state is closed after the network's end", function ()
    run("os.exit(0, false)", 5, 'require "spec.support.native".close_at_exit()\n')
  end)
end)

describe("many requests without credentials", function ()
  it("all fail at once, more than have a place", function ()
    local handle <close> = core.client { max_in_flight = 4 }
    local began = core.now()
    for i = 1, 100 do
      handle:submit(i, { method = "GET", url = NOWHERE, auth = "token" })
    end
    for _ = 1, 100 do assert.equal("auth", take(handle, 3).failure) end
    assert.is_true(core.now() - began < 2)
  end)

  it("may follow each other without end: none is queued any more when it has ended", function ()
    local handle <close> = core.client { max_in_flight = 4 }
    for i = 1, 70 do -- 65536 may be queued
      for j = 1, 1000 do
        assert(handle:submit(1000 * i + j, { method = "GET", url = NOWHERE, auth = "token" }))
      end
      for _ = 1, 1000 do assert.equal("auth", take(handle).failure) end
    end
  end)
end)

describe("a small answer behind a large one on the same connection", function ()
  it("has its own bytes counted alone", function ()
    local server <close> = listen()
    local handle <close> = core.client {}
    handle:submit(1, { method = "GET", url = server.url })
    local peer = server.accept()
    server.read(peer)
    peer:send("HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n")
    local rest = ("x"):rep(4000000)
    for at = 1, #rest, 100000 do
      assert(peer:send(rest:sub(at, at + 99999)))
      handle:wait(0)
    end
    assert.equal(4000000, #take(handle).body)
    handle:submit(2, { method = "GET", url = server.url })
    server.read(peer)
    peer:send "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na"
    support.sleep(1) -- its limits are looked at meanwhile
    peer:send "b"
    local response = take(handle)
    assert.equal("ab", response.body, response.error)
    peer:close()
  end)
end)

-- libcurl before 8.1.1 adds such a line to memory that the transfer before has freed.
describe("a first header line that begins with a blank", function ()
  local OK = "HTTP/1.1 200 OK\r\nX-First: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
  local FOLDED = "\r\n folded: 1\r\n\tmore\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"

  -- What each of two answers to requests of one kind brings, on one easy handle.
  local function answer_twice(request, second)
    local server, handle <close> = listen(), core.client {}
    local responses = {}
    for i, text in ipairs { OK, second } do
      local own = { url = server.url }
      for name, value in pairs(request) do own[name] = value end
      handle:submit(i, own)
      server.answer(text)
      responses[i] = take(handle)
    end
    server.close()
    return responses[1], responses[2]
  end

  local requests = {
    ["a GET"] = { method = "GET" },
    ["a POST"] = { method = "POST", body = assert(core.marshal { a = 1 }) },
    ["an upload"] = { method = "POST", parts = { { name = "a", value = "x" } } },
  }
  for name, request in pairs(requests) do
    it("ends " .. name .. " as no HTTP answer", function ()
      for _, start in ipairs { "HTTP/1.1 200 OK", "http/1.1 200 OK",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK" } do
        local first, second = answer_twice(request, start .. FOLDED)
        assert.equal("{}", first.body)
        assert.equal("protocol", second.failure)
        assert.matches("first header line begins with a blank", second.message)
        assert.is_true(second.sent)
      end
    end)

    it("is taken where a field precedes it: " .. name, function ()
      local _, second = answer_twice(request, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        .. "HTTP/1.1 200 OK" .. FOLDED)
      assert.equal("{}", second.body)
      _, second = answer_twice(request, "HTTP/1.1 200 OK\r\nA: b" .. FOLDED)
      assert.equal("{}", second.body)
    end)
  end

  it("is not read on a used handle by a download", function ()
    local server, handle <close> = listen(), core.client {}
    local path = support.build .. "/spec/folded.mp4"
    os.remove(path)
    handle:submit(1, { method = "GET", url = server.url })
    server.answer(OK)
    take(handle)
    handle:submit(2, { method = "GET", url = server.url, to = path, follow = 5 })
    server.answer("HTTP/1.1 200 OK" .. FOLDED)
    take(handle)
    handle:submit(3, { method = "GET", url = server.url, to = path .. "2", follow = 5 })
    server.answer "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"
    server.answer("HTTP/1.1 200 OK" .. FOLDED)
    take(handle)
    os.remove(path)
    os.remove(path .. "2")
    server.close()
  end)
end)

describe("an answer that breaks off in its head", function ()
  local function answer(request, text)
    local server, handle <close> = listen(), core.client {}
    local own = { url = server.url }
    for name, value in pairs(request) do own[name] = value end
    handle:submit(1, own)
    server.answer(text)
    local response = take(handle)
    server.close()
    return response
  end

  local path = support.build .. "/spec/broken_head.mp4"
  local requests = {
    { method = "GET" }, { method = "DELETE" },
    { method = "POST", body = assert(core.marshal { a = 1 }), replayable = false },
    { method = "GET", to = path, resume = true, follow = 5 },
  }

  it("is cut off, whatever its status", function ()
    for _, request in ipairs(requests) do
      for _, text in ipairs { "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 400 Bad\r\nA: b\r\n", "HTTP/1.1 204 None\r\nA",
        "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n" } do
        local r = answer(request, text)
        assert.equal("network", r.failure, request.method .. " " .. text)
        assert.is_true(r.sent)
        assert.is_nil(r.path)
      end
    end
    assert.is_false(support.exists(path))
  end)

  it("is whole with an empty line alone", function ()
    for _, request in ipairs { requests[1], requests[2], requests[3] } do
      assert.is_nil(answer(request, "HTTP/1.1 204 None\n\n").failure)
      assert.is_nil(answer(request, "HTTP/1.0 200 OK\r\n\r\n").failure)
    end
  end)

  it("is whole in pieces of one byte", function ()
    local pieces = ("abc"):gsub(".", "1\r\n%0\r\n")
    for _, request in ipairs { requests[1], requests[3] } do
      local r = answer(request, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        .. pieces .. "0\r\n\r\n")
      assert.same({ 200, "abc" }, { r.status, r.body })
    end
  end)

  it("keeps the part of a download that goes on", function ()
    local server, handle <close> = listen(), core.client {}
    local request = { method = "GET", url = server.url, to = path, resume = true, follow = 5 }
    handle:submit(1, request)
    server.answer("HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: 3000\r\n\r\n"
      .. ("x"):rep(1000))
    assert.equal("network", take(handle).failure)
    handle:submit(2, request)
    server.answer "HTTP/1.1 206 Partial\r\nETag: \"a\"\r\nConte"
    assert.equal("network", take(handle).failure)
    assert.equal(1000, #support.read_file(path .. ".part"))
    server.close()
    os.remove(path .. ".part")
  end)
end)

describe("what follows a 101 that nobody asked for", function ()
  it("is a body, and has its limit", function ()
    local server, handle <close> = listen(), core.client {}
    local request = { method = "GET", url = server.url, max_response_bytes = 1000 }
    local HEAD = "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"
    handle:submit(1, request)
    server.answer(HEAD .. "{}")
    assert.equal("{}", take(handle).body)
    handle:submit(2, request)
    server.answer(HEAD .. ("x"):rep(100000))
    assert.equal("too_large", take(handle).failure)
    server.close()
  end)
end)

describe("a process without descriptors", function ()
  local function run(limits, code)
    local script = support.build .. "/spec/limits.lua"
    support.write_file(script, code)
    return support.run(("%s; timeout 20 env %s '%s'"):format(limits, support.lua, script))
  end

  it("gets no client and the reason, or one that can be closed", function ()
    assert.equal("closed", run("ulimit -n 40", [[
      local core = require "aistudios.core"
      local aistudios = require "aistudios"
      aistudios.preload()
      local files = {}
      for i = 1, 60 do files[i] = io.open "/dev/null" end
      local seen = {}
      for free = 0, 12 do
        for _ = 1, free > 0 and 1 or 0 do table.remove(files):close() end
        local handle, message = core.client { token = "a-token" }
        if handle then handle:close() else assert(message:find("cannot", 1, true)) end
        seen[handle and "client" or "none"] = true
      end
      assert(seen.client and seen.none)
      local deadline, client, err = core.now() + 10, nil, nil
      repeat -- the threads of the last one close their descriptors by and by
        for i = 1, 60 do files[i] = files[i] or io.open "/dev/null" end
        client, err = aistudios.new { token = "a-token" }
        if client then client:close() end
      until not client or core.now() > deadline
      assert(not client and err.kind == "file" and err.outcome == "not_sent", err)
      print "closed"
    ]]))
  end)
end)

describe("a process without standard input", function ()
  it("has a client like any other, whose descriptors are closed with it", function ()
    local script = support.build .. "/spec/without_input.lua"
    support.write_file(script, [[
      local core, lfs = require "aistudios.core", require "lfs"
      local function count()
        local n = 0
        for _ in lfs.dir "/proc/self/fd" do n = n + 1 end
        return n
      end
      local before, deadline = count(), core.now() + 10
      for _ = 1, 3 do
        local handle = assert(core.client { token = "a-token" })
        handle:submit(1, { method = "GET", url = "http://127.0.0.1:1/" })
        repeat handle:wait(1) until handle:peek()
        handle:close()
      end
      repeat until count() == before or core.now() > deadline -- its thread ends by and by
      local left = count() - before
      assert(io.open "/dev/null") -- 0 is free again
      print(left, lfs.symlinkattributes("/proc/self/fd/0", "target"))
    ]])
    assert.equal("0\t/dev/null", support.run(("exec <&-; timeout 20 env %s '%s'")
      :format(support.lua, script)))
  end)
end)

describe("a download to an odd place", function ()
  local server, handle, at

  before_each(function ()
    at = support.directory "torture"
    server = listen()
    handle = core.client { token = "a-token" }
  end)

  after_each(function ()
    handle:close()
    server:close()
  end)

  local function get(to, more)
    local request = { method = "GET", url = server.url, to = to, resume = true,
      total_timeout = 5 }
    for name, value in pairs(more or {}) do request[name] = value end
    return assert(handle:submit(1, request))
  end

  local function refused(to)
    get(to)
    local r = take(handle)
    assert.equal("file", r.failure)
    assert.is_false(r.sent)
    return r.message
  end

  it("replaces no device and no pipe", function ()
    support.run(("mkfifo '%s/pipe'"):format(at))
    assert.truthy(refused("/dev/null"):find("no regular file", 1, true))
    assert.truthy(refused(at .. "/pipe"):find("no regular file", 1, true))
    assert.equal("named pipe", lfs.attributes(at .. "/pipe", "mode"))
    assert.is_nil(lfs.attributes "/dev/null.part")
  end)

  -- It took the place of /dev/stdout, where that was a file.
  it("replaces no name of what the process has open", function ()
    local name = at .. "/out"
    support.run(("ln -s /proc/self/exe '%s'"):format(name))
    assert.truthy(refused(name):find("no regular file", 1, true))
    assert.equal("link", lfs.symlinkattributes(name, "mode"))
  end)

  it("follows no link that lies beside it", function ()
    support.write_file(at .. "/precious", "precious")
    support.run(("ln -s precious '%s/film.part'"):format(at))
    refused(at .. "/film")
    assert.equal("precious", support.read_file(at .. "/precious"))
  end)

  it("waits for no pipe that lies beside it", function ()
    support.run(("mkfifo '%s/a.part' '%s/b.part.etag'"):format(at, at))
    refused(at .. "/a")
    get(at .. "/b")
    server.answer 'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 2\r\n\r\nok'
    assert.equal(2, take(handle).size)
    assert.equal("ok", support.read_file(at .. "/b"))
  end)

  it("waits for no pipe that is to be uploaded", function ()
    support.run(("mkfifo '%s/pipe'"):format(at))
    handle:submit(1, { method = "POST", url = NOWHERE,
      parts = { { name = "a", path = at .. "/pipe" } } })
    local r = take(handle)
    assert.equal("file", r.failure)
    assert.is_false(r.sent)
  end)

  -- The first five bytes of a file whose ETag is "one".
  local function begin(path)
    get(path)
    server.answer 'HTTP/1.1 200 OK\r\nETag: "one"\r\nContent-Length: 9\r\n\r\nfirst'
    assert.equal("network", take(handle).failure)
    assert.equal("first", support.read_file(path .. ".part"))
  end

  -- 512 KiB are given to the file thread at once.
  it("writes a last byte that comes alone", function ()
    local most = ("x"):rep(512 * 1024)
    local transfer = get(at .. "/film")
    local peer = server.accept()
    server.read(peer)
    peer:send(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#most + 1, most))
    support.wait_until(function () return transfer:progress() == #most end)
    peer:send "!"
    peer:close()
    assert.is_nil(take(handle).failure)
    assert.equal(most .. "!", support.read_file(at .. "/film"))
  end)

  -- The other one's bytes got the name, as many as it had by then.
  it("gives no name to a file that has taken the place of its own", function ()
    get(at .. "/film")
    local peer = server.accept()
    server.read(peer)
    peer:send "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfirst"
    os.remove(at .. "/film.part")
    support.write_file(at .. "/film.part", "of another download")
    peer:send "rest"
    peer:close()
    local r = take(handle)
    assert.equal("file", r.failure)
    assert.truthy(r.message:find("removed or replaced", 1, true), r.message)
    assert.is_nil(lfs.attributes(at .. "/film"))
    assert.equal("of another download", support.read_file(at .. "/film.part"))
  end)

  it("never joins the parts of two versions", function ()
    begin(at .. "/film")
    get(at .. "/film")
    local head = server.answer('HTTP/1.1 206 Partial Content\r\nETag: "two"\r\n'
      .. "Content-Range: bytes 5-8/9\r\nContent-Length: 4\r\n\r\nrest")
    assert.truthy(head:find('If-Range: "one"', 1, true))
    local r = take(handle)
    assert.equal("protocol", r.failure)
    assert.equal(0, r.bytes_received)
    assert.is_nil(lfs.attributes(at .. "/film"))
    assert.is_nil(lfs.attributes(at .. "/film.part"))
  end)

  it("counts no bytes of a range that it did not ask for", function ()
    begin(at .. "/film")
    get(at .. "/film")
    server.answer("HTTP/1.1 206 Partial Content\r\n"
      .. "Content-Range: bytes 0-8/9\r\nContent-Length: 9\r\n\r\nfirstrest")
    local r = take(handle)
    assert.equal("protocol", r.failure)
    assert.equal(0, r.bytes_received)
  end)

  it("takes no range of which nobody says how much there is", function ()
    for _, range in ipairs { "5-8/*", "5-8/" } do
      begin(at .. "/film")
      get(at .. "/film")
      server.answer('HTTP/1.1 206 Partial Content\r\nETag: "one"\r\n'
        .. ("Content-Range: bytes %s\r\nContent-Length: 4\r\n\r\nrest"):format(range))
      assert.equal("protocol", take(handle).failure)
      assert.is_nil(lfs.attributes(at .. "/film"))
    end
  end)

  it("reads no more boxes of an MP4 than films have", function ()
    local box = "\0\0\0\8free"
    local film = "\0\0\0\8ftyp" .. box:rep(300000)
    local began = core.now()
    get(at .. "/film", { mp4 = true })
    server.answer(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#film, film))
    assert.equal("the file was cut off", take(handle).message)
    assert.is_true(core.now() - began < 30)
  end)

  it("keeps what came when the disk is full, and goes on from there", function ()
    native.file_limit(1000)
    get(at .. "/film")
    server.answer('HTTP/1.1 200 OK\r\nETag: "one"\r\nContent-Length: 5000\r\n\r\n'
      .. ("x"):rep(5000))
    local r = take(handle)
    native.file_limit()
    assert.equal("file", r.failure)
    assert.equal(1000, lfs.attributes(at .. "/film.part", "size"))
    get(at .. "/film")
    local head = server.answer('HTTP/1.1 206 Partial Content\r\nETag: "one"\r\n'
      .. "Content-Range: bytes 1000-4999/5000\r\nContent-Length: 4000\r\n\r\n"
      .. ("x"):rep(4000))
    assert.truthy(head:find("Range: bytes=1000-", 1, true))
    assert.equal(5000, take(handle).size)
  end)

  it("keeps what came when a range ends early, and goes on from there", function ()
    begin(at .. "/film")
    get(at .. "/film")
    server.answer('HTTP/1.1 206 Partial Content\r\nETag: "one"\r\n'
      .. "Content-Range: bytes 5-6/9\r\nContent-Length: 2\r\n\r\nre")
    assert.equal("network", take(handle).failure)
    assert.equal("firstre", support.read_file(at .. "/film.part"))
    get(at .. "/film")
    local head = server.answer('HTTP/1.1 206 Partial Content\r\nETag: "one"\r\n'
      .. "Content-Range: bytes 7-8/9\r\nContent-Length: 2\r\n\r\nst")
    assert.truthy(head:find("Range: bytes=7-", 1, true))
    assert.equal(9, take(handle).size)
    assert.equal("firstrest", support.read_file(at .. "/film"))
  end)

  it("has the permissions that the host's umask leaves", function ()
    support.write_file(at .. "/another", "")
    get(at .. "/film")
    server.answer "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    assert.equal(2, take(handle).size)
    assert.equal(lfs.attributes(at .. "/another", "permissions"),
      lfs.attributes(at .. "/film", "permissions"))
  end)

  it("counts what was there before it goes on, of the whole length", function ()
    begin(at .. "/film")
    local transfer = get(at .. "/film")
    local peer = server.accept()
    server.read(peer)
    peer:send('HTTP/1.1 206 Partial Content\r\nETag: "one"\r\n'
      .. "Content-Range: bytes 5-8/9\r\nContent-Length: 4\r\n\r\nre")
    support.wait_until(function () return transfer:progress() == 7 end)
    assert.equal(9, select(2, transfer:progress()))
    peer:send "st"
    peer:close()
    assert.equal(9, take(handle).size)
  end)

  it("is not locked by a child that was forked meanwhile", function ()
    local transfer = get(at .. "/film")
    local peer = server.accept()
    server.read(peer)
    peer:send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfirst")
    support.wait_until(function () return lfs.attributes(at .. "/film.part") end)
    local child = native.fork(function () return support.sleep(2) or true end)
    transfer:cancel()
    take(handle)
    peer:close()
    get(at .. "/film", { total_timeout = 20 })
    server.answer "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    local r = take(handle)
    native.wait(child)
    assert.equal(2, r.size, r.message)
  end)

  it("says so when the disk is full, and leaves nothing", function ()
    native.file_limit(1000)
    get(at .. "/film", { resume = false })
    server.answer("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" .. ("x"):rep(5000))
    local r = take(handle)
    native.file_limit()
    assert.equal("file", r.failure)
    assert.is_nil(lfs.attributes(at .. "/film"))
    assert.is_nil(lfs.attributes(at .. "/film.part"))
  end)
end)

describe("an upload whose file shrinks while it is sent", function ()
  it("fails by the file, not as cancelled", function ()
    local path = support.directory "shrink" .. "/file"
    support.write_file(path, ("x"):rep(20000000))
    local server <close> = listen()
    local handle <close> = core.client { token = "a-token" }
    handle:submit(1, { method = "POST", url = server.url,
      parts = { { name = "a", path = path } } })
    local peer = server.accept()
    peer:receive "*l"
    support.write_file(path, "short")
    repeat local some = peer:receive(65536) until not some
    local r = take(handle)
    peer:close()
    assert.equal("file", r.failure)
    assert.is_true(r.sent)
  end)

  it("has at least one part", function ()
    local handle <close> = core.client { token = "a-token" }
    assert.has_error(function ()
      handle:submit(1, { method = "POST", url = NOWHERE, parts = {} })
    end)
  end)
end)

describe("a token answer that is not understood", function ()
  local function failure_of(answer)
    local server <close> = listen()
    local handle <close> = core.client { app_id = "an-id", user_key = "a-user-key",
      token_url = server.url, retries = 0 }
    handle:submit(1, { method = "GET", url = NOWHERE, auth = "token" })
    server.answer(answer)
    local r = take(handle)
    assert.equal("auth", r.failure)
    return r.auth
  end

  local function json(status, text, length)
    return ("HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s")
      :format(status, length or #text, text)
  end

  it("is not shown when there may be a token in it", function ()
    for _, text in ipairs {
      '{"success":true,"data":{"token":"Bearer s3cret"}}',
      '{"success":true,"data":{"accessToken":"s3cret"}}',
      '{"success":true,"data":{"token":"s3cret',
    } do
      assert.is_nil(failure_of(json("200 OK", text)).body)
    end
    local cut = json("200 OK", '{"data":{"token":"s3cret', 400)
    assert.is_nil(failure_of(cut).body)
  end)

  it("is shown when it says no, or is a page", function ()
    assert.truthy(failure_of(json("200 OK", '{"success":false}')).body)
    assert.truthy(failure_of(json("403 Forbidden", "no")).body)
    assert.truthy(failure_of(json("200 OK", "<html>")).body)
  end)
end)
