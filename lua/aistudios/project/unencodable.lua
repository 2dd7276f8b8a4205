-- SPDX-License-Identifier: MIT
--
-- unwritable: every value of a project that has no JSON form. The writer stops
-- at the first that it meets, so it is asked again about each table that it does
-- not write: about its keys alone, and about each member.

local join = require "aistudios.project.paths"
local json = require "aistudios.json"

local math_type = math.type

-- What the writer says of a value, if anything.
---@return aistudios.Problem?
local function judge(value)
  local _, err = json.encode(value)
  return err and err.problems[1]
end

-- The path of what lies at `inner` of the value at `path`.
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

-- A table with the keys and the mark of another.
local function shell_of(t, keys)
  local shell, meta = {}, getmetatable(t)
  for _, key in ipairs(keys) do shell[key] = true end
  return meta and not meta.__index and setmetatable(shell, meta) or shell
end

-- What is wrong with the keys of a table; how many are no keys of JSON.
local function look_at_keys(refuse, path, t, keys)
  local good = {}
  for _, key in ipairs(keys) do
    local problem = not math_type(key) and judge { [key] = true }
    if problem then
      refuse(append(path, problem.path), problem.message, key)
    else
      good[#good + 1] = key
    end
  end
  local problem = judge(shell_of(t, good))
  if problem then refuse(append(path, problem.path), problem.message, problem.value) end
  return problem ~= nil or #good < #keys
end

-- Is what `pairs` shows of a table what lies in it?
local function is_raw(t)
  local meta = getmetatable(t)
  return meta == nil or type(meta) == "table" and not meta.__pairs
end

---@class aistudios.project.Unwritable
---@field refuse aistudios.project.Warn
---@field around table<table, true>  the tables that are looked into
---@field known table<table, true>   tables that were looked into

---@param walk aistudios.project.Unwritable
local function look(walk, path, value)
  if walk.around[value] then
    return walk.refuse(path, "the table contains itself", value)
  end
  local problem = not walk.known[value] and judge(value)
  if not problem then return end
  if type(value) ~= "table" or not is_raw(value) then
    return walk.refuse(append(path, problem.path), problem.message, problem.value)
  end
  local keys = sorted_keys(value)
  local has_said = look_at_keys(walk.refuse, path, value, keys)
  if problem.path == "" and not has_said then -- as a whole: it is too large
    return walk.refuse(path, problem.message, problem.value)
  end
  walk.known[value], walk.around[value] = true, true
  for _, key in ipairs(keys) do look(walk, join(path, key), value[key]) end
  walk.around[value] = nil
end

--- Says of each value of a project that it has no JSON form.
---@param refuse aistudios.project.Warn
---@param project table
return function (refuse, project)
  local problem, found = judge(project), false
  if not problem then return end
  local function note(...)
    found = true
    refuse(...)
  end
  look({ refuse = note, around = {}, known = {} }, "", project)
  if not found then refuse(problem.path, problem.message, problem.value) end -- too deep
end
