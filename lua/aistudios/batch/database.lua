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

--- Runs one statement.
---@param text string     {now} and the like stand for what the database calls it
---@param values? table   by the names in the text
---@return table[]? rows
---@return integer|aistudios.batch.StoreError changes
function Database:run(text, values)
  local ok, problem = connect(self)
  if not ok then return nil, problem end
  if self.hook then self.hook("statement", text) end
  local statement, list = compile(self, text), {}
  for i, name in ipairs(statement.order) do list[i] = values[name] end
  local rows, changes, code =
    self.handle:run(statement.sql, table.unpack(list, 1, #statement.order))
  if rows then return rows, changes end
  problem = failure(self, changes, code)
  if problem.kind == "broken" then disconnect(self) end
  return nil, problem
end

--- Runs `f` in a transaction. What it does takes place whole, or not at all; after
--- an error of the connection nobody knows which.
---@generic T
---@param f fun(): T?, aistudios.batch.StoreError?  nil and an error take it back
---@return T? result
---@return aistudios.batch.StoreError? err
function Database:transaction(f)
  local ok, problem = self:run(self.sql.begin)
  if not ok then return nil, problem end
  local went_well, result, err = pcall(f)
  if not went_well or result == nil then
    if self.handle then
      if not self.handle:run "rollback" then disconnect(self) end
    end
    if not went_well then error(result, 0) end
    return nil, err
  end
  if self.hook then self.hook("commit", result) end
  ok, problem = self:run "commit"
  if not ok then
    if self.handle and not self.handle:run "rollback" then disconnect(self) end
    return nil, problem
  end
  if self.hook then self.hook("committed", result) end
  return result
end

--- Idempotent.
function Database:close()
  disconnect(self)
end

Database.__close = Database.close

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
  local made, message, code = self.handle:script(self.sql.schema)
  if not made then
    err = failure(self, message, code)
    disconnect(self)
    return nil, err
  end
  local version
  version, err = self:run "select version from aistudios_schema order by version desc"
  if version and version[1].version ~= schema.VERSION then
    version, err = nil, { kind = "other", message = "the store was made by another version" }
  end
  if version then return self end
  disconnect(self)
  return nil, err
end

return M
