-- What editors read: every annotation can be read, and names what there is.
local luals = require "spec.support.luals"
local support = require "spec.support"

describe("the annotations", function ()
  it("can be read, have the parameters of their functions and name what there is", function ()
    local all = {}
    for path in support.run "find lua -name '*.lua' | sort":gmatch "[^\n]+" do
      table.move(luals.read(path, support.read_file(path)), 1, 1e5, #all + 1, all)
    end
    assert.is_true(#all > 2000)
    assert.same({}, luals.problems(all))
  end)
end)

describe("what is written of a field", function ()
  it("tells both ends of its range, or the one that there is", function ()
    local function noted(theme, name)
      return support.read_file(("lua/aistudios/endpoints/rows/%s.meta.lua"):format(theme))
        :match("\n%-%-%-@field " .. name .. "%? %S+  ([^\n]*)")
    end
    assert.equal("auto, or 1 to 5", noted("tools", "numberOfSpeakers"))
    assert.equal("1 or more", noted("sessions", "page"))
    assert.equal("at most 3", require "spec.support.annotations.writer".range { max = 3 })
  end)
end)

describe("the reader of annotations", function ()
  it("finds what an editor would not understand", function ()
    for text, problem in pairs {
      ["---@param a"] = "a name and a type",
      ["---@param a table<string"] = "expected",
      ["---@field a {b: integer"] = "expected",
      ["---@return fun(a: string): integer]"] = "unexpected",
      ["---@clas x"] = "unknown annotation",
      ["---@param b string\nfunction M.f(a) end"] = "no parameter b",
      ["---@alias x fun(a: string,\n---  b: string)"] = "",
    } do
      local seen = luals.read("x.lua", text)
      assert.truthy(seen[1].problem and seen[1].problem:find(problem, 1, true), text)
    end
  end)

  it("finds names that nothing has, and fields that are there twice", function ()
    local function problems(text) return luals.problems(luals.read("x.lua", text)) end
    assert.same({ "x.lua:2: no type has the name c.d" },
      problems "---@class a.b: table\n---@param x a.b|c.d\nfunction M.f(x) end")
    assert.same({ "x.lua:3: a.x is there twice" },
      problems "---@class a\n---@field x string\n---@field x integer")
    assert.same({}, problems "---@generic T: table\n---@param x T\nfunction f(x) end")
  end)

  it("takes every type apart", function ()
    for text, names in pairs {
      ["---@type string|(integer)[]|{ a: b.c?, [integer]: d }|nil"] =
        { "string", "integer", "b.c", "integer", "d", "nil" },
      ['---@param f fun(a: x, b?: "y", ...: z): u, v? what it does'] = { "x", "z", "u", "v" },
      ["---@type table<string, fun()>[] a list"] = { "table", "string" },
    } do
      local seen = luals.read("x.lua", text)[1]
      assert.is_nil(seen.problem, seen.problem)
      assert.same(names, seen.names)
    end
  end)
end)
