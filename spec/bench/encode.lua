-- SPDX-License-Identifier: MIT
--
-- encode: the seed project as JSON text, beside lua-cjson in the same run.
-- Rounds of both alternate, and the best round of each counts, so that what
-- else the machine does weighs on neither.  lua5.4 spec/bench/encode.lua

local cjson = require "cjson"
local aistudios = require "aistudios"
local core = require "aistudios.core"

local ROUNDS, CALLS = 25, 4000
local GOAL = 0.25

local project = dofile "spec/fixtures/hello.lua"

-- CPU seconds of one call.
local function round(f, value)
  local start = os.clock()
  for _ = 1, CALLS do f(value) end
  return (os.clock() - start) / CALLS
end

local function best(rows)
  for _ = 1, ROUNDS do
    for _, row in ipairs(rows) do
      row.seconds = math.min(row.seconds or math.huge, round(row.f, row.value))
    end
  end
end

-- How many numbers of the project another reader gets back changed.
local function changed(encode)
  local count, all = 0, 0
  local function compare(a, b)
    for key, value in pairs(a) do
      if type(value) == "table" then
        compare(value, b[key])
      elseif type(value) == "number" then
        all = all + 1
        if b[key] ~= value then count = count + 1 end
      end
    end
  end
  compare(project, cjson.decode(encode(project)))
  return count, all
end

local precise = cjson.new()
precise.encode_number_precision(14) -- the best that every release has

local text = aistudios.encode(project)
local rows = {
  { name = "lua-cjson encode", f = cjson.encode, value = project },
  { name = "aistudios.encode", f = aistudios.encode, value = project },
  { name = "core.marshal", f = core.marshal, value = project },
  { name = "lua-cjson decode", f = cjson.decode, value = text },
  { name = "aistudios.decode", f = aistudios.decode, value = text },
}
best(rows)
local base = rows[1].seconds

print(("encode of the seed project, %d bytes"):format(#text))
for i, row in ipairs(rows) do
  if i == 4 then base = row.seconds end
  print(("  %-18s %7.2f us   %.3f"):format(row.name, row.seconds * 1e6, row.seconds / base))
end
local ours, all = changed(aistudios.encode)
print(("  numbers changed: aistudios %d, lua-cjson %d, of %d"):format(
  ours, changed(precise.encode), all))
local ratio = rows[2].seconds / rows[1].seconds
print(("  encode / lua-cjson %.3f, goal %.2f: %s"):format(
  ratio, GOAL, ratio <= GOAL and "reached" or "NOT reached"))
