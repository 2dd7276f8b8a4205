-- The quick look at a scene never lets pass what the closer look refuses.
local aistudios = require "aistudios"
local check = require "aistudios.project.check"
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
    local value = values[math.random(#values)]
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
