-- SPDX-License-Identifier: MIT
--
-- batch.csv: reads CSV as RFC 4180 has it, with any separator, a line at a time.
-- A byte order mark, \n instead of \r\n, and quotes inside of an unquoted field
-- are taken.

local M = {}

local MOST_BYTES = 16 * 1024 * 1024 -- of one record: a quote that is not closed
local SEPARATORS = { ",", ";", "\t", "|" }

--- Reads the field that begins at `at`, and where the next thing is.
local function read_field(text, at, separator)
  if text:sub(at, at) ~= '"' then
    local stop = text:find(separator, at, true) or #text + 1
    return text:sub(at, stop - 1), stop
  end
  local parts, from = {}, at + 1
  while true do
    local quote = text:find('"', from, true)
    if not quote then return nil end
    parts[#parts + 1] = text:sub(from, quote - 1)
    if text:sub(quote + 1, quote + 1) ~= '"' then return table.concat(parts), quote + 1 end
    parts[#parts + 1] = '"'
    from = quote + 2
  end
end

--- The fields of a record.
---@param text string  without its line end
---@param separator string
---@return string[]? fields  nil without a message: a quote is still open
---@return string? message
local function parse(text, separator)
  local fields, at = {}, 1
  while true do
    local field, stop = read_field(text, at, separator)
    if not field then return nil end
    fields[#fields + 1] = field
    if stop > #text then return fields end
    if text:sub(stop, stop) ~= separator then
      return nil, ("there is text behind the quote that closes field %d"):format(#fields)
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
    separator = separator or guess(text)
    while true do
      local fields, message = parse(text:gsub("\r?\n$", ""), separator)
      if fields then return fields, first end
      if message then return nil, first, message end
      local more = line_of_text()
      if not more or #text > MOST_BYTES then return nil, first, "a quote is never closed" end
      text = text .. more
    end
  end
end

return M
