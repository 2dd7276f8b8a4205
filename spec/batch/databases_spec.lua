-- The two databases of the batch: values come back as they were, errors have
-- numbers, nothing is read after it was freed. What LuaDBI could not promise.
local core = require "aistudios.core"
local support = require "spec.support"
local sweep = require "spec.support.sweep"

local postgres = require "aistudios.batch.postgres"
local sqlite = require "aistudios.batch.sqlite"

local server -- of PostgreSQL

lazy_setup(function () server = require "spec.support.postgres".start() end)
lazy_teardown(function () server:close() end)

local stores = {
  sqlite = {
    open = function () return assert(sqlite.open(support.directory "databases" .. "/a.db")) end,
    types = { integer = "integer", number = "real", text = "text" },
    duplicate = 2067, wrong = 1, -- SQLITE_CONSTRAINT_UNIQUE, SQLITE_ERROR
    place = "?%d",
  },
  postgres = {
    open = function () return assert(postgres.open(server:database())) end,
    types = { integer = "bigint", number = "double precision", text = "text" },
    duplicate = "23505", wrong = "42601",
    place = "$%d",
  },
}

for name, store in pairs(stores) do
  describe(name, function ()
    local db

    before_each(function ()
      db = store.open()
      local types = store.types
      assert(db:script(("create table t (a %s unique, b %s, c %s); create table u (a %s)")
        :format(types.integer, types.number, types.text, types.text)))
    end)

    after_each(function () db:close() end)

    local insert = ("insert into t (a, b, c) values (P1, P2, P3)"):gsub("P(%d)", function (n)
      return store.place:format(n)
    end)

    local function values_of(a, b, c)
      local rows, changes = assert(db:run(insert, a, b, c))
      assert.same({}, rows)
      assert.equal(1, changes)
      local row = assert(db:run "select * from t")[1]
      assert(db:run "delete from t")
      return row
    end

    it("keeps 64-bit integers, doubles and nothing", function ()
      for _, integer in ipairs { 0, 1, -1, 1 << 31, 1 << 53 | 1, math.maxinteger,
        math.mininteger } do
        local row = values_of(integer, nil, nil)
        assert.equal(integer, row.a)
        assert.equal("integer", math.type(row.a))
        assert.is_nil(row.b)
      end
      for _, number in ipairs { 0.1, -1e300, 5e-324, 1764180116.123456, 1 / 3, 2.0 } do
        assert.equal(number, values_of(nil, number, nil).b)
      end
    end)

    it("keeps long texts, empty ones and all of UTF-8", function ()
      for _, text in ipairs { "", "'; drop table t; --", ("\u{1F600}x"):rep(1000000), "NULL",
        "\\", "a\r\n\tb\u{FFFD}", "?1 $1 %s" } do
        assert.equal(text, values_of(1, nil, text).c)
      end
    end)

    it("is not disturbed by a garbage collection between", function ()
      local texts = {}
      for i = 1, 200 do
        texts[i] = ("text %d "):format(i):rep(100)
        assert(db:run(insert, i, nil, ("text %d "):format(i):rep(100)))
        collectgarbage()
      end
      local rows = assert(db:run "select c from t order by a")
      collectgarbage()
      for i, row in ipairs(rows) do assert.equal(texts[i], row.c) end
      assert.equal(200, #rows)
    end)

    it("tells errors apart by numbers, and goes on after them", function ()
      assert(db:run(insert, 1, 1.5, "x"))
      local rows, message, code = db:run(insert, 1, 2.5, "y")
      assert.is_nil(rows)
      assert.equal("string", type(message))
      assert.equal(store.duplicate, code)
      assert.equal(store.wrong, select(3, db:run "select from from"))
      assert.equal(1, #assert(db:run "select * from t"))
    end)

    it("says how many rows a statement changed", function ()
      for i = 1, 5 do assert(db:run(insert, i, nil, nil)) end
      assert.equal(3, select(2, assert(db:run "update t set c = 'x' where a > 2")))
      assert.equal(0, select(2, assert(db:run "update t set c = 'x' where a > 9")))
      local rows, changes = assert(db:run "update t set b = 1 where a < 3 returning a")
      assert.equal(2, #rows)
      assert.equal(2, changes)
    end)

    it("opens no transaction by itself", function ()
      assert(db:run(insert, 1, nil, nil))
      assert(db:run "begin")
      assert(db:run(insert, 2, nil, nil))
      assert(db:run "rollback")
      assert.equal(1, #assert(db:run "select * from t"))
    end)

    it("raises for values of other types, and after close", function ()
      assert.has_error(function () db:run(insert, {}, 1, 1) end)
      assert.has_error(function () db:run(insert, print, 1, 1) end)
      db:close()
      db:close()
      assert.has_error(function () db:run "select 1" end)
    end)
  end)
end

describe("sqlite", function ()
  it("keeps a NUL in a text", function ()
    local db <close> = stores.sqlite.open()
    local row = assert(db:run("select ?1 as a, length(cast(?1 as blob)) as n", "a\0b"))[1]
    assert.equal("a\0b", row.a)
    assert.equal(3, row.n)
  end)

  it("says how many values a statement wants", function ()
    local db <close> = stores.sqlite.open()
    assert.has_error(function () db:run("select ?1, ?2", 1) end)
  end)

  it("tells a full disk and a directory that is not there", function ()
    local db <close> = stores.sqlite.open()
    assert(db:run "pragma max_page_count = 3")
    assert(db:script "create table t (a text)")
    local _, _, code = db:run("insert into t values (?1)", ("x"):rep(100000))
    assert.equal(13, code) -- SQLITE_FULL
    _, _, code = sqlite.open(support.directory "databases" .. "/none/a.db")
    assert.equal(14, code & 0xFF) -- SQLITE_CANTOPEN
  end)
end)

describe("postgres", function ()
  it("refuses a text with a NUL, which the database has no form for", function ()
    local db <close> = stores.postgres.open()
    assert.has_error(function () db:run("select $1::text", "a\0b") end)
  end)

  it("runs statements with one wait, until one fails", function ()
    local db <close> = stores.postgres.open()
    assert(db:script "create table t (a bigint unique)")
    local insert = { n = 2, "insert into t values ($1) returning a", 7 }
    local long = { n = 2, "select length($1) as a", ("x"):rep(1 << 22) }
    local rows, changes = assert(db:run_all { insert, long, { n = 1, "update t set a = 8" } })
    assert.same({ { { a = 7 } }, { { a = 1 << 22 } }, {} }, rows)
    assert.same({ 1, 1, 1 }, changes)
    assert.same({ {}, {} }, { assert(db:run_all {}) })
    local list = { insert, { n = 1, "select 1 / 0" }, { n = 1, "delete from t" } }
    assert.same({ n = 3, nil, "division by zero", "22012" }, table.pack(db:run_all(list)))
    for _, wrong in ipairs { { n = 2, "select $1::text", "a\0b" }, { n = 1 }, { "select 1" }, 1 } do
      assert.has_error(function () db:run_all { insert, wrong } end)
    end
    assert.same({ { a = 8 } }, (db:run "select a from t")) -- the first insert went with the error
  end)

  it("is opened by others while a transaction is open", function ()
    local databases = require "aistudios.batch.database"
    local address = server:database()
    local first <close> = assert(databases.open(address))
    assert(first:transaction(function ()
      assert(first:run "update aistudios_row set due_at = 0")
      local began = core.now()
      assert(databases.open(address)):close()
      assert.is_true(core.now() - began < 10)
      return true
    end))
  end)

  it("has no number for an error of the connection, and is closed then", function ()
    local db <close> = stores.postgres.open()
    local other <close> = stores.postgres.open()
    local pid = assert(db:run "select pg_backend_pid() as pid")[1].pid
    assert(other:run("select pg_terminate_backend($1::int)", pid))
    support.sleep(0.1)
    local rows, message, code = db:run "select 1"
    if code == "57P01" then rows, message, code = db:run "select 1" end
    assert.is_nil(rows)
    assert.equal("string", type(message))
    assert.equal("", code)
    assert.has_error(function () db:run "select 1" end)
  end)

  it("is closed where a statement cannot be sent", function ()
    for _, send in ipairs {
      function (db) return db:run "select 1" end,
      function (db) return db:run_all { { n = 1, "select 1" }, { n = 1, "select 2" } } end,
      function (db) return db:script "select 1" end,
    } do
      sweep("aistudios.batch.postgres", "postgres", function ()
        local db <close> = stores.postgres.open()
        local result, message, code = send(db)
        if result then return true end
        assert.equal("string", type(message))
        assert.equal("", code)
        assert.has_error(function () send(db) end)
      end)
    end
  end)

  it("does not wait for a server that is not there", function ()
    local began = core.now()
    local db, message, code = postgres.open "postgresql://x@/x?host=/nowhere"
    assert.is_nil(db)
    assert.equal("string", type(message))
    assert.equal("", code)
    assert.is_true(core.now() - began < 5)
  end)
end)

describe("a store", function ()
  local databases = require "aistudios.batch.database"

  it("is no file that is something else, which stays as it is", function ()
    local path = support.directory "databases" .. "/notes.txt"
    support.write_file(path, ("notes\n"):rep(500))
    local database, err = databases.open(path)
    assert.is_nil(database)
    assert.truthy(err.message:find("not a database", 1, true), err.message)
    assert.equal(("notes\n"):rep(500), support.read_file(path))
  end)

  it("is not opened where its tables may not be made", function ()
    local address = server:database()
    local db <close> = assert(postgres.open(address))
    assert(db:script "drop role if exists guest; create role guest login")
    local database, err = databases.open((address:gsub("spec@", "guest@")))
    assert.is_nil(database)
    assert.truthy(err.message:find("permission denied", 1, true), err.message)
  end)

  it("is opened where another makes its tables at the same moment", function ()
    local path = support.directory "databases" .. "/store.db"
    local open, other = sqlite.open, nil
    finally(function () sqlite.open = open end)
    function sqlite.open(...) -- luacheck: ignore 122
      sqlite.open = open -- luacheck: ignore 122
      local handle = assert(open(...))
      return { close = function () handle:close() end,
        run = function (_, ...) return handle:run(...) end,
        script = function (_, text)
          if text:find("create table", 1, true) then other = assert(databases.open(path)) end
          return handle:script(text)
        end }
    end
    local database <close> = assert(databases.open(path))
    assert(database:run "select * from aistudios_batch")
    other:close()
  end)

  it("tells of a transaction whose commit has failed, and goes on with the next", function ()
    for kind, lose in pairs {
      sqlite = function (database) assert(database:run "rollback") end,
      postgres = function (database)
        local other <close> = assert(postgres.open(database.address))
        local pid = assert(database:run "select pg_backend_pid() as pid")[1].pid
        assert(other:run("select pg_terminate_backend($1::int)", pid))
        support.sleep(0.1)
      end,
    } do
      local database <close> = assert(databases.open(kind == "sqlite"
        and support.directory "databases" .. "/store.db" or server:database()))
      local function insert()
        return database:transaction(function ()
          return database:run "insert into aistudios_account values ('a', 1.0)"
        end)
      end
      function database.hook(at)
        if at ~= "commit" then return end
        database.hook = nil
        lose(database)
      end
      local result, err = insert()
      assert.is_nil(result)
      assert.equal("string", type(err.message))
      assert.same({}, (assert(database:run "select * from aistudios_account")), kind)
      assert(insert())
      assert.equal(1, #assert(database:run "select * from aistudios_account"), kind)
    end
  end)
end)

describe("the kind of a database's error", function ()
  local kinds = {
    sqlite = { [5] = "busy", [6] = "busy", [13] = "full", [19] = "constraint", [7] = "broken",
      [10] = "broken", [14] = "broken", [1] = "other", [2067] = "constraint", [778] = "broken",
      [261] = "busy", [11] = "other" },
    postgres = { [""] = "broken", ["08006"] = "broken", ["57P01"] = "broken", ["53100"] = "full",
      ["40P01"] = "busy", ["40001"] = "busy", ["55P03"] = "busy", ["57014"] = "busy",
      ["55006"] = "other", ["23505"] = "constraint", ["42601"] = "other", ["25P03"] = "broken" },
  }
  for name, of in pairs(kinds) do
    it("is told by its number, of " .. name, function ()
      local dialect = require("aistudios.batch." .. name .. "_sql")
      for code, kind in pairs(of) do assert.equal(kind, dialect.kind_of(code), code) end
    end)
  end
end)
