-- SPDX-License-Identifier: MIT
--
-- Fuzz target: CSV. Any text is records or a message; what is quoted as RFC
-- 4180 has it reads back as it was.

local bytes = require "spec.fuzz.bytes"
local csv = require "aistudios.batch.csv"

local function lines_of(text)
  return text:gmatch "[^\n]*\n?"
end

local function next_line_of(text)
  local lines = lines_of(text)
  return function ()
    local line = lines()
    return line ~= "" and line or nil
  end
end

local function read(text, separator)
  local reader, records, most = csv.reader(next_line_of(text), separator), {}, #text + 2
  for _ = 1, most do
    local fields, line, message = reader()
    if not fields and not message then return records end
    assert(math.type(line) == "integer" and line >= 1)
    assert(fields == nil or message == nil)
    if message then return records, message end
    local length = 0
    for _, field in ipairs(fields) do length = length + #field end
    assert(#fields >= 1 and length <= #text)
    records[#records + 1] = fields
  end
  error "the reader does not end"
end

local function quoted(field) return '"' .. field:gsub('"', '""') .. '"' end

local function round_trip(b, separator)
  local rows, text = {}, {}
  for r = 1, 1 + b:below(4) do
    local row, out = {}, {}
    for c = 1, 1 + b:below(4) do
      row[c] = b:take(b:below(12))
      out[c] = quoted(row[c])
    end
    rows[r], text[r] = row, table.concat(out, separator) .. b:pick { "\n", "\r\n" }
  end
  local records, message = read(table.concat(text), separator)
  assert(not message, message)
  assert(#records == #rows)
  for r, row in ipairs(rows) do
    assert(#records[r] == #row)
    for c, field in ipairs(row) do assert(records[r][c] == field, "another field") end
  end
end

return function (text)
  local b = bytes(text)
  local separator = b:pick { ",", ";", "\t", "|" }
  read(b:rest())
  read(b:rest(), separator)
  round_trip(b, separator)
end
