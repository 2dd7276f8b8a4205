-- SPDX-License-Identifier: MIT
--
-- cli.output: what the command writes. For people on a terminal, one JSON
-- object a line elsewhere; each of the two streams for itself. A stream that
-- cannot be written is told at the end and stops no work that was paid for.

local aistudios = require "aistudios"
local terminal = require "aistudios.cli.terminal"

---@class aistudios.cli.Output
---@field is_json boolean         standard output takes JSON lines
---@field are_errors_json boolean standard error does
---@field failure? string         why standard output could not be written
---@field command? string         the name of the command, for hints
local Output = { __name = "aistudios.cli.output" }
Output.__index = Output

local M = {}

---@param form? "json"|"text"  nil: as the streams are
---@return aistudios.cli.Output
function M.new(form)
  local function wants_json(fd)
    if form then return form == "json" end
    return not terminal.is_terminal(fd)
  end
  return setmetatable({ is_json = wants_json(1), are_errors_json = wants_json(2) }, Output)
end

--- What has a JSON form of a value: texts lose the bytes that are no UTF-8.
local function encodable(value, depth)
  if type(value) == "table" and depth > 0 then
    local out = setmetatable({}, getmetatable(value))
    for key, inner in pairs(value) do
      out[encodable(key, 0)] = encodable(inner, depth - 1)
    end
    return out
  elseif type(value) == "string" and not utf8.len(value) then
    return (value:gsub("[\128-\255]", "\u{FFFD}"))
  end
  return value
end

--- One line of JSON.
local function to_json(object)
  return aistudios.encode(object, { sort_keys = true })
    or aistudios.encode(encodable(object, 20), { sort_keys = true })
    or '{"message":"what was to be told here has no JSON form"}'
end

local function write(self, text)
  local ok, message = io.stdout:write(text, "\n")
  if ok then ok, message = io.stdout:flush() end
  if not ok then self.failure = self.failure or message or "cannot be written" end
end

--- Writes one thing to standard output.
---@param object table  for programs
---@param text string   for people; may have several lines
function Output:write(object, text)
  write(self, self.is_json and to_json(object) or text)
end

--- Writes a text to standard output as it is, whatever takes it.
---@param text string
function Output:write_text(text)
  write(self, (text:gsub("\n$", "")))
end

--- Writes several things of one kind.
---@param items table[]
---@param columns string[]  the members that people are shown
function Output:write_list(items, columns)
  local rows, widths = {}, {}
  for i, item in ipairs(items) do
    local row = {}
    for j, name in ipairs(columns) do
      local value = item[name]
      if type(value) == "table" then value = aistudios.encode(value) end
      row[j] = value == nil and "-" or terminal.clean(value)
      widths[j] = math.max(widths[j] or 0, utf8.len(row[j]))
    end
    rows[i] = row
  end
  for i, item in ipairs(items) do
    local row = rows[i]
    for j = 1, #row - 1 do row[j] = row[j] .. (" "):rep(widths[j] - utf8.len(row[j])) end
    self:write(item, table.concat(row, "  "))
  end
end

--- Writes a line to standard error.
---@param object table
---@param text string
function Output:note(object, text)
  io.stderr:write(self.are_errors_json and to_json(object) or text, "\n")
  io.stderr:flush()
end

return M
