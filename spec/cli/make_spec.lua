-- aistudios make: built, exported and brought home; bought once, whatever
-- happens to the command meanwhile.
local aistudios = require "aistudios"
local command = require "spec.support.command"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, world

before_each(function ()
  server = assert(sandbox.start { render_seconds = 0.3, build_seconds = 0.3 })
  world = command.world(server)
end)

after_each(function ()
  command.stop_all()
  server:close()
end)

local TOPIC = { "make", "topic", "Tea", "--to", "out.mp4", "--interval", "0.1" }

local function is_video()
  local text = support.read_file(world.at .. "/out.mp4")
  return text ~= nil and text:sub(5, 8) == "ftyp"
end

--- What was billed: exports of what was built cost, builds do not.
local function exports() return #server:ledger() end

local function last_token(ended)
  local token
  for _, line in ipairs(ended.lines) do token = line.resume or token end
  return token
end

local function failure_of(ended)
  for _, note in ipairs(ended.notes) do
    if note.code then return note end
  end
end

local function resume(token)
  local ended = command.run(world, { "resume", token, "--interval", "0.1" })
  assert.equal(0, ended.code, ended.err)
  assert.is_true(is_video())
  assert.equal(1, exports())
end

describe("aistudios make", function ()
  it("makes a video of each kind, with the options of the call", function ()
    support.write_file(world.at .. "/a b.pdf", "%PDF-1.4")
    support.write_file(world.at .. "/script.txt", "Hello\nworld")
    for i, arguments in ipairs {
      { "docs", "a b.pdf" }, { "topic", "Tea", "--duration", "30", "--voice-only" },
      { "url", "https://example.com/", "--language", "en" },
      { "scripts", "@script.txt", "--script-option", "original", "--speed", "1.5" },
    } do
      local ended = command.run(world, { "make", "--to", "out.mp4", "--interval", "0.1",
        table.unpack(arguments) })
      assert.equal(0, ended.code, ended.err)
      assert.equal(i, exports())
    end
    local body = aistudios.decode(server:requests "topic_to_video"[1].body)
    assert.same({ topic = "Tea", options = { duration = 30, voiceOnly = true } }, body)
    body = aistudios.decode(server:requests "scripts_to_video"[1].body)
    assert.same({ scripts = "Hello\nworld",
      options = { scriptOption = "original", speed = 1.5 } }, body)
  end)

  it("is exported in the resolution, and in the workspace, of the command", function ()
    local workspace = "65a0c1d2e3f4a5b6c7d8e9f0"
    local ended = command.run(world, { "make", "topic", "Tea", "--interval", "0.1",
      "--resolution", "720", "--workspace", workspace })
    assert.equal(0, ended.code, ended.err)
    local body = aistudios.decode(server:requests "export_project"[1].body)
    assert.same({ "720", workspace }, { body.resolution, body.workspaceId })
  end)

  it("names every option of the calls, and refuses before anything is sent", function ()
    local ended = command.run(world, { "make", "--help" })
    assert.is_nil(ended.out:find("The API's option", 1, true), ended.out)
    for _, arguments in ipairs { { "film", "x" }, { "topic" }, { "topic", "two", "words" },
      { "topic", "Tea", "--duration", "31" }, { "topic", "Tea", "--speed", "fast" },
      { "docs", "missing.pdf" }, { "scripts", "@missing" } } do
      ended = command.run(world, { "make", table.unpack(arguments) })
      assert.is_true(ended.code == 2 or ended.code == 1, ended.err)
    end
    for _, request in ipairs(server:requests()) do
      assert.equal("get_token", request.endpoint)
    end
  end)

  it("prints a token each time it changes; the last one goes on after a kill", function ()
    for _, goal in ipairs { "finish", "export_sent", "deliver" } do
      server:close()
      server = assert(sandbox.start { render_seconds = 0.5, build_seconds = 0.5 })
      world = command.world(server)
      local running = command.start(world, TOPIC)
      local token = running:expect('aistudios%-1%?goal=' .. goal .. '[^"]+', true)
      running:signal "KILL"
      assert.equal(137, running:wait().code)
      resume(token)
    end
  end)

  it("is exported once, whichever of its tokens is used, however the list lags", function ()
    server:close()
    server = assert(sandbox.start { render_seconds = 0.3, build_seconds = 0.3, list_lag = 60 })
    world = command.world(server)
    local ended = command.run(world, TOPIC)
    assert.equal(0, ended.code, ended.err)
    for _, line in ipairs(ended.lines) do
      if line.resume and not line.resume:find "goal=build_sent&" then resume(line.resume) end
    end
    assert.equal(1, exports())
  end)

  it("is not exported by an old token of another machine", function ()
    server:close()
    server = assert(sandbox.start { render_seconds = 0.3, build_seconds = 0.3, list_lag = 60 })
    world = command.world(server)
    local ended = command.run(world, { "make", "topic", "Tea", "--to", "out.mp4", "--no-wait" })
    world = command.world(server)
    local again = { "resume", last_token(ended), "--interval", "0.01" }
    support.sleep(0.4)
    ended = command.run(world, again)
    assert.equal(5, ended.code, ended.err)
    assert.truthy(failure_of(ended).hint:find("--newest", 1, true))
    assert.equal(0, exports())
    again[#again + 1] = "--newest"
    assert.equal(0, command.run(world, again).code)
    assert.equal(1, exports())
    again[#again] = nil
    assert.equal(0, command.run(world, again).code)
    assert.equal(1, exports())
  end)

  it("leaves the rest to others with --no-wait", function ()
    local ended = command.run(world, { "make", "topic", "Tea", "--to", "out.mp4", "--no-wait" })
    assert.equal(0, ended.code, ended.err)
    assert.equal(0, exports())
    resume(last_token(ended))
  end)

  it("ends with 5 when the export is unknown, and is not exported again", function ()
    server:fault { on = "export_project", kind = "drop_after_read" }
    local ended = command.run(world, TOPIC)
    assert.equal(5, ended.code, ended.err)
    assert.equal("unknown", failure_of(ended).outcome)
    resume(failure_of(ended).resume)
  end)

  it("ends with 5 when nobody knows whether it was built", function ()
    server:fault { on = "topic_to_video", kind = "drop_after_read" }
    local ended = command.run(world, TOPIC)
    assert.equal(5, ended.code, ended.err)
    assert.equal(0, exports())
  end)
end)

describe("^C in make", function ()
  it("while the build is asked for lets the answer come, and exports nothing", function ()
    server:fault { on = "topic_to_video", kind = "slow", seconds = 1 }
    local running = command.start(world, TOPIC)
    support.wait_until(function () return server:requests "topic_to_video"[1] end)
    running:signal "INT"
    local ended = running:wait(5)
    assert.equal(130, ended.code, ended.err)
    assert.equal(0, exports())
    resume(last_token(ended))
  end)

  it("while it is built exports nothing", function ()
    server:close()
    server = assert(sandbox.start { render_seconds = 0.3, build_seconds = 2 })
    world = command.world(server)
    local running = command.start(world, TOPIC)
    running:expect '"building"'
    running:signal "INT"
    local ended = running:wait(5)
    assert.equal(130, ended.code, ended.err)
    assert.equal(0, exports())
    resume(last_token(ended))
  end)

  it("while it is exported lets the answer come, and prints the token of it", function ()
    server:fault { on = "export_project", kind = "slow", seconds = 1 }
    local running = command.start(world, TOPIC)
    support.wait_until(function () return server:requests "export_project"[1] end)
    running:signal "INT"
    local ended = running:wait(5)
    assert.equal(130, ended.code, ended.err)
    assert.truthy(last_token(ended):find("goal=deliver", 1, true))
    resume(last_token(ended))
  end)

  it("while files are uploaded sends no more", function ()
    support.write_file(world.at .. "/a.pdf", ("x"):rep(4 << 20))
    server:fault { on = "upload_docs", kind = "slow", seconds = 1 }
    local running = command.start(world, { "make", "docs", "a.pdf", "--to", "out.mp4" })
    support.wait_until(function () return server:requests "upload_docs"[1] end)
    running:signal "INT"
    local ended = running:wait(5)
    assert.equal(130, ended.code, ended.err)
    support.sleep(1.2)
    assert.equal(0, #server:requests "docs_to_video")
  end)
end)
