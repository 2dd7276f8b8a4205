-- SPDX-License-Identifier: MIT
--
-- form: reads and checks the parts of a multipart body. A row of a form is
-- { name, "file" | "string" | "boolean", required=, kinds=, enum=, many= }; a
-- name may be a pattern such as "target_%d".

local M = {}

local function matches(row, name)
  return row[1] == name or (row[1]:find("%", 1, true) and name:find("^" .. row[1] .. "$"))
end

local function row_of(rows, name)
  for _, row in ipairs(rows) do
    if matches(row, name) then return row end
  end
end

local function is_one_of(value, list)
  for _, each in ipairs(list) do
    if value == each then return true end
  end
  return false
end

local function file_problem(part, row)
  if not part.filename or part.filename == "" then return part.name .. " must be a file" end
  local kind = part.filename:match "%.([^.]+)$" or ""
  if row.kinds and not is_one_of(kind:lower(), row.kinds) then
    return ("%s must be a file of one of: %s"):format(part.name, table.concat(row.kinds, ", "))
  end
end

local function value_problem(part, row)
  if part.filename then return part.name .. " must not be a file" end
  local enum = row.enum or row[2] == "boolean" and { "true", "false" } or nil
  if enum and not is_one_of(part.data, enum) then
    return ("%s must be one of: %s"):format(part.name, table.concat(enum, ", "))
  end
end

-- The curl samples of the vendor have quotes of their own in a value: -F "target_0='en-US'".
local function without_quotes(text)
  return text and (text:match "^'(.*)'$" or text)
end

local function read_part(call, part, row)
  if row[2] ~= "file" then part.data = without_quotes(part.data) end
  local problem = row[2] == "file" and file_problem(part, row)
  if row[2] ~= "file" then problem = value_problem(part, row) end
  if problem then return problem end
  if call.body[part.name] ~= nil and not row.many then
    return part.name .. " is there more than once"
  end
  if row.many then
    call.body[part.name] = call.body[part.name] or {}
    table.insert(call.body[part.name], part)
  elseif row[2] == "file" then
    call.body[part.name] = part
  else
    call.body[part.name] = part.data
  end
end

--- The parts of a body whose header says JSON, as samples of the vendor send them.
local function mislabelled_parts(call, digest)
  local mark = call.raw:match "^(%-%-[^\r\n]+)\r\n"
  if not mark then return nil end
  local parts, at = {}, #mark + 3
  while true do
    local stop, last = call.raw:find("\r\n" .. mark, at, true)
    local head, data = call.raw:sub(at, (stop or 0) - 1):match "^(.-)\r\n\r\n(.*)$"
    if not stop or not head then break end
    parts[#parts + 1] = { name = head:match '[; ]name="([^"]*)"',
      filename = head:match 'filename="([^"]*)"', size = #data, data = data,
      digest = digest { data } }
    at = last + 3
  end
  parts.is_whole = call.raw:sub(at - 2, at - 1) == "--"
  return parts
end

-- axios makes JSON of a form whose header says JSON, as the vendor's samples for Node
-- have it: null of the package form-data, an object of a FormData, its files empty.
local function not_a_form(call)
  local problem = "the Content-Type must be multipart/form-data"
  if not call.raw:find "^%s*{" and not call.raw:find "^%s*null%s*$" then return problem end
  return problem .. "; the body is JSON, in which no file is (axios makes it of a form when "
    .. "the header Content-Type is given: leave that out)"
end

--- Reads the parts into `call.body`.
---@param call table
---@param digest fun(value: any): string
---@return string? problem
function M.read(call, digest)
  local rows = call.row.form
  call.parts = call.parts or mislabelled_parts(call, digest)
  call.entry.parts = call.parts
  if not call.parts then return not_a_form(call) end
  if not call.parts.is_whole then return "the multipart body is not whole" end
  call.body = {}
  for _, part in ipairs(call.parts) do
    local row = part.name and row_of(rows, part.name)
    if row then
      local problem = read_part(call, part, row)
      if problem then return problem end
    end
  end
  for _, row in ipairs(rows) do
    if row.required and call.body[row[1]] == nil then return row[1] .. " is required" end
  end
end

return M
