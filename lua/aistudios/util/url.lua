-- SPDX-License-Identifier: MIT
--
-- url: parses the addresses of users and servers, and refuses unusual ones
-- before anything is sent. Messages never show the address: it may
-- carry a secret.

local core = require "aistudios.core"
local trim = require "aistudios.util.trim"

local M = {}

local API_PATH = "/api/odin" -- every path of the API begins with it

local function is_port(text)
  local port = math.tointeger(tonumber(text))
  return port and port >= 1 and port <= 65535
end

--- Is it this machine? Only to it credentials may be sent without TLS.
---@param host string
---@return boolean
function M.is_loopback(host)
  return host == "localhost" or host == "[::1]"
      or host:find("^127%.%d+%.%d+%.%d+$") ~= nil
end

---@class aistudios.Url
---@field scheme "http"|"https"
---@field host string      in lower case, an IPv6 address with its brackets
---@field port? string
---@field path string
---@field query string     with its "?", or ""

--- Takes an absolute http or https address apart.
---@param text string
---@return aistudios.Url? url
---@return string? message  what it must be
function M.parse(text)
  if text:find("[\0-\32\127\\]") then return nil, "an address without spaces" end
  local scheme, authority, path, rest =
    text:match("^(%a+)://([^/?#]*)([^?#]*)(.*)$")
  scheme = scheme and scheme:lower()
  if scheme ~= "http" and scheme ~= "https" then
    return nil, "an absolute http:// or https:// address"
  end
  if authority:find("@", 1, true) then
    return nil, "an address without a user name or password in it"
  end
  local host, port = authority:match("^(%[[%x:.]+%]):?(%d*)$")
  if not host then
    host, port = authority:match "^([^:]+):?(.*)$"
    host = host and host:find "^[A-Za-z0-9._-]+$" and port:find "^%d*$" and host
  end
  if not host or (port ~= "" and not is_port(port)) then
    return nil, "an address with a host name and, if any, a valid port"
  end
  return {
    scheme = scheme, host = host:lower(), port = port ~= "" and port or nil,
    path = path, query = rest:match("^(%?[^#]*)") or "",
  }
end

local function escape(char)
  return ("%%%02X"):format(char:byte())
end

--- An address as it came from the service, made fit to be asked for: bytes that no
--- address may hold are percent-encoded, and one without a host is of `base`.
---@param text string
---@param base string  "https://host"
---@return string
function M.tidy(text, base)
  if text:find "%s" then text = trim(text) end
  local origin = base:match "^%a+://[^/]*"
  if text:find "^//" then
    text = base:match "^%a+:" .. text
  elseif text:find "^/" then
    text = origin .. text
  end
  local start, rest = text:match "^(%a+://[^/?#]*)(.*)$"
  if not start then return text end
  rest = rest:gsub("()%%", function (at)
    return rest:find("^%x%x", at + 1) and "%" or "%25"
  end)
  return start .. rest:gsub("[^%w%-._~:/?#%[%]@!$&'()*+,;=%%]", escape)
end

--- The scheme, host and port of an absolute address.
---@param text string
---@return string? origin  "https://host"; nil: it is none
function M.origin(text)
  local url = M.parse(text)
  return url and ("%s://%s%s"):format(url.scheme, url.host, url.port and ":" .. url.port or "")
end

--- The base of all calls: `https://host[:port][/prefix]`, without a slash at
--- the end and without the path that every call adds by itself. The address of
--- an endpoint will do.
---@param text string
---@return string? base
---@return string? message  what it must be
function M.base(text)
  local url, message = M.parse(text)
  if not url then return nil, message end
  if url.query ~= "" or text:find("#", 1, true) then
    return nil, "an address without a query or fragment"
  end
  if url.scheme ~= "https" and not M.is_loopback(url.host) then
    return nil, "an https:// address (credentials go over it)"
  end
  local path = url.path .. "/"
  local at = path:find(API_PATH .. "/", 1, true)
  if at then path = path:sub(1, at - 1) end
  return M.origin(text) .. path:gsub("/+$", "")
end

--- `text` as one segment of a path.
---@param text string
---@return string
function M.segment(text)
  return (text:gsub("[^A-Za-z0-9_~-]", escape))
end

--- The reverse of `segment`: a text without percent-encoding.
---@param text string
---@return string
function M.unescape(text)
  return (text:gsub("%%(%x%x)", function (hex) return string.char(tonumber(hex, 16)) end))
end

--- Reads `name=value&...`; a name without `=` has the value "".
---@param query string  without its "?"
---@return table<string, string>
function M.parse_query(query)
  local found = {}
  for pair in query:gmatch "[^&]+" do
    local name, value = pair:gsub("+", " "):match "^([^=]*)=?(.*)$"
    found[M.unescape(name)] = M.unescape(value)
  end
  return found
end

--- The pairs of a table as a query, in the order of their names. What is no
--- text, number or boolean stays out.
---@param pairs_of table<string, any>
---@return string query  with its "?", or ""
function M.query(pairs_of)
  local list = {}
  for name, value in pairs(pairs_of) do
    local kind = type(value)
    if kind == "number" then value = core.encode(value) or value end
    if kind == "string" or kind == "number" or kind == "boolean" then
      list[#list + 1] = M.segment(name) .. "=" .. M.segment(tostring(value))
    end
  end
  table.sort(list)
  return list[1] and "?" .. table.concat(list, "&") or ""
end

return M
