-- SPDX-License-Identifier: MIT
--
-- batch.csv: reads CSV as RFC 4180 has it, with any separator, a line at a time.
-- A byte order mark, \n instead of \r\n, and quotes inside of an unquoted field
-- are taken.

local M = {}

local MOST_BYTES = 16 * 1024 * 1024 -- of one record: a quote that is not closed
local SEPARATORS = { ",", ";", "\t", "|" }

---@class aistudios.batch.csv.Record  one that is being read
---@field fields string[]
---@field parts? string[]  of the quoted field that is open

--- Reads a quoted field to its end, from `at` on, and returns what is behind it; nil
--- when it goes on in the next line.
local function read_quoted(record, line, body, at)
  local parts = record.parts
  while true do
    local quote = body:find('"', at, true)
    if not quote then
      parts[#parts + 1] = line:sub(at)
      return nil
    end
    parts[#parts + 1] = line:sub(at, quote - 1)
    if body:sub(quote + 1, quote + 1) ~= '"' then
      record.fields[#record.fields + 1], record.parts = table.concat(parts), nil
      return quote + 1
    end
    parts[#parts + 1] = '"'
    at = quote + 2
  end
end

--- Reads on with the next line of a record.
---@param record aistudios.batch.csv.Record
---@param line string  with its line end, which ends the record outside of quotes
---@param separator string
---@return string? message  what is wrong
local function read_line(record, line, separator)
  local body, at = line:gsub("\r?\n$", ""), 1
  while true do
    if not record.parts and body:sub(at, at) == '"' then record.parts, at = {}, at + 1 end
    local stop
    if record.parts then
      stop = read_quoted(record, line, body, at)
      if not stop then return nil end
    else
      stop = body:find(separator, at, true) or #body + 1
      record.fields[#record.fields + 1] = body:sub(at, stop - 1)
    end
    if stop > #body then return nil end
    if body:sub(stop, stop) ~= separator then
      return ("there is text behind the quote that closes field %d"):format(#record.fields)
    end
    at = stop + 1
  end
end

--- The separator that the first line has most often, outside of quotes.
local function guess(line)
  local best, most = ",", 0
  local plain = line:gsub('"[^"]*"', "")
  for _, separator in ipairs(SEPARATORS) do
    local _, count = plain:gsub(separator:gsub("%p", "%%%0"), "")
    if count > most then best, most = separator, count end
  end
  return best
end

local CR_ENDS = "the line ends are single \\r, which CSV does not have; "
  .. "save the file with \\n or \\r\\n"

-- Is it a whole file, of lines that end in single \r?
local function has_cr_ends(line)
  return line:sub(-1) ~= "\n" and line:gsub('"[^"]*"', ""):find("\r", 1, true) ~= nil
end

--- A function that brings one record after the other.
---@param next_line fun(): string?  with its line end
---@param separator? string  one byte; nil: as the first line looks
---@return fun(): string[]?, integer?, string?  fields and the number of their first line, or
---  nil, line, message; nothing at the end
function M.reader(next_line, separator)
  local number = 0
  local function line_of_text()
    local line = next_line()
    if not line then return nil end
    number = number + 1
    if number == 1 then line = line:gsub("^\xEF\xBB\xBF", "") end
    return line
  end
  return function ()
    local text, first
    repeat
      text = line_of_text()
      if not text then return nil end
      first = number
    until text:find "[^\r\n]"
    if first == 1 and has_cr_ends(text) then return nil, 1, CR_ENDS end
    separator = separator or guess(text)
    local record, size = { fields = {} }, 0
    while true do
      local message = read_line(record, text, separator)
      if message then return nil, first, message end
      if not record.parts then return record.fields, first end
      size, text = size + #text, line_of_text()
      if not text or size > MOST_BYTES then return nil, first, "a quote is never closed" end
    end
  end
end

return M
