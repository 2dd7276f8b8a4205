-- Projects with {{name}} in them.
local aistudios = require "aistudios"
local support = require "spec.support"

local function with_names()
  local project = support.project()
  local scene = project.scenes[1]
  project.name = "Offer for {{ city }}"
  project.orientation = "{{orientation}}"
  scene.watermark = "{{marked}}"
  scene.clips[1].script.org = "<p>{{city}} from {{price}} dollars</p>"
  scene.clips[1].opacity = "{{opacity}}"
  scene.clips[1].name = "{{price}}"
  return project
end

local function values(changes)
  local all = { city = "Oslo", orientation = "portrait", marked = false, price = 20,
    opacity = 50 }
  for name, value in pairs(changes or {}) do all[name] = value end
  return all
end

describe("template", function ()
  it("lists its fields with their types, bounds and places", function ()
    local template = assert(aistudios.template(with_names()))
    assert.same({
      { name = "city", type = "string", required = true,
        paths = { "name", "scenes[1].clips[1].script.org" } },
      { name = "marked", type = "boolean", required = true,
        paths = { "scenes[1].watermark" } },
      { name = "opacity", type = "integer", required = true, min = 1, max = 100,
        paths = { "scenes[1].clips[1].opacity" } },
      { name = "orientation", type = "string", required = true,
        enum = { "landscape", "portrait" }, paths = { "orientation" } },
      { name = "price", type = "string", required = true,
        paths = { "scenes[1].clips[1].name", "scenes[1].clips[1].script.org" } },
    }, template.fields)
    assert.equal("template of 5 fields: city, marked, opacity, orientation, price",
      tostring(template))
  end)

  it("puts values in their places, typed, into a project of its own", function ()
    local given = with_names()
    local template = assert(aistudios.template(given))
    local project = assert(template:fill(values()))
    assert.equal("Offer for Oslo", project.name)
    assert.equal("portrait", project.orientation)
    assert.equal(false, project.scenes[1].watermark)
    assert.equal("<p>Oslo from 20 dollars</p>", project.scenes[1].clips[1].script.org)
    assert.equal(50, project.scenes[1].clips[1].opacity)
    assert.equal("20", project.scenes[1].clips[1].name)
    assert.equal(aistudios.null, project.scenes[1].thumbnailUrl)
    assert.is_true(aistudios.check(project))
    assert.same(with_names(), given)
    given.name = "changed later"
    assert.equal("Offer for Bergen", template:fill(values { city = "Bergen" }).name)
  end)

  it("names everything that is missing, wrong or unknown at once", function ()
    local template = assert(aistudios.template(with_names()))
    local project, err = template:fill { city = " ", opacity = 101, orientation = "wide",
      marked = "no", prices = 1 }
    assert.is_nil(project)
    assert.equal("invalid", err.kind)
    local found = {}
    for i, problem in ipairs(err.problems) do
      found[i] = problem.path .. ": " .. problem.message
    end
    assert.same({
      "city: must be a text, for name, scenes[1].clips[1].script.org",
      "marked: must be true or false, for scenes[1].watermark",
      "opacity: must be an integer from 1 to 100, for scenes[1].clips[1].opacity",
      'orientation: must be a text: "landscape", "portrait", for orientation',
      "price: is required: a text, for scenes[1].clips[1].name,"
        .. " scenes[1].clips[1].script.org",
      "prices: is not a field of this template; did you mean 'price'?",
    }, found)
  end)

  it("does not read names out of values", function ()
    local template = assert(aistudios.template { name = "{{a}} {{b}}" })
    assert.same({ name = "{{b}} %1" }, template:fill { a = "{{b}}", b = "%1" })
  end)

  it("refuses braces that name nothing, and one name for two kinds of value", function ()
    local template, err = aistudios.template { name = "{{}}", scenes = { { sceneIdx = "{{1x}}" } } }
    assert.is_nil(template)
    assert.equal("name", err.problems[1].path)
    assert.equal("scenes[1].sceneIdx", err.problems[2].path)
    template, err = aistudios.template { isExport = "{{x}}", scenes = { { sceneIdx = "{{x}}" } } }
    assert.is_nil(template)
    assert.equal("scenes[1].sceneIdx", err.problems[1].path)
  end)

  it("comes to an end with a project that holds itself", function ()
    local project = support.project()
    project.again, project.name = project, "{{a}}"
    project.scenes[1].clips[1].scene = project.scenes[1]
    local template, err = aistudios.template(project)
    assert.is_nil(template)
    assert.equal("again", err.problems[1].path)
    assert.equal("holds itself", err.problems[1].message)
    local _, invalid = aistudios.check(project)
    assert.equal("the table contains itself", invalid.problems[1].message)
  end)

  it("takes what the field takes: no text, null, and a number in a text", function ()
    local template = assert(aistudios.template { scenes = { { clips = {
      { type = "textImage", fontWeight = "{{weight}}", text = "From {{price}}" },
      { type = "aiModel", headOnly = "{{head}}" } } } } })
    local clips = assert(template:fill { weight = "", price = 9.99, head = aistudios.null })
      .scenes[1].clips
    assert.same({ "", "From 9.99", aistudios.null },
      { clips[1].fontWeight, clips[1].text, clips[2].headOnly })
    local _, err = template:fill { weight = 1.5, price = 0 / 0, head = "x" }
    assert.equal(3, #err.problems)
  end)

  it("keeps marked lists and objects marked", function ()
    local template = assert(aistudios.template { name = "{{a}}", extra = aistudios.array {},
      other = aistudios.object {} })
    assert.equal('{"extra":[],"name":"b","other":{}}',
      aistudios.encode(template:fill { a = "b" }, { sort_keys = true }))
  end)

  it("is warned of by check where it was not filled in", function ()
    local project = support.project()
    project.name = "For {{city}}"
    local _, warnings = aistudios.check(project)
    assert.equal("name", warnings[1].path)
    assert.equal("holds {{city}}, which was not filled in; see aistudios.template",
      warnings[1].message)
  end)
end)
