-- What a project is said to amount to before it is rendered.
local aistudios = require "aistudios"
local support = require "spec.support"

local function saying(...)
  local scenes = {}
  for i, text in ipairs { ... } do
    scenes[i] = { sceneIdx = i - 1, background = {}, clips = {}, scripts = { { org = text } } }
  end
  return { scenes = scenes }
end

describe("estimate", function ()
  it("counts what the seed project says, at the rate that it names", function ()
    local estimate = aistudios.estimate(support.project())
    local said = #"Hello, this is test video using Api."
    assert.equal(1, estimate.scenes)
    assert.equal(1, estimate.clips)
    assert.equal(said, estimate.characters)
    assert.near(said / 15, estimate.seconds, 1e-9)
    assert.same({ en = { characters = said, seconds = said / 15, rate = 15 } },
      estimate.languages)
    assert.equal("1080", estimate.resolution)
    assert.equal(1920, estimate.width)
    assert.is_true(estimate.is_estimate)
    assert.truthy(estimate.rule:find("en 15", 1, true))
    assert.truthy(estimate.rule:find("estimate", 1, true))
  end)

  it("tells languages by their letters where no avatar names one", function ()
    local estimate = aistudios.estimate(saying("안녕하세요", "こんにちは世界", "你好世界",
      "Привет", "Hi"))
    local found = {}
    for language, row in pairs(estimate.languages) do found[language] = row.characters end
    assert.same({ ko = 5, ja = 7, zh = 4, ru = 6, other = 2 }, found)
    assert.near(4 / 4.5, estimate.by_scene[3].seconds, 1e-9)
  end)

  it("counts no markup, and reads entities", function ()
    assert.equal(#"a < b & c",
      aistudios.estimate(saying "<p>a &lt; b</p><p>&amp;&#32;c</p>").characters)
  end)

  it("counts a script once that is there in both forms", function ()
    local project = support.project()
    local once = aistudios.estimate(project).characters
    project.scenes[1].scripts = { { org = project.scenes[1].clips[1].script.org,
      modelId = "M000045058" } }
    local estimate = aistudios.estimate(project)
    assert.equal(once, estimate.characters)
    assert.truthy(estimate.languages.en)
  end)

  it("names no language in which nothing is said", function ()
    local estimate = aistudios.estimate(saying("", " <break/> "))
    assert.same({}, estimate.languages)
    assert.truthy(estimate.rule:find("nothing is said", 1, true), estimate.rule)
  end)

  it("takes what is no whole project", function ()
    for _, value in ipairs { {}, { scenes = 1 }, { scenes = { 1, { scripts = 1, clips = 2 },
      { scripts = { 1, { org = "\xff\xfe" } }, clips = { 1 } } } } } do
      assert.equal("number", type(aistudios.estimate(value).seconds))
    end
    assert.has_error(function () aistudios.estimate "x" end,
      "aistudios.estimate: a table is expected, got string")
  end)
end)
