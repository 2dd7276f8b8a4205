-- SPDX-License-Identifier: MIT
--
-- batch.database: the connection to the store, one for SQLite and PostgreSQL.
-- Statements name their values (@number); each is one line of work of the
-- store. A connection that was lost is made again by the next transaction.

local errors = require "aistudios.error"
local schema = require "aistudios.batch.schema"

local M = {}

--- What went wrong with the store.
---@class aistudios.batch.StoreError
---@field kind "busy"|"full"|"broken"|"constraint"|"other"
---@field message string

---@class aistudios.batch.Database
---@field sql table        the dialect
---@field address string   a path, or postgresql://...
---@field package handle? table  nil while there is no connection
---@field package opening? table  the statement that begins a transaction, not yet run
---@field package is_finished? boolean  the transaction was committed
---@field hook? fun(at: "statement"|"commit"|"committed", what: any)  for the specs
local Database = { __name = "aistudios.batch.database" }
Database.__index = Database

--- Does the address name a server, and not a file?
---@param address string
---@return boolean
function M.is_server(address)
  return address:find "^postgres%l*://" ~= nil
end

--- The address without its password.
---@param address string
---@return string
function M.shown(address)
  return (address:gsub("^(%l+://[^/@:]*):[^/@]*@", "%1@")
    :gsub("([?&]password=)[^&]*", "%1..."))
end

-- No message repeats a part of the address that may be its password.
local function redact(self, message)
  local password = self.address:match "^%l+://[^/@:]*:([^/@]+)@"
    or self.address:match "[?&]password=([^&]+)"
  if password and M.is_server(self.address) then
    message = message:gsub(password:gsub("%W", "%%%0"), "...")
  end
  return errors.line(message)
end

local function failure(self, message, code)
  return { kind = self.sql.kind_of(code), message = redact(self, message), code = code }
end

local function driver(is_server)
  local name = "aistudios.batch." .. (is_server and "postgres" or "sqlite")
  return require(name)
end

local function connect(self)
  if self.handle then return true end
  local handle, message, code = driver(self.is_server).open(self.address)
  if not handle then return nil, failure(self, message, code) end
  local ok
  ok, message, code = handle:script(self.sql.setup)
  if not ok then
    handle:close()
    return nil, failure(self, message, code)
  end
  self.handle = handle
  return true
end

local function disconnect(self)
  if self.handle then self.handle:close() end
  self.handle = nil
end

