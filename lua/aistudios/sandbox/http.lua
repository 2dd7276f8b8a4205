-- SPDX-License-Identifier: MIT
--
-- http: targets and ranges.

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
