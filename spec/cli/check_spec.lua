-- aistudios check and preview: everything about a project before it is sent.
local command = require "spec.support.command"
local support = require "spec.support"

local world

before_each(function () world = command.world() end)

local function write(name, text)
  support.write_file(world.at .. "/" .. name, text)
  return name
end

local GOOD = support.read_file "spec/examples/project.lua"
local BROKEN = GOOD:gsub("layer = 1", "layer = 1, opacity = 500")

describe("aistudios check", function ()
  it("ends with 0 on a good project, and says nothing", function ()
    local ended = command.run(world, { "check", write("good.lua", GOOD) })
    assert.same({ 0, "", "" }, { ended.code, ended.out, ended.err })
  end)

  it("tells each mistake with file and line, as JSON lines in a pipe", function ()
    local json = '{"name": "a",\n"scenes": [\n{"clips": [{"type": "aiModel",\n"opacity": 5000}]}]}'
    local ended = command.run(world, { "check", write("broken.lua", BROKEN),
      write("broken.json", json) })
    assert.equal(6, ended.code)
    local first = ended.lines[1]
    assert.equal("broken.lua", first.file)
    assert.equal(1, first.line)
    assert.equal("scenes[1].clips[1].opacity", first.path)
    assert.equal("error", first.level)
    local seen = {}
    for _, found in ipairs(ended.lines) do
      if found.file == "broken.json" then seen[found.path] = found.line end
    end
    assert.equal(4, seen["scenes[1].clips[1].opacity"])
  end)

  it("tells them like a compiler to people", function ()
    local ended = command.run(world, { "check", "--text", write("broken.lua", BROKEN) })
    assert.equal(6, ended.code)
    assert.truthy(ended.out:find("^broken.lua:1: scenes%[1%].clips%[1%].opacity: must be "),
      ended.out)
  end)

  it("counts warnings when it is strict", function ()
    local name = write("odd.lua", (GOOD:gsub("name = \"Hello", "zzz = 1, %0")))
    assert.equal(0, command.run(world, { "check", name }).code)
    local ended = command.run(world, { "check", "--strict", name })
    assert.equal(6, ended.code)
    assert.equal("warning", ended.lines[1].level)
  end)

  it("reads standard input", function ()
    assert.equal(0, command.run(world, { "check", "-" }, GOOD).code)
    assert.equal(6, command.run(world, { "check", "-" }, "{").code)
  end)

  it("fills a template, and tells what is missing in the row", function ()
    local name = write("template.lua", (GOOD:gsub("Hello from Lua", "Hello {{name}}")))
    assert.equal(0, command.run(world, { "check", name, "--fill",
      write("row.json", '{"name": "Ann"}') }).code)
    local ended = command.run(world, { "check", name, "--fill",
      write("bad.json", '{\n"nmae": "Ann"}') })
    assert.equal(6, ended.code)
    assert.equal("bad.json", ended.lines[1].file)
    local lines = {}
    for _, found in ipairs(ended.lines) do lines[found.path] = found.line end
    assert.equal(2, lines.nmae)
    ended = command.run(world, { "check", name, "--fill", write("list.json", "[{}]") })
    assert.equal(6, ended.code)
    assert.truthy(ended.out:find("one row is expected", 1, true))
  end)

  it("takes project and row from standard input only one at a time", function ()
    local ended = command.run(world, { "check", "-", "--fill", "-" }, GOOD)
    assert.equal(1, ended.code)
    assert.truthy(ended.err:find("cannot both come", 1, true), ended.err)
  end)

  it("ends with 1 when a file cannot be read, and looks at the others", function ()
    local ended = command.run(world, { "check", "missing.lua", write("b.lua", BROKEN), "." })
    assert.equal(1, ended.code)
    assert.truthy(ended.notes[1].message:find("missing.lua", 1, true))
    assert.equal("b.lua", ended.lines[1].file)
  end)

  it("takes file names that are hostile", function ()
    local names = { "a b.lua", "-x.lua", "$(touch hit).lua", "'quoted'.lua", "\27[31m\n.lua",
      "\xFF.lua" }
    for _, name in ipairs(names) do write(name, BROKEN) end
    local ended = command.run(world, { "check", "--", table.unpack(names) })
    assert.equal(6, ended.code, ended.err)
    assert.equal("-x.lua", ended.lines[2].file)
    ended = command.run(world, { "check", "--text", "--", table.unpack(names) })
    assert.equal(6, ended.code)
    assert.is_nil(ended.out:find("\27", 1, true))
    local _, count = ended.out:gsub("\n", "")
    assert.equal(#names, count)
    assert.is_false(support.exists(world.at .. "/hit"))
  end)
end)

describe("aistudios preview", function ()
  it("writes the storyboard and prints its path", function ()
    local ended = command.run(world, { "preview", write("p.lua", GOOD), "--to", "out.html" })
    assert.equal(0, ended.code, ended.err)
    assert.equal("out.html", ended.lines[1].path)
    assert.truthy(support.read_file(world.at .. "/out.html"):find("<svg", 1, true))
  end)

  it("makes a directory of its own for it when there is no --to", function ()
    local ended = command.run(world, { "preview", "--text", write("p.lua", GOOD) })
    assert.equal(0, ended.code, ended.err)
    local path = ended.out:match "^(.-)\n$"
    assert.truthy(path:find("/aistudios%-%w+/p.html$"), path)
    assert.equal("700", support.run(("stat -c %%a '%s'"):format(path:match "^(.*)/")))
  end)

  it("draws a project with mistakes, for they are pinned to it", function ()
    local ended = command.run(world, { "preview", write("p.lua", BROKEN), "--to", "out.html" })
    assert.equal(0, ended.code)
    assert.equal(1, ended.lines[1].problems)
  end)

  it("opens a browser, which gets the path as one word", function ()
    if support.is_thread_sanitized then return end -- it would be in the browser's shell too
    write("browser", "#!/bin/sh\nprintf '%s' \"$#:$1\" >\"$HOME/opened\"\n")
    support.run(("chmod +x '%s/browser'"):format(world.at))
    world.environment.BROWSER = world.at .. "/browser"
    local ended = command.run(world, { "preview", write("p.lua", GOOD), "--to",
      "it's; touch hit.html", "--open" })
    assert.equal(0, ended.code, ended.err)
    local opened = support.wait_until(function ()
      local text = support.read_file(world.at .. "/opened")
      return text ~= "" and text
    end)
    assert.truthy(opened:find("^1:/.*/it's; touch hit.html$"), opened)
  end)

  it("opens one on a terminal by itself, and ends with 1 where it was told to and cannot",
    function ()
      write("p.lua", GOOD)
      world.environment.BROWSER = world.at .. "/none"
      local ended = command.run(world, { "preview", "p.lua", "--to", "out.html", "--open" })
      assert.equal(1, ended.code)
      assert.truthy(ended.err:find("/none: ENOENT", 1, true), ended.err)
      write("browser", "#!/bin/sh\necho \"$1\" >\"$HOME/opened\"\n")
      support.run(("chmod +x '%s/browser'"):format(world.at))
      world.environment.BROWSER = world.at .. "/browser"
      assert.equal(0, command.start_on_terminal(world, { "preview", "p.lua", "--to", "out.html",
        "--no-open" }):wait().code)
      assert.is_false(support.exists(world.at .. "/opened"))
      assert.equal(0, command.start_on_terminal(world, { "preview", "p.lua", "--to", "out.html" })
        :wait().code)
      support.wait_until(function () return support.exists(world.at .. "/opened") end)
    end)

  it("steps through the rows of a template", function ()
    write("rows.csv", "name,more\nA,1\nA longer name,2\n")
    local ended = command.run(world, { "preview", write("p.lua",
      (GOOD:gsub('name = "[^"]*"', 'name = "{{name}}"', 1))), "--rows", "rows.csv", "--to",
      "out.html" })
    assert.equal(0, ended.code, ended.err)
    assert.equal(2, ended.lines[1].rows)
    assert.truthy(support.read_file(world.at .. "/out.html")
      :find('<section class="row" id="row%-2">.*<section class="row" id="row%-1">'))
    write("rows.csv", "name\n\"A\n")
    ended = command.run(world, { "preview", "p.lua", "--rows", "rows.csv" })
    assert.equal(1, ended.code)
    assert.truthy(ended.err:find("rows.csv:2", 1, true), ended.err)
    ended = command.run(world, { "preview", "p.lua", "p.lua", "--rows", "rows.csv" })
    assert.equal(2, ended.code)
    assert.truthy(ended.err:find("--rows goes with one FILE", 1, true), ended.err)
  end)

  it("shows two versions side by side", function ()
    local ended = command.run(world, { "preview", write("p.lua", GOOD), write("q.lua",
      (GOOD:gsub('name = "[^"]*"', 'name = "Other"', 1))), "--to", "out.html" })
    assert.equal(0, ended.code, ended.err)
    assert.equal(1, ended.lines[1].changes)
    assert.truthy(support.read_file(world.at .. "/out.html")
      :find("-&gt; &quot;Other&quot;", 1, true))
    assert.equal(1, command.run(world, { "preview", "p.lua", "missing.lua" }).code)
  end)

  it("ends with 6 on what is no project, with 1 on what it cannot write", function ()
    assert.equal(6, command.run(world, { "preview", write("p.json", "[") }).code)
    assert.equal(1, command.run(world,
      { "preview", write("p.lua", GOOD), "--to", "missing/out.html" }).code)
    assert.equal(1, command.run(world, { "preview", "missing.lua" }).code)
  end)
end)
