-- Rows: CSV as RFC 4180 has it and as programs write it, TSV, JSON lines, Lua.
local batches = require "aistudios.batch"
local plan = require "aistudios.batch.plan"
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
    assert.same({ { line = 2, message = "is not valid UTF-8" } }, read("a.csv", "a\n\xFF\n"))
    assert.truthy(select(2, read("a.csv", "\xFF\xFEa\0")):find("UTF-16", 1, true))
    assert.is_nil((rows.open "/nowhere/a.csv"))
  end)
end)

describe("a quote that is never closed", function ()
  it("is found in time in proportion to the lines behind it", function ()
    local function seconds(count)
      local began = os.clock()
      local found = read("a.csv", 'a,b\n1,"2\n' .. ("x,y\n"):rep(count))
      assert.same({ { line = 2, message = "a quote is never closed" } }, found)
      return os.clock() - began
    end
    assert.is_true(seconds(100000) < 5)
  end)
end)

describe("rows of JSON lines", function ()
  it("keep their types; null is nothing", function ()
    assert.same({ { a = 1, b = "x" }, { a = true } },
      read("a.jsonl", '\xEF\xBB\xBF{"a":1,"b":"x"}\n\n{"a":true,"b":null}\n'))
    assert.equal(2, read("a.jsonl", '{"a":1}\n[1]\n')[2].line)
    assert.equal("string", type(read("a.jsonl", "{\n")[1].message))
  end)
end)

describe("the name of a film", function ()
  it("cannot lead out of its directory", function ()
    for _, value in ipairs { "../../etc/passwd", "..", "/abs", ".hidden", "a\0b", "a\\b", "", "\n",
      "C:x", ("\u{E9}"):rep(300), 12, true } do
      local part = plan.part(value)
      assert.is_nil(part:find "[/\\%c]", part)
      assert.are_not.equal(".", part:sub(1, 1))
      assert.is_true(#part > 0 and #part <= 100)
      assert.truthy(utf8.len(part))
    end
    assert.equal("films/a_b.mp4", plan.path("films/{x}.mp4", { x = "a/b" }, 1, "k"))
    assert.equal("7-k.mp4", plan.path("{row}-{key}.mp4", {}, 7, "k"))
    assert.is_nil((plan.path("{y}.mp4", { x = "a" }, 1, "k")))
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

  it("raises for options that it does not know", function ()
    assert.has_error(function () batches.open(options { sore = 1 }) end)
    assert.has_error(function () batches.open { template = {}, rows = {} } end)
    assert.has_error(function () batches.open { store = "x", rows = {} } end)
    assert.has_error(function ()
      batches.open { store = "postgresql://x/y", template = {}, rows = {} }
    end)
  end)

  it("tells what is wrong with rows, and makes no store", function ()
    local all = options {}
    local batch, err = batches.open(all)
    assert.is_nil(batch)
    assert.equal("invalid", err.kind)
    assert.equal(1, err.problems[1].row)
    assert.is_false(support.exists(all.store))
    assert.is_nil((batches.open { store = all.store }))
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
