-- SPDX-License-Identifier: MIT
--
-- matching: which item of a list is which of another one: the one with its id when all
-- items of both have an id of their own; else, in their order, the one that has most in
-- common with it.

local M = {}

--- How many items a list has; nil when it is none, or empty.
---@param list table
---@return integer?
function M.length(list)
  local count, keys = 0, 0
  for i in ipairs(list) do count = i end
  if count == 0 then return nil end
  for _ in pairs(list) do keys = keys + 1 end
  return keys == count and count or nil
end

-- Places by id, as `name` has it; nil unless it is a list whose items all have their own.
local function places(list, name)
  if not M.length(list) then return nil end
  local found = {}
  for i, item in ipairs(list) do
    local id = type(item) == "table" and type(item.id) == "string" and name(item.id)
    if not id or found[id] then return nil end
    found[id] = i
  end
  return found
end

local function itself(id) return id end

--- The places in the first list of the second one's items; nil when they are not matched
--- by id.
---@param a table
---@param b table
---@param rename? fun(id: string): string  an id of the first list as the second may have it
---@return table<integer, integer>?
function M.by_id(a, b, rename)
  local in_b = places(b, itself)
  local in_a = in_b and places(a, function (id)
    return in_b[id] and id or rename and rename(id) or id
  end)
  if not in_a then return nil end
  local matched = {}
  for id, j in pairs(in_b) do matched[j] = in_a[id] end
  return matched
end

local MOST_FEATURES, MOST_DEPTH = 5000, 16 -- of an item that are looked at

--- The parts of an id that the builder gives to a clip: its kind, the place of its scene,
--- and the rest; nil of any other id.
---@param id string
---@return string? kind
---@return string? place
---@return string? rest
function M.builder_id(id) return id:match "^(%a+)%-(%d+)(%-%d+x*)$" end

-- What a scene and its clips have by their place alone.
local function is_of_place(key, value)
  return key == "sceneIdx"
    or key == "id" and type(value) == "string" and M.builder_id(value) ~= nil
end

-- Adds what an item says: a field with its value, or with each word of its text.
local function add_features(found, key, value, depth)
  if found.count > MOST_FEATURES or depth > MOST_DEPTH or is_of_place(key, value) then return end
  found.count = found.count + 1
  if type(value) == "table" then
    if found.seen[value] then return end
    found.seen[value] = true
    for name, member in pairs(value) do
      add_features(found, type(name) == "string" and name or key, member, depth + 1)
    end
  elseif type(value) == "string" then
    for _, pattern in ipairs { "%w+", "[\xC2-\xF4][\x80-\xBF]+" } do
      for word in value:gmatch(pattern) do found.all[key .. "=" .. word] = true end
    end
  else
    found.all[key .. "=" .. tostring(value)] = true
  end
end

-- The items from `first` to `last` that have each feature.
local function items_by_feature(list, first, last)
  local items = {}
  for i = first, last do
    local found = { all = {}, seen = {}, count = 0 }
    add_features(found, "", list[i], 0)
    for feature in pairs(found.all) do
      local holders = items[feature] or {}
      items[feature] = holders
      holders[#holders + 1] = i
    end
  end
  return items
end

local MOST_HOLDERS = 400 -- pairs of items with a feature; with more it tells nothing

-- How much two items have in common, by their places: what few others have counts more,
-- and what all have, nothing.
local function likeness(a, b, range)
  local in_b, alike = items_by_feature(b, range.first, range.last_b), {}
  local all = (range.last_a - range.first + 1) * (range.last_b - range.first + 1)
  for i = range.first, range.last_a do alike[i] = {} end
  for feature, holders in pairs(items_by_feature(a, range.first, range.last_a)) do
    local others = in_b[feature] or {}
    local count = #holders * #others
    for n = 1, count <= MOST_HOLDERS and count < all and #holders or 0 do
      local row = alike[holders[n]]
      for _, j in ipairs(others) do row[j] = (row[j] or 0) + 1 / count end
    end
  end
  return alike
end

local PAIRED = 1e-6 -- what a pair counts that has nothing in common

-- Pairs items in their order so that they have most in common.
local function align(matched, alike, range)
  local best = { [range.last_a + 1] = setmetatable({}, { __index = function () return 0 end }) }
  for i = range.last_a, range.first, -1 do
    local row, below, mine = { [range.last_b + 1] = 0 }, best[i + 1], alike[i]
    for j = range.last_b, range.first, -1 do
      row[j] = math.max(row[j + 1], below[j], below[j + 1] + (mine[j] or 0) + PAIRED)
    end
    best[i] = row
  end
  local i, j = range.first, range.first
  while i <= range.last_a and j <= range.last_b do
    local most = best[i][j]
    if most == best[i + 1][j + 1] + (alike[i][j] or 0) + PAIRED then
      matched[j] = i
      i, j = i + 1, j + 1
    elseif most == best[i + 1][j] then
      i = i + 1
    else
      j = j + 1
    end
  end
end

-- Pairs what is the same but has no pair in its order: it was moved.
local function add_moved(matched, alike, range, is_same)
  local is_taken = {}
  for _, i in pairs(matched) do is_taken[i] = true end
  for i = range.first, range.last_a do
    for j = range.first, is_taken[i] and 0 or range.last_b do
      if alike[i][j] and not matched[j] and not is_taken[i] and is_same(i, j) then
        matched[j], is_taken[i] = i, true
      end
    end
  end
end

-- What is left of two lists without what is the same at their ends, which is matched.
local function trim(matched, n, m, is_same)
  local first = 1
  while n > 0 and m > 0 and is_same(n, m) do
    matched[m] = n
    n, m = n - 1, m - 1
  end
  while first <= n and first <= m and is_same(first, first) do
    matched[first] = first
    first = first + 1
  end
  return { first = first, last_a = n, last_b = m }
end

local function are_tables(list, first, last)
  for i = first, last do
    if type(list[i]) ~= "table" then return false end
  end
  return true
end

local MOST_PAIRS = 1000000 -- that are compared; of more, and of values, the place counts

--- The places in the first list of the second one's items, by what they contain.
---@param a table
---@param b table
---@param n integer  M.length of `a`
---@param m integer  of `b`
---@param is_same fun(i: integer, j: integer): boolean  are two items the same?
---@return table<integer, integer>
function M.by_content(a, b, n, m, is_same)
  local matched = {}
  local range = trim(matched, n, m, is_same)
  n, m = range.last_a - range.first + 1, range.last_b - range.first + 1
  if math.max(n, m) > 1 and n > 0 and m > 0 and n * m <= MOST_PAIRS
      and are_tables(a, range.first, range.last_a) and are_tables(b, range.first, range.last_b) then
    local alike = likeness(a, b, range)
    align(matched, alike, range)
    add_moved(matched, alike, range, is_same)
    return matched
  end
  for i = range.first, math.min(range.last_a, range.last_b) do matched[i] = i end
  return matched
end

return M
