-- SPDX-License-Identifier: MIT
--
-- multipart: from the fields of a multipart call to its parts. Files are only
-- named here; the I/O thread reads them while they are sent.

local core = require "aistudios.core"
local json = require "aistudios.json"
local numbered = require "aistudios.endpoints.numbered"

local M = {}

local MOST_PARTS = 64 -- of a request, as the core has room for

local types = {
  pdf = "application/pdf", txt = "text/plain", mp4 = "video/mp4",
  mov = "video/quicktime", webm = "video/webm", srt = "application/x-subrip",
  ppt = "application/vnd.ms-powerpoint", xls = "application/vnd.ms-excel",
  doc = "application/msword",
  pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

--- A file to be sent; a path alone will do.
---@class aistudios.File
---@field path string
---@field filename? string  what the service is told (the path's last part)
---@field type? string      its media type (from the name's extension)

local function extension(name)
  return (name:match("%.([^./]+)$") or ""):lower()
end

local function file_part(name, file)
  if type(file) == "string" then file = { path = file } end
  local filename = file.filename or file.path:match("([^/]+)$") or file.path
  return {
    name = name, path = core.absolute(file.path) or file.path, filename = filename,
    type = file.type or types[extension(filename)] or "application/octet-stream",
  }
end

--- What stands in the header of a part has no line end and no other control
--- character; all else can be carried.
local function check_labels(file, path)
  local filename = file.filename or path:match("([^/]+)$") or path
  for name, text in pairs { filename = filename, type = file.type } do
    if type(text) ~= "string" then return ("has a %s that is no string"):format(name) end
    if text:find "[\0-\31\127]" then
      return ("has a control character or a line end in its %s; give one without: "
        .. "{ path = ..., %s = ... }"):format(name, name)
    end
  end
end

--- What is wrong with a file as a value; nil when nothing.
---@param rule aistudios.Field
---@param file any
---@return string? message
function M.check_file(rule, file)
  local path = type(file) == "table" and file.path or file
  if type(path) ~= "string" or path == "" or path:find("\0", 1, true) then
    return "must be the path of a file"
  end
  local wrong = check_labels(type(file) == "table" and file or {}, path)
    or select(2, core.absolute(path))
  if wrong then return wrong end
  if not rule.kinds then return nil end
  local name = type(file) == "table" and file.filename or path
  for _, kind in ipairs(rule.kinds) do
    if extension(name) == kind then return nil end
  end
  return "must be a file of the kinds " .. table.concat(rule.kinds, ", ")
end

local function text_of(value)
  local kind = type(value)
  return (kind == "table" or kind == "number") and core.encode(value) or tostring(value)
end

--- The parts of a form, in the order of their names.
---@param row aistudios.Row
---@param body table  changed
---@return table[]? parts
---@return string? field    the one that cannot be sent
---@return string? message
function M.parts(row, body)
  numbered.spread(row, body)
  local names, parts = {}, {}
  for name in pairs(body) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local value, rule = body[name], numbered.rule(row, name)
    if value ~= json.null and rule and rule.type == "file" then
      local files = rule.is_repeated and type(value) == "table"
        and not value.path and value or { value }
      for _, file in ipairs(files) do parts[#parts + 1] = file_part(name, file) end
    elseif value ~= json.null then
      local text, message = text_of(value)
      if not text then return nil, name, message end
      parts[#parts + 1] = { name = name, value = text }
    end
    if #parts > MOST_PARTS then
      return nil, name, ("is too much for one request, which has %d files and other fields at "
        .. "most: use several"):format(MOST_PARTS)
    end
  end
  return parts
end

return M
