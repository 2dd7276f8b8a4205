-- SPDX-License-Identifier: MIT
--
-- cli.http_reader: one HTTP/1.1 request from the bytes of a connection, for
-- `aistudios listen`. Keeps head and body as they came, so that they can be
-- handed on unchanged. Knows no sockets; everything it keeps has a bound.

local trim = require "aistudios.util.trim"

local M = {}

local MOST_HEAD = 64 * 1024
local MOST_BODY = 256 * 1024
local MOST_LINE = 1024 -- before a chunk

---@class aistudios.cli.HttpRequest
---@field method string
---@field target string     path and query, as they came
---@field lines string[]    the header lines, as they came
---@field headers table<string, string>  by lower-case name; the last of several
---@field body string       without the framing of chunks
---@field raw_body string   as it came

---@class aistudios.cli.HttpReader
local Reader = { __name = "aistudios.cli.http_reader" }
Reader.__index = Reader

---@return aistudios.cli.HttpReader
function M.new()
  return setmetatable({ buffer = "", pieces = {}, at = 1 }, Reader)
end

-- Of lines that end with CR and LF each.
local function read_lines(head)
  local lines, headers, lengths, at = {}, {}, {}, 1
  while at <= #head do
    local stop = head:find("\r\n", at, true)
    local line = head:sub(at, stop - 1)
    local name, value = line:match "^([%w!#$%%&'*+.^_`|~-]+):(.*)$"
    if not name or value:find "[%z\1-\8\10-\31\127]" then return nil end
    name, value = name:lower(), trim(value)
    lines[#lines + 1] = line
    headers[name] = value
    if name == "content-length" then lengths[value] = true end
    at = stop + 2
  end
  local is_clear = next(lengths) == nil or next(lengths, next(lengths)) == nil
  return is_clear and lines, headers
end

--- Reads the head, once it is whole.
local function read_head(self)
  local stop = select(2, self.buffer:find("\r\n\r\n", 1, true))
  if not stop then return #self.buffer > MOST_HEAD and 431 or nil end
  if stop > MOST_HEAD then return 431 end
  local first, rest = self.buffer:sub(1, stop - 2):match "^(.-\r\n)(.*)$"
  local method, target, version = first:match "^(%u+) ([^%c ]+) HTTP/1%.([01])\r\n$"
  local lines, headers
  if method then lines, headers = read_lines(rest) end
  if not lines then return 400 end
  local length, coding = headers["content-length"], headers["transfer-encoding"]
  if coding and (length or version == "0") then return 400 end
  if coding and coding:lower() ~= "chunked" then return 501 end
  if length and not length:find "^%d+$" then return 400 end
  self.request = { method = method, target = target, lines = lines, headers = headers }
  self.is_chunked, self.length = coding ~= nil, tonumber(length) or 0
  if self.length > MOST_BODY then return 413 end
  self.body_at, self.at = stop + 1, stop + 1
end

-- Reads the trailers behind the last chunk, the data of which would begin at `data`.
local function read_trailers(self, data)
  local stop = self.buffer:match("^\r\n()", data)
    or self.buffer:match("\r\n\r\n()", data)
  if (stop or #self.buffer) - data > MOST_HEAD then return 431 end
  self.at = stop or self.at
  return stop and "end" or "more"
end

--- Reads the next chunk. Returns "more" when there is none yet, "end" behind
--- the last, or the status of a mistake. What it says of some bytes is the same in
--- whatever portions they come.
local function read_chunk(self)
  local stop = self.buffer:find("\n", self.at, true)
  if (stop and stop - 1 or #self.buffer) - self.at > MOST_LINE then return 400 end
  if not stop then return "more" end
  local size, data = self.buffer:sub(self.at, stop):match "^(%x+)[^\r\n]*\r\n$", stop + 1
  if not size then return 400 end
  size = #size <= 8 and tonumber(size, 16) or MOST_BODY + 1
  local sum = self.length + size
  if sum > MOST_BODY or self.at - self.body_at > 2 * MOST_BODY then return 413 end
  if size == 0 then return read_trailers(self, data) end
  if #self.buffer < data + size + 1 then return "more" end
  if self.buffer:sub(data + size, data + size + 1) ~= "\r\n" then return 400 end
  self.pieces[#self.pieces + 1] = self.buffer:sub(data, data + size - 1)
  self.length, self.at = sum, data + size + 2
end

local function read_body(self)
  if self.is_chunked then
    local state
    repeat state = read_chunk(self) until state
    return state
  end
  if #self.buffer < self.body_at + self.length - 1 then return "more" end
  self.at = self.body_at + self.length
  self.pieces[1] = self.buffer:sub(self.body_at, self.at - 1)
  return "end"
end

--- Takes bytes in.
---@param bytes string
---@return aistudios.cli.HttpRequest? request  once it is whole
---@return integer? status  of the answer to what is no request
function Reader:feed(bytes)
  self.buffer = self.buffer .. bytes
  if not self.request then
    local status = read_head(self)
    if status or not self.request then return nil, status end
  end
  local state = read_body(self)
  if state == "more" then return nil end
  if state ~= "end" then return nil, state end
  local request = self.request
  request.body = table.concat(self.pieces)
  request.raw_body = self.buffer:sub(self.body_at, self.at - 1)
  return request
end

--- Does the client wait to be asked for the body?
---@return boolean
function Reader:wants_continue()
  local expect = self.request and self.request.headers.expect
  return expect ~= nil and expect:lower() == "100-continue"
end

return M
