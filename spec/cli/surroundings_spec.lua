-- SPDX-License-Identifier: MIT
--
-- Commands in surroundings that are not as usual: standard files that are closed,
-- no home, directories that may not be read, names that are no text, files without
-- end.
local aistudios = require "aistudios"
local command = require "spec.support.command"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, world

before_each(function ()
  server = assert(sandbox.start { render_seconds = 0.1 })
  world = command.world(server)
  support.write_file(world.at .. "/p.lua", support.read_file "spec/examples/project.lua")
end)

after_each(function ()
  command.stop_all()
  server:close()
end)

local RENDER = { "render", "p.lua", "--to", "out.mp4", "--interval", "0.1" }

local function failure_of(ended)
  for _, note in ipairs(ended.notes) do
    if note.code then return note end
  end
  error("no failure was told: " .. ended.err)
end

--- Runs commands as another user, for whom nothing is prepared.
local function become_nobody()
  if not os.execute "setpriv --reuid 12345 --clear-groups true 2>/dev/null" then return false end
  world.wrapper = "setpriv --reuid 12345 --clear-groups"
  support.run(("chmod 755 '%s'"):format(world.at))
  return true
end

describe("a command whose standard files are closed", function ()
  -- Their descriptors went to sockets and to the video, and libuv gave up.
  for redirections, code in pairs { ["<&-"] = 0, [">&-"] = 1, ["2>&-"] = 0,
    ["<&- >&- 2>&-"] = 1 } do
    it("renders all the same: " .. redirections, function ()
      world.wrapper = ("sh -c 'exec \"$@\" %s' sh"):format(redirections)
      local ended = command.run(world, RENDER)
      assert.equal(code, ended.code, ended.err)
      assert.equal(11806, #support.read_file(world.at .. "/out.mp4"))
      assert.equal(1, #server:ledger())
      if redirections == ">&-" then
        assert.equal("standard output: Bad file descriptor", failure_of(ended).message)
      end
    end)
  end

  it("says so when it has to read from one", function ()
    world.wrapper = "sh -c 'exec \"$@\" <&-' sh"
    assert.equal(1, command.run(world, { "check", "-" }).code)
    world.wrapper = "sh -c 'exec \"$@\" <.' sh"
    local ended = command.run(world, { "check", "-" })
    assert.same({ 1, "-: Is a directory" }, { ended.code, failure_of(ended).message })
  end)

  it("ends when nobody can read where the sandbox listens", function ()
    local ended = command.start(world, { "sandbox" }, nil, "/dev/full"):wait()
    assert.equal(1, ended.code)
    assert.equal("standard output: No space left on device", failure_of(ended).message)
  end)
end)

describe("a command whose resume token nobody could read", function ()
  it("prints it to standard error, and does not say that nothing was sent", function ()
    local ended = command.start(world, RENDER, nil, "/dev/full"):wait()
    assert.equal(1, ended.code)
    assert.equal(1, #server:ledger())
    local told = failure_of(ended)
    assert.equal("standard output: No space left on device", told.message)
    assert.equal("unknown", told.outcome)
    assert.truthy(told.resume:find "goal=deliver", told.resume)
    assert.truthy(told.hint:find("aistudios resume", 1, true), told.hint)
    assert.equal(0, command.run(world, { "resume", told.resume, "--interval", "0.1" }).code)
    assert.equal(1, #server:ledger())
  end)
end)

describe("a command whose result nobody could read", function ()
  -- They said that nothing was sent, and ended with 1.
  it("says of a call that it may have been bought, and which project it is about", function ()
    local body = { "--data", aistudios.encode(dofile "spec/examples/project.lua") }
    local ended = command.start(world, { "api", "create_project", table.unpack(body) }, nil,
      "/dev/full"):wait()
    local told = failure_of(ended)
    assert.same({ 5, 5, "unknown" }, { ended.code, told.code, told.outcome })
    assert.equal(server:ledger()[1].project_id, told.project_id)
    assert.truthy(told.message:find("No space left on device", 1, true), told.message)
    assert.truthy(told.hint:find("may buy it twice", 1, true), told.hint)
    ended = command.start(world, { "api", "list_projects" }, nil, "/dev/full"):wait()
    assert.same({ 1, "not_sent" }, { ended.code, failure_of(ended).outcome })
  end)

  it("says of a batch where is told what was bought", function ()
    local examples = support.run "cd spec/examples && pwd"
    assert.equal(0, command.run(world, { "batch", "plan", "b", "--template",
      examples .. "/offer.json", "--rows", examples .. "/offers.csv" }).code)
    local ended = command.start(world, { "batch", "run", "b", "--max-jobs", "3", "--interval",
      "0.1" }, nil, "/dev/full"):wait()
    local told = failure_of(ended)
    assert.same({ 1, "unknown" }, { ended.code, told.outcome })
    assert.truthy(told.hint:find("aistudios batch status b", 1, true), told.hint)
    assert.equal(3, server:ledger().count)
  end)
end)

describe("AISTUDIOS_SANDBOX", function ()
  it("that is neither 1 nor 0 lets nothing go to the service", function ()
    for _, value in ipairs { "true", "yes", "on", " 1", "2" } do
      world.environment.AISTUDIOS_SANDBOX = value
      local ended = command.run(world, RENDER)
      assert.equal(2, ended.code, value)
      assert.truthy(failure_of(ended).message:find "AISTUDIOS_SANDBOX")
    end
    assert.equal(0, #server:requests())
    for _, value in ipairs { "", "0" } do
      world.environment.AISTUDIOS_SANDBOX = value
      assert.equal(0, command.run(world, { "projects" }).code, value)
    end
    assert.is_true(#server:requests() > 0)
  end)
end)

describe("a command without a home", function ()
  it("works with keys from the environment, and keeps no token", function ()
    if not become_nobody() then pending "not root" return end
    world.environment.HOME, world.environment.XDG_STATE_HOME = nil, nil
    world.environment.XDG_CONFIG_HOME = nil
    assert.equal(0, command.run(world, { "projects" }).code)
    world.environment.HOME = ""
    assert.equal(0, command.run(world, { "projects" }).code)
    assert.equal(2, server:stats().by_endpoint.get_token)
    local ended = command.run(world, { "auth", "login" }, server.app_id .. "\n" .. server.user_key)
    assert.equal(1, ended.code)
    assert.truthy(failure_of(ended).message:find("permission denied: /nonexistent", 1, true))
  end)
end)

describe("credentials", function ()
  it("that may not be looked for are not taken for absent", function ()
    if not become_nobody() then pending "not root" return end
    world.environment.AISTUDIOS_APP_ID, world.environment.AISTUDIOS_USER_KEY = nil, nil
    support.run(("mkdir -p '%s/config/aistudios'; chmod 700 '%s/config'"):format(world.at,
      world.at))
    local ended = command.run(world, { "projects" })
    assert.equal(3, ended.code)
    assert.truthy(failure_of(ended).message:find("permission denied", 1, true), ended.err)
  end)

  it("may be a symbolic link, and stay one", function ()
    support.run(("mkdir -p '%s/config/aistudios'; echo '{\"profiles\":{}}' >'%s/real.json'; "
      .. "ln -s '%s/real.json' '%s/config/aistudios/credentials.json'"):format(world.at, world.at,
      world.at, world.at))
    local ended = command.run(world, { "auth", "login" }, server.app_id .. "\n" .. server.user_key)
    assert.equal(0, ended.code, ended.err)
    assert.truthy(support.read_file(world.at .. "/real.json"):find(server.user_key, 1, true))
  end)

  it("are verified at the host of the environment, which is stored with them", function ()
    assert.equal(0, command.run(world, { "auth", "login" },
      server.app_id .. "\n" .. server.user_key).code)
    assert.equal(1, server:stats().by_endpoint.get_token)
    world.environment.AISTUDIOS_BASE_URL = nil
    assert.equal(0, command.run(world, { "auth", "status", "--profile", "default" }).code)
  end)
end)

describe("a command line", function ()
  it("with a name that the module does not take is a mistake of the user", function ()
    for _, name in ipairs { "o\nut.mp4", "out\xFF.mp4" } do
      local ended = command.run(world, { "render", "p.lua", "--to", name })
      assert.equal(2, ended.code, ended.err)
      assert.truthy(failure_of(ended).message:find("render: option 'to'", 1, true))
    end
    assert.equal(0, #server:requests { endpoint = "create_project" })
  end)

  it("reads projects from files of any name, and not without end", function ()
    support.write_file(world.at .. "/na\nme \xFF.lua", support.read_file(world.at .. "/p.lua"))
    assert.equal(0, command.run(world, { "check", "na\nme \xFF.lua" }).code)
    local ended = command.run(world, { "check", "/dev/zero" })
    assert.same({ 1, "/dev/zero: longer than 64 MiB" }, { ended.code, failure_of(ended).message })
  end)

  it("gives no field to a call that takes none", function ()
    local ended = command.run(world, { "api", "get_progress", "projectId=x", "bogus=1" })
    assert.equal(2, ended.code)
    assert.equal("get_progress takes no field 'bogus'", failure_of(ended).message)
  end)

  it("makes nothing of an empty source, such as a pipe that failed", function ()
    for _, arguments in ipairs { { "make", "topic", "" }, { "make", "scripts", "-" } } do
      local ended = command.run(world, arguments)
      assert.same({ 2, "the SOURCE is empty" }, { ended.code, failure_of(ended).message })
    end
    assert.equal(0, #server:requests())
  end)

  it("names scenarios that there are", function ()
    local ended = command.run(world, { "sandbox", "--scenario", "gatway-503" })
    assert.equal(2, ended.code)
    assert.truthy(failure_of(ended).message:find("gateway-503", 1, true))
  end)
end)

describe("^C before anything is sent", function ()
  it("ends a command at once, without a word", function ()
    support.run(("mkfifo '%s/pipe'"):format(world.at))
    local running = command.start(world, { "check", "pipe" })
    local writer = assert(io.open(world.at .. "/pipe", "w")) -- it has begun to read
    running:signal "INT"
    local ended = running:wait()
    writer:close()
    assert.same({ 130, "", "" }, { ended.code, ended.out, ended.err })
  end)
end)

describe("a hint", function ()
  local function hint(arguments)
    return failure_of(command.run(world, arguments)).hint
  end

  it("follows from what the error says is to be done", function ()
    assert.is_nil(hint { "resume", "garbage" })
    assert.equal("look at it: aistudios api get_project projectId=nope",
      hint { "wait", "nope", "--interval", "0.01" })
    assert.equal("aistudios help render shows how it is used", hint { "render" })
    support.write_file(world.at .. "/there.mp4", "x")
    local lines = command.run(world, RENDER).lines
    local id = lines[#lines].project_id
    assert.truthy(hint { "wait", id, "--to", "there.mp4", "--no-overwrite" }
      :find "^once that is mended, go on without paying again: aistudios resume ")
    world.environment.AISTUDIOS_BASE_URL = "http://127.0.0.1:1"
    assert.equal("the same command may be run again at no risk; aistudios doctor says what is in "
      .. "the way", hint { "projects" })
    assert.equal("it needs --host http://other, or the profile of the command that printed it",
      hint { "resume", "aistudios-1?goal=video&id=x&host=http%3A%2F%2Fother" })
    world.environment.AISTUDIOS_APP_ID = nil
    assert.truthy(hint { "projects" }:find "^aistudios auth login")
  end)

  it("waits as long as the service asks", function ()
    server:fault { on = "list_projects", kind = "status", status = 429, retry_after = 130,
      times = "always" }
    assert.equal("wait 130 seconds, then run the same command again", hint { "projects" })
  end)
end)

describe("a mistake of the program", function ()
  it("is told as one, and ends it", function ()
    world.environment.LUA_INIT = "package.preload['aistudios.cli.arguments'] = error"
    local ended = command.run(world, { "projects" })
    assert.equal(1, ended.code)
    assert.truthy(ended.err:find("^aistudios: this is a mistake of the program: "), ended.err)
  end)
end)

describe("a command without a rock that it needs", function ()
  local function told(module, arguments)
    world.environment.LUA_INIT = ("package.preload['%s'] = function () error('no libx.so', 0) end")
      :format(module)
    return failure_of(command.run(world, arguments)).message
  end

  it("says what cannot be loaded, why, and the rock that brings it", function ()
    support.write_file(world.at .. "/rows.csv", "a\n1\n")
    local batch = "cannot load %s: no libx.so; make install brings it, and so does the rock "
      .. "aistudios-batch"
    assert.equal(batch:format "aistudios.batch.rows",
      told("aistudios.batch.rows", { "preview", "p.lua", "--rows", "rows.csv" }))
    assert.equal(batch:format "aistudios.cli.batch_actions",
      told("aistudios.cli.batch_actions", { "batch", "status", "x.batch" }))
    assert.truthy(told("aistudios.sandbox.program", { "sandbox" })
      :find("cannot load aistudios.sandbox.program: no libx.so", 1, true))
    world.environment.AISTUDIOS_SANDBOX = "1"
    assert.truthy(told("aistudios.sandbox", { "projects" })
      :find("AISTUDIOS_SANDBOX is set: cannot load aistudios.sandbox: no libx.so", 1, true))
  end)
end)
