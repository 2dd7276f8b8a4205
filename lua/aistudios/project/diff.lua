-- SPDX-License-Identifier: MIT
--
-- diff: the changes between two projects, by path. The items of a list are
-- matched by id when all have one, so that an inserted clip is one change; else
-- by what they contain. What scenes have by their place alone, `sceneIdx` and the
-- builder's ids, is no change where they are at another place.

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

-- An id that the builder gives to a clip of one scene, as it gives it to that of another.
local function id_at(id, from, to)
  local kind, place, rest = matching.builder_id(id)
  return place == ("%d"):format(from) and ("%s-%d%s"):format(kind, to, rest) or nil
end

-- The path behind that of the item that is compared, when it is at another place.
local function path_in_moved(changes, path)
  local moved = changes.moved
  if moved and path:sub(1, #moved.path) == moved.path then
    return path:sub(#moved.path + 1):gsub("^%.", ""), moved
  end
end

-- Does a scene have this value because of its place, which is another one there?
local function is_of_place(changes, path, a, b)
  local rest, moved = path_in_moved(changes, path)
  if rest == "sceneIdx" then return a == moved.from - 1 and b == moved.to - 1 end
  return rest ~= nil and type(a) == "string" and type(b) == "string"
    and rest:find "^clips%[%d+%]%.id$" ~= nil and id_at(a, moved.from, moved.to) == b
end

-- Compares two items of lists, which may be at different places.
local function compare_items(changes, path, a, b, from, to, depth)
  local outer = changes.moved
  if from ~= to and not outer then changes.moved = { path = path, from = from, to = to } end
  compare(changes, path, a, b, depth + 1)
  changes.moved = outer
end

local function compare_matched(changes, path, a, b, n, m, matched, depth)
  local is_kept = {}
  for _, i in pairs(matched) do is_kept[i] = true end
  for i = 1, n do
    if not is_kept[i] then add(changes, paths.join(path, i), "removed", a[i], nil) end
  end
  local last = 0 -- place in `a` of the item before
  for j = 1, m do
    local i = matched[j]
    if not i then
      add(changes, paths.join(path, j), "added", nil, b[j])
    else
      if i < last then add(changes, paths.join(path, j), "moved", i, j) end
      last = math.max(last, i)
      compare_items(changes, paths.join(path, j), a[i], b[j], i, j, depth)
    end
  end
end

local function by_content(changes, a, b, n, m, depth)
  return matching.by_content(a, b, n, m, function (i, j)
    local found = { met = changes.met, is_trial = true }
    compare_items(found, "", a[i], b[j], i, j, depth)
    return not found[1]
  end)
end

-- Compares lists of `n` and `m` items. All that a trial wants to know of them is whether
-- they are the same.
local function compare_lists(changes, path, a, b, n, m, depth)
  if changes.is_trial then
    if n ~= m then return add(changes, path, "changed", a, b) end
    for i = 1, n do compare(changes, paths.join(path, i), a[i], b[i], depth + 1) end
    return
  end
  local rest, moved = path_in_moved(changes, path)
  local matched = matching.by_id(a, b, rest == "clips" and function (id)
    return id_at(id, moved.from, moved.to)
  end or nil) or by_content(changes, a, b, n, m, depth)
  if path == "scenes" then changes.scenes = matched end
  compare_matched(changes, path, a, b, n, m, matched, depth)
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
  if changes.is_trial and changes[1] then return end
  if type(a) ~= "table" or type(b) ~= "table" then
    if not (is_same(a, b) or is_of_place(changes, path, a, b)) then
      add(changes, path, "changed", a, b)
    end
    return
  end
  local met = changes.met[a] or {}
  if rawequal(a, b) or depth > MAX_DEPTH or met[b] == "same" then return end
  if changes.is_trial and met[b] then return add(changes, path, "changed", a, b) end
  changes.met[a], met[b] = met, "same"
  local before, n, m = #changes, matching.length(a), matching.length(b)
  if n and m then
    compare_lists(changes, path, a, b, n, m, depth)
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
---@return aistudios.Change[] changes
---@return table<integer, integer> scenes  the places in the first project of the second's
--- scenes
return function (a, b)
  local changes = { met = {} }
  compare(changes, "", a, b, 0)
  local scenes = changes.scenes or {}
  changes.met, changes.scenes = nil, nil
  return paths.sort(changes), scenes
end
