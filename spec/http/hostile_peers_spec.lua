-- What no well-meaning host, disk or server does to the core.
local core = require "aistudios.core"
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

  -- Reads one request, head and body.
  function server.read(peer)
    local head, length = {}, 0
    for line in function () return peer:receive "*l" end do
      if line == "" then break end
      head[#head + 1] = line
      length = tonumber(line:lower():match "^content%-length: (%d+)") or length
    end
    return table.concat(head, "\n"), length > 0 and peer:receive(length) or ""
  end

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
    assert.equal("finalized", support.run(support.lua .. " " .. script))
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
  local function run(ending, rounds)
    local tls = support.certificates()
    local server <close> = require "aistudios.sandbox".start {
      tls = { cert = tls.server_cert, key = tls.server_key } }
    local script = support.build .. "/spec/ending.lua"
    support.write_file(script, ([[
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
      support.run(("%s %s %g"):format(support.lua, script, i % 20 * 0.001))
    end
  end

  it("does not crash, whether it closes its state or not", function ()
    run("os.exit(0, false)", support.is_slow and 10 or 60)
    run("os.exit(0, true)", 5)
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
end)

describe("a process without descriptors", function ()
  local function run(limits, code)
    local script = support.build .. "/spec/limits.lua"
    support.write_file(script, code)
    return support.run(("%s; timeout 20 env %s %s"):format(limits, support.lua, script))
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
      for i = 1, 60 do files[i] = io.open "/dev/null" end
      local client, err = aistudios.new { token = "a-token" }
      assert(not client and err.kind == "file" and err.outcome == "not_sent", err)
      print "closed"
    ]]))
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
