-- SPDX-License-Identifier: MIT
--
-- unencodable: every value of a project that has no JSON form. The encoder stops
-- at the first one. So each table that it refuses is encoded again: its keys
-- alone, and each member by itself.

local join = require "aistudios.project.paths".join
local json = require "aistudios.json"

local math_type = math.type

---@return aistudios.Problem?  nil when the value can be encoded
local function problem_of(value)
  local _, err = json.encode(value)
  return err and err.problems[1]
end

-- The path of the value at `inner` within the value at `path`.
local function append(path, inner)
  if path == "" or inner == "" or inner:find "^%[" then return path .. inner end
  return path .. "." .. inner
end

-- The keys of a table in an order that is the same each time.
local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys, function (a, b)
    if math_type(a) and math_type(b) then return a < b end
    return tostring(a) < tostring(b)
  end)
  return keys
end

-- A table with the keys and the list or object mark of another.
local function with_keys_of(t, keys)
  local copy, meta = {}, getmetatable(t)
  for _, key in ipairs(keys) do copy[key] = true end
  return meta and not meta.__index and setmetatable(copy, meta) or copy
end

-- Reports the keys of a table that JSON cannot have; true when there were some.
local function check_keys(refuse, path, t, keys)
  local good = {}
  for _, key in ipairs(keys) do
    local problem = not math_type(key) and problem_of { [key] = true }
    if problem then
      refuse(append(path, problem.path), problem.message, key)
    else
      good[#good + 1] = key
    end
  end
  local problem = problem_of(with_keys_of(t, good))
  if problem then refuse(append(path, problem.path), problem.message, problem.value) end
  return problem ~= nil or #good < #keys
end

-- Does `pairs` show the table's own members?
local function is_raw(t)
  local meta = getmetatable(t)
  return meta == nil or type(meta) == "table" and not meta.__pairs
end

---@class aistudios.project.EncodeWalk
---@field refuse aistudios.project.Warn
---@field around table<table, true>  the tables around the current value
---@field known table<table, true>   tables that are done

local DEEPEST = 128 -- levels that JSON may have; what is deeper is not looked at

---@param walk aistudios.project.EncodeWalk
local function check(walk, path, value, depth)
  if walk.around[value] then
    return walk.refuse(path, "the table contains itself", value)
  end
  local problem = not walk.known[value] and problem_of(value)
  if not problem or depth > DEEPEST then return end
  if type(value) ~= "table" or not is_raw(value) then
    return walk.refuse(append(path, problem.path), problem.message, problem.value)
  end
  local keys = sorted_keys(value)
  local was_reported = check_keys(walk.refuse, path, value, keys)
  if problem.path == "" and not was_reported then -- as a whole: it is too large
    return walk.refuse(path, problem.message, problem.value)
  end
  walk.known[value], walk.around[value] = true, true
  for _, key in ipairs(keys) do check(walk, join(path, key), value[key], depth + 1) end
  walk.around[value] = nil
end

--- Reports each value of a project that has no JSON form; of one that is nested too
--- deep, what is within the levels that JSON may have.
---@param refuse aistudios.project.Warn
---@param project table
return function (refuse, project)
  local problem, is_found = problem_of(project), false
  if not problem then return end
  local function note(...)
    is_found = true
    refuse(...)
  end
  check({ refuse = note, around = {}, known = {} }, "", project, 1)
  if not is_found then refuse(problem.path, problem.message, problem.value) end -- too deep
end
