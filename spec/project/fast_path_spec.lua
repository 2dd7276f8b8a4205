-- The fast path accepts no scene that the full check refuses.
local aistudios = require "aistudios"
local check_project = require "aistudios.project.check"
local core = require "aistudios.core"
local support = require "spec.support"
local text_fit = require "aistudios.project.text_fit"
local validate = require "aistudios.project.validate"

-- A copy that the fast path does not accept: its tables have metatables.
local function without_fast_path(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, member in pairs(value) do copy[key] = without_fast_path(member) end
  return setmetatable(copy, { __index = {} })
end

local function lines(problems)
  local found = {}
  for i, problem in ipairs(problems) do
    found[i] = problem.path .. ": " .. problem.message
  end
  return found
end

local values = { 0, 1, -1, 1.5, 2.0, 100, 101, 31, "", "x", "2", true, false, 0 / 0,
  math.huge, -math.huge, "fade-in", "italic", "aiModel", "shape", "image", "audio", "BG1",
  "https://example.com/a", "http://10.0.0.1/", "file:///a", "/a", {}, { 1 }, { x = 1 },
  { {} }, { { type = "shape" } } }

-- The numbers that JSON has.
local function finite(list)
  local found = {}
  for _, value in ipairs(list) do
    if value == value and value ~= math.huge and value ~= -math.huge then
      found[#found + 1] = value
    end
  end
  return found
end

-- One of a list; of a table a copy, so that nothing comes to hold itself.
local function any(list)
  local value = list[math.random(#list)]
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, member in pairs(value) do
    copy[key] = type(member) == "table" and { type = member.type } or member
  end
  return copy
end

-- Every table of a project with every key of it.
local function spots(value, found)
  for key, member in pairs(value) do
    found[#found + 1] = { value, key }
    if type(member) == "table" then spots(member, found) end
  end
  return found
end

local function whole()
  local project = support.project()
  local more = aistudios.project {}
    :scene { background = "#fff" }
    :avatar { model = "M1", clothes = "BG1", say = "Hi" }
    :text { "Text", animation = "fade-in", shadow = { blur = 1 } }
    :image { "https://example.com/a.png" }:video { "https://example.com/a.mp4" }
    :audio { "https://example.com/a.mp3" }:shape { "Star" }
  project.scenes[2] = more:build().scenes[1]
  project.scenes[2].sceneIdx = 1
  return project
end

local function changed()
  local project = whole()
  for _ = 1, math.random(2) do
    local all = spots(project, {})
    local spot = all[math.random(#all)]
    local value = any(values)
    if math.random(6) == 1 then value = nil end
    spot[1][spot[2]] = value
  end
  return project
end

describe("the fast path", function ()
  it("finds the same errors as the full check in changed projects", function ()
    math.randomseed(11)
    local refused = 0
    for _ = 1, support.is_slow and 300 or 4000 do
      local project = changed()
      local problems = validate(project)
      assert.same(lines(validate(without_fast_path(project))), lines(problems))
      if problems[1] then refused = refused + 1 end
    end
    assert.is_true(refused > 100)
  end)

  it("gives the same warnings as the full check for changed projects", function ()
    math.randomseed(17)
    local names, warned = { "left", "top", "width", "scaleX", "angle", "layer", "opacity",
      "text", "fontSize", "script", "tag", "sours_url", "voiceOnly", "shapeName", "org" }, 0
    local others = { -3000, 3000, 1000.5, 90, 400, "Square", "{{name}}", "<p> </p>", " ",
      ("word "):rep(40), { org = "Hi" }, { org = " " }, "https://example.com/a.JPG" }
    for _ = 1, support.is_slow and 300 or 4000 do
      local project = whole()
      for _ = 1, math.random(3) do
        local all = spots(project, {})
        local owner, key = table.unpack(all[math.random(#all)])
        if math.random(3) == 1 then key = names[math.random(#names)] end
        if type(key) == "string" then
          owner[key] = any(math.random(2) == 1 and others or finite(values))
        end
      end
      local errors, warnings = check_project(project)
      local full_errors, full_warnings = check_project(without_fast_path(project))
      assert.same(lines(full_errors), lines(errors))
      assert.same(lines(full_warnings), lines(warnings))
      if warnings[1] and not errors[1] then warned = warned + 1 end
    end
    assert.is_true(warned > 30, warned .. " projects with warnings alone")
  end)

  it("accepts no text that overflows when it is measured", function ()
    math.randomseed(19)
    local words = { "a", "Many", "WIDE", "iii", "가나다", "🎬", "é", "x\u{301}", "long-winded",
      "\n", "  ", "\t" }
    local seen = { [true] = 0, [false] = 0 }
    for _ = 1, 20000 do
      local parts = {}
      for i = 1, math.random(12) do parts[i] = words[math.random(#words)] end
      local clip = { type = "textImage", text = table.concat(parts, " "),
        fontSize = math.random(60), width = math.random(800), height = math.random(400) }
      local pixels = text_fit.pixels(clip.fontSize)
      local count, widest = text_fit.lines(clip.text, pixels, clip.width * 1.15)
      local fits = not clip.text:find "%S" or widest <= clip.width * 1.15
        and count * pixels * 1.16 <= clip.height * 1.15
      assert.equal(fits, text_fit.overflow(clip) == nil, clip.text)
      seen[fits] = seen[fits] + 1
    end
    assert.is_true(seen[true] > 2000 and seen[false] > 2000)
  end)

  it("does not take the same scene twice for ids used twice", function ()
    local project = whole()
    project.scenes[3] = project.scenes[2]
    assert.same({}, validate(project))
  end)

  it("meets ids again and again in many scenes", function ()
    local project = aistudios.project {}
    for i = 1, 200 do
      project:scene {}
      for j = 1, 5 do project:shape { "Star", id = "star-" .. j } end
      if i == 150 then project.scenes[i].clips[5].id = "star-1" end
    end
    assert.same({ "scenes[150].clips[5].id: is also the id of clips[1] of this scene" },
      lines(validate(project)))
  end)
end)

describe("core.check", function ()
  local function look(value, schema) return core.check(value, "{{", schema) end

  it("tells the most bytes that a table has as JSON", function ()
    local many = {}
    for i = 1, 300 do many[i] = i % 3 == 0 and { i } or i % 3 == 1 and "\1\1" or -i / 7 end
    local shared = { 1, 2 }
    for _, value in ipairs { {}, { 1, true, "{ {" }, { { "a" }, "b", { x = { "\0{" } } },
      { ["\1\2"] = false }, { shared, shared }, many,
      { aistudios.array {}, aistudios.object {} }, { -1.2345678901234567e-300, 1e20 },
      { aistudios.null, "12345678가나", -1.5 } } do
      local bytes, is_documented = look(value)
      assert.is_true(bytes >= #aistudios.encode(value))
      assert.is_true(is_documented)
    end
  end)

  it("is nil for what JSON has not", function ()
    local hole, own = { 1, nil, 3 }, setmetatable({}, { __add = rawequal })
    for _, value in ipairs { { 0 / 0 }, { math.huge }, { print }, { io.stdout }, { "\xFF" },
      { "12345678\xC0" }, { "\xC012345678" }, { ["\xFF"] = 1 }, { 1, x = 2 }, { [0] = 1 },
      { [1.5] = 1 }, { [-1] = 1, [1] = 1, [2] = 1, [4] = 1 }, { [true] = 1 }, { hole },
      { own } } do
      assert.is_nil(look(value))
    end
  end)

  it("is nil for a text in a string, however deep", function ()
    for before = 0, 20 do
      for after = 0, 9 do
        local text = ("a"):rep(before) .. "{{" .. ("b"):rep(after)
        assert.is_nil(look { 1, true, { x = { "{", text } } })
        assert.is_truthy(look { (text:gsub("{{", "{ {")) })
      end
    end
    assert.is_nil(core.check({ "a\0b" }, "\0b"))
    assert.is_nil(look { "가{{나" })
    assert.is_nil(look { x = { ["{{key}}"] = 1 } })
  end)

  it("is nil where it cannot tell", function ()
    local own, deep = {}, {}
    own.own = own
    for _ = 1, 100 do deep = { deep } end
    assert.is_nil(look(own))
    assert.is_nil(look(deep))
    local double, long = { 1 }, { ("x"):rep(1024 * 1024) }
    for _ = 1, 40 do double = { double, double } end
    for _ = 1, 4 do long = { long, long } end
    assert.is_nil(look(double)) -- a table of 2^41 members, for who counts them
    assert.is_nil(look(long))
    assert.is_nil(look { setmetatable({}, { __pairs = next }) })
    assert.is_nil(look { setmetatable({}, { __index = {} }) })
  end)

  it("is nil for what a schema has not", function ()
    local asked = {}
    local schema = core.schema({
      { name = { type = "string", required = true }, count = { type = "integer", min = 1 },
        part = { type = "number", min = -1, max = 1, or_empty = true },
        kind = { type = "string", inside = 2 }, is = { type = "boolean", nullable = true },
        any = { type = "object" }, all = { type = "list" }, own = { type = "object", inside = 1 },
        items = { type = "list", inside = 1 },
        mixed = { type = "list", inside = 3, has_variants = true },
        url = { type = "string", validator = 1 } },
      { a = { type = "string" }, [""] = { type = "string" } },
      { one = { type = "object", inside = 1 } },
    }, { function (text)
      asked[#asked + 1] = text
      return text == "good"
    end })
    local null = aistudios.null
    local function with(members)
      members.name = members.name or "n"
      return members
    end
    for _, good in ipairs { {}, { count = 1 }, { count = 2.0 }, { part = -1 }, { part = "" },
      { part = 0.5 }, { kind = "a" }, { kind = "" }, { is = true }, { is = null },
      { any = { y = { x = 1 } } }, { all = { 1, { x = 1 } } }, { all = aistudios.array {} },
      { any = aistudios.object {} }, { own = { name = "" } }, { items = {} },
      { items = { { name = "a" }, { name = "b", count = 7 } } }, { count = 1 << 62 },
      { mixed = {} }, { url = "good" } } do
      local bytes, is_documented = look(with(good), schema)
      assert.is_truthy(bytes)
      assert.is_true(is_documented)
    end
    for _, bad in ipairs { { name = 1 }, { all = { x = 1 } }, { any = { 1 } },
      { any = aistudios.array {} }, { all = aistudios.object {} },
      { any = setmetatable({}, { __name = "other" }) }, { count = 0 }, { count = 1.5 },
      { count = "1" },
      { count = true }, { count = {} }, { part = 1.5 }, { part = 0 / 0 }, { kind = "b" },
      { kind = 1 }, { is = 1 }, { is = "true" }, { name = null }, { any = 1 }, { all = "x" },
      { own = {} }, { own = { 1 } }, { items = { {} } }, { items = { 1 } },
      { items = { a = { name = "a" } } }, { items = { { name = "a" }, x = 1 } },
      { mixed = { { name = "n" } } }, { mixed = { { name = "n", type = 1 } } },
      { mixed = { { name = "n", type = "two" } } }, { mixed = { { type = "one" } } },
      { mixed = { 1 } }, { url = "bad" }, { url = 1 }, { url = "a b" },
      { url = "a\127" }, { other = print } } do
      assert.is_nil((look(with(bad), schema)))
    end
    assert.is_nil(look({}, schema))
    assert.is_nil(look({ count = 1 }, schema))
    assert.same({ "good", "bad" }, asked)
    for _, unknown in ipairs { { other = 1 }, { count = null }, { own = { name = "", other = {} } },
      { mixed = { { type = "one", name = "n" } } }, { [("long"):rep(20)] = 1 } } do
      local bytes, is_documented = look(with(unknown), schema)
      assert.is_truthy(bytes)
      assert.is_false(is_documented)
    end
  end)

  it("refuses what is no table, no text and no schema", function ()
    assert.has_error(function () core.check("x", "{{") end)
    assert.has_error(function () core.check({}, "") end)
    assert.has_error(function () core.check({}, "{{", {}) end)
    assert.has_error(function () core.check({}, "{{", io.stdout) end)
    for _, sets in ipairs { {}, { 1 }, { { a = 1 } }, { { a = { type = "x" } } }, { { {} } },
      { { a = { type = "object", inside = 2 } } }, { { a = { type = "string", validator = 1 } } },
      { { a = { type = "object", inside = -1 } } }, { { a = { type = "object", inside = 0 / 0 } } },
      { { [("a"):rep(40)] = { type = "string" } } },
      { { a = { type = "number", min = "one" } } } } do
      assert.has_error(function () core.schema(sets, {}) end)
    end
  end)
end)

describe("a function that takes a whole project", function ()
  it("never raises, whatever a project holds", function ()
    math.randomseed(13)
    local seed = whole()
    for _ = 1, support.is_slow and 200 or 2000 do
      local project = changed()
      local ok, said = aistudios.check(project, { models = { { id = "M1" } } })
      assert.equal(ok == nil, type(said.kind) == "string")
      assert.is_true(aistudios.estimate(project).seconds >= 0)
      assert.is_table(aistudios.diff(seed, project))
      assert.is_truthy(aistudios.template(project))
    end
  end)
end)
