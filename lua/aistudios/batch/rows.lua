-- SPDX-License-Identifier: MIT
--
-- batch.rows: rows of values, from CSV, TSV or JSON lines, or from Lua. One
-- after the other: a table of any length takes no memory.

local csv = require "aistudios.batch.csv"
local failures = require "aistudios.batch.failures"
local json = require "aistudios.json"

local M = {}

--- What is wrong with the rows.
---@class aistudios.batch.RowProblem
---@field line? integer  of the file
---@field row? integer
---@field message string

local function is_utf8(fields)
  for name, value in pairs(fields) do
    if type(value) == "string" and not utf8.len(value) or not utf8.len(name) then return false end
  end
  return true
end

local function header_of(fields)
  local seen = {}
  for _, name in ipairs(fields) do
    if name ~= "" and seen[name] then return nil, ("two columns are called '%s'"):format(name) end
    seen[name] = true
  end
  return fields
end

-- A record as a table by the names of the header.
local function named(header, record)
  if #record ~= #header then
    return nil, ("%d fields, and %d columns"):format(#record, #header)
  end
  local fields = {}
  for i, name in ipairs(header) do
    if name ~= "" then fields[name] = record[i] end
  end
  return fields
end

local function read_csv(next_line, separator)
  local records = csv.reader(next_line, separator)
  local header
  return function ()
    local record, line, message = records()
    if record and not header then
      header, message = header_of(record)
      if not header then return nil, line, message end
      record, line, message = records()
    end
    if not record then return nil, line, message end
    local fields
    fields, message = named(header, record)
    return fields, line, message
  end
end

local function read_json_lines(next_line)
  local number = 0
  return function ()
    local line
    repeat
      line, number = next_line(), number + 1
      if not line then return nil end
      if number == 1 then line = line:gsub("^\xEF\xBB\xBF", "") end
    until line:find "%S"
    local fields, err = json.decode(line)
    if err then return nil, number, err.message end
    if type(fields) ~= "table" then
      return nil, number, "a JSON object is expected"
    end
    for name, value in pairs(fields) do
      if value == json.null then fields[name] = nil end
    end
    return fields, number
  end
end

local function from_list(list)
  local i = 0
  return function ()
    i = i + 1
    if list[i] ~= nil then return list[i] end
    for key in pairs(list) do
      if math.type(key) == "integer" and key > i then
        list = {}
        return nil, nil, ("the list has a row %d, and none at %d"):format(key, i)
      end
    end
  end
end

local function read_utf16()
  local message = "is UTF-16; save it as UTF-8"
  return function ()
    local once = message
    message = nil
    return nil, once and 1, once
  end
end

-- Checks what a reader brings. `broken`, where it is a file, says why that ended early.
local function checked(reader, broken)
  return function ()
    local fields, line, message = reader()
    local err = fields == nil and broken and broken()
    if err then
      broken = nil
      return nil, nil, err
    end
    if fields == nil then return nil, line, message end
    if type(fields) ~= "table" then
      return nil, line, "a row must be a table of values, not " .. type(fields)
    end
    for name in pairs(fields) do
      if type(name) ~= "string" then return nil, line, "a row has names, and no list" end
    end
    if not is_utf8(fields) then return nil, line, "is not valid UTF-8" end
    return fields, line
  end
end

--- Opens rows.
---@param source string|table|fun(): table?  a path (.csv, .tsv, .jsonl), a list, or an iterator
---@param separator? string  of a CSV file; by default what its first line has most often
---@return (fun(): table?, integer?, string|aistudios.Error|nil)? reader  a row and its line;
---  nil, line, message; nil, nil and an error where it cannot be read on; nothing at the end
---@return aistudios.Error|fun() close  or the error why it cannot be read
function M.open(source, separator)
  if type(source) == "function" then return checked(source), function () end end
  if type(source) == "table" then return checked(from_list(source)), function () end end
  local file, message = io.open(source, "rb")
  if not file then return nil, failures.of_file(message --[[@as string]]) end
  local following, cause = file:read "L" -- one line ahead: a pipe cannot be read again
  if cause then
    file:close()
    return nil, failures.of_file(source .. ": " .. cause)
  end
  local start = (following or ""):sub(1, 2)
  local function next_line()
    local line = following
    if line then following, cause = file:read "L" end
    return line
  end
  local extension = (source:match "%.(%w+)$" or ""):lower()
  local reader
  if start == "\xFF\xFE" or start == "\xFE\xFF" then
    reader = read_utf16()
  elseif extension == "jsonl" or extension == "ndjson" or start:find "^{" then
    reader = read_json_lines(next_line)
  else
    reader = read_csv(next_line, separator or extension == "tsv" and "\t" or nil)
  end
  return checked(reader, function ()
    return cause and failures.of_file(source .. ": " .. cause)
  end), function () file:close() end
end

return M
