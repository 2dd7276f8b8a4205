-- A project in Lua that would never end is stopped, whatever it does, and what others do
-- with texts is as ever.
local limited = require "aistudios.cli.limited"
local support = require "spec.support"

local function run(text)
  return limited.call(assert(load(text, "=file", "t", {})))
end

describe("cli.limited", function ()
  it("ends loops, patterns that go back over and over, and texts that grow", function ()
    for text, wanted in pairs {
      ["while true do end"] = "takes too long",
      ["local function f() return f() end f()"] = "takes too long",
      ["return ('a'):rep(1000):find(('.-'):rep(12) .. 'b')"] = "takes too long",
      ["return ('a'):rep(40):match(('a?'):rep(40) .. ('a'):rep(40))"] = "takes too long",
      ["return (('a'):rep(100000):gsub('.-.-b', ''))"] = "takes too long",
      ["for x in ('a'):rep(100000):gmatch '.*.*b' do end"] = "takes too long",
      ["local s = ('a'):rep(10000) while true do s:find 'a*b' end"] = "takes too long",
      ["return ('('):rep(100000):find '%b()'"] = "takes too long",
      ["return ('x'):rep(1 << 40)"] = "too large",
      ["return (''):rep(1 << 30, 'x')"] = "too large",
      ["local s = ('x'):rep(1 << 25) while true do local t = s .. s end"] = "takes too long",
      ["while true do local s = ('x'):rep(1 << 20) end"] = "too large",
      ["local s = 'x' while true do s = s .. s end"] = "too large",
      ["local t = {} while true do t = { t, t, t, t } end"] = "too large",
    } do
      local ok, message = run(text)
      assert.is_false(ok, text)
      assert.truthy(message:find "^file:1: " or message:find "^the project ", message)
      assert.truthy(message:find(wanted, 1, true)
        or support.is_slow and message:find "takes too long", message)
    end
  end)

  it("lets texts be worked with as ever", function ()
    local ok, value = run [[
      local text = ("a b  c "):rep(20)
      local words = {}
      for word in text:gmatch "%a+" do words[#words + 1] = word end
      return { #words, (text:gsub("%s+", "-")), ("%s!"):format "x", text:find("b", 1, true),
        ("x"):rep(3, ","), (" x "):match "^%s*(.-)%s*$", ("abc"):upper():sub(2), ("x"):rep(-1) }]]
    assert.is_true(ok, value)
    assert.same({ 60, ("a-b-c-"):rep(20), "x!", 3, "x,x,x", "x", "BC", "" }, value)
  end)

  it("changes nothing for others", function ()
    local index, hook = getmetatable "".__index, debug.gethook()
    run "while true do end"
    run "return ('x'):find 'x'"
    assert.equal(string, index)
    assert.equal(index, getmetatable "".__index)
    assert.equal(hook, (debug.gethook()))
  end)

  it("tells wrong arguments as Lua does", function ()
    for _, text in ipairs { "('x'):find()", "('x'):rep()", "('x').find({}, 'x')",
      "('x'):rep('y')" } do
      local ok, message = run(text)
      assert.is_false(ok, text)
      assert.equal("string", type(message))
    end
  end)
end)
