-- SPDX-License-Identifier: MIT
--
-- http: targets, paths and ranges.

local url = require "aistudios.util.url"

local M = {}

--- Takes a request's target apart. The path keeps its escapes.
---@param target string
---@return string path
---@return table<string, string> query
function M.parse_target(target)
  local path, query = target:match "^([^?#]*)%??([^#]*)"
  return path, url.parse_query(query)
end

--- A route for a path with {names} for what varies.
---@param path string
---@return { pattern: string, keys: string[] }
function M.route(path)
  local keys = {}
  local pattern = path:gsub("[%-%.]", "%%%0"):gsub("{([%w_]+)}", function (key)
    keys[#keys + 1] = key
    return "([^/]+)"
  end)
  return { pattern = "^" .. pattern .. "$", keys = keys }
end

--- What varies in the path of a request, by name; nil: it is another path.
---@param route { pattern: string, keys: string[] }
---@param path string  as it came
---@return table<string, string>? parameters
function M.match(route, path)
  local values = { path:match(route.pattern) }
  if not values[1] then return nil end
  local parameters = {}
  for i, key in ipairs(route.keys) do parameters[key] = url.unescape(values[i]) end
  return parameters
end

--- What a Range header asks for.
---@param header? string
---@param size integer   of the whole
---@return integer? from   nil: the whole
---@return integer? to     inclusive; nil with a `from`: the range is not to be had
function M.parse_range(header, size)
  if not header then return nil end
  local first, last = header:match "^%s*bytes%s*=%s*(%d*)%s*%-%s*(%d*)%s*$"
  if not first or (first == "" and last == "") then return nil end
  local from, to = math.tointeger(tonumber(first)), math.tointeger(tonumber(last))
  if first == "" then
    if not to or to == 0 or size == 0 then return 0, nil end
    return math.max(size - to, 0), size - 1
  end
  if last ~= "" and to and to < from then return nil end
  if from >= size then return from, nil end
  return from, math.min(to or size - 1, size - 1)
end

return M
