-- How commands end: each exit code, what is told on standard error, and ^C in
-- each phase.
local command = require "spec.support.command"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, world

local function start(options)
  server = assert(sandbox.start(options or { render_seconds = 0.3 }))
  world = command.world(server)
  support.write_file(world.at .. "/p.lua", support.read_file "spec/examples/project.lua")
end

after_each(function ()
  command.stop_all()
  server:close()
end)

local RENDER = { "render", "p.lua", "--to", "out.mp4", "--interval", "0.1" }

local function with(list, ...)
  local all = table.move(list, 1, #list, 1, {})
  for _, word in ipairs { ... } do all[#all + 1] = word end
  return all
end

local function failure_of(ended)
  for _, note in ipairs(ended.notes) do
    if note.code then return note end
  end
  error("no failure was told: " .. ended.err)
end

describe("a command ends with", function ()
  it("one sentence when a module that it needs is missing", function ()
    start()
    if support.is_thread_sanitized then return end -- which needs that variable
    world.environment.LUA_CPATH = "/nowhere/?.so"
    local ended = command.run(world, RENDER)
    assert.same({ 1, "aistudios: the command needs the Lua module luv (Debian: lua-luv)\n" },
      { ended.code, ended.err })
  end)

  it("0 when it is done, 1 when it failed", function ()
    start()
    assert.equal(0, command.run(world, RENDER).code)
    local ended = command.run(world, { "render", "p.lua", "--to", "missing/out.mp4" })
    assert.equal(1, ended.code, ended.err)
    local told = failure_of(ended)
    assert.equal("not_sent", told.outcome)
    assert.equal(1, #server:ledger())
  end)

  it("2 when the command line is wrong", function ()
    start()
    for _, arguments in ipairs { { "rendr" }, { "render" }, { "render", "p.lua", "--tow", "x" },
      { "render", "p.lua", "--deadline", "soon" }, { "--json", "--text", "projects" },
      { "projects", "--host", "ftp://x" }, { "help", "nonsense" } } do
      local ended = command.run(world, arguments)
      assert.equal(2, ended.code, table.concat(arguments, " ") .. ended.err)
      assert.equal(2, failure_of(ended).code)
      assert.equal("", ended.out)
    end
    assert.equal(0, #server:requests())
  end)

  it("3 when the keys are missing or refused", function ()
    start()
    world.environment.AISTUDIOS_USER_KEY = "wrong"
    local ended = command.run(world, RENDER)
    assert.equal(3, ended.code, ended.err)
    assert.truthy(failure_of(ended).hint:find("auth login", 1, true))
    world.environment.AISTUDIOS_USER_KEY = nil
    world.environment.AISTUDIOS_APP_ID = nil
    assert.equal(3, command.run(world, RENDER).code)
  end)

  it("4 when it waited too long, with the token on standard output", function ()
    start { render_seconds = 60 }
    local ended = command.run(world, with(RENDER, "--deadline", "0.5"))
    assert.equal(4, ended.code, ended.err)
    local token = ended.lines[#ended.lines].resume
    assert.equal(token, failure_of(ended).resume)
    server:advance(60)
    ended = command.run(world, { "resume", token })
    assert.equal(0, ended.code, ended.err)
    local id = server:ledger()[1].project_id
    assert.truthy(failure_of(command.run(world, { "resume", token, "--host",
      "http://127.0.0.1:1" })).hint:find("--host", 1, true))
    local late = command.run(world, { "wait", id })
    assert.equal(0, late.code, late.err)
    assert.equal(1, #server:ledger())
  end)

  it("5 when nobody knows whether it was bought", function ()
    start()
    server:fault { on = "create_project", kind = "drop_after_read" }
    local ended = command.run(world, RENDER)
    assert.equal(5, ended.code, ended.err)
    local told = failure_of(ended)
    assert.equal("unknown", told.outcome)
    assert.truthy(told.hint:find("aistudios projects", 1, true))
    assert.truthy(told.hint:find("aistudios resume", 1, true))
    assert.equal(1, #server:ledger())
    local found = command.run(world, { "resume", told.resume, "--interval", "0.1" })
    assert.equal(0, found.code, found.err)
    assert.equal(1, #server:ledger())
    server:fault { on = "generate_image", kind = "drop_after_read" }
    assert.equal(5, command.run(world, { "api", "generate_image", "topic=a" }).code)
    server:fault { on = "get_progress", kind = "drop_after_read", times = 9 }
    assert.equal(1, command.run(world, { "status", "abc" }).code)
  end)

  it("6 when the project has mistakes, each with its line", function ()
    start()
    support.write_file(world.at .. "/p.lua",
      (support.read_file "spec/examples/project.lua":gsub("layer = 1", "layer = 'a'")))
    local ended = command.run(world, RENDER)
    assert.equal(6, ended.code, ended.err)
    local told = failure_of(ended)
    assert.equal("p.lua", told.problems[1].file)
    assert.equal(1, told.problems[1].line)
    local text = command.run(world, with(RENDER, "--text"))
    assert.truthy(text.err:find("^p.lua:1: scenes%[1%].clips%[1%].layer: "), text.err)
    assert.equal(0, #server:requests())
  end)

  it("the same sum whatever the order of several", function ()
    local status = require "aistudios.cli.status"
    start()
    assert.equal(0, status.sum {})
    assert.equal(0, status.sum { 0, 0 })
    assert.equal(8, status.sum { 0, 1, 3 })
    assert.equal(8, status.sum { 1, 0 })
    assert.equal(4, status.sum { 4, 4 })
    assert.equal(1, status.sum { 1, 3 })
    assert.equal(5, status.sum { 0, 5, 1 })
    assert.equal(8, status.sum { 8, 0 })
  end)
end)

describe("^C", function ()
  it("before anything is sent leaves at once", function ()
    start()
    support.write_file(world.at .. "/endless.lua", "while true do end")
    local running = command.start(world, { "check", "endless.lua" })
    support.sleep(0.3)
    running:signal "INT"
    local ended = running:wait()
    assert.equal(130, ended.code, ended.err)
    assert.is_nil(ended.err:find("traceback", 1, true))
  end)

  it("while a project is created lets the answer come, and prints the token", function ()
    start()
    server:fault { on = "create_project", kind = "slow", seconds = 1.5 }
    local running = command.start(world, RENDER)
    support.wait_until(function () return server:requests "create_project"[1] end)
    running:signal "INT"
    local ended = running:wait()
    assert.equal(130, ended.code, ended.err)
    local token = ended.lines[2].resume
    assert.is_string(token)
    assert.equal(token, failure_of(ended).resume)
    assert.equal(1, #server:ledger())
    ended = command.run(world, { "resume", token, "--interval", "0.1" })
    assert.equal(0, ended.code, ended.err)
    assert.equal(1, #server:ledger())
  end)

  it("twice while a project is created leaves, and says that it may be bought", function ()
    start()
    server:fault { on = "create_project", kind = "slow", seconds = 10 }
    local running = command.start(world, RENDER)
    support.wait_until(function () return server:requests "create_project"[1] end)
    running:signal "INT"
    running:expect "waiting for the answer"
    running:signal "INT"
    local ended = running:wait(5)
    assert.equal(130, ended.code, ended.err)
    assert.equal("unknown", failure_of(ended).outcome)
  end)

  it("while a token is fetched sends no project", function ()
    start()
    server:fault { on = "get_token", kind = "slow", seconds = 1 }
    local running = command.start(world, RENDER)
    support.wait_until(function () return server:requests "get_token"[1] end)
    running:signal "INT"
    local ended = running:wait(5)
    assert.equal(130, ended.code, ended.err)
    assert.equal("not_sent", failure_of(ended).outcome)
    support.sleep(1.2)
    assert.equal(0, #server:ledger())
  end)

  it("while a render is waited for ends with the token", function ()
    start { render_seconds = 60 }
    local running = command.start(world, RENDER)
    running:expect '"progress"'
    running:signal "INT"
    local ended = running:wait(5)
    assert.equal(130, ended.code, ended.err)
    assert.equal(ended.lines[2].resume, failure_of(ended).resume)
    assert.equal(2, #ended.lines)
  end)

  it("while the video comes home keeps the part, from which resume goes on", function ()
    start { render_seconds = 0, download_bytes = 4 << 20, download_rate = 1 << 20 }
    local running = command.start(world, RENDER)
    support.wait_until(function ()
      local part = support.read_file(world.at .. "/out.mp4.part")
      return part and #part > 100000
    end)
    running:signal "INT"
    local ended = running:wait(5)
    assert.equal(130, ended.code, ended.err)
    assert.is_true(support.exists(world.at .. "/out.mp4.part"))
    ended = command.run(world, { "resume", ended.lines[1].resume })
    assert.equal(0, ended.code, ended.err)
    assert.equal(4 << 20, #support.read_file(world.at .. "/out.mp4"))
  end)

  it("with several jobs begins no more of them", function ()
    start { render_seconds = 60 }
    local ids = {}
    local client <close> = support.client(server)
    for i = 1, 12 do
      ids[i] = client:create_project(dofile "spec/examples/project.lua").project_id
    end
    local running = command.start(world, { "wait", table.unpack(ids) })
    support.wait_until(function () return #server:requests "get_progress" >= 8 end)
    running:signal "INT"
    local ended = running:wait(5)
    assert.equal(130, ended.code, ended.err)
    assert.equal(8, #server:requests "get_progress")
    assert.equal(8, #ended.lines)
  end)

  it("is SIGTERM to a supervisor, with the exit code of that signal", function ()
    start { render_seconds = 60 }
    local running = command.start(world, RENDER)
    running:expect '"progress"'
    running:signal "TERM"
    local ended = running:wait(5)
    assert.equal(143, ended.code, ended.err)
    assert.is_string(failure_of(ended).resume)
  end)
end)

describe("progress", function ()
  it("is one line that is drawn again, as wide as the terminal", function ()
    for _, columns in ipairs { 80, 34 } do
      start { render_seconds = 0.6 }
      local running = command.start_on_terminal(world, RENDER, columns)
      local ended = running:wait()
      assert.equal(0, ended.code, ended.out)
      assert.truthy(ended.out:find("\r\27%[Kwait     %[#*%.*%] +%d+ %%"), ended.out)
      for line in ended.out:gmatch "\27%[K(%l+ +%[[#.]*%] +%d+ %%)" do
        assert.is_true(#line < columns, line)
      end
      assert.truthy(ended.out:find("out.mp4  %d+ bytes"), ended.out)
      server:close()
    end
  end)

  it("of several jobs counts those that are done, and gives way to what is printed", function ()
    start { render_seconds = 0.6 }
    local client <close> = support.client(server)
    local arguments = { "wait", "--interval", "0.1" }
    for _ = 1, 2 do
      arguments[#arguments + 1] = client:create_project(dofile "spec/examples/project.lua")
        .project_id
    end
    local ended = command.start_on_terminal(world, arguments):wait()
    assert.equal(0, ended.code, ended.out)
    assert.truthy(ended.out:find("\27%[K0 of 2   %[%.+%] +0 %%"), ended.out)
    assert.is_nil(ended.out:find("%%%s*http", 1), ended.out)
  end)

  it("is a line for each change on a terminal that cannot erase one", function ()
    start { render_seconds = 0.6 }
    world.environment.TERM = "dumb"
    local ended = command.start_on_terminal(world, RENDER):wait()
    assert.is_nil(ended.out:find("\27", 1, true))
    assert.truthy(ended.out:find("wait %d+ %%\r\n"), ended.out)
  end)

  it("is a line for each change with plain, and nothing with quiet", function ()
    start { render_seconds = 0.6 }
    local running = command.start_on_terminal(world, with(RENDER, "--progress", "plain"))
    local ended = running:wait()
    assert.is_nil(ended.out:find("\27", 1, true))
    assert.truthy(ended.out:find("wait %d+ %%\r\n"), ended.out)
    running = command.start_on_terminal(world, with(RENDER, "--progress", "quiet"))
    ended = running:wait()
    assert.is_nil(ended.out:find("wait", 1, true))
  end)

  it("leaves a terminal with its cursor at the start of a line after ^C", function ()
    start { render_seconds = 60 }
    local running = command.start_on_terminal(world, RENDER)
    running:expect("%[%.+%]", true)
    running:type "\3"
    local ended = running:wait(5)
    assert.equal(130, ended.code, ended.out)
    assert.truthy(ended.out:find("\27%[Kaistudios: [^\n]*interrupted"), ended.out)
    assert.truthy(ended.out:find("aistudios resume 'aistudios-1", 1, true))
  end)
end)
