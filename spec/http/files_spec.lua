-- What disks do to downloads and uploads, and never to other calls: each case
-- runs in a process of its own whose disk is slow.
local lfs = require "lfs"
local sandbox = require "aistudios.sandbox"
local slow_system = require "spec.support.slow_system"
local support = require "spec.support"

local BYTES = 3000000

-- A sandbox and a client, and a file of BYTES at `address`.
local HEAD = [[
local aistudios = require "aistudios"
local now = require "aistudios.core".now
local sandbox <close> = require "aistudios.sandbox".start { render_seconds = 0, download_bytes = ]]
  .. BYTES .. [[ }
local client <close> = assert(aistudios.new { base_url = sandbox.url, app_id = sandbox.app_id,
  user_key = sandbox.user_key })
local project = dofile(arg[1])
local made = assert(client:create_project(project))
local address = assert(client:wait_for_video(made.project_id, { interval = 0.05 })).download_url
]]

local PROJECT = support.run "pwd" .. "/spec/fixtures/hello.lua"

describe("a slow disk", function ()
  it("holds up no call of another kind", function ()
    assert.equal("true 3000000 done", slow_system.run("SLOW_FSYNC=2", HEAD .. [[
      local job = client.async:download(address, "film.mp4")
      while not job:progress().received or job:progress().received < ]] .. BYTES .. [[ do
        client:step(0.01)
      end
      client:step(0.3) -- all bytes came, and the disk is busy with them
      local called = now()
      local second, err = client:create_project(project, { timeout = 1 })
      local is_prompt = second ~= nil and now() - called < 1
      local file, problem = job:wait(10) and job:result()
      print(is_prompt or err, file and file.size or problem, "done")]], PROJECT))
  end)

  it("is within the time of its download", function ()
    assert.equal("timeout true true", slow_system.run("SLOW_FSYNC=3", HEAD .. [[
      local began = now()
      local film, err = client:download(address, "film.mp4", { timeout = 1, retries = 0 })
      print(film or err.kind, err and err.message:find("on the disk", 1, true) ~= nil or err,
        now() - began < 2.5 or now() - began)]], PROJECT))
  end)

  it("does not hold up close", function ()
    assert.equal("true", slow_system.run("SLOW_FSYNC=3", HEAD .. [[
      local job = client.async:download(address, "film.mp4")
      while not job:progress().received or job:progress().received < ]] .. BYTES .. [[ do
        client:step(0.01)
      end
      client:step(0.3)
      local began = now()
      client:close()
      print(now() - began < 0.5 or now() - began)]], PROJECT))
  end)

  it("slows a download down, which is no stall, and loses no byte", function ()
    assert.equal("3000000 3000000", slow_system.run("SLOW_WRITE=0.4", HEAD .. [[
      local file, err = client:download(address, "film.mp4", { timeout = { stall = 0.2 } })
      local size = file and #assert(io.open("film.mp4", "rb")):read "a"
      print(file and file.size or err, size)]], PROJECT))
  end)

  -- Over HTTP/2 libcurl read on beside calls of the same server, kept 45 MB, and the download
  -- ended as an answer that is too large.
  it("keeps no more of a download in memory beside calls of the same server", function ()
    local at = support.directory "beside_calls"
    support.run(("truncate -s 30M '%s/film.mp4'"):format(at))
    local server = support.nginx { server = ("location /files/ { alias \"%s/\"; }"):format(at) }
    finally(function () server:close() end)
    local said = slow_system.run("SLOW_WRITE=0.02", [[
      local core = require "aistudios.core"
      local function peak() -- KB
        local file <close> = io.open "/proc/self/status"
        return tonumber(file:read "a":match "VmHWM:%s+(%d+)")
      end
      local base, handle, last = arg[1], core.client { ca_file = arg[2] }, 1
      local function call()
        last = last + 1
        handle:submit(last, { method = "GET", url = base .. "/files/none" })
      end
      local before = peak()
      handle:submit(1, { method = "GET", url = base .. "/files/film.mp4", to = "film.mp4" })
      for _ = 1, 16 do call() end
      while true do
        handle:wait(1)
        local id, response = handle:peek()
        if id == 1 then
          print(response.error or response.bytes_received, response.http_version,
            (peak() - before) // 1024)
          break
        elseif id then
          handle:drop(id)
          call()
        end
      end]], server.url, server.ca_file)
    local bytes, grown = said:match "^(%d+) 1%.1 (%d+)$"
    assert.equal("31457280", bytes, said)
    assert.is_true(support.is_slow or tonumber(grown) < 16, said)
  end)

  it("slows an upload down, which is no stall, and loses no byte", function ()
    assert.equal("true", slow_system.run("SLOW_READ=0.4", HEAD .. [[
      local file = io.open("paper.pdf", "wb")
      file:write("%PDF", ("x"):rep(1500000)):close()
      local made, err = client:upload_docs({ files = { "paper.pdf" } },
        { timeout = { stall = 0.2 } })
      print(made ~= nil or tostring(err))]], PROJECT))
  end)

  it("that has no byte of an upload any more ends the call", function ()
    local pause = support.is_slow and 4 or 0.5
    assert.equal("file true", slow_system.run("SLOW_READ=" .. pause, HEAD .. [[
      io.open("paper.pdf", "wb"):write "%PDF" :close()
      local job = client.async:upload_docs { files = { "paper.pdf" } }
      local moment = now() + arg[2] / 2
      while now() < moment do client:step(0.05) end -- it is open, and about to be read
      io.open("paper.pdf", "wb"):close()
      job:wait(15)
      local _, err = job:result()
      print(err and err.kind, err and tostring(err):find("became shorter", 1, true) ~= nil)]],
      PROJECT, pause))
  end)

  it("without locks takes downloads all the same", function ()
    local ENOLCK = 37
    assert.equal("3000000", slow_system.run("FLOCK_ERRNO=" .. ENOLCK, HEAD .. [[
      local file, err = client:download(address, "film.mp4")
      print(file and file.size or err)]], PROJECT))
  end)

  it("without links takes a download that must not replace a file, once", function ()
    local EPERM = 1
    assert.equal("3000000 file", slow_system.run("LINK_ERRNO=" .. EPERM, HEAD .. [[
      local file, err = client:download(address, "film.mp4", { overwrite = false })
      local _, again = client:download(address, "film.mp4", { overwrite = false })
      print(file and file.size or err, again and again.kind)]], PROJECT))
  end)

  it("that cannot be trusted with the bytes is told, and leaves no file", function ()
    local EIO = 5
    assert.equal("file true nil", slow_system.run("FSYNC_ERRNO=" .. EIO, HEAD .. [[
      local file, err = client:download(address, "film.mp4")
      print(file or err.kind, err and tostring(err):find("cannot write", 1, true) ~= nil,
        io.open "film.mp4")]], PROJECT):match "^[^\n]* nil")
  end)
end)

describe("a system without eventfd", function ()
  it("wakes the threads through pipes", function ()
    local ENOSYS = 38
    local server <close> = sandbox.start()
    assert.equal("20", slow_system.run("EVENTFD_ERRNO=" .. ENOSYS, [[
      local url, id, key = ...
      local client = assert(require "aistudios".new { base_url = url, app_id = id, user_key = key })
      local found = 0
      for _ = 1, 20 do found = found + (assert(client:list_projects()) and 1 or 0) end
      client:close()
      print(found)]], server.url, server.app_id, server.user_key))
  end)
end)

describe("a file of a call", function ()
  local at, server, client, address

  before_each(function ()
    at = support.directory "files"
    server = sandbox.start { render_seconds = 0, download_bytes = BYTES }
    client = support.client(server)
    local made = assert(client:create_project(support.project()))
    address = assert(client:wait_for_video(made.project_id, { interval = 0.05 })).download_url
  end)

  after_each(function ()
    client:close()
    server:close()
  end)

  it("is closed after it was sent, also as descriptor 0", function ()
    support.write_file(at .. "/paper.pdf", "%PDF")
    local said = support.run(([[exec <&-; %s -e '
      local place = io.open "/dev/null" -- takes 0
      local client <close> = assert(require "aistudios".new { base_url = %q, app_id = %q,
        user_key = %q })
      assert(client:list_projects()) -- what it needs for itself it has
      place:close()
      assert(client:upload_docs { files = { "%s/paper.pdf" } })
      local pid = require "spec.support.native".pid()
      io.write(io.popen("readlink /proc/" .. pid .. "/fd/0"):read "a")
    ']]):format(support.lua, server.url, server.app_id, server.user_key, at))
    assert.is_nil(said:find("paper", 1, true), said)
  end)

  it("is the one of the directory in which the call was made", function ()
    local here, elsewhere = lfs.currentdir(), at .. "/elsewhere"
    lfs.mkdir(elsewhere)
    support.write_file(at .. "/paper.pdf", "%PDF right")
    support.write_file(elsewhere .. "/paper.pdf", "%PDF wrong")
    lfs.chdir(at)
    local down = client.async:download(address, "film.mp4")
    local up = client.async:upload_docs { files = { "paper.pdf" } }
    lfs.chdir(elsewhere)
    local is_done = down:wait(10) and up:wait(10)
    lfs.chdir(here)
    assert.is_true(is_done)
    assert.equal("film.mp4", assert(down:result()).path)
    assert(up:result())
    assert.equal(BYTES, lfs.attributes(at .. "/film.mp4", "size"))
    assert.equal("%PDF right", support.requests(server, "upload_docs")[1].parts[1].data)
  end)
end)

describe("a path that is too long", function ()
  local core = require "aistudios.core"

  local function message_of(request)
    local handle <close> = core.client { token = "a-token" }
    assert(handle:submit(1, request))
    support.wait_until(function () return (handle:peek(true)) end)
    local _, response = handle:peek()
    assert.equal("file", response.failure)
    return response.message
  end

  it("is shown by its end, with the reason", function ()
    local at = support.directory "long" .. "/" .. ("é"):rep(150)
    local server = support.free_port()
    for name, request in pairs {
      download = { method = "GET", url = "http://127.0.0.1:" .. server, to = at .. "/film.mp4" },
      upload = { method = "POST", url = "http://127.0.0.1:" .. server,
        parts = { { name = "file", path = at .. "/paper.pdf" } } },
    } do
      local message = message_of(request)
      assert.truthy(message:find("...\u{E9}", 1, true), name .. message)
      assert.truthy(message:find ": File name too long", name .. message)
    end
  end)
end)

-- A service that runs without a terminal may have closed it.
describe("the descriptor of standard input", function ()
  it("is one as others where the host has closed it", function ()
    local at = support.directory "descriptor"
    support.write_file(at .. "/program.lua", ([[
      local taken = io.open "/dev/null"
      local server <close> = require "aistudios.sandbox".start { render_seconds = 0,
        download_bytes = 100000 }
      local aistudios, lfs = require "aistudios", require "lfs"
      local options = { base_url = server.url, app_id = server.app_id,
        user_key = server.user_key, token_store = arg[1] .. "/token" }
      local first <close> = assert(aistudios.new(options))
      local made = assert(first:create_project(dofile(%q)))
      local film_at = first:wait_for_video(made.project_id, { interval = 0.05 })
      local function kind() return lfs.attributes("/proc/self/fd/0", "mode") end -- a file is left
      print(kind())
      first:forget_token()
      os.remove(arg[1] .. "/token")
      taken:close()
      print(kind(), first:list_projects() ~= nil, kind() ~= "file")
      local film = arg[1] .. "/film.mp4"
      print(first:download(film_at.download_url, film) ~= nil, kind() ~= "file")
      local sent = first:translate_video { file = film, targets = { "de-DE" } }
      print(sent ~= nil, kind() ~= "file")]])
      :format(PROJECT))
    assert.equal("char device\nnil\ttrue\ttrue\ntrue\ttrue\ntrue\ttrue", support.run(
      ("%s '%s/program.lua' '%s' 2>&1 <&-"):format(support.lua, at, at)))
  end)
end)
