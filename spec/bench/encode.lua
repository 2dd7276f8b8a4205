-- SPDX-License-Identifier: MIT
--
-- encode: the seed project as JSON text and back, beside lua-cjson and dkjson in
-- the same run. Rounds of all alternate, and the least of each counts, so that
-- what else the machine does weighs on none.

local aistudios = require "aistudios"
local cjson = require "cjson"
local common = require "spec.bench.common"
local core = require "aistudios.core"
local dkjson = require "dkjson"

local ROUNDS, CALLS = 25, 4000

local project = dofile "spec/fixtures/hello.lua"
local text = aistudios.encode(project)

-- The same with another library's null.
local function with_null(value, null)
  if value == aistudios.null then return null end
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, member in pairs(value) do copy[key] = with_null(member, null) end
  return copy
end

-- CPU seconds of one call.
local function round(row)
  local count = CALLS // row.slower
  local start = os.clock()
  for _ = 1, count do row.f(row.value) end
  return (os.clock() - start) / count
end

local function measure(rows)
  for _, row in ipairs(rows) do row.seconds = {} end
  for i = 1, ROUNDS do
    for _, row in ipairs(rows) do row.seconds[i] = round(row) end
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

local function row(name, f, value, slower)
  return { name = name, f = f, value = value, slower = slower or 1 }
end

local cjson_encode, encode = row("lua-cjson encode", cjson.encode, project),
  row("aistudios.encode", aistudios.encode, project)
local marshal, dkjson_encode = row("core.marshal", core.marshal, project),
  row("dkjson encode", dkjson.encode, with_null(project, dkjson.null), 20)
local cjson_decode, decode = row("lua-cjson decode", cjson.decode, text),
  row("aistudios.decode", aistudios.decode, text)
local dkjson_decode = row("dkjson decode", dkjson.decode, text, 20)
local rows = { cjson_encode, encode, marshal, dkjson_encode, cjson_decode, decode, dkjson_decode }
measure(rows)

print(("the seed project, %d bytes"):format(#text))
for _, each in ipairs(rows) do
  print(("  %-18s %7.2f us"):format(each.name, math.min(table.unpack(each.seconds)) * 1e6))
end
common.ratio("encode / lua-cjson", encode.seconds, cjson_encode.seconds, 0.25)
common.ratio("encode / dkjson", encode.seconds, dkjson_encode.seconds)
common.ratio("decode / lua-cjson", decode.seconds, cjson_decode.seconds, 1)
common.ratio("decode / dkjson", decode.seconds, dkjson_decode.seconds)
local ours, all = changed(aistudios.encode)
common.figure(("numbers changed by encode, of %d"):format(all), ours, 0, "numbers")
common.figure(("numbers changed by lua-cjson, of %d"):format(all), (changed(precise.encode)), nil,
  "numbers")
