-- SPDX-License-Identifier: MIT
--
-- diff: the changes between two projects, by path. The items of a list are
-- matched by id when all have one, so that an inserted clip is one change; else
-- by index, counted from the end where the ends of the two lists are equal. So are
-- scenes that differ by their place alone: in `sceneIdx`, and in the builder's ids.

local json = require "aistudios.json"
local matching = require "aistudios.project.matching"
local paths = require "aistudios.project.paths"

---@class aistudios.Change
---@field path string  in the second project; of what was removed, in the first
---@field kind "added"|"removed"|"changed"|"moved"
---@field from any     the value in the first project; of `moved`, the place
---@field to any       the value in the second project; of `moved`, the place
local Change = { __name = "aistudios.change" }
Change.__index = Change

local MAX_DEPTH = 128
local MAX_SHOWN = 60 -- bytes of a text

local function show(value)
  local kind = type(value)
  if kind == "string" then
    local head = #value > MAX_SHOWN and value:sub(1, MAX_SHOWN) .. "..." or value
    return ('"%s"'):format((head:gsub("[%c\"\\\128-\255]", function (one)
      if one >= "\128" then return utf8.len(head) and one or "?" end
      return one == "\n" and "\\n" or (one == '"' or one == "\\") and "\\" .. one or " "
    end)))
  end
  if kind == "table" then return next(value) and "{...}" or json.encode(value) end
  if value == json.null then return "null" end
  return kind == "number" and json.encode(value) or tostring(value)
end

--- One line, e.g. `scenes[1].name: "a" -> "b"`.
function Change:__tostring()
  local path = self.path == "" and "project" or self.path
  if self.kind == "added" then return ("%s: added %s"):format(path, show(self.to)) end
  if self.kind == "removed" then return ("%s: removed %s"):format(path, show(self.from)) end
  if self.kind == "moved" then
    return ("%s: moved from place %d"):format(path, self.from)
  end
  return ("%s: %s -> %s"):format(path, show(self.from), show(self.to))
end

local compare

local function add(changes, path, kind, from, to)
  changes[#changes + 1] =
    setmetatable({ path = path, kind = kind, from = from, to = to }, Change)
end

local function compare_by_id(changes, path, a, b, in_a, in_b, depth)
  for i, item in ipairs(a) do
    if not in_b[item.id] then add(changes, paths.join(path, i), "removed", item, nil) end
  end
  local last = 0 -- place in `a` of the item before
  for j, item in ipairs(b) do
    local i = in_a[item.id]
    if not i then
      add(changes, paths.join(path, j), "added", nil, item)
    else
      if i < last then add(changes, paths.join(path, j), "moved", i, j) end
      last = math.max(last, i)
      compare(changes, paths.join(path, j), a[i], item, depth + 1)
    end
  end
end

-- How many items at the ends of two lists are the same.
local function same_end(changes, a, b, n, m, depth)
  local found = { met = changes.met, is_trial = true }
  for count = 0, math.min(n, m) - 1 do
    found.from, found.to = n - count, m - count
    compare(found, "", a[n - count], b[m - count], depth + 1)
    if found[1] then return count end
  end
  return math.min(n, m)
end

-- Does a scene have this value because of its place, which is another one there?
local function is_of_place(trial, path, a, b)
  if path == "sceneIdx" then return a == trial.from - 1 and b == trial.to - 1 end
  if type(a) ~= "string" or type(b) ~= "string" or not path:find "^clips%[%d+%]%.id$" then
    return false
  end
  local kind, place, rest = a:match "^(%a+)%-(%d+)(%-%d+x*)$"
  return place == ("%d"):format(trial.from)
    and b == ("%s-%d%s"):format(kind, trial.to, rest)
end

local function compare_by_place(changes, path, a, b, n, m, depth)
  local same = n ~= m and same_end(changes, a, b, n, m, depth) or 0
  for i = 1, math.max(n, m) - same do
    if i > m - same then
      add(changes, paths.join(path, i), "removed", a[i], nil)
    elseif i > n - same then
      add(changes, paths.join(path, i), "added", nil, b[i])
    else
      compare(changes, paths.join(path, i), a[i], b[i], depth + 1)
    end
  end
end

-- What a table shows under a key; of a builder its fields alone.
local function member(t, key)
  local meta = getmetatable(t)
  if type(meta) == "table" and meta.__pairs then return t[key] end
  return rawget(t, key)
end

local function is_same(a, b)
  return rawequal(a, b) or a == b or a ~= a and b ~= b
end

local function compare_members(changes, path, a, b, depth)
  for key, value in pairs(a) do
    local other = member(b, key)
    if other == nil then
      add(changes, paths.join(path, key), "removed", value, nil)
    else
      compare(changes, paths.join(path, key), value, other, depth + 1)
    end
  end
  for key, value in pairs(b) do
    if member(a, key) == nil then add(changes, paths.join(path, key), "added", nil, value) end
  end
end

-- Two tables that are the same are compared once: `changes.met` holds for them,
-- and while they are compared, "same"; otherwise "different", which is all that
-- a trial wants to know.
function compare(changes, path, a, b, depth)
  if type(a) ~= "table" or type(b) ~= "table" then
    if not (is_same(a, b) or changes.is_trial and is_of_place(changes, path, a, b)) then
      add(changes, path, "changed", a, b)
    end
    return
  end
  local met = changes.met[a] or {}
  if rawequal(a, b) or depth > MAX_DEPTH or met[b] == "same" then return end
  if changes.is_trial and met[b] then return add(changes, path, "changed", a, b) end
  changes.met[a], met[b] = met, "same"
  local before, n, m = #changes, matching.length(a), matching.length(b)
  local in_a, in_b
  if not changes.is_trial then in_a, in_b = matching.by_id(a, b) end
  if in_a then
    compare_by_id(changes, path, a, b, in_a, in_b, depth)
  elseif n and m then
    compare_by_place(changes, path, a, b, n, m, depth)
  elseif next(a) == nil and next(b) == nil and getmetatable(a) ~= getmetatable(b) then
    add(changes, path, "changed", a, b) -- [] and {}
  else
    compare_members(changes, path, a, b, depth)
  end
  if #changes > before then met[b] = "different" end
end

--- What changed from one project to another; empty when nothing did. Numbers
--- are compared by value, 1 and 1.0 are the same.
---@param a table
---@param b table
---@return aistudios.Change[]
return function (a, b)
  local changes = { met = {} }
  compare(changes, "", a, b, 0)
  changes.met = nil
  return paths.sort(changes)
end
