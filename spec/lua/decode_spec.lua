-- What the service answers is read as well as it can be: the id of something that
-- is paid for must not be lost to a broken name beside it.
local core = require "aistudios.core"
local aistudios = require "aistudios"

local function read(text) return core.decode(text, true) end

-- The text: what it reads as.
local broken = {
  ["a BOM"] = { '\u{FEFF}{"id":"p"}', { id = "p" } },
  ["a NUL behind it"] = { '{"id":"p"}\0\0', { id = "p" } },
  ["control characters around it"] = { '\0\v\f {"id":\1"p"\b} \0', { id = "p" } },
  ["a line of something else behind it"] = { '{"id":"p"}\n<!-- 12 ms -->', { id = "p" } },
  ["half a surrogate pair"] = { [=[["a\ud83db","\ude00","\ud83d\u0041"]]=],
    { "a\u{FFFD}b", "\u{FFFD}", "\u{FFFD}A" } },
  ["a broken escape"] = { [=[["\u12g4","\x41","\'"]]=], { "\u{FFFD}12g4", "x41", "'" } },
  ["a name cut inside a character"] = { '{"name":"caf\xC3","id":"p"}',
    { name = "caf\u{FFFD}", id = "p" } },
  ["bytes that are no UTF-8"] = { '["\xFF","\xE4rger","\xED\xA0\x80"]',
    { "\u{FFFD}", "\u{FFFD}rger", "\u{FFFD}\u{FFFD}\u{FFFD}" } },
  ["a name of a member that is no UTF-8"] = { '{"\xFF":1,"id":"p"}',
    { ["\u{FFFD}"] = 1, id = "p" } },
  ["raw control characters"] = { '["a\nb\tc\0d\x1F"]', { "a\nb\tc\0d\x1F" } },
  ["NaN and infinities"] = { "[NaN,Infinity,-Infinity,1]",
    { aistudios.null, aistudios.null, aistudios.null, 1 } },
  ["a comma too many"] = { '{"a":[1,2,],"id":"p",}', { a = { 1, 2 }, id = "p" } },
  ["odd numbers"] = { "[+1,01,.5,1.,-.5,1e5]", { 1, 1, 0.5, 1, -0.5, 100000 } },
  ["an integer beyond 64 bits"] = { '{"id":123456789012345678901234567890}',
    { id = "123456789012345678901234567890" } },
  ["a number beyond the doubles"] = { "[1e999,-1e999]", { "1e999", "-1e999" } },
}

describe("an answer with", function()
  for name, case in pairs(broken) do
    it(name .. " is read", function()
      assert.same(case[2], read(case[1]))
    end)
  end

  it("64-bit integers keeps them to the last digit", function()
    assert.same({ math.mininteger, math.maxinteger, 9007199254740993 },
      read "[-9223372036854775808,9223372036854775807,9007199254740993]")
    assert.same({ "9223372036854775808", "-9223372036854775809" },
      read "[9223372036854775808,-9223372036854775809]")
  end)

  it("no end, or none of JSON's shapes, is refused", function()
    for _, text in ipairs { "", "\u{FEFF}", "\0", '{"id":"p', '{"id":"p"', "[1", "nul", "OK",
      "<html></html>", "{id:1}", "{'id':1}", "[1 2]", '{"a" 1}', "1 2", '"a"b', "-", "+", ".",
      "[1e]", '"\\', ("["):rep(129) .. ("]"):rep(129) } do
      local value, message = read(text)
      assert.is_nil(value, text)
      assert.truthy(message:find "at byte %d", text)
    end
  end)
end)

describe("what a user decodes", function()
  it("may have none of that", function()
    for name, case in pairs(broken) do
      if name ~= "an integer beyond 64 bits" then
        assert.is_nil((aistudios.decode(case[1])), name)
      end
    end
    assert.equal(2.0 ^ 64, aistudios.decode "18446744073709551616")
  end)
end)

describe("numbers", function()
  it("read as the nearest double, however they are written", function()
    local middle = "1.00000000000000011102230246251565404236316680908203125" -- of 1 and the next
    for text, value in pairs {
      [middle .. ("0"):rep(800)] = 1, [middle .. ("0"):rep(800) .. "1"] = 1 + 2.0 ^ -52,
      ["1" .. ("0"):rep(900) .. "e-900"] = 1,
      ["9007199254740993.0"] = 9007199254740992, ["1e23"] = 1e23, ["8.5e22"] = 8.5e22,
      ["2.2250738585072011e-308"] = 0x0.fffffffffffffp-1022, ["5e-324"] = 0x1p-1074,
      ["2e-324"] = 0.0, ["1.7976931348623157e308"] = 0x1.fffffffffffffp1023,
      ["0." .. ("0"):rep(400) .. "1e401"] = 1, ["1" .. ("0"):rep(40) .. "e-40"] = 1,
    } do
      assert.equal(value, aistudios.decode(text), text)
    end
    assert.equal(-math.huge, 1 / aistudios.decode "-0")
    assert.equal(-math.huge, 1 / aistudios.decode "-0.0e5")
  end)
end)

describe("large lists and objects", function()
  it("are read whole and in order, whatever waits inside of them", function()
    local items, names = {}, {}
    for i = 1, 3000 do
      items[i] = ("[%d,{\"n\":%d}]"):format(i, i)
      names[i] = ("\"k%d\":%d"):format(i, i)
    end
    local list = core.decode("[" .. table.concat(items, ",") .. "]")
    local object = core.decode("{" .. table.concat(names, ",") .. ',"k7":"last"}')
    for i = 1, 3000 do
      assert.equal(i, list[i][1])
      assert.equal(i, list[i][2].n)
      assert.equal(i == 7 and "last" or i, object["k" .. i])
    end
    assert.equal(3000, #list)
  end)
end)

describe("a copy without nulls", function()
  it("shares nothing with the value and marks its empty lists", function()
    local raw = core.decode '{"a":null,"b":[1,null,{"c":null,"d":[null]}],"e":[]}'
    local copy = core.without_nulls(raw)
    assert.same({ b = { 1, { d = {} } }, e = {} }, copy)
    assert.equal('{"b":[1,{"d":[]}],"e":[]}', aistudios.encode(copy, { sort_keys = true }))
    copy.b[1] = 2
    assert.equal('{"a":null,"b":[1,null,{"c":null,"d":[null]}],"e":[]}',
      aistudios.encode(raw, { sort_keys = true }))
    assert.is_nil(core.without_nulls(aistudios.null))
    assert.equal(3, core.without_nulls(3))
  end)
end)
