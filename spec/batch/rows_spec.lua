-- Rows: CSV as RFC 4180 has it and as programs write it, TSV, JSON lines, Lua.
local batches = require "aistudios.batch"
local csv = require "aistudios.batch.csv"
local film_names = require "aistudios.batch.film_names"
local rows = require "aistudios.batch.rows"
local support = require "spec.support"

local function read(name, text, separator)
  local path = support.directory "rows" .. "/" .. name
  support.write_file(path, text)
  local reader, close = rows.open(path, separator)
  if not reader then return nil, close end
  local found = {}
  while true do
    local fields, line, message = reader()
    if not fields and not message then break end
    found[#found + 1] = message and { line = line, message = message } or fields
    if message and #found > 20 then break end
  end
  close()
  return found
end

describe("rows of CSV", function ()
  it("have quotes, separators and line ends in their fields", function ()
    assert.same({ { a = 'x "y"', b = "1,2" }, { a = "two\r\nlines\n", b = "" },
      { a = "z", b = " q " } }, read("a.csv",
      'a,b\r\n"x ""y""","1,2"\r\n"two\r\nlines\n",\r\n\r\nz, q \r\n'))
  end)

  it("take a byte order mark, no last line end, and the separator of the first line", function ()
    for _, separator in ipairs { ",", ";", "\t", "|" } do
      assert.same({ { a = "1", b = "2" } },
        read("a.csv", ("\xEF\xBB\xBFa%sb\n1%s2"):format(separator, separator)))
    end
    assert.same({ { a = "1", b = "2" } }, read("a.csv", "a^b\n1^2\n", "^"))
    assert.same({ { a = "1,2" } }, read("a.tsv", "a\n1,2\n"))
    assert.same({ { ["a;b"] = "1" } }, read("a.csv", '"a;b"\n1\n'))
  end)

  it("are told with the line of what is wrong", function ()
    assert.same({ { line = 2, message = "1 fields, and 2 columns" }, { a = "1", b = "2" } },
      read("a.csv", "a,b\n1\n1,2\n"))
    assert.same({ line = 1, message = "two columns are called 'a'" },
      read("a.csv", "a,a\n1,2\n")[1])
    assert.same({ { line = 2, message = "a quote is never closed" } }, read("a.csv", 'a\n"1\n2\n'))
    assert.equal("there is text behind the quote that closes field 1",
      read("a.csv", 'a\n"1"2\n')[1].message)
    local ends = read("a.csv", "a,b\r1,2\r3,4\r")[1]
    assert.truthy(ends.line == 1 and ends.message:find("single \\r", 1, true), ends.message)
    assert.same({ { ["c\r\r\n"] = "1", ["d\r"] = "2" } }, read("a.csv", '"c\r\r\n",d\r\r\n1,2'))
    assert.same({ { line = 2, message = "is not valid UTF-8" } }, read("a.csv", "a\n\xFF\n"))
    assert.same({ { line = 1, message = "is UTF-16; save it as UTF-8" } },
      read("a.csv", "\xFF\xFEa\0"))
  end)

  it("are no rows where the file cannot be read", function ()
    for path, message in pairs { ["/nowhere/a.csv"] = "/nowhere/a.csv: No such file or directory",
      ["spec"] = "spec: Is a directory", ["/proc/self/mem"] = "/proc/self/mem: Input/output error" }
    do
      local reader, err = rows.open(path)
      assert.is_nil(reader)
      assert.same({ "file", "not_sent", message }, { err.kind, err.outcome, err.message })
    end
  end)

  it("are not taken for all of them where the file cannot be read to its end", function ()
    local open, lines = io.open, nil
    finally(function () io.open = open end) -- luacheck: ignore 122
    function io.open(path, ...) -- luacheck: ignore 122
      if path ~= "a.csv" then return open(path, ...) end
      lines = { "name,price,sku\n", "Tea,4,a\n" }
      return { close = function () end,
        read = function ()
          return table.remove(lines, 1), not lines[1] and "Input/output error" or nil
        end }
    end
    local reader = rows.open "a.csv"
    assert.equal("Tea", reader().name)
    local _, line, err = reader()
    assert.same({ "file", "a.csv: Input/output error" }, { err.kind, err.message })
    assert.is_nil(line)
    assert.same({ n = 3 }, table.pack(reader()))
    err = select(2, batches.open { store = support.directory "rows" .. "/b.db", rows = "a.csv",
      template = { name = "{{name}} {{price}} {{sku}}", scenes = {} } })
    assert.same({ "file", "a.csv: Input/output error" }, { err.kind, err.message })
  end)
end)

describe("a quote that is never closed", function ()
  -- Read again from each line behind it, it would take minutes.
  it("is soon found in front of many lines", function ()
    local began = os.clock()
    local found = read("a.csv", 'a,b\n1,"2\n' .. ("x,y\n"):rep(100000))
    assert.same({ { line = 2, message = "a quote is never closed" } }, found)
    assert.is_true(os.clock() - began < 5)
  end)

  it("is told where its record is too long, though one would close it later", function ()
    local records = csv.reader(("a\n\"%s\n\"\n"):format(("x"):rep(17 << 20)):gmatch "[^\n]*\n")
    assert.same({ "a" }, records())
    assert.same({ n = 3, nil, 2, "a quote is never closed" }, table.pack(records()))
  end)
end)

describe("rows of JSON lines", function ()
  it("keep their types; null is nothing", function ()
    assert.same({ { a = 1, b = "x" }, { a = true } },
      read("a.jsonl", '\xEF\xBB\xBF{"a":1,"b":"x"}\n\n{"a":true,"b":null}\n'))
    assert.same({ line = 2, message = "a row has names, and no list" },
      read("a.jsonl", '{"a":1}\n[1]\n')[2])
    assert.same({ line = 1, message = "a JSON object is expected" }, read("a.jsonl", "1\n")[1])
    assert.equal("string", type(read("a.jsonl", "{\n")[1].message))
  end)
end)

describe("rows in a list", function ()
  it("have no hole: what is behind it would be lost", function ()
    local reader = rows.open { { a = "1" }, nil, { a = "3" } }
    assert(reader)
    assert.same({ a = "1" }, (reader()))
    assert.same({ n = 3, nil, nil, "the list has a row 3, and none at 2" }, table.pack(reader()))
    assert.is_nil((reader()))
    assert.is_nil(select(3, reader()))
  end)
end)

describe("the mark of a batch", function ()
  it("is one that no other has", function ()
    local random_id, seen = require "aistudios.batch.random_id", {}
    for _ = 1, 100 do
      local id = random_id(8)
      assert.truthy(id:find "^%x+$" and #id == 16 and not seen[id], id)
      seen[id] = true
    end
  end)
end)

describe("the name of a film", function ()
  it("cannot lead out of its directory", function ()
    for _, value in ipairs { "../../etc/passwd", "..", "/abs", ".hidden", "a\0b", "a\\b", "", "\n",
      "C:x", ("\u{E9}"):rep(300), 12, true } do
      local part = film_names.part(film_names.text(value))
      assert.is_nil(part:find "[/\\%c]", part)
      assert.are_not.equal(".", part:sub(1, 1))
      assert.is_true(#part > 0 and #part <= 100)
      assert.truthy(utf8.len(part))
    end
    assert.equal("films/a_b.mp4", film_names.path("films/{x}.mp4", { x = "a/b" }, 1, "k"))
    assert.equal("7-k.mp4", film_names.path("{row}-{key}.mp4", {}, 7, "k"))
    assert.is_nil((film_names.path("{y}.mp4", { x = "a" }, 1, "k")))
  end)
end)

describe("two names that are one file on some file systems", function ()
  it("have one place: case, and accents of their own", function ()
    for name, other in pairs { ["A/b"] = "a/B", ["\u{C9}t\u{E9}"] = "e\u{301}T\u{C9}",
      ["\u{1EC7}"] = "E\u{323}\u{302}", ["\u{D55C}"] = "\u{1112}\u{1161}\u{11AB}",
      ["\u{304C}"] = "\u{304B}\u{3099}", ["\u{419}"] = "\u{438}\u{306}", ["\u{3A9}"] = "\u{3C9}",
      ["\u{1E9E}"] = "\u{DF}", ["\u{1A0}"] = "o\u{31B}", ["\u{178}"] = "y\u{308}" } do
      assert.equal(film_names.place(name), film_names.place(other), name)
    end
    for name, other in pairs { e = "\u{E9}", ["\u{304B}"] = "\u{304C}", ["\u{438}"] = "\u{439}",
      ["\u{D55C}"] = "\u{D558}", ["\u{65E5}"] = "\u{6708}", ss = "\u{DF}" } do
      assert.are_not.equal(film_names.place(name), film_names.place(other))
    end
    assert.equal("\xFFa\xC3", film_names.place "\xFFA\xC3")
    assert.equal("\xED\xA0\x80", film_names.place "\xED\xA0\x80")
  end)
end)

describe("a message for the journal", function ()
  it("is cut between characters", function ()
    local cut = require "aistudios.batch.failures".cut
    assert.equal("\u{E9}", cut("\u{E9}\u{E9}", 3))
    assert.equal("\u{E9}\u{E9}", cut("\u{E9}\u{E9}", 4))
    assert.equal("abc", cut("abcd", 3))
    assert.equal("", cut("\u{1F600}", 3))
  end)
end)

describe("batch.open", function ()
  local function options(more)
    local all = { store = support.directory "rows" .. "/b.db", template = { name = "{{a}}",
      scenes = {} }, rows = { { a = "1" } } }
    for name, value in pairs(more) do all[name] = value end
    return all
  end

  local function offers(more)
    local all = { rows = { { name = "Tea", price = "4", sku = "a" }, { name = "Ice", price = "5",
      sku = "b" } }, to = "{sku}.mp4",
      template = require "aistudios".decode(support.read_file "spec/examples/offer.json") }
    for name, value in pairs(more or {}) do all[name] = value end
    return options(all)
  end

  it("raises for options that it does not know", function ()
    assert.has_error(function () batches.open(options { sore = 1 }) end)
    assert.has_error(function () batches.open { template = {}, rows = {} } end)
    assert.has_error(function () batches.open { store = "x", rows = {} } end)
    assert.has_error(function ()
      batches.open { store = "postgresql://x/y", template = {}, rows = {} }
    end)
    for text, more in pairs { ["a path, a list or an iterator"] = { rows = 1 },
      ["one byte"] = { separator = ",," }, ["from 0"] = { max_credits = -1 } } do
      local _, message = pcall(batches.open, options(more))
      assert.truthy(message:find(text, 1, true), message)
    end
  end)

  it("says which batch or rows it has not found", function ()
    local all = offers { id = "first" }
    assert(batches.open(all)):close()
    all.id = "second"
    assert(batches.open(all)):close()
    all.rows, all.id = "/nowhere/rows.csv", "third"
    for text, given in pairs { ["several batches"] = { store = all.store },
      ["b.db.none: there is no batch"] = { store = all.store .. ".none" },
      ["b.db: there is no batch"] = { store = all.store, id = "none" },
      ["/nowhere/rows.csv"] = all } do
      local batch, err = batches.open(given)
      assert.is_nil(batch)
      assert.truthy(err.message:find(text, 1, true), err.message)
    end
  end)

  it("tells what is wrong with rows, and makes no batch", function ()
    local all = options {}
    local batch, err = batches.open(all)
    assert.is_nil(batch)
    assert.equal("invalid", err.kind)
    assert.equal(1, err.problems[1].row)
    assert.is_nil((batches.open { store = all.store }))
    all = offers { rows = { 1, { name = "Tea", price = "4", sku = "a" } } }
    all.template.isExport = false
    err = select(2, batches.open(all))
    assert.truthy(err.problems[1].message:find("not number", 1, true), err.problems[1].message)
    assert.truthy(err.problems[2].message:find("isExport", 1, true), err.problems[2].message)
    assert.equal(err.problems[1].message .. " (and 1 more)", err.message:match "row 1: (.*)$")
  end)

  it("that fails leaves the store to another that plans in it meanwhile", function ()
    local all, database = options {}, require "aistudios.batch.database"
    local open, other = database.open, nil
    finally(function () database.open = open end)
    function database.open(...) -- luacheck: ignore 122
      local opened = assert(open(...))
      local close = opened.close
      function opened.close(self)
        database.open = open
        other = assert(batches.open(offers { store = all.store }))
        close(self)
      end
      return opened
    end
    assert.is_nil((batches.open(all)))
    other:close()
    local again <close> = assert(batches.open { store = all.store })
    assert.equal(2, again:status().total)
  end)

  it("leaves no batch and no log of a plan for which the disk has no room", function ()
    local all, database = offers(), require "aistudios.batch.database"
    local open, reader = database.open, nil
    finally(function () database.open = open end)
    function database.open(...) -- luacheck: ignore 122
      local opened = assert(open(...))
      assert(opened:run "pragma max_page_count = 30")
      reader = assert(open(...)) -- whoever reads keeps SQLite from removing its files
      return opened
    end
    all.rows, all.to = {}, nil
    for i = 1, 500 do all.rows[i] = { name = "Tea " .. i, price = ("x"):rep(100) } end
    local batch, err = batches.open(all)
    reader:close()
    assert.is_nil(batch)
    assert.truthy(err.message:find("full", 1, true), err.message)
    for _, suffix in ipairs { "-wal", "-shm" } do
      assert.is_false(support.exists(all.store .. suffix))
    end
    database.open = open
    assert.is_nil((batches.open { store = all.store }))
    local again <close> = assert(batches.open(all))
    assert.equal(500, again:status().total)
  end)

  it("refuses to buy in another way than the batch was planned with", function ()
    for _, direct in ipairs { true, false } do
      local all = offers { direct = direct }
      assert(batches.open(all)):close()
      all.direct = not direct
      local batch, err = batches.open(all)
      assert.is_nil(batch)
      assert.truthy(err.message:find(direct and "in one call" or "with drafts", 1, true),
        err.message)
      for _, same in ipairs { offers { direct = direct }, { store = all.store } } do
        same.store = all.store
        local again <close> = assert(batches.open(same))
        assert.equal(direct, again:status().is_direct)
      end
      os.remove(all.store)
    end
  end)

  it("has films whose names have room for the endings of a download, and are none of its own",
    function ()
      local reserved = film_names.reserved "/offers/Batch.db"
      assert.is_nil(film_names.problem(("x"):rep(245), reserved))
      assert.truthy(film_names.problem(("x"):rep(246), reserved):find "longer than 245 bytes")
      for _, name in ipairs { "batch.db", "BATCH.db-wal", "a/batch.db-shm", "batch.db-journal",
        "report.html", "manifest.jsonl", "a.mp4.part", "a.mp4.part.etag" } do
        assert.truthy(film_names.problem(name, reserved), name)
      end
    end)

  it("tells both versions of a store that another version made", function ()
    local database = require "aistudios.batch.database"
    local all = offers()
    local batch <close> = assert(batches.open(all))
    local version = require "aistudios.batch.schema".VERSION
    assert(batch.database:run "update aistudios_schema set version = 3")
    local _, err = database.open(all.store)
    assert.equal(("the store is of version 3, and this program reads %d: the program that "
      .. "planned its batch must finish it"):format(version), err.message)
  end)

  it("refuses names of files that the batch needs, or that no file can have", function ()
    local all = options { to = "{a}" }
    for _, name in ipairs { "b.db", "B.db-wal", "Report.HTML", "x.PART", "manifest.jsonl", "x.part",
      "x.mp4.part.etag" } do
      all.rows = { { a = name } }
      local _, err = batches.open(all)
      assert.truthy(err.message:find("the batch needs itself", 1, true), err.message)
    end
    all.rows, all.to = { { a = ("x"):rep(100) } }, "films/{a}{a}{a}.mp4"
    local _, err = batches.open(all)
    assert.truthy(err.message:find("longer than", 1, true), err.message)
    all.to = "films/"
    _, err = batches.open(all)
    assert.truthy(err.message:find("is missing", 1, true), err.message)
  end)

  it("refuses films that would be one file where case or accents are not told apart", function ()
    for _, names in ipairs { { "Ab", "aB" }, { "\u{E9}", "e\u{301}" }, { "\u{C9}", "\u{E9}" } } do
      local all = offers()
      all.rows[1].sku, all.rows[2].sku = table.unpack(names)
      local batch, err = batches.open(all)
      assert.is_nil(batch)
      assert.truthy(err.message:find("row 2: has the file '.*', which on some file systems"),
        err.message)
    end
  end)

  it("takes no table for a key or the name of a file", function ()
    for _, name in ipairs { "key", "to" } do
      local all = offers()
      all.rows[2].sku = { 1 }
      all[name] = name == "key" and "sku" or "{sku}.mp4"
      local batch, err = batches.open(all)
      assert.is_nil(batch)
      assert.truthy(err.message:find("row 2: the .* 'sku' is no text or number"), err.message)
    end
  end)

  it("opens the same rows again, with the limits that it is told, and no others", function ()
    local all = offers { max_jobs = 5 }
    batches.open(all):close()
    all.max_jobs, all.at_once = 1, 2
    local batch <close> = assert(batches.open(all))
    assert.same({ 1, 2 }, { batch:status().max_jobs, batch:status().at_once })
    local planned = all.rows
    for message, others in pairs { ["row 2 has other values"] = { planned[1], planned[1] },
      ["row 1 has other values"] = { planned[2], planned[1] },
      ["row 2 is not there"] = { planned[1] },
      ["row 3 was not there"] = { planned[1], planned[2], planned[1] } } do
      all.rows = others
      local other, err = batches.open(all)
      assert.is_nil(other)
      assert.truthy(err.message:find(message, 1, true), err.message)
    end
    all.rows, all.to = planned, "x/{sku}.mp4"
    assert.truthy(select(2, batches.open(all)).message:find("with to = '{sku}.mp4'", 1, true))
    all.to = nil
    assert(batches.open(all)):close()
    all.rows = function () error "an iterator is not called again" end
    assert(batches.open(all)):close()
    all.rows = { setmetatable({}, { __pairs = function () error "mine" end }) }
    assert.error_matches(function () batches.open(all) end, "mine")
    all.rows, all.to = planned, "{sku}.mp4"
    all.template.name = "another"
    assert.truthy(select(2, batches.open(all)).message:find("template is not the one", 1, true))
  end)

  it("plans once, also for two that plan at the same time", function ()
    local all, open_rows, first = options { rows = { { name = "Tea", price = "4" } },
      template = require "aistudios".decode(support.read_file "spec/examples/offer.json") },
      rows.open
    finally(function () rows.open = open_rows end)
    function rows.open(...) -- luacheck: ignore 122
      rows.open = open_rows -- luacheck: ignore 122
      first = assert(batches.open(all))
      return open_rows(...)
    end
    local second, err = batches.open(all)
    assert.is_nil(second)
    assert.truthy(err.message:find("another has just planned", 1, true), err.message)
    assert.equal(1, first:status().total)
    first:close()
    assert(batches.open { store = all.store }):close()
  end)

  it("keeps the values of a row that the template names, in one order", function ()
    local template = assert(require "aistudios".decode(
      support.read_file "spec/examples/offer.json"))
    template.name = "{{d}} {{c}} {{b}} {{a}} {{e}}"
    local batch <close> = assert(batches.open(options { template = template, rows = { { a = "1",
      b = "2", c = "3", d = "4", e = "5", price = "four", note = "x", name = "Tea" } } }))
    assert.equal('{"a":"1","b":"2","c":"3","d":"4","e":"5","name":"Tea","price":"four"}',
      batch:row("1").fields)
  end)

  it("pauses an account at its word, and else at the third trouble in a row", function ()
    local function new_worker()
      return assert(require "aistudios.batch.worker".new({}, {}, { template = '{"name":"{{a}}"}' },
        { interval = 1, wait = function () end }))
    end
    local worker = new_worker()
    for _ = 1, 2 do
      worker:trouble { status = 500, outcome = "unknown" }
      assert.is_nil(worker.account_pause)
    end
    worker:trouble { status = 500, outcome = "unknown" }
    assert.equal(4, worker.account_pause)
    for _, err in ipairs { { status = 429 }, { outcome = "not_sent" }, { retry_after = 1 } } do
      worker = new_worker()
      worker:trouble(err)
      assert.equal(1, worker.account_pause)
    end
  end)

  it("knows a change that was written before, and whose it was", function ()
    local batch <close> = assert(batches.open(options { rows = { { name = "Tea", price = "4" } },
      template = require "aistudios".decode(support.read_file "spec/examples/offer.json") }))
    local store, row = batch.store, nil
    local function is_applied(transition, more)
      local change = { transition = transition, number = row.number, key = row.key,
        attempt = row.attempt }
      for name, value in pairs(more) do change[name] = value end
      assert(store:write({ change }, { waiting = 0, ready = 0 }))
      return change.is_applied
    end
    row = assert(store:write({}, { waiting = 1, ready = 0 })).waiting[1]
    local draft = { draft_id = "a-draft", name = "a name" }
    for _ = 1, 2 do assert.is_true(is_applied("submit", draft)) end
    store.worker = "another"
    assert.is_false(is_applied("submit", draft))
    for _ = 1, 2 do assert.is_true(is_applied("buy", { project_id = "a-project" })) end
    assert.is_false(is_applied("buy", { project_id = "another-project" }))
  end)

  it("lets go of rows that its worker does not know of, and of no others", function ()
    local batch <close> = assert(batches.open(options {
      rows = { { name = "Tea", price = "4" }, { name = "Cup", price = "9" },
        { name = "Pot", price = "7" } },
      template = require "aistudios".decode(support.read_file "spec/examples/offer.json") }))
    local store = batch.store
    local tea, cup, pot = table.unpack(assert(store:write({}, { waiting = 3, ready = 0 })).waiting)
    assert(store:write({ { transition = "submit", number = cup.number, key = cup.key,
      attempt = cup.attempt, draft_id = "a-draft", name = "a name" } }, { waiting = 0, ready = 0 }))
    assert(store:reconcile { [pot.number] = true })
    local states = {}
    for _, row in ipairs(assert(store.database:run "select number, state from aistudios_row")) do
      states[row.number] = row.state
    end
    assert.same({ [tea.number] = "waiting", [cup.number] = "unknown", [pot.number] = "claimed" },
      states)
  end)

  it("writes two changes of a row one after the other, and then takes rows", function ()
    local batch <close> = assert(batches.open(options {
      rows = { { name = "Tea", price = "4" }, { name = "Cup", price = "9" } },
      template = require "aistudios".decode(support.read_file "spec/examples/offer.json") }))
    local store = batch.store
    local tea, cup = table.unpack(assert(store:write({}, { waiting = 2, ready = 0 })).waiting)
    local function of(row, change)
      change.number, change.key, change.attempt = row.number, row.key, row.attempt
      return change
    end
    local function changes(row)
      return { of(row, { transition = "submit", draft_id = "d" .. row.key, name = "a name" }),
        of(row, { transition = "buy", project_id = "p" .. row.key }) }
    end
    assert(store:write(changes(tea), { waiting = 0, ready = 0 }))
    assert(store:write({ of(tea, { transition = "complete" }) }, { waiting = 0, ready = 0 }))
    local list = changes(cup)
    local taken = assert(store:write(list, { waiting = 0, ready = 2 }))
    assert.is_true(list[1].is_applied and list[2].is_applied)
    assert.equal("rendering", batch:row(cup.key).state)
    assert.equal(1, #taken.ready)
    assert.equal(tea.number, taken.ready[1].number)
  end)

  it("counts troubles anew after a call that was taken", function ()
    local worker = { troubles = 2, shortest = 1 }
    local flight = { step = "submit", row = { number = 1, key = "1", attempt = 1 },
      job = { result = function () return { project_id = "a-project" } end } }
    assert.equal("buy", require "aistudios.batch.flights".finish(worker, flight).transition)
    assert.equal(0, worker.troubles)
  end)

  it("asks for 64 rows at a time, when it asks for each", function ()
    local asked = 0
    local sweeper = require "aistudios.batch.sweeper".new { client = { async = {
      get_progress = function ()
        asked = asked + 1
        return {}
      end } } }
    for i = 1, 100 do sweeper.queue[i] = { project_id = "p" .. i } end
    sweeper:collect()
    assert.equal(64, asked)
  end)

  it("claims no row during a pause, however short", function ()
    local batch <close> = assert(batches.open(options { rows = { { name = "Tea", price = "4" } },
      template = require "aistudios".decode(support.read_file "spec/examples/offer.json") }))
    local store = batch.store
    store.account = "an account"
    assert(store:run("pause", { delay = 0.9 }))
    local taken = assert(store:write({}, { waiting = 1, ready = 0 }))
    assert.same({ {}, "pause" }, { taken.waiting, taken.limits.reason })
  end)

  it("lets an error of the iterator through, and leaves nothing", function ()
    local all = options { rows = function () error "mine" end }
    assert.has_error(function () batches.open(all) end)
    assert.is_nil((batches.open { store = all.store }))
  end)

  it("shows no password", function ()
    local database = require "aistudios.batch.database"
    assert.equal("postgresql://me@host/db", database.shown "postgresql://me:secret@host/db")
    local _, err = database.open "postgresql://me:secret@/db?host=/nowhere"
    assert.is_nil(err.message:find("secret", 1, true))
  end)
end)
