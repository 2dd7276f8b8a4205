-- The quick look at a scene never lets pass what the closer look refuses.
local aistudios = require "aistudios"
local caption = require "aistudios.project.caption"
local check = require "aistudios.project.check"
local core = require "aistudios.core"
local review = require "aistudios.project.review"
local support = require "spec.support"

-- Fields that come through a metatable are beyond the quick look.
local function closer(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, member in pairs(value) do copy[key] = closer(member) end
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

describe("the quick look", function ()
  it("says of changed projects what the closer look says", function ()
    math.randomseed(11)
    local refused = 0
    for _ = 1, support.is_slow and 300 or 4000 do
      local project = changed()
      local problems = check(project)
      assert.same(lines(check(closer(project))), lines(problems))
      if problems[1] then refused = refused + 1 end
    end
    assert.is_true(refused > 100)
  end)

  it("warns of changed projects as the closer look does", function ()
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
      local errors, warnings = review(project)
      local closer_errors, closer_warnings = review(closer(project))
      assert.same(lines(closer_errors), lines(errors))
      assert.same(lines(closer_warnings), lines(warnings))
      if warnings[1] and not errors[1] then warned = warned + 1 end
    end
    assert.is_true(warned > 30, warned .. " projects with warnings alone")
  end)

  it("lets pass no caption that overflows when it is measured", function ()
    math.randomseed(19)
    local words = { "a", "Many", "WIDE", "iii", "가나다", "🎬", "é", "x\u{301}", "long-winded",
      "\n", "  ", "\t" }
    local seen = { [true] = 0, [false] = 0 }
    for _ = 1, 20000 do
      local parts = {}
      for i = 1, math.random(12) do parts[i] = words[math.random(#words)] end
      local clip = { type = "textImage", text = table.concat(parts, " "),
        fontSize = math.random(60), width = math.random(800), height = math.random(400) }
      local pixels = caption.pixels(clip.fontSize)
      local count, widest = caption.lines(clip.text, pixels, clip.width * 1.15)
      local fits = not clip.text:find "%S" or widest <= clip.width * 1.15
        and count * pixels * 1.16 <= clip.height * 1.15
      assert.equal(fits, caption.overflow(clip) == nil, clip.text)
      seen[fits] = seen[fits] + 1
    end
    assert.is_true(seen[true] > 2000 and seen[false] > 2000)
  end)

  it("does not take the same scene twice for ids used twice", function ()
    local project = whole()
    project.scenes[3] = project.scenes[2]
    assert.same({}, check(project))
  end)

  it("meets ids again and again in many scenes", function ()
    local project = aistudios.project {}
    for i = 1, 200 do
      project:scene {}
      for j = 1, 5 do project:shape { "Star", id = "star-" .. j } end
      if i == 150 then project.scenes[i].clips[5].id = "star-1" end
    end
    assert.same({ "scenes[150].clips[5].id: is also the id of clips[1] of this scene" },
      lines(check(project)))
  end)
end)

describe("core.census", function ()
  local function census(value) return core.census(value, "{{") end

  it("counts the members of all tables", function ()
    assert.equal(0, census {})
    assert.equal(3, census { 1, true, "{ {" })
    assert.equal(6, census { { "a" }, "b", { x = { "\0{" } } })
    assert.equal(1, census { ["{{key}}"] = 1 })
    local shared = { 1, 2 }
    assert.equal(6, census { shared, shared })
    assert.equal(2, census { aistudios.array {}, aistudios.object {} })
    local many = {}
    for i = 1, 300 do many[i] = i % 3 == 0 and { i } or i % 3 == 1 and "x" or i end
    assert.equal(400, census(many))
    assert.equal(4, core.census({ a = { 1, 2 }, b = { x = { y = 1, a = {} } } }, "{{",
      { b = true }))
  end)

  it("is nil for what JSON has not", function ()
    local hole, own = { 1, nil, 3 }, setmetatable({}, { __add = rawequal })
    for _, value in ipairs { { 0 / 0 }, { math.huge }, { print }, { io.stdout }, { "\xFF" },
      { "12345678\xC0" }, { ["\xFF"] = 1 }, { 1, x = 2 }, { [0] = 1 }, { [1.5] = 1 },
      { [-1] = 1, [1] = 1, [2] = 1, [4] = 1 }, { [true] = 1 }, { hole }, { own } } do
      assert.is_nil(census(value))
    end
    assert.equal(3, census { aistudios.null, "12345678가나", -1.5 })
  end)

  it("is nil for a text in a string, however deep", function ()
    assert.is_nil(census { "a {{name}}" })
    assert.is_nil(census { 1, true, { x = { "{", "a{{" } } })
    assert.is_nil(core.census({ "a\0b" }, "\0b"))
  end)

  it("is nil where it cannot tell", function ()
    local own, deep = {}, {}
    own.own = own
    for _ = 1, 100 do deep = { deep } end
    assert.is_nil(census(own))
    assert.is_nil(census(deep))
    local double = { 1 }
    for _ = 1, 40 do double = { double, double } end
    assert.is_nil(census(double)) -- a table of 2^41 members, for who counts them
    assert.is_nil(census { setmetatable({}, { __pairs = next }) })
    assert.is_nil(census { setmetatable({}, { __index = {} }) })
  end)

  it("refuses what is no table, and no text", function ()
    assert.has_error(function () core.census("x", "{{") end)
    assert.has_error(function () core.census({}, "") end)
  end)
end)

describe("what looks at a whole project", function ()
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
