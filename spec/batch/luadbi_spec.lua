-- Why the batch has rooms in C of its own for its databases: what LuaDBI of Debian 12
-- (lua-dbi-sqlite3, lua-dbi-postgresql, 0.7.2) makes of the same values. The specs of
-- databases_spec ask the same of our own. Runs where LuaDBI is installed.
local support = require "spec.support"

local is_there, DBI = pcall(require, "DBI")

local function connect(...)
  if not is_there then return nil end
  local went_well, db = pcall(DBI.Connect, ...)
  return went_well and db or nil
end

local function run(db, sql, ...)
  local statement, message = db:prepare(sql)
  if not statement then return nil, message end
  local ok
  ok, message = statement:execute(...)
  if not ok then return nil, message end
  return statement
end

describe("LuaDBI", function ()
  it("loses values of SQLite, and begins a transaction by itself", function ()
    local path = support.directory "luadbi" .. "/a.db"
    os.remove(path)
    local db = connect("SQLite3", path)
    if not db then pending "lua-dbi-sqlite3 is not installed" return end
    local function through(value)
      return assert(run(db, "select ? as value", value)):fetch(true).value
    end
    assert.equal("float", math.type(through(math.maxinteger)))
    assert.are_not.equal(1 << 53 | 1, math.tointeger(through(1 << 53 | 1)))
    assert.equal("a", through "a\0b")
    assert(run(db, "create table t (a integer unique)"))
    assert(run(db, "insert into t values (1)"))
    local other = connect("SQLite3", path)
    assert.is_nil((run(other, "select * from t"))) -- no commit was asked for, and none made
    other:close()
    local statement, failure = run(db, "insert into t values (1)")
    assert.is_nil(statement)
    assert.equal("string", type(failure)) -- and no number that tells it from a full disk
    db:close()
  end)

  it("cuts integers of PostgreSQL to 32 bits", function ()
    if not is_there or not pcall(require, "dbd.postgresql") then
      pending "lua-dbi-postgresql is not installed"
      return
    end
    local server <close> = require "spec.support.postgres".start()
    local name = server:database():match "/([^/?]+)%?"
    local db = assert(connect("PostgreSQL", name, "spec", "", server.at))
    local row = assert(run(db, "select 9007199254740993::bigint as value")):fetch(true)
    assert.are_not.equal(9007199254740993, row.value)
    local statement, failure = run(db, "select from from")
    assert.is_nil(statement)
    assert.equal("string", type(failure)) -- in the server's language, without the SQLSTATE
    db:close()
  end)
end)