--- The text and the order of the values of a statement.
local function compile(self, text)
  local known = self.compiled[text]
  if known then return known end
  local order, places = {}, {}
  local sql = text:gsub("{(%l[%l_]*)}", self.sql)
  sql = sql:gsub("@(%l[%l_]*)", function (name)
    if not places[name] then
      order[#order + 1] = name
      places[name] = self.mark .. #order
    end
    return places[name]
  end)
  known = { sql = sql, order = order }
  self.compiled[text] = known
  return known
end

-- A statement as the drivers take it.
local function bind(self, text, values)
  local statement = compile(self, text)
  local list = { n = 1 + #statement.order, statement.sql }
  for i, name in ipairs(statement.order) do list[1 + i] = values[name] end
  return list
end

-- What run_all of a server does, where there is no way to save.
local function run_each(handle, list)
  local rows, changes = {}, {}
  for i, statement in ipairs(list) do
    local code
    rows[i], changes[i], code = handle:run(table.unpack(statement, 1, statement.n))
    if not rows[i] then return nil, changes[i], code end
  end
  return rows, changes
end

--- Runs statements, one after the other; a server is asked once for all of them.
---@param list { [1]: string, [2]: table? }[]  text, and values by the names in it; {now} and the
---  like stand for what the database calls it
---@return table[][]? rows  of each
---@return integer[]|aistudios.batch.StoreError changes  of each
function Database:run_all(list)
  local ok, problem = connect(self)
  if not ok then return nil, problem end
  local statements, is_first = { self.opening }, self.opening ~= nil
  self.opening = nil
  for _, statement in ipairs(list) do
    if self.hook then self.hook("statement", statement[1]) end
    statements[#statements + 1] = bind(self, statement[1], statement[2] or {})
  end
  local rows, changes, code = (self.handle.run_all or run_each)(self.handle, statements)
  if rows then
    if is_first then table.remove(rows, 1) table.remove(changes, 1) end
    return rows, changes
  end
  problem = failure(self, changes, code)
  if problem.kind == "broken" then disconnect(self) end
  return nil, problem
end

--- Runs one statement.
---@param text string
---@param values? table
---@return table[]? rows
---@return integer|aistudios.batch.StoreError changes
function Database:run(text, values)
  local rows, changes = self:run_all { { text, values } }
  if not rows then return nil, changes end
  return rows[1], changes[1]
end

--- Runs the last statement of a transaction, and commits.
---@param text string
---@param values? table
---@return table[]? rows
---@return aistudios.batch.StoreError? err
function Database:finish(text, values)
  local rows, err = self:run_all { { text, values }, { "commit" } }
  if not rows then return nil, err end
  self.is_finished = true
  return rows[1]
end

-- Ends a transaction without its changes; one that was never begun has none.
local function roll_back(self)
  if self.opening or not self.handle then
    self.opening = nil
  elseif not self.handle:run "rollback" then
    disconnect(self)
  end
end

--- Runs `f` in a transaction. What it does takes place whole, or not at all; after
--- an error of the connection nobody knows which. It begins with the first statement.
---@generic T
---@param f fun(): T?, aistudios.batch.StoreError?  nil and an error take it back
---@return T? result
---@return aistudios.batch.StoreError? err
function Database:transaction(f)
  self.opening, self.is_finished = { n = 1, self.sql.begin }, false
  local went_well, result, err = pcall(f)
  if not went_well or result == nil then
    roll_back(self)
    if not went_well then error(result, 0) end
    return nil, err
  end
  if not self.is_finished then
    if self.hook then self.hook("commit", result) end
    local ok, problem = self:run "commit"
    if not ok then
      roll_back(self)
      return nil, problem
    end
  end
  if self.hook then self.hook("committed", result) end
  return result
end

--- Idempotent.
function Database:close()
  disconnect(self)
end

Database.__close = Database.close

-- Makes the tables, unless somebody has. Work on them waits while they are made.
local function make_tables(self)
  local found, err = self:run(self.sql.find_schema)
  if not found or found[1] then return found, err end
  local made, message, code = self.handle:script(self.sql.schema)
  if made then return true end
  disconnect(self) -- and with it what is left of the transaction
  found = self:run(self.sql.find_schema)
  if found and found[1] then return true end -- by another, meanwhile
  return nil, failure(self, message, code)
end

--- Opens a store, and makes its tables where there are none.
---@param address string  the path of an SQLite file, or postgresql://...
---@return aistudios.batch.Database? database
---@return aistudios.batch.StoreError? err
function M.open(address)
  local is_server = M.is_server(address)
  local self = setmetatable({
    address = address, is_server = is_server, mark = is_server and "$" or "?", compiled = {},
    sql = require(is_server and "aistudios.batch.postgres_sql" or "aistudios.batch.sqlite_sql"),
  }, Database)
  local ok, err = connect(self)
  if not ok then return nil, err end
  ok, err = make_tables(self)
  if not ok then
    disconnect(self)
    return nil, err
  end
  local version
  version, err = self:run "select version from aistudios_schema order by version desc"
  if version and version[1].version ~= schema.VERSION then
    version, err = nil, { kind = "other", message = ("the store is of version %d, and this program "
      .. "reads %d: the program that planned its batch must finish it")
      :format(version[1].version, schema.VERSION) }
  end
  if version then return self end
  disconnect(self)
  return nil, err
end

return M
