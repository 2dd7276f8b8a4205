-- Exact JSON: what is written reads back as the same value, and what cannot
-- be JSON is refused with its path.
local cjson = require "cjson"
local core = require "aistudios.core"
local json = require "aistudios.json"
local support = require "spec.support"

local ROUNDS = 20000
local SEED = math.tointeger(os.getenv "AISTUDIOS_SEED") or 20260704

-- A deterministic source of random 64-bit integers; `note` names the seed.
local function source(salt)
  local state = SEED * 0x9E3779B97F4A7C15 + salt
  local function bits() -- splitmix64
    state = state + 0x9E3779B97F4A7C15
    local z = state
    z = (z ~ (z >> 30)) * 0xBF58476D1CE4E5B9
    z = (z ~ (z >> 27)) * 0x94D049BB133111EB
    return z ~ (z >> 31)
  end
  local function below(n)
    return (bits() >> 1) % n
  end
  return { bits = bits, below = below,
    note = ("seed %d, AISTUDIOS_SEED=%d repeats it"):format(SEED, SEED) }
end

local function double_of(bits)
  return (string.unpack("<d", string.pack("<i8", bits)))
end

local function bits_of(double)
  return (string.unpack("<i8", string.pack("<d", double)))
end

-- Fails unless encode refuses `value` with this path and message.
local function refused(value, path, message, options)
  local text, err = json.encode(value, options)
  assert.is_nil(text)
  assert.equal("invalid", err.kind)
  assert.equal("not_sent", err.outcome)
  assert.equal(path, err.problems[1].path)
  assert.truthy(err.problems[1].message:find(message, 1, true),
    err.problems[1].message)
  return err.problems[1]
end

local function nested(depth, wrap)
  local value = 1
  for _ = 1, depth do value = wrap(value) end
  return value
end

local function in_list(value) return { value } end
local function in_object(value) return { a = value } end

