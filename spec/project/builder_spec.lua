-- Projects made by the builder.
local aistudios = require "aistudios"
local validate = require "aistudios.project.validate"
local diff = require "aistudios.project.diff"
local support = require "spec.support"

local function lines(changes)
  local found = {}
  for i, change in ipairs(changes) do found[i] = tostring(change) end
  return found
end

local function only_clip(project) return project.scenes[1].clips[1] end

local function box(project)
  local clip = only_clip(project)
  return { clip.left, clip.top, clip.width, clip.height }
end

describe("builder", function ()
  it("makes the seed project exactly, of its model's entry", function ()
    local seed = support.project()
    local old = seed.scenes[1].clips[1]
    local entry = { left = old.left, top = old.top }
    for key, value in pairs(old.model) do entry[key] = value end
    local more = {}
    for key, value in pairs(old) do
      if key:find "^lock" then more[key] = value end
    end
    more.model, more.id, more.name, more.script = entry, old.id, old.name, old.script
    more.effects, more.fill, more.opacity, more.scale = old.effects, old.fill, 100, 1
    local project = aistudios.project { name = seed.name, orientation = "landscape" }
      :scene { background = seed.scenes[1].background, watermark = false,
        thumbnailUrl = aistudios.null }
      :avatar(more)
    assert.same({}, lines(diff(seed, project)))
    assert.equal(aistudios.encode(seed, { sort_keys = true }),
      aistudios.encode(project, { sort_keys = true }))
  end)

  it("leaves a word for a background to the check, which knows whether it is a colour", function ()
    local project = aistudios.project {}:scene { background = "blueish" }
    assert.equal("blueish", project.scenes[1].background.source_color)
    local paths = {}
    for i, found in ipairs(select(2, aistudios.check(project))) do paths[i] = found.path end
    assert.truthy(table.concat(paths, " "):find("background.source_color", 1, true))
  end)

  it("takes every colour for a background that the check knows", function ()
    for _, color in ipairs { "rgb(0 0 0 / 50%)", "hsl(120deg 100% 25% / .5)", "white" } do
      local project = aistudios.project {}:scene { background = color }
      assert.equal(color, project.scenes[1].background.source_color)
    end
  end)

  it("makes a short project that checks clean", function ()
    local project = aistudios.project { name = "Hello" }
      :scene { background = "#ffffff" }
      :avatar { model = "M000045058", clothes = "BG00002320", say = "Hi!", at = "center" }
      :text { "Welcome", at = "top", margin = "5%", animation = "fade-in 2 after 1" }
      :scene { background = "https://example.com/back.jpg" }
      :image { "https://example.com/a.png", size = "half", at = "bottom right" }
      :video { "https://example.com/a.mp4", size = { 400, 300 }, at = { 0, "50%" } }
      :audio { "https://example.com/tune.mp3?x=1", volume = 20 }
      :shape { "Circle", fill = "#ff0000", size = { 100, 100 } }
    local ok, warnings = aistudios.check(project)
    assert.is_true(ok, tostring(warnings))
    assert.same({}, warnings)
    assert.equal(2, #project.scenes)
    assert.same({ org = "Hi!", isTTS = false, tts = aistudios.null,
      modelId = "M000045058", clothId = "BG00002320" }, project.scenes[1].scripts[1])
    assert.same({ type = "fade-in", duration = 2, delay = 1 },
      project.scenes[1].clips[2].animation)
    assert.equal("tune.mp3", project.scenes[2].clips[3].label)
  end)

  it("is the plain table of the documented fields", function ()
    local project = aistudios.project { name = "P", resolution = "720" }
      :scene {}:shape { "Star" }
    local plain = project:build()
    assert.is_nil(getmetatable(plain))
    assert.equal(aistudios.encode(plain, { sort_keys = true }),
      aistudios.encode(project, { sort_keys = true }))
    local keys = {}
    for key in pairs(project) do keys[#keys + 1] = key end
    table.sort(keys)
    assert.same({ "name", "resolution", "scenes" }, keys)
    assert.same({}, validate(project))
  end)

  it("takes places in px, per cent and words", function ()
    local function placed(options)
      options[1], options.width, options.height = "Square", 200, 100
      return box(aistudios.project {}:shape(options))
    end
    assert.same({ 860.0, 490.0, 200, 100 }, placed {})
    assert.same({ 0, 0, 200, 100 }, placed { at = "top left" })
    assert.same({ 1720, 980, 200, 100 }, placed { at = "bottom-right" })
    assert.same({ 860.0, 0, 200, 100 }, placed { at = "top" })
    assert.same({ 10, 490.0, 200, 100 }, placed { at = "left", margin = 10 })
    assert.same({ 1720 - 192.0, 980 - 108.0, 200, 100 },
      placed { at = "bottom right", margin = "10%" })
    assert.same({ 480.0, 30, 200, 100 }, placed { at = { "25%", "30px" } })
    assert.same({ 7, 490.0, 200, 100 }, placed { left = 7 })
    assert.same({ 1520.0, 880.0, 200, 100 }, placed { at = "bottom right", scale = 2.0 })
    assert.same({ 0, 0, 540, 960.0 },
      box(aistudios.project { orientation = "portrait" }
        :image { "https://example.com/a", size = "50%", at = "top left" }))
  end)

  it("takes an avatar's size from its entry, and its clothes", function ()
    local project = aistudios.project {}:avatar {
      model = { id = "M1", label = "Ann", clothes = { { id = "BG9" } },
        deploySize = { edit_width = 500, edit_height = 900 } }, say = "Hi" }
    local clip = only_clip(project)
    assert.same({ 710.0, 90.0, 500, 900 }, box(project))
    assert.same({ ai_name = "M1", emotion = "BG9",
      deploySize = { edit_width = 500, edit_height = 900 } }, clip.model)
    assert.equal("BG9", project.scenes[1].scripts[1].clothId)
  end)

  it("makes the same ids in every run, and none twice", function ()
    local function ids()
      local project = aistudios.project {}:scene {}:shape { "Star", id = "shape-1-2" }
        :shape { "Star" }:scene {}:text { "a" }
      local found = {}
      for _, scene in ipairs(project.scenes) do
        for _, clip in ipairs(scene.clips) do found[#found + 1] = clip.id end
      end
      return found
    end
    assert.same({ "shape-1-2", "shape-1-2x", "textImage-2-1" }, ids())
    assert.same(ids(), ids())
  end)

  it("puts each clip in front of the others", function ()
    local project = aistudios.project {}:shape { "Star", layer = 5 }:shape { "Star" }
    assert.equal(6, project.scenes[1].clips[2].layer)
  end)

  it("raises for a method that was called with a dot, and says so", function ()
    local project = aistudios.project { name = "a" }
    for _, method in ipairs { "scene", "text", "avatar" } do
      for _, given in ipairs { { "Hello" }, 5 } do
        local ok, message = pcall(function () project[method](given) end)
        assert.is_false(ok)
        assert.truthy(message:find("builder_spec.lua:%d+: project:" .. method), message)
        assert.truthy(message:find("with a colon", 1, true), message)
      end
    end
  end)

  it("takes an animation as a table, whose members count before the usual ones", function ()
    local project = aistudios.project {}
    project:shape { "Star", animation = { type = "fade-in", duration = 3 } }
    assert.same({ type = "fade-in", duration = 3, delay = 0 },
      project.scenes[1].clips[1].animation)
  end)

  it("raises for words that it does not know, at the caller", function ()
    local project = aistudios.project {}
    for options, expected in pairs {
      [{ "Star", at = "nowhere" }] = 'at: .* got "nowhere"',
      [{ "Star", size = "huge" }] = 'size: .* got "huge"',
      [{ "Star", left = "much" }] = 'left: px or .* got "much"',
      [{ "Star", at = 5 }] = "at: .* got 5",
      [{ "Star", animation = "fade-in soon" }] = "animation: ",
      [{ "Star", animation = 5 }] = "animation: .* got 5",
    } do
      local ok, message = pcall(function () project:shape(options) end)
      assert.is_false(ok)
      assert.truthy(message:find("^.*builder_spec.lua:%d+: project:shape: .*"
        .. expected), message)
    end
    assert.has_error(function () project:text "x" end)
  end)

  it("leaves the caller's tables as they are", function ()
    local clips, scripts, scenes = {}, {}, { { sceneIdx = 0 } }
    aistudios.project {}:scene { clips = clips, scripts = scripts, background = "#fff" }
      :text { "One" }:avatar { model = "M", clothes = "C", say = "Hi" }
    aistudios.project { scenes = scenes }:text { "Two" }
    assert.same({ {}, {}, { { sceneIdx = 0 } } }, { clips, scripts, scenes })
  end)

  it("keeps an avatar's shape when one side is given", function ()
    local project = aistudios.project {}:avatar { model = "M", clothes = "C", height = 2229 / 2 }
    assert.equal(679 / 2, project.scenes[1].clips[1].width)
    project:avatar { model = "M", clothes = "C", width = 1358 }
    assert.equal(4458, project.scenes[1].clips[2].height)
  end)

  it("names a value that it cannot use", function ()
    for expected, f in pairs {
      ["scale: a number is expected"] = function ()
        aistudios.project {}:text { "x", scale = "big" }
      end,
      ["background: a colour"] = function () aistudios.project {}:scene { background = 5 } end,
      ["is no address"] = function () aistudios.project {}:scene { background = "a/b.png" } end,
    } do
      local ok, message = pcall(f)
      assert.is_false(ok)
      assert.truthy(message:find(expected, 1, true), message)
      assert.truthy(message:find("builder_spec", 1, true), message)
    end
  end)

  it("raises for an option that it does not know, with the nearest one", function ()
    for expected, call in pairs {
      ["project:avatar: 'cloths' is not an option; did you mean 'clothes'?"] = function (p)
        p:avatar { model = "M", cloths = "BG1" }
      end,
      ["project:avatar: '1' is not an option"] = function (p) p:avatar { "M1", clothes = "B" } end,
      ["project:text: 'fontsize' is not an option; did you mean 'fontSize'?"] = function (p)
        p:text { "x", fontsize = 9 }
      end,
      ["project:text: 'url' is not an option"] = function (p) p:text { "x", url = "y" } end,
      ["project:audio: 'size' is not an option"] = function (p)
        p:audio { "https://example.com/a.mp3", size = "half" }
      end,
      ["project:shape: '2' is not an option"] = function (p) p:shape { "Star", "Circle" } end,
      ["project:scene: 'backgrund' is not a field that is documented; did you mean 'background'?"]
        = function (p) p:scene { backgrund = "#fff" } end,
      ["aistudios.project: 'resolutoin' is not a field that is documented; did you mean"
        .. " 'resolution'?"] = function () aistudios.project { resolutoin = "720" } end,
    } do
      local ok, message = pcall(call, aistudios.project {})
      assert.is_false(ok, expected)
      assert.truthy(message:find(expected, 1, true), message)
      assert.truthy(message:find("builder_spec.lua:%d+: "), message)
    end
  end)

  it("names what the caller wrote when it is missing or of no use", function ()
    for expected, call in pairs {
      ["avatar: 'model' is missing"] = function (p) p:avatar { say = "Hi" } end,
      ["avatar: model: an id or a model is expected, got 5"] = function (p)
        p:avatar { model = 5 }
      end,
      ["avatar: 'model' has no id"] = function (p) p:avatar { model = { label = "Ann" } } end,
      ["avatar: 'clothes' is missing, and the model names none"] = function (p)
        p:avatar { model = { id = "M1" } }
      end,
      ["avatar: say: a text is expected"] = function (p)
        p:avatar { model = "M1", clothes = "B1", say = {} }
      end,
      ["text: 'text' is missing"] = function (p) p:text {} end,
      ["text: [1]: a text is expected, got 5"] = function (p) p:text { 5 } end,
      ["text: color: a text is expected, got 5"] = function (p) p:text { "x", color = 5 } end,
      ["image: 'url' is missing"] = function (p) p:image {} end,
      ["video: url: a text is expected, got true"] = function (p) p:video { url = true } end,
      ["shape: 'shape' is missing"] = function (p) p:shape { fill = "#fff" } end,
    } do
      local ok, message = pcall(call, aistudios.project {})
      assert.is_false(ok, expected)
      assert.truthy(message:find("project:" .. expected, 1, true), message)
    end
  end)

  it("gives audio the place that the API asks for", function ()
    local project = aistudios.project { name = "x" }:scene { background = "#000000" }
      :audio { "https://example.com/m.mp3" }
    local ok, warnings = aistudios.check(project)
    assert.is_true(ok, tostring(warnings))
    assert.same({}, warnings)
    assert.same({ 0, 0, 1, 1 }, box(project))
  end)

  it("takes a model of each list as it is", function ()
    local detailed = { id = "M1", label = { en = "Ann", ko = "Ann" }, thumbnail = "https://e.com/a",
      gender = "f", language = "en", clothes = { { id = "BG9", label = { en = "Suit" } } } }
    local expected = { ai_name = "M1", emotion = "BG9", language = "en" }
    for _, model in ipairs { detailed, { modelId = "M1", language = "en", clothes = { "BG9" } },
      setmetatable(detailed, { __index = { find = print } }) } do
      local project = aistudios.project {}:scene { background = "#ffffff" }
        :avatar { model = model, say = "Hi" }
      assert.same(expected, only_clip(project).model)
      assert.equal("BG9", project.scenes[1].scripts[1].clothId)
      local ok, warnings = aistudios.check(project)
      assert.is_true(ok)
      assert.same({}, warnings)
    end
  end)

  it("makes projects without problems of random calls", function ()
    math.randomseed(7)
    local words = { "left", "right", "top", "bottom", "center", "top left", "bottom right" }
    local shapes = require "aistudios.project.schema".clips.shape.shapeName.enum
    local animations = require "aistudios.project.schema".animation.type.enum
    local function any(list) return list[math.random(#list)] end
    local function options(first)
      return { first, at = any(words), margin = math.random(0, 50) .. "%",
        scale = any { 0.5, 1, 2 }, size = any { "half", "full", "25%", { 30, "10%" } } }
    end
    local function animated(first)
      local made = options(first)
      made.animation = ("%s %d after %d"):format(any(animations), math.random(30),
        math.random(0, 30))
      made.opacity = math.random(100)
      return made
    end
    local calls = {
      function (p) p:scene { background = any { "#ffffff", "/images/a.png" } } end,
      function (p) p:text(animated "Some words") end,
      function (p) p:shape(animated(any(shapes))) end,
      function (p) p:image(animated "https://example.com/a.png") end,
      function (p) p:video(options "https://example.com/a.mp4") end,
      function (p) p:audio { "https://example.com/a.mp3", volume = math.random(100) } end,
      function (p)
        local made = options()
        made.model, made.clothes, made.say = "M1", "BG1", any { "Hi", nil }
        p:avatar(made)
      end,
    }
    for _ = 1, support.is_slow and 30 or 300 do
      local project = aistudios.project {
        orientation = any { "landscape", "portrait" } }
      for _ = 1, math.random(30) do any(calls)(project) end
      local problems = validate(project)
      assert.same({}, problems)
      assert.is_string(aistudios.encode(project))
    end
  end)
end)
