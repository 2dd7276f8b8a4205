-- SPDX-License-Identifier: MIT
--
-- public_url: can the service fetch this address? It cannot reach files of this
-- machine, nor hosts of a private network. Names are not resolved.

local function starts(text, prefix) return text:sub(1, #prefix) == prefix end

-- IPv4 networks that are not public: first number, and the range of the second.
local private = {
  [0] = { 0, 255 }, [10] = { 0, 255 }, [100] = { 64, 127 }, [127] = { 0, 255 },
  [169] = { 254, 254 }, [172] = { 16, 31 }, [192] = { 168, 168 },
}

local function ipv4_problem(a, b)
  local range = private[a]
  if not range or b < range[1] or b > range[2] then return nil end
  return a == 127 and "is this machine's own address" or "is a private address"
end

local function ipv6_problem(address)
  address = address:lower()
  if address:find "^[0:]*:0*1$" then return "is this machine's own address" end
  if address:find "^[0:]*$" then return "is no address of a host" end
  local a, b = address:match "^::ffff:(%d+)%.(%d+)%.%d+%.%d+$"
  if a then return ipv4_problem(tonumber(a), tonumber(b)) end
  if address:find "^f[cd]" or address:find "^fe[89ab]" then
    return "is a private address"
  end
end

local function host_problem(host)
  local literal = host:match "^%[(.*)%]$"
  if literal then return ipv6_problem(literal) end
  local a, b = host:match "^(%d+)%.(%d+)%.%d+%.%d+$"
  if a then return ipv4_problem(tonumber(a), tonumber(b)) end
  local name = host:lower():gsub("%.$", "")
  if name == "localhost" or name:find "%.localhost$" then
    return "is this machine's own name"
  elseif name:find "%.local$" or name:find "%.internal$"
      or name:find "%.lan$" or name:find "%.home%.arpa$" then
    return "is a name of a private network"
  elseif not name:find(".", 1, true) then
    return "is no public name"
  end
end

--- Why the service cannot fetch `url`.
---@param url string
---@param site? boolean  a path on the service's own site is allowed, and ""
---@return string? message  nil when it can
return function (url, site)
  if url == "" then return not site and "is empty" or nil end
  local scheme, rest = url:match "^(%a[%w+.-]*):(.*)$"
  if not scheme then
    if site and url:find "^/[^/]" then return nil end
    return "is not an address that starts with https:// or http://"
  end
  scheme = scheme:lower()
  if scheme == "file" then
    return "is a file of this machine; the service cannot fetch it"
  elseif scheme ~= "https" and scheme ~= "http" or not starts(rest, "//") then
    return "is not an address that starts with https:// or http://"
  end
  if url:find "[%c ]" then
    return "has a blank or a control character in it; write %20 for a blank"
  end
  local authority = rest:match "^//([^/?#]*)":gsub("^.*@", "")
  local host, port = authority:match "^(.-):(%d*)$"
  if not host or host:find "^%[[^%]]*$" then host, port = authority, nil end
  if host == "" then return "names no host" end
  local why = host_problem(host)
  if why then return ("the service cannot fetch it: %s %s"):format(host, why) end
  if tonumber(port) and tonumber(port) > 65535 then
    return ("names the port %s; the last one is 65535"):format(port)
  end
end