describe("numbers", function()
  it("print as integers when they are integers", function()
    assert.equal("0", json.encode(0))
    assert.equal("-1", json.encode(-1))
    assert.equal("9223372036854775807", json.encode(math.maxinteger))
    assert.equal("-9223372036854775808", json.encode(math.mininteger))
    assert.equal("9007199254740993", json.encode(9007199254740993))
  end)

  it("print every count of digits right", function()
    local digits = ""
    for i = 1, 18 do
      digits = digits .. i % 10
      assert.equal(digits, json.encode(math.tointeger(digits)))
      assert.equal("-" .. digits, json.encode(-math.tointeger(digits)))
      local round = "1" .. ("0"):rep(i)
      assert.equal(round, json.encode(math.tointeger(round)))
    end
  end)

  it("print the shortest text that is the same double", function()
    for text, value in pairs {
      ["367.33333333333337"] = 367.33333333333337, ["0.1"] = 0.1, ["0.3"] = 0.3,
      ["0.30000000000000004"] = 0.1 + 0.2, ["5e-324"] = 5e-324,
      ["2.2250738585072014e-308"] = 2.2250738585072014e-308,
      ["2.225073858507201e-308"] = 2.225073858507201e-308,
      ["1.7976931348623157e308"] = 1.7976931348623157e308,
      ["-0.000001"] = -0.000001, ["1e-7"] = 1e-7, ["1.25e-9"] = 1.25e-9,
      ["0.0000012345678901234567"] = 1.2345678901234567e-6,
      ["4503599627370495.5"] = 4503599627370495.5,
      ["9.5367431640625e-7"] = 2.0 ^ -20, ["1.5"] = 1.5, ["123456.789"] = 123456.789,
    } do
      assert.equal(text, json.encode(value))
    end
  end)

  it("print a text that lies in the middle of two doubles for the even one only", function()
    assert.equal("5e22", json.encode(5e22))
    assert.equal("5.0000000000000004e22", json.encode(0x1.52d02c7e14af7p+75))
    assert.equal("7e22", json.encode(7e22))
    assert.equal("6.9999999999999996e22", json.encode(0x1.da56a4b0835bfp+75))
  end)

  it("print integral floats without a fraction", function()
    assert.equal("100", json.encode(100.0))
    assert.equal("-3", json.encode(-3.0))
    assert.equal("9007199254740994", json.encode(9007199254740994.0))
    assert.equal("9223372036854775808", json.encode(2.0 ^ 63))
    assert.equal("301786001216791117824", json.encode(0x1.05c1f412d087p+68))
    assert.equal("100000000000000000000", json.encode(1e20))
    assert.equal("1e21", json.encode(1e21))
    assert.equal("-1.5e300", json.encode(-1.5e300))
  end)

  it("keep the sign of minus zero", function()
    assert.equal("-0", json.encode(-0.0))
    assert.equal("0", json.encode(0.0))
    assert.equal(bits_of(-0.0), bits_of(json.decode "-0"))
  end)

  it("survive as doubles of any bit pattern", function()
    local random, checked = source(1), 0
    for round = 1, ROUNDS do
      local bits = random.bits()
      if round % 4 == 0 then -- near powers of two, where the gaps change
        bits = bits & 0x7FF0000000000000 | random.below(3) - 1 & 0x000FFFFFFFFFFFFF
      elseif round % 4 == 1 then -- what people write
        bits = bits_of((random.below(2000001) - 1000000) / 10.0 ^ random.below(8))
      end
      local value = double_of(bits)
      if value == value and value ~= math.huge and value ~= -math.huge then
        local text = json.encode(value)
        local back = json.decode(text)
        if bits ~= bits_of(tonumber(text) + 0.0) or bits ~= bits_of(back + 0.0) then
          error(("%a became %s; %s"):format(value, text, random.note))
        end
        checked = checked + 1
      end
    end
    assert.is_true(checked > ROUNDS * 0.9)
  end)

  it("have no shorter text, and no nearer one, that is the same double", function()
    local random = source(2)
    for _ = 1, ROUNDS // 4 do
      local value = double_of(random.bits())
      if value == value and math.abs(value) ~= math.huge then
        local digits = #json.encode(value):gsub("^-", ""):gsub("e.*", "")
          :gsub("%.", ""):gsub("^0+", ""):gsub("0+$", "")
        local other = ("%%.%de"):format(math.max(digits - 2, 0)):format(value)
        if digits > 1 and math.abs(value) > 1e22 and tonumber(other) == value then
          error(("%a is also %s; %s"):format(value, other, random.note))
        end
        if digits == 17 and math.abs(value) > 1e22 then
          other = ("%.16e"):format(value)
          assert.equal(other:gsub("e.*", ""), (json.encode(value):gsub("e.*", "")), random.note)
        end
      end
    end
  end)

  it("survive as integers of the whole 64-bit range", function()
    local random = source(3)
    for _ = 1, ROUNDS do
      local value = random.bits() >> random.below(64)
      if random.below(2) == 0 then value = -value end
      local text = json.encode(value)
      local back = json.decode(text)
      if text ~= ("%d"):format(value) or back ~= value or math.type(back) ~= "integer" then
        error(("%d became %s, then %s; %s"):format(value, text, back, random.note))
      end
    end
  end)

  it("that are NaN or infinite are refused", function()
    refused({ a = { 0 / 0 } }, "a[1]", "NaN")
    refused({ a = { 1, math.huge } }, "a[2]", "infinite")
    refused(-math.huge, "", "infinite")
  end)

  it("take no decimal point from the locale", function()
    local before = os.setlocale(nil, "numeric")
    local changed = os.setlocale("de_DE.UTF-8", "numeric")
      or os.setlocale("de_DE.utf8", "numeric") or os.setlocale("C.UTF-8", "numeric")
    local text, back = json.encode(1.5), json.decode "2.5"
    os.setlocale(before, "numeric")
    assert.truthy(changed)
    assert.equal("1.5", text)
    assert.equal(2.5, back)
  end)
end)

