-- What editors read: every annotation can be read, and names what there is.
local luals = require "spec.support.luals"
local support = require "spec.support"

local builtin = {}
for name in ("any nil boolean true false string number integer function table thread "
  .. "userdata lightuserdata self unknown"):gmatch "%S+" do
  builtin[name] = true
end

local function read_all()
  local found = {}
  for path in support.run "find lua -name '*.lua' | sort":gmatch "[^\n]+" do
    table.move(luals.read(path, support.read_file(path)), 1, 1e5, #found + 1, found)
  end
  return found
end

describe("the annotations", function ()
  local all = read_all()

  local function complain(problems)
    assert.equal("", table.concat(problems, "\n"))
  end

  it("can be read, each on its own line, and have the function's own parameters", function ()
    local problems = {}
    for _, seen in ipairs(all) do
      if seen.problem then
        problems[#problems + 1] = ("%s:%d: %s"):format(seen.file, seen.line, seen.problem)
      end
    end
    complain(problems)
    assert.is_true(#all > 2000)
  end)

  it("name no type that is unknown", function ()
    local known, problems, unknown = {}, {}, {}
    for name in pairs(builtin) do known[name] = true end
    for _, seen in ipairs(all) do
      if seen.defined then known[seen.defined] = true end
    end
    local generics = {} -- those of the file so far: T stands for one function
    for _, seen in ipairs(all) do
      for _, name in ipairs(seen.generics) do generics[seen.file .. name] = true end
      for _, name in ipairs(seen.names) do
        if not known[name] and not generics[seen.file .. name] and not unknown[name] then
          unknown[name] = true
          problems[#problems + 1] = ("%s:%d: %s"):format(seen.file, seen.line, name)
        end
      end
    end
    complain(problems)
  end)

  it("give a class each field once", function ()
    local fields, class, problems = {}, nil, {}
    for _, seen in ipairs(all) do
      if seen.defined or seen.tag ~= "field" then class = seen.class end
      if seen.tag == "field" and seen.field and class then
        local name = class .. "." .. seen.field
        if fields[name] then
          problems[#problems + 1] = ("%s:%d: %s"):format(seen.file, seen.line, name)
        end
        fields[name] = true
      end
    end
    complain(problems)
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
