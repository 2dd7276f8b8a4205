-- aistudios render, resume, wait, status, download: videos, and their tokens.
local command = require "spec.support.command"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, world

before_each(function ()
  server = assert(sandbox.start { render_seconds = 0.3 })
  world = command.world(server)
  support.write_file(world.at .. "/p.lua", support.read_file "spec/examples/project.lua")
end)

after_each(function ()
  command.stop_all()
  server:close()
end)

local function is_video(name)
  local text = support.read_file(world.at .. "/" .. name)
  return text ~= nil and text:sub(5, 8) == "ftyp"
end

local function render(...)
  return command.run(world, { "render", "p.lua", "--interval", "0.1", ... })
end

describe("aistudios render", function ()
  it("prints each token, then the video; progress goes to standard error", function ()
    local ended = render("--to", "out.mp4")
    assert.equal(0, ended.code, ended.err)
    assert.equal(3, #ended.lines)
    assert.truthy(ended.lines[1].resume:find "^aistudios%-1%?.*goal=create_sent&")
    assert.truthy(ended.lines[2].resume:find "^aistudios%-1%?.*goal=deliver&")
    assert.equal("out.mp4", ended.lines[3].path:match "[^/]*$")
    assert.equal(support.read_file(world.at .. "/out.mp4"):len(), ended.lines[3].size)
    assert.is_nil(ended.lines[3].raw)
    assert.is_true(is_video "out.mp4")
    assert.equal("create", ended.notes[1].phase)
    assert.equal(1, #server:ledger())
  end)

  it("writes text when it is asked to, and no progress when it is quiet", function ()
    local ended = render("--to", "out.mp4", "--text", "--progress", "quiet")
    assert.equal(0, ended.code)
    assert.equal("", ended.err)
    assert.truthy(ended.out:find("^aistudios resume 'aistudios%-1%?[^\n]*'\n"), ended.out)
    assert.truthy(ended.out:find("out.mp4  %d+ bytes, project %x+\n$"), ended.out)
  end)

  it("reads JSON, and standard input", function ()
    local json = require "aistudios".encode(dofile "spec/examples/project.lua")
    local ended = command.run(world, { "render", "-", "--interval", "0.1" }, json)
    assert.equal(0, ended.code, ended.err)
    assert.truthy(ended.lines[3].download_url)
    assert.is_nil(ended.lines[3].path)
  end)

  it("is gone on with by its printed token after it was killed: one render", function ()
    server:advance(0)
    local running = command.start(world,
      { "render", "p.lua", "--to", "out.mp4", "--interval", "30" })
    local token = running:expect('aistudios%-1%?goal=deliver[^"]+', true)
    running:signal "KILL"
    assert.equal(137, running:wait().code)
    assert.is_false(is_video "out.mp4")
    local ended = command.run(world, { "resume", token, "--interval", "0.1" })
    assert.equal(0, ended.code, ended.err)
    assert.is_true(is_video "out.mp4")
    assert.equal(1, #server:ledger())
  end)

  it("sends nothing where the project cannot be read", function ()
    local ended = command.run(world, { "render", "missing.lua" })
    assert.equal(1, ended.code)
    assert.truthy(ended.err:find("missing.lua", 1, true), ended.err)
    assert.equal(0, #server:requests())
  end)

  it("leaves the rest to others with --no-wait", function ()
    local ended = render("--to", "out.mp4", "--no-wait")
    assert.equal(0, ended.code, ended.err)
    assert.equal(2, #ended.lines)
    assert.equal(1, #server:ledger())
    ended = command.run(world, { "resume", ended.lines[2].resume, "--interval", "0.1" })
    assert.equal(0, ended.code, ended.err)
    assert.is_true(is_video "out.mp4")
    assert.equal(1, #server:ledger())
  end)

  it("sends nothing with --dry-run, and needs no keys", function ()
    world.environment.AISTUDIOS_APP_ID = nil
    world.environment.AISTUDIOS_USER_KEY = nil
    local ended = render("--to", "out.mp4", "--dry-run", "--resolution", "720")
    assert.equal(0, ended.code, ended.err)
    assert.equal("720", ended.lines[1].body.resolution)
    assert.equal(server.url, ended.lines[1].host)
    assert.equal(0, #server:requests())
  end)

  it("fills a row, whatever is in it", function ()
    local text = support.read_file "spec/examples/project.lua"
    support.write_file(world.at .. "/p.lua", (text:gsub("Hello from Lua", "{{text}}")))
    local hostile = '"quotes" {{text}} {{other}} <b>\\n $(touch hit) \u{202E} %s \u{1F600}'
    support.write_file(world.at .. "/row.json", require "aistudios".encode { text = hostile })
    local ended = render("--to", "out.mp4", "--fill", "row.json")
    if ended.code == 0 then
      local body = require "aistudios".decode(server:requests "create_project"[1].body)
      assert.truthy(body.scenes[1].clips[1].script.org:find("$(touch hit)", 1, true))
    else -- braces in a value may be refused, before anything is sent
      assert.equal(6, ended.code, ended.err)
      assert.equal(0, #server:ledger())
    end
    assert.is_false(support.exists(world.at .. "/hit"))
  end)

  it("puts the workspace of the command into the project", function ()
    local id = "65a0c1d2e3f4a5b6c7d8e9f0"
    local ended = render("--workspace", id, "--no-wait")
    assert.equal(0, ended.code, ended.err)
    local body = require "aistudios".decode(server:requests "create_project"[1].body)
    assert.equal(id, body.workspaceId)
  end)

  it("brings the video home though nobody reads its output any more", function ()
    local running = command.start(world,
      { "render", "p.lua", "--to", "out.mp4", "--interval", "0.1" }, nil, "/dev/full")
    local ended = running:wait()
    assert.equal(1, ended.code)
    assert.truthy(ended.err:find("standard output", 1, true), ended.err)
    assert.is_true(is_video "out.mp4")
  end)

  it("brings it home when the reader of its output goes away", function ()
    support.run(("mkfifo '%s/pipe'"):format(world.at))
    os.execute(("head -c 1 '%s/pipe' >'%s/head' &"):format(world.at, world.at))
    local running = command.start(world,
      { "render", "p.lua", "--to", "out.mp4", "--interval", "0.1" }, nil, world.at .. "/pipe")
    assert.equal(1, running:wait().code)
    assert.is_true(is_video "out.mp4")
  end)

  it("lives on under nohup when its terminal hangs up", function ()
    server:close()
    server = assert(sandbox.start { render_seconds = 1 })
    world = command.world(server)
    support.write_file(world.at .. "/p.lua", support.read_file "spec/examples/project.lua")
    world.wrapper = "nohup"
    local running = command.start(world,
      { "render", "p.lua", "--to", "out.mp4", "--interval", "0.1" })
    running:expect "resume"
    running:signal "HUP"
    assert.equal(0, running:wait().code)
    assert.is_true(is_video "out.mp4")
  end)

  it("works against a sandbox of its own", function ()
    for _, name in ipairs { "APP_ID", "USER_KEY", "BASE_URL" } do
      world.environment["AISTUDIOS_" .. name] = nil
    end
    world.environment.AISTUDIOS_SANDBOX = "1"
    local ended = command.run(world, { "render", "p.lua", "--to", "out.mp4" })
    assert.equal(0, ended.code, ended.err)
    assert.is_true(is_video "out.mp4")
    assert.equal(0, #server:requests())
  end)
end)

describe("several projects", function ()
  local ids

  before_each(function ()
    ids = {}
    local client <close> = support.client(server)
    for i = 1, 3 do
      ids[i] = client:create_project(dofile "spec/examples/project.lua").project_id
    end
  end)

  it("are waited for together", function ()
    local ended = command.run(world, { "wait", "--interval", "0.1", table.unpack(ids) })
    assert.equal(0, ended.code, ended.err)
    local seen = {}
    for _, line in ipairs(ended.lines) do seen[line.project_id] = line.download_url end
    for _, id in ipairs(ids) do assert.is_string(seen[id]) end
  end)

  it("are brought home by wait too", function ()
    local ended = command.run(world,
      { "wait", "--interval", "0.1", "--to", "{id}.mp4", ids[1], ids[2] })
    assert.equal(0, ended.code, ended.err)
    assert.is_true(is_video(ids[1] .. ".mp4") and is_video(ids[2] .. ".mp4"))
    assert.equal(2, command.run(world, { "wait", "--to", "a.mp4", ids[1], ids[2] }).code)
  end)

  it("are partly there when one is not", function ()
    local ended = command.run(world, { "wait", "--interval", "0.1", ids[1], "no-such-id" })
    assert.equal(8, ended.code, ended.err)
    assert.equal(ids[1], ended.lines[1].project_id)
    local last = ended.notes[#ended.notes]
    for _, note in ipairs(ended.notes) do
      if note.code then last = note end
    end
    assert.equal("no-such-id", last.input)
  end)

  it("have a status each, which is 0 only when all are done", function ()
    server:advance(10)
    local late = support.client(server)
    local id = late:create_project(dofile "spec/examples/project.lua").project_id
    late:close()
    assert.equal(0, command.run(world, { "status", table.unpack(ids) }).code)
    server:fault { on = "get_progress", kind = "done_without_url", times = 4 }
    local ended = command.run(world, { "status", id, ids[1] })
    assert.equal(8, ended.code, ended.err)
    assert.equal(2, #ended.lines)
  end)

  it("are downloaded when they are rendered, and not before", function ()
    server:set { render_seconds = 60 }
    local client <close> = support.client(server)
    local id = client:create_project(dofile "spec/examples/project.lua").project_id
    local ended = command.run(world, { "download", id, "--to", "out.mp4" })
    assert.equal(1, ended.code, ended.err)
    assert.truthy(ended.err:find(id .. " is not done: ", 1, true), ended.err)
    assert.is_false(support.exists(world.at .. "/out.mp4"))
  end)

  it("are downloaded to names with their ids", function ()
    server:advance(10)
    local ended = command.run(world, { "download", ids[1], ids[2], "--to", "{id}.mp4" })
    assert.equal(0, ended.code, ended.err)
    assert.is_true(is_video(ids[1] .. ".mp4"))
    assert.is_true(is_video(ids[2] .. ".mp4"))
    assert.equal(2, command.run(world, { "download", ids[1], ids[2], "--to", "a.mp4" }).code)
    ended = command.run(world, { "download", "no-such-id", "--to", "{id}.mp4" })
    assert.equal(1, ended.code, ended.err)
    ended = command.run(world, { "download", ids[1], "no-such-id", "--to", "{id}.mp4" })
    assert.equal(8, ended.code, ended.err)
  end)
end)
