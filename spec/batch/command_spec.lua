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
    assert.equal(3, ended.lines[1].rows)
    assert.is_true(ended.lines[1].seconds > 0)
    assert.equal(0, #server:requests())
  end)

  it("tells each row that is wrong with its line, and leaves nothing", function ()
    write("offers.csv", 'sku,name,price\n1,a,b\n2,"",c\n1,d,e\n"\n')
    local ended = plan()
    assert.equal(6, ended.code)
    assert.truthy(ended.err:find("row 3", 1, true), ended.err)
    assert.truthy(ended.err:find("file 'films/1.mp4' of row 1", 1, true), ended.err)
    assert.truthy(ended.err:find("a quote is never closed", 1, true), ended.err)
    assert.is_false(support.exists(world.at .. "/offers/batch.db"))
    assert.equal(2, batch("run", "offers").code)
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
    local _, lines = support.read_file(world.at .. "/offers/manifest.jsonl"):gsub("\n", "")
    assert.equal(3, lines)
  end)

  it("needs a limit where there is no terminal to say yes on", function ()
    plan()
    local ended = run()
    assert.equal(2, ended.code)
    assert.truthy(ended.err:find("--max-jobs", 1, true))
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
