-- aistudios batch: what is planned is run, told, and ends with the right code.
local aistudios = require "aistudios"
local command = require "spec.support.command"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, world

before_each(function ()
  server = assert(sandbox.start { render_seconds = 0.1 })
  world = command.world(server)
  support.run(("cp spec/examples/offer.json spec/examples/offers.csv '%s'"):format(world.at))
end)

after_each(function ()
  command.stop_all()
  server:close()
end)

local function batch(...) return command.run(world, { "batch", ... }) end

local function plan(...)
  return batch("plan", "offers", "--template", "offer.json", "--rows", "offers.csv", "--to",
    "films/{sku}.mp4", ...)
end

local function run(...) return batch("run", "offers", "--interval", "0.1", ...) end

local function write(name, text) support.write_file(world.at .. "/" .. name, text) end

local function renders() return server:ledger().count end

describe("aistudios batch plan", function ()
  it("reads, checks and counts, and sends nothing", function ()
    local ended = plan()
    assert.equal(0, ended.code, ended.err)
    assert.same({ 3, 0 }, { ended.lines[1].rows, ended.lines[1].invalid })
    assert.is_true(ended.lines[1].seconds > 0)
    assert.equal(0, #server:requests())
  end)

  it("leaves a batch of which status has nothing bad to say", function ()
    plan()
    local ended = batch("status", "offers")
    assert.equal(0, ended.code, ended.err)
    assert.equal(3, ended.lines[1].counts.waiting)
  end)

  it("tells each row that is wrong with its line, and makes no batch", function ()
    write("offers.csv", 'sku,name,price\n1,a,b\n2,"",c\n1,d,e\n"\n')
    local ended = plan()
    assert.equal(6, ended.code)
    assert.truthy(ended.err:find("row 3", 1, true), ended.err)
    assert.truthy(ended.err:find("file 'films/1.mp4' of row 1", 1, true), ended.err)
    assert.truthy(ended.err:find("a quote is never closed", 1, true), ended.err)
    assert.equal(2, batch("run", "offers").code)
    write("offers.csv", "sku,name,price\n1,a,b\n")
    assert.equal(0, plan().code)
  end)

  it("takes limits, names and stores that there can be, and makes nothing of others", function ()
    for _, wrong in ipairs { { "--at-once", "0" }, { "--at-once", "1001" }, { "--to", "" },
      { "--key", "" }, { "--max-jobs", "-1" }, { "--max-jobs", "9999999999999" },
      { "--max-credits", "nan" }, { "--store", "elsewhere.db" }, { "--separator", "" } } do
      local ended = batch("plan", "offers", "--template", "offer.json", "--rows", "offers.csv",
        table.unpack(wrong))
      assert.equal(2, ended.code, ended.err)
      assert.is_nil(ended.err:find("traceback", 1, true), ended.err)
    end
    assert.is_false(support.exists(world.at .. "/offers"))
    local told = batch("run", "offers", "--max-jobs", "-1").err -- which was an unknown option
    assert.truthy(told:find("'-1' is no whole number", 1, true), told)
    told = batch("run", "offers", "--interval", "soon").err
    assert.truthy(told:find("'soon' is no number of seconds from 0.01 to 3600", 1, true), told)
  end)

  -- Each was a mistake of the program, with a stack.
  it("refuses names that are no text, wherever one is given", function ()
    for _, name in ipairs { "a\nb", "a\255b" } do
      local lines = { { "plan", name }, { "plan", "b", "--to", name },
        { "plan", "b", "--key", name }, { "status", name }, { "run", name } }
      for i, line in ipairs(lines) do
        if i < 4 then
          for _, word in ipairs { "--template", "offer.json", "--rows", "offers.csv" } do
            line[#line + 1] = word
          end
        end
        local ended = batch(table.unpack(line))
        assert.equal(2, ended.code, ended.err)
        assert.truthy(ended.err:find("must be a string", 1, true), ended.err)
      end
      write(name .. ".csv", "sku,name,price\n1,a,b\n")
      local ended = batch("plan", "b", "--template", "offer.json", "--rows", name .. ".csv")
      assert.equal(2, ended.code, ended.err)
    end
    assert.is_false(support.exists(world.at .. "/b"))
  end)

  it("says in help and page how long a run looks for unknown rows before it ends", function ()
    local seconds = support.read_file "lua/aistudios/batch/worker.lua":match "WINDOW = (%d+)"
    for _, text in ipairs { command.run(world, { "help", "batch" }).out,
      support.read_file "spec/docs/batch.md" } do
      assert.truthy(text:gsub("%s+", " "):find(("for %s s"):format(seconds), 1, true), text)
    end
  end)

  it("says what an action needs, and which one an option belongs to", function ()
    for text, arguments in pairs {
      ["--template belongs to aistudios batch plan"] = { "run", "offers", "--template", "x" },
      ["ROW belongs to aistudios batch resolve"] = { "status", "offers", "1" },
      ["run needs the directory"] = { "run" },
      ["retry needs --failed"] = { "retry", "offers" },
      ["plan needs --template and --rows"] = { "plan", "--template", "offer.json" },
    } do
      local ended = batch(table.unpack(arguments))
      assert.equal(2, ended.code, ended.err)
      assert.truthy(ended.err:find(text, 1, true), ended.err)
    end
  end)

  it("ends with 1 where a file cannot be read or made, with 6 on what is no template", function ()
    write("broken.json", "{")
    for _, case in ipairs { { 1, "missing.json", "offers" }, { 6, "broken.json", "offers" },
      { 1, "offer.json", "/proc" }, { 1, "offer.json", "/proc/none/offers" },
      { 1, "offer.json", "offers.csv/offers" } } do
      local ended = batch("plan", case[3], "--template", case[2], "--rows", "offers.csv")
      assert.equal(case[1], ended.code, ended.err)
      assert.is_false(support.exists(world.at .. "/offers"))
    end
  end)

  it("ends with 1 where rows cannot be read, and names the file of a mistake and its line",
    function ()
      write("broken.json", "{\n\n}}")
      for rows, message in pairs { ["none.csv"] = "No such file or directory",
        ["."] = "Is a directory" } do
        local ended = batch("plan", "offers", "--template", "offer.json", "--rows", rows)
        assert.same({ 1, "file", ("%s/%s: %s"):format(world.at, rows, message) },
          { ended.code, ended.notes[1].kind, ended.notes[1].message })
      end
      for _, words in ipairs { { "batch", "plan", "offers", "--template", "broken.json", "--rows",
        "offers.csv" }, { "preview", "broken.json" } } do
        local ended = command.run(world, words)
        assert.equal(6, ended.code)
        assert.truthy(ended.notes[1].message:find "^broken%.json:3: this is not JSON", ended.err)
      end
    end)

  it("goes on where a plan was killed, and not where there is one", function ()
    support.run(("mkdir '%s/offers'"):format(world.at))
    local path = world.at .. "/offers/batch.db"
    assert(require "aistudios.batch.database".open(path)):close()
    assert.equal(0, plan().code)
    local ended = plan()
    assert.equal(2, ended.code)
    assert.truthy(ended.err:find("has a batch already", 1, true), ended.err)
  end)

  it("refuses two rows with one key", function ()
    write("offers.csv", "sku,name,price\n1,a,b\n1,c,d\n")
    local ended = batch("plan", "offers", "--template", "offer.json", "--rows", "offers.csv",
      "--to", "{row}.mp4", "--key", "sku")
    assert.equal(6, ended.code)
    assert.truthy(ended.err:find("has the key '1' of row 1", 1, true), ended.err)
  end)

  it("keeps rows that fail their check as failed, where it is told to", function ()
    write("offer.json", (support.read_file "spec/examples/offer.json")
      :gsub('"top": 120', '"top": "{{top}}"'))
    write("offers.csv", "sku,name,price,top\n1,a,b,5\n2,a,b,much\n")
    assert.equal(6, plan().code)
    local ended = plan "--keep-invalid"
    assert.equal(0, ended.code, ended.err)
    assert.equal(1, ended.lines[1].invalid)
    ended = run("--max-jobs", "5")
    assert.equal(8, ended.code, ended.err)
    assert.equal(1, renders())
  end)

  it("shows twenty rows that failed, and works on all of them again when told to", function ()
    write("offer.json", (support.read_file "spec/examples/offer.json")
      :gsub('"top": 120', '"top": "{{top}}"'))
    write("offers.csv", "sku,name,price,top\n" .. ("1,a,b,much\n"):rep(23))
    batch("plan", "100%", "--template", "offer.json", "--rows", "offers.csv", "--keep-invalid")
    local ended = batch("status", "100%", "--text")
    assert.equal(8, ended.code, ended.err)
    assert.equal(20, select(2, ended.err:gsub("  failed  ", "")))
    assert.truthy(ended.err:find("and 3 more", 1, true), ended.err)
    ended = batch("retry", "100%", "--failed", "--text")
    assert.equal(0, ended.code, ended.err)
    assert.truthy(ended.out:find("^23 rows .*: aistudios batch resume 100%%\n$"), ended.out)
    assert.equal(23, batch("status", "100%").lines[1].counts.waiting)
  end)
end)

describe("aistudios batch run", function ()
  it("buys each row once, however often it is run", function ()
    plan()
    for _ = 1, 3 do
      local ended = run("--max-jobs", "3")
      assert.equal(0, ended.code, ended.err)
      local last = ended.lines[#ended.lines]
      assert.equal(3, last.counts.done)
      for i = 1, #ended.lines - 1 do assert.equal("string", type(ended.lines[i].key)) end
      assert.equal(3, renders())
    end
    for _, sku in ipairs { 101, 102, 103 } do
      assert.equal("ftyp",
        support.read_file(("%s/offers/films/%d.mp4"):format(world.at, sku)):sub(5, 8))
    end
    local page = support.read_file(world.at .. "/offers/report.html")
    assert.truthy(page:find('href="./films/101.mp4"', 1, true))
    assert.is_nil(page:find "https?://")
    assert.equal(1, select(2, page:gsub("<h2>", ""))) -- no state that no row has
    assert.is_nil(page:find("<tr class=waiting>", 1, true))
    local _, lines = support.read_file(world.at .. "/offers/manifest.jsonl"):gsub("\n", "")
    assert.equal(3, lines)
  end)

  it("buys what was planned from standard input, and does not look for its rows there", function ()
    local rows = support.read_file "spec/examples/offers.csv"
    local ended = command.run(world, { "batch", "plan", "offers", "--template", "offer.json",
      "--rows", "/dev/stdin", "--to", "films/{sku}.mp4" }, rows)
    assert.equal(0, ended.code, ended.err)
    ended = run("--max-jobs", "3")
    assert.equal(0, ended.code, ended.err)
    assert.equal(3, renders())
  end)

  it("buys what was planned from a pipe, and does not wait for it again", function ()
    support.run(("cd '%s' && mkfifo pipe"):format(world.at))
    os.execute(("cd '%s' && (cat offers.csv >pipe &)"):format(world.at))
    local ended = batch("plan", "offers", "--template", "offer.json", "--rows", "pipe",
      "--to", "films/{sku}.mp4")
    assert.equal(0, ended.code, ended.err)
    ended = run("--max-jobs", "3")
    assert.equal(0, ended.code, ended.err)
    assert.equal(3, renders())
  end)

  it("needs a limit where there is no terminal to say yes on", function ()
    plan()
    local ended = run()
    assert.equal(2, ended.code)
    assert.truthy(ended.err:find("--max-jobs", 1, true))
    assert.equal(0, renders())
  end)

  -- It went on waiting for an answer.
  it("begins nothing when the question is interrupted", function ()
    plan()
    local started = command.start_on_terminal(world, { "batch", "run", "offers" })
    started:expect "Type yes: "
    started:type "\3"
    assert.equal(130, started:wait().code)
    assert.equal(0, renders())
  end)

  it("asks on a terminal", function ()
    plan()
    local started = command.start_on_terminal(world, { "batch", "run", "offers", "--interval",
      "0.1" })
    started:expect "Type yes: "
    started:type "no\n"
    assert.equal(1, started:wait().code)
    assert.equal(0, renders())
    started = command.start_on_terminal(world, { "batch", "run", "offers", "--interval", "0.1" })
    started:expect "Type yes: "
    started:type "yes\n"
    assert.equal(0, started:wait().code)
    assert.equal(3, renders())
  end)

  it("ends with 7 when the budget is used up, and goes on with another", function ()
    plan()
    local ended = run("--max-jobs", "2")
    assert.equal(7, ended.code, ended.err)
    assert.equal(2, renders())
    assert.equal(7, batch("status", "offers").code)
    assert.equal(0, batch("resume", "offers", "--max-jobs", "3", "--interval", "0.1").code)
    assert.equal(3, renders())
  end)

  it("ends with 5 when the answer to an export is lost without a trace, and a person resolves it",
    function ()
      plan("--key", "sku")
      server:set { list_lag = 1000 } -- the list tells nothing meanwhile
      server:fault { on = "export_project", kind = "drop_after_read" }
      local at = command.start(world, { "batch", "run", "offers", "--interval", "0.1",
        "--max-jobs", "3" })
      support.wait_until(function () return renders() == 3 end)
      support.wait_until(function ()
        return at:printed():find('"state":"unknown"', 1, true)
      end)
      at:signal "INT"
      assert.equal(130, at:wait().code)
      local ended = batch("status", "offers")
      assert.equal(5, ended.code)
      assert.equal(0, batch("report", "offers").code)
      local row
      for line in support.read_file(world.at .. "/offers/manifest.jsonl"):gmatch "[^\n]+" do
        local found = aistudios.decode(line)
        if found.state == "unknown" then row = found end
      end
      assert.equal(2, batch("resolve", "offers", row.key).code) -- without a verdict
      local bought
      for _, entry in ipairs(server:ledger()) do
        if entry.name == row.name then bought = entry.project_id end
      end
      assert.equal(0, batch("resolve", "offers", row.key, "--bought", bought).code)
      assert.equal(2, batch("resolve", "offers", row.key, "--not-bought").code) -- not any more
      local again = run()
      assert.equal(0, again.code, again.err)
      assert.equal(3, renders())
    end)

  it("refuses a template that changed since the plan", function ()
    plan()
    write("offer.json", (support.read_file "spec/examples/offer.json"):gsub("week", "month"))
    local ended = run("--max-jobs", "3")
    assert.equal(2, ended.code)
    assert.truthy(ended.err:find("planned with", 1, true), ended.err)
    assert.equal(0, #server:requests())
  end)

  it("refuses rows that changed since the plan, and what they are written like is no change",
    function ()
      plan("--key", "sku")
      local text = support.read_file "spec/examples/offers.csv"
      local lines = {}
      for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
      for message, changed in pairs { ["row 1 has the key"] = { lines[1], lines[3], lines[2],
        lines[4] }, ["row 3 is not there any more"] = { lines[1], lines[2], lines[3] },
        ["row 4 was not there"] = { lines[1], lines[2], lines[3], lines[4], lines[4] },
        ["row 2 has the key"] = { lines[1], lines[2], "x" .. lines[3], lines[4] } } do
        write("offers.csv", table.concat(changed, "\n"))
        local ended = run("--max-jobs", "3")
        assert.equal(2, ended.code, message)
        assert.truthy(ended.err:find(message, 1, true), ended.err)
        assert.equal(0, batch("status", "offers").code) -- which looks at the batch alone
      end
      assert.equal(0, #server:requests())
      write("offers.csv", "\xEF\xBB\xBF" .. text:gsub("\n", "\r\n"))
      assert.equal(7, run("--max-jobs", "1").code)
      os.remove(world.at .. "/offers.csv")
      assert.equal(0, run("--max-jobs", "3").code)
    end)

  it("goes on as planned when template and rows change meanwhile", function ()
    server:set { render_seconds = 1 }
    plan()
    local started = command.start(world, { "batch", "run", "offers", "--interval", "0.1",
      "--max-jobs", "3", "--at-once", "1" })
    support.wait_until(function () return renders() == 1 end)
    write("offer.json", "{}")
    write("offers.csv", "sku\n")
    assert.equal(0, started:wait(40).code)
    assert.equal(3, renders())
    for _, request in ipairs(server:requests "create_project") do
      assert.truthy(request.body:find("euros", 1, true))
    end
  end)

  it("ends in order when it is interrupted, and goes on", function ()
    server:set { render_seconds = 3 }
    plan()
    local started = command.start(world, { "batch", "run", "offers", "--interval", "0.1",
      "--max-jobs", "3" })
    support.wait_until(function () return renders() == 3 end)
    started:signal "INT"
    assert.equal(130, started:wait().code)
    local ended = run()
    assert.equal(0, ended.code, ended.err)
    assert.equal(3, renders())
  end)

  it("buys nothing where there is no place for the films", function ()
    plan()
    write("offers/films", "a file")
    local ended = run("--max-jobs", "3")
    assert.equal(8, ended.code, ended.err)
    assert.truthy(ended.err:find("films: is no directory", 1, true), ended.err)
    assert.equal(0, renders())
  end)

  it("tells of a store that cannot be used, and buys nothing twice when it can", function ()
    server:set { render_seconds = 3 }
    plan()
    local started = command.start(world, { "batch", "run", "offers", "--interval", "0.1",
      "--max-jobs", "3" })
    support.wait_until(function () -- else their answers are lost with the store
      return select(2, started:printed():gsub('"rendering"', "")) == 3
    end)
    local store <close> = assert(require "aistudios.batch.database".open(
      world.at .. "/offers/batch.db"))
    assert(store:run "alter table aistudios_row rename to other")
    started:expect "nothing is sent until it can be used again"
    local ended = started:wait()
    assert.equal(1, ended.code, ended.err)
    assert.truthy(ended.err:find('"outcome":"unknown"', 1, true), ended.err)
    assert(store:run "alter table other rename to aistudios_row")
    assert.equal(0, run().code)
    assert.equal(3, renders())
  end)

  it("buys nothing more after cancel", function ()
    plan()
    assert.equal(7, run("--max-jobs", "1").code)
    assert.equal(0, batch("cancel", "offers").code)
    local ended = run("--max-jobs", "3")
    assert.equal(8, ended.code, ended.err)
    assert.equal(1, renders())
  end)

  it("shows nothing of hostile cells but text", function ()
    write("offers.csv", "sku,name,price\n../../x,<script>alert(1)</script>,b\n"
      .. "\"a\27[31m'\"\"><img src=x>\",c,d\n")
    plan("--key", "sku", "--to", "films/{name}.mp4")
    local ended = batch("plan", "other", "--template", "offer.json", "--rows", "offers.csv",
      "--to", "films/{sku}.mp4")
    assert.equal(0, ended.code, ended.err)
    ended = batch("run", "other", "--interval", "0.1", "--max-jobs", "3")
    assert.equal(0, ended.code, ended.err)
    local page = support.read_file(world.at .. "/other/report.html")
    assert.is_nil(page:find("<img", 1, true))
    assert.is_nil(page:find("<script", 1, true))
    assert.is_nil(page:find("\27", 1, true))
    assert.equal("2", support.run(("ls '%s/other/films' | wc -l"):format(world.at)))
  end)
end)

describe("the example in Lua", function ()
  it("buys its three rows once, run twice", function ()
    support.run(("cp spec/examples/batch.lua '%s'"):format(world.at))
    for _ = 1, 2 do
      local printed = support.run(("cd '%s' && AISTUDIOS_BASE_URL=%s AISTUDIOS_APP_ID=%s "
        .. "AISTUDIOS_USER_KEY=%s %s batch.lua"):format(world.at, server.url, server.app_id,
        server.user_key, support.lua))
      assert.equal("3\t0\t3", printed)
    end
    assert.equal(3, renders())
  end)
end)