describe("the seed project", function()
  local function numbers_of(text)
    local found = {}
    text = text:gsub('"[^"]*"', '""')
    for number in text:gmatch "%-?%d[%d.eE+-]*" do found[#found + 1] = number end
    table.sort(found)
    return found
  end

  it("has each of its 61 numbers as it was printed", function()
    local printed = numbers_of(support.read_file "spec/fixtures/hello-project.json")
    local written = numbers_of(json.encode(support.project()))
    assert.equal(61, #printed)
    assert.same(printed, written)
  end)

  it("reads back value for value", function()
    local text = json.encode(support.project())
    assert.same(support.project(), json.decode(text))
    local original = cjson.decode(support.read_file "spec/fixtures/hello-project.json")
    assert.same(original, cjson.decode(text))
  end)

  it("is the same text after reading and writing it again", function()
    local text = json.encode(support.project(), { sort_keys = true })
    assert.equal(text, json.encode(json.decode(text), { sort_keys = true }))
  end)
end)

describe("strings", function()
  it("are escaped where they must be, and only there", function()
    assert.equal([["\"\\\b\t\n\f\r\u0000\u001f /é€😀]] .. '\127"',
      json.encode '"\\\b\t\n\f\r\0\31 /é€😀\127')
  end)

  it("are escaped at every place of a word", function()
    for length = 0, 40 do
      for at = 1, length do
        local text = ("x"):rep(at - 1) .. "\n" .. ("y"):rep(length - at)
        assert.equal('"' .. text:gsub("\n", "\\n") .. '"', json.encode(text))
        assert.equal('{"' .. text:gsub("\n", "\\n") .. '":1}', json.encode { [text] = 1 })
      end
      assert.equal('"' .. ("z"):rep(length) .. '"', json.encode(("z"):rep(length)))
    end
  end)

  it("of any UTF-8 survive, as values and as names", function()
    local random = source(4)
    local starts = { 0, 0x20, 0x80, 0x800, 0xE000, 0x10000 }
    local ends = { 0x7F, 0x7E, 0x7FF, 0xD7FF, 0xFFFF, 0x10FFFF }
    for _ = 1, ROUNDS // 4 do
      local points = {}
      for i = 1, random.below(24) do
        local kind = random.below(#starts) + 1
        points[i] = utf8.char(starts[kind] + random.below(ends[kind] - starts[kind] + 1))
      end
      local text = table.concat(points)
      local written = json.encode { [text] = text }
      local name, value = next(json.decode(written))
      if name ~= text or value ~= text or not utf8.len(written) then
        error(("%q became %s; %s"):format(text, written, random.note))
      end
    end
  end)

  it("that are not UTF-8 are refused", function()
    for _, bad in ipairs { "\x80", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
      "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF",
      "\xE2\x82", "\xF0\x9F\x98", "\xE2\x28\xA1" } do
      for _, text in ipairs { bad, "a" .. bad, bad .. "b", "0123456789é" .. bad .. "\n" } do
        assert.equal(text, refused({ s = { text } }, "s[1]", "not UTF-8").value)
        assert.is_nil(utf8.len(text))
      end
    end
  end)

  it("are names as they are, whichever names there were before, and were collected", function()
    for round = 1, 10 do
      for i = 1, 300 do
        local name = ("%x"):format(i * round):rep(i % 7 + 1)
        local text = ('{"%s":{"%s":1}}'):format(name, name)
        local pretty = ('{\n  "%s": {\n    "%s": 1\n  }\n}'):format(name, name)
        for _ = 1, 2 do
          assert.equal(text, json.encode { [name] = { [name] = 1 } })
          assert.equal(pretty, json.encode({ [name] = { [name] = 1 } }, { pretty = true }))
        end
      end
      collectgarbage()
    end
  end)

  it("that are no UTF-8 names are refused with a readable path", function()
    assert.equal("a\xFFb", refused({ x = { ["a\xFFb"] = 1 } }, 'x["a?b"]', "not UTF-8").value)
  end)
end)

describe("tables", function()
  it("with keys 1..n are lists", function()
    assert.equal("[1,2,3]", json.encode { 1, 2, 3 })
    assert.equal('[[1],["a"],[true,false]]', json.encode { { 1 }, { "a" }, { true, false } })
    local filled_backwards = {}
    for i = 100, 1, -1 do filled_backwards[i] = i end
    assert.equal("[" .. table.concat(filled_backwards, ",") .. "]", json.encode(filled_backwards))
    local shown_from_three = { x = 1, y = 1, z = 1 } -- keeps room that shows 3 before 1
    for name in pairs(shown_from_three) do shown_from_three[name] = nil end
    for i = 1, 3 do shown_from_three[i] = i * 10 end
    assert.not_equal(1, (next(shown_from_three)))
    assert.equal("[10,20,30]", json.encode(shown_from_three))
    assert.has_error(function() assert(json.encode(json.array { 1, [true] = 2 })) end)
  end)

  it("with string keys are objects", function()
    assert.equal('{"a":1}', json.encode { a = 1 })
    assert.equal('{"1":1}', json.encode { ["1"] = 1 })
    assert.equal('{"":{}}', json.encode { [""] = {} })
  end)

  it("that are empty are objects", function()
    assert.equal("{}", json.encode {})
    assert.equal('{"a":{}}', json.encode { a = {} })
    assert.equal('[{}]', json.encode { {} })
  end)

  it("that are empty are lists where the API has one", function()
    for _, name in ipairs { "scenes", "clips", "scripts", "effects", "ids" } do
      assert.equal(('{"%s":[]}'):format(name), json.encode { [name] = {} })
      assert.equal(('{"%s":{"a":1}}'):format(name), json.encode { [name] = { a = 1 } })
    end
    assert.equal('{"updates":{"value":[]}}', json.encode { updates = { value = {} } })
    assert.equal('{"value":{}}', json.encode { value = {} })
    assert.equal('{"a":{"value":{}}}', json.encode { a = { value = {} } })
    assert.equal('{"updates":[{"value":{}}]}', json.encode { updates = { { value = {} } } })
    assert.equal('{"clips":[{}]}', json.encode { clips = { {} } })
  end)

  it("are lists wherever the schema of projects has a list", function()
    local lists = require "aistudios.project.lists"
    local schema, seen = require "aistudios.project.schema", 0
    local function visit(fields)
      for name, field in pairs(fields or {}) do
        if field.type == "list" then
          assert.is_true(lists[name], name)
          seen = seen + 1
        end
        visit(field.fields)
        visit(field.items and (field.items.fields or field.items.variants))
      end
    end
    visit(schema.project)
    assert.is_true(seen >= 4)
  end)

  it("with a hole are refused at the hole", function()
    refused({ clips = { 1, nil, 3 } }, "clips[2]", "hole")
    refused({ [2] = 1 }, "[1]", "hole")
    refused({ a = { [1] = 1, [1000000000] = 2 } }, "a[2]", "hole")
    refused({ a = { [math.maxinteger] = 1 } }, "a[1]", "hole")
  end)

  it("with names and numbers are refused", function()
    assert.equal("x", refused({ a = { 1, 2, x = 3 } }, "a", "mixes").value)
    refused({ a = { x = 3, [10] = 3 } }, "a", "mixes")
    refused({ [0] = 1 }, "", "below 1")
    refused({ [-5] = 1 }, "", "below 1")
  end)

  it("with other keys are refused", function()
    refused({ a = { [true] = 1 } }, "a", "not a string")
    refused({ a = { [1.5] = 1 } }, "a", "not an integer")
    refused({ a = { 1, [2.5] = 1 } }, "a", "not an integer")
    refused({ [print] = 1 }, "", "not a string")
  end)

  it("may be 128 levels deep, and no more", function()
    for _, wrap in ipairs { in_list, in_object } do
      assert.is_string(json.encode(nested(128, wrap)))
      local deep = nested(129, wrap)
      local _, err = json.encode(deep)
      assert.truthy(err.message:find("deeper than 128 levels", 1, true))
    end
    assert.equal(("[1]"):rep(128), select(2, json.encode(nested(129, in_list))).problems[1].path)
  end)

  it("that contain themselves are refused where they come back", function()
    local t = {}
    t.x = { 1, { y = t } }
    assert.equal(t, refused(t, "x[2].y", "contains itself").value)
    local inner = {}
    inner[1] = inner
    refused({ a = inner }, "a[1]", "contains itself")
    local shown = setmetatable({}, { __pairs = function(self) return next, { c = self } end })
    refused({ a = { b = shown } }, "a.b.c", "contains itself")
  end)

  it("may appear more than once", function()
    local t = { 1 }
    assert.equal("[[1],[1]]", json.encode { t, t })
  end)

  it("are left as they are", function()
    local project = support.project()
    json.encode(project, { pretty = true, sort_keys = true })
    assert.same(support.project(), project)
  end)
end)

describe("values without a JSON form", function()
  it("are refused with their path", function()
    assert.equal(print, refused({ a = { print } }, "a[1]", "function").value)
    refused({ a = coroutine.create(print) }, "a", "coroutine")
    refused({ ["odd key"] = { b_2 = io.stdout } }, '["odd key"].b_2', "userdata")
    refused({ ["1a"] = { [""] = io.stdout } }, '["1a"][""]', "userdata")
    refused({ { { x = { y = print } } } }, "[1][1].x.y", "function")
    refused(nil, "", "aistudios.null")
    local light = debug.upvalueid(refused, 1)
    refused({ p = light }, "p", "userdata")
  end)

  it("read well in the text of the error", function()
    local _, err = json.encode { scenes = { { clips = { { opacity = 0 / 0 } } } } }
    assert.equal("aistudios: scenes[1].clips[1].opacity: NaN has no JSON form "
      .. "(invalid; nothing was sent)", tostring(err))
  end)

  it("do not spoil the next text", function()
    refused({ a = { print } }, "a[1]", "function")
    assert.equal("[1]", json.encode { 1 })
  end)
end)

describe("marks", function()
  it("are null", function()
    assert.equal(cjson.null, json.null)
    assert.equal('{"a":null}', json.encode { a = json.null })
    assert.equal("[null,null]", json.encode { json.null, cjson.null })
  end)

  it("make an empty table a list or an object", function()
    assert.equal("[]", json.encode(json.array {}))
    assert.equal('{"a":[],"clips":{}}',
      json.encode({ a = json.array {}, clips = json.object {} }, { sort_keys = true }))
    assert.equal('{"a":[]}', json.encode { a = json.empty_array() })
  end)

  it("return the table that they mark", function()
    local t = { 1 }
    assert.equal(t, json.array(t))
    assert.equal(t, json.object(t))
    assert.has_error(function() json.array(1) end)
    assert.has_error(function() json.object() end)
  end)

  it("can be changed", function()
    local t = json.array {}
    assert.equal("{}", json.encode(json.object(t)))
    assert.equal("[]", json.encode(json.array(t)))
  end)

  it("keep a metatable that is there", function()
    local mt = { __index = { x = 1 } }
    local t = setmetatable({}, mt)
    assert.equal("[]", json.encode(json.array(t)))
    assert.equal(mt, getmetatable(t))
    assert.equal("{}", json.encode(json.object(t)))
    local shown = setmetatable({}, { __pairs = function() return next, {} end })
    assert.equal("[]", json.encode(json.array(shown)))
  end)

  it("do not keep a table alive", function()
    local weak = setmetatable({}, { __mode = "k" })
    weak[json.array(setmetatable({}, {}))] = true
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(weak))
  end)

  it("refuse a table that is something else", function()
    refused({ l = json.array { a = 1 } }, "l", "mixes")
    refused({ l = json.array { 1, nil, 3 } }, "l[2]", "hole")
    refused({ o = json.object { 1, 2 } }, "o", "not a string")
  end)

  it("of lua-cjson mean what they mean there", function()
    local output = support.run(support.lua .. [[ - 2>&1 <<'END'
      local cjson = require "cjson"
      cjson.array_mt, cjson.empty_array_mt = {}, {}
      local function probe() return cjson end
      cjson.empty_array = debug.upvalueid(probe, 1)
      local json = require "aistudios.json"
      local options = { sort_keys = true }
      print(json.encode({ a = setmetatable({}, cjson.array_mt),
        b = setmetatable({ 1 }, cjson.array_mt), c = setmetatable({}, cjson.empty_array_mt),
        d = setmetatable({ x = 1 }, cjson.empty_array_mt), e = cjson.empty_array,
        f = cjson.null }, options))
END]])
    assert.equal('{"a":[],"b":[1],"c":[],"d":{"x":1},"e":[],"f":null}', output)
  end)
end)

describe("__pairs", function()
  local function proxy(content)
    return setmetatable({}, { __index = content, __newindex = error,
      __pairs = function() return next, content end })
  end

  it("shows a table as what it stands for", function()
    assert.equal('{"a":[1,{"b":2}]}', json.encode(proxy { a = proxy { 1, proxy { b = 2 } } }))
    assert.equal('{"scenes":[]}', json.encode(proxy { scenes = proxy {} }))
    assert.equal('{"updates":{"value":[]}}', json.encode { updates = proxy { value = proxy {} } })
    local project = support.project()
    project.scenes = proxy(project.scenes)
    assert.same(support.project(), json.decode(json.encode(proxy(project))))
  end)

  it("decides the order of names", function()
    local names = { "z", "a", "m", "b" }
    local ordered = setmetatable({}, { __pairs = function()
      local i = 0
      return function()
        i = i + 1
        return names[i], i
      end
    end })
    assert.equal('{"z":1,"a":2,"m":3,"b":4}', json.encode(ordered))
    assert.equal('{"a":2,"b":4,"m":3,"z":1}', json.encode(ordered, { sort_keys = true }))
  end)

  it("may show a list in any order", function()
    local backwards = setmetatable({}, { __pairs = function()
      local i = 4
      return function()
        i = i - 1
        if i > 0 then return i, i * 10 end
      end
    end })
    assert.equal("[10,20,30]", json.encode(backwards))
    local floats = setmetatable({}, { __pairs = function()
      return function(_, k) if (k or 0) < 3 then return (k or 0) + 1.0, true end end
    end })
    assert.equal("[true,true,true]", json.encode(floats))
  end)

  it("is checked like a table", function()
    refused({ a = proxy { 1, x = 2 } }, "a", "mixes")
    refused({ a = proxy { 1, nil, 3 } }, "a[2]", "hole")
    refused({ a = proxy { [true] = 3 } }, "a", "not a string")
    refused({ a = proxy { b = { print } } }, "a.b[1]", "function")
    local half_empty = setmetatable({}, { __pairs = function()
      return function(_, k)
        if not k then return "a", nil end
        if k == "a" then return "b", 1 end
      end
    end })
    assert.equal('{"b":1}', json.encode(half_empty))
  end)

  it("that never ends is refused", function()
    local endless = setmetatable({}, { __pairs = function()
      return function(_, k) return (k or 0) + 1, true end
    end })
    refused({ a = endless }, "a", "1048576")
  end)

  it("that raises is heard, and the next text is whole", function()
    local broken = setmetatable({}, { __pairs = function() error("my own", 0) end })
    for _ = 1, 100 do
      local ok, message = pcall(json.encode, { ("x"):rep(10000), broken })
      assert.is_false(ok)
      assert.equal("my own", message)
    end
    assert.equal("[1]", json.encode { 1 })
  end)

  it("may encode in turn", function()
    local inside
    local nosy = setmetatable({}, { __pairs = function()
      inside = json.encode { inner = "text" }
      return next, { a = 1 }
    end })
    assert.equal('["before",{"a":1},"after"]', json.encode { "before", nosy, "after" })
    assert.equal('{"inner":"text"}', inside)
  end)

  it("is not asked where there is only __index", function()
    assert.equal("{}", json.encode(setmetatable({}, { __index = { a = 1 } })))
  end)
end)

describe("options of encode", function()
  it("sort names by their bytes", function()
    assert.equal('{"B":1,"a":2,"aa":3,"b":4,"é":5}',
      json.encode({ b = 4, a = 2, B = 1, ["é"] = 5, aa = 3 }, { sort_keys = true }))
    refused({ b = 1, [3] = 2 }, "", "names", { sort_keys = true })
  end)

  it("break lines", function()
    assert.equal('{\n  "a": [\n    1,\n    {}\n  ],\n  "b": {\n    "c": []\n  }\n}',
      json.encode({ a = { 1, {} }, b = { c = json.array {} } },
        { pretty = true, sort_keys = true }))
    local project = support.project()
    assert.same(project, json.decode(json.encode(project, { pretty = true })))
  end)

  it("are checked", function()
    local ok, message = pcall(json.encode, 1, { prety = true })
    assert.is_false(ok)
    assert.truthy(message:find("prety", 1, true))
    assert.truthy(message:find("json_spec.lua", 1, true) or message:find("encode", 1, true))
    assert.has_error(function() json.encode(1, "pretty") end)
  end)
end)

describe("a text that is written", function()
  it("may not grow beyond its bound", function()
    local megabyte = ("x"):rep(1024 * 1024)
    local list = {}
    for i = 1, 64 do list[i] = megabyte end
    refused(list, "", "67108864 bytes")
    local wide = { "0123456789" }
    for _ = 1, 40 do wide = { wide, wide } end
    refused(wide, "", "67108864 bytes")
    assert.equal("[1]", json.encode { 1 })
  end)

  it("is handed to the transfer as the same bytes", function()
    local project = support.project()
    local body = core.marshal(project)
    assert.equal(#json.encode(project), #body)
    assert.equal(("aistudios.body (%d bytes)"):format(#body), tostring(body))
    local closed = core.marshal { 1 }
    do local _ <close> = closed end
    assert.equal("aistudios.body (closed)", tostring(closed))
    assert.equal(0, #closed)
  end)

  it("that cannot be is no body", function()
    local body, message, path, value = core.marshal { a = { print } }
    assert.is_nil(body)
    assert.equal("a function has no JSON form", message)
    assert.equal("a[1]", path)
    assert.equal(print, value)
  end)
end)

describe("decode", function()
  local function unreadable(text, message)
    local value, err = json.decode(text)
    assert.is_nil(value)
    assert.equal("invalid", err.kind)
    assert.truthy(err.message:find(message, 1, true), err.message)
  end

  it("reads integral numbers as integers", function()
    for _, text in ipairs { "0", "1", "-7", "1.0", "1e3", "10E-1", "9007199254740992" } do
      assert.equal("integer", math.type(json.decode(text)), text)
    end
    assert.equal("float", math.type(json.decode "1.5"))
    assert.equal(1000, json.decode "1e3")
  end)

  it("reads 64-bit integers exactly, and larger ones as the nearest double", function()
    for _, text in ipairs { "9007199254740993", "9223372036854775807", "-9223372036854775808",
      "1234567890123456789" } do
      assert.equal(math.tointeger(text), json.decode(text))
      assert.same({ a = { math.tointeger(text) } }, json.decode(('{"a":[%s ]}'):format(text)))
    end
    assert.equal(2.0 ^ 63, json.decode "9223372036854775808")
    assert.equal(1e30, json.decode("1" .. ("0"):rep(30)))
    assert.same({ "9007199254740993" }, json.decode '["9007199254740993"]')
    assert.same({ ["9007199254740993"] = 1 }, json.decode '{"9007199254740993":1}')
    assert.equal(12345678901234567.5, json.decode "12345678901234567.5")
  end)

  it("keeps empty lists apart from empty objects", function()
    local text = '{"a":[],"b":{},"c":[[ ],{ }],"d":"[]"}'
    assert.equal(text:gsub(" ", ""), (json.encode(json.decode(text), { sort_keys = true })))
    assert.equal("[]", json.encode(json.decode " [ ] "))
  end)

  it("reads null, booleans, strings and the last of two equal names", function()
    assert.equal(json.null, json.decode "null")
    assert.is_false(json.decode "false")
    assert.is_true(json.decode " true\r\n\t")
    assert.equal('\0\b\f\n\r\t"\\/é😀', json.decode [["\u0000\b\f\n\r\t\"\\\/\u00e9\ud83d\ude00"]])
    assert.same({ a = 2 }, json.decode '{"a":1,"a":2}')
    assert.same({ a = { json.null, 1 } }, json.decode '{"a":[null,1]}')
  end)

  it("refuses what is not JSON", function()
    for text, message in pairs {
      [""] = "ends too early", [" "] = "ends too early", ["["] = "too early", ["{"] = "in quotes",
      ["[1"] = "',' or ']'", ["[1}"] = "',' or ']'", ['{"a":1]'] = "',' or '}'", ["[1,]"] = "value",
      ["{,}"] = "name", ['{"a"}'] = "':'", ['{"a":}'] = "value", ['{"a":1,}'] = "name",
      ["01"] = "zero", ["-"] = "digit", ["1."] = "digit", [".5"] = "value", ["1e"] = "digit",
      ["+1"] = "value",
      ["0x10"] = "more text", ["NaN"] = "value", ["Infinity"] = "value", ["-inf"] = "digit",
      ["nul"] = "value", ["truefalse"] = "more text", ["1 2"] = "more text", ['"a'] = "inside",
      ["1e999"] = "no double", ["[-1e309]"] = "no double",
      ['"\\x"'] = "escape", ['"\\u12g4"'] = "hex", ['"\\u12'] = "hex", ['"\\ud800"'] = "surrogate",
      ['"\\udc00"'] = "surrogate", ['"\\ud800\\u0041"'] = "surrogate",
      ['"\\ud800\\ue000"'] = "surrogate", ['"a\nb"'] = "control",
      ['"\0"'] = "control", ["[1]\0"] = "more text", ["'a'"] = "value", ["// c"] = "value",
      ["\xEF\xBB\xBF1"] = "value", ['"\xFF"'] = "UTF-8", ['"\xED\xA0\x80"'] = "UTF-8",
      ['"\xE2\x82"'] = "UTF-8", ["{1:2}"] = "name", ["{12345678901234567:2}"] = "name",
      ["<html></html>"] = "value", ["[12345678901234567 12345678901234567]"] = "',' or ']'",
    } do
      unreadable(text, message)
    end
  end)

  it("says where", function()
    local _, err = json.decode '{"a": [1, 2, oops]}'
    assert.truthy(err.message:find("at byte 14", 1, true), err.message)
  end)

  it("survives bombs", function()
    for _, piece in ipairs { "[", '{"a":', "[[],", '[{"a":' } do
      unreadable(piece:rep(1000000), "deeper than 128")
    end
    local deep = ("["):rep(128) .. ("]"):rep(128)
    assert.is_table(json.decode(deep))
    assert.equal(deep, json.encode(json.decode(deep)))
    unreadable("[" .. deep .. "]", "deeper than 128")
    assert.equal(200000, #json.decode("[" .. ("1,"):rep(199999) .. "1]"))
    assert.is_number(json.decode(("9"):rep(300)))
    unreadable(('"'):rep(100001), "value")
  end)

  it("raises when it is not given a text", function()
    assert.has_error(function() json.decode(12) end)
    assert.has_error(function() json.decode() end)
  end)

  it("never raises for damaged texts, and agrees with encode on the others", function()
    local random = source(5)
    local seed = json.encode(support.project())
    for _ = 1, ROUNDS // 10 do
      local at, length = random.below(#seed) + 1, random.below(4)
      local byte = string.char(random.below(256))
      local text = seed:sub(1, at - 1) .. byte .. seed:sub(at + length)
      local ok, value, err = pcall(json.decode, text)
      if not ok or (value == nil) == (err == nil) then
        error(("%q: %s; %s"):format(text, value, random.note))
      end
      if value ~= nil then assert.same(value, json.decode(json.encode(value))) end
    end
  end)
end)
