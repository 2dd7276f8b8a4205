-- What aistudios.check says of a whole project: errors, and warnings apart.
local aistudios = require "aistudios"
local support = require "spec.support"

local function clip(kind, fields)
  local made = { id = kind .. tostring(fields), type = kind, layer = 1, left = 100,
    top = 100, width = 400, height = 200 }
  for name, value in pairs(fields or {}) do made[name] = value end
  return made
end

local function square(fields)
  fields.shapeName, fields.fill = "Square", fields.fill or "#ff0000"
  return clip("shape", fields)
end

local function project_of(...)
  return { name = "P", scenes = { { sceneIdx = 0, background = {}, clips = { ... },
    scripts = {} } } }
end

-- "path: message" of each warning of a project without errors.
local function warnings_of(project, options)
  local ok, warnings = aistudios.check(project, options)
  assert.is_true(ok, tostring(warnings))
  local lines = {}
  for i, problem in ipairs(warnings) do
    assert.equal("warning", problem.level)
    lines[i] = problem.path .. ": " .. problem.message
  end
  return lines
end

local function hello(change)
  local project = support.project()
  change(project, project.scenes[1], project.scenes[1].clips[1])
  return project
end

describe("check of a whole project", function ()
  it("finds neither errors nor warnings in the documented samples", function ()
    assert.same({}, warnings_of(support.project()))
    local sample = aistudios.decode(
      support.read_file "spec/fixtures/samples/create_project.json")
    assert.same({}, warnings_of(sample))
  end)

  it("takes as many steps for a project with the builder's methods as for one without", function ()
    local project = aistudios.project { name = "x" }
    for i = 1, 50 do
      project:scene { background = "#fff" }
        :avatar { model = "M1", clothes = "C1", say = "Scene " .. i }
    end
    local function steps(one)
      local count, hook = 0, table.pack(debug.gethook())
      debug.sethook(function () count = count + 1 end, "", 10)
      aistudios.check(one)
      debug.sethook(table.unpack(hook, 1, hook.n))
      return count
    end
    local least = steps(project:build())
    assert.is_true(steps(project) < 1.5 * least + 50)
    project.scenes[2].background.source_color = "blueish"
    assert.equal("scenes[2].background.source_color", select(2, aistudios.check(project))[1].path)
  end)

  it("warns of fields that are not known, with the name that was meant", function ()
    assert.same({
      "orientaton: is not a field that is documented here; did you mean 'orientation'?",
      "scenes[1].clips[1].opacty: is not a field that is documented here;"
        .. " did you mean 'opacity'?",
      "scenes[1].clips[1].zzzzzz: is not a field that is documented here",
    }, warnings_of(hello(function (project, _, avatar)
      project.orientation, project.orientaton = nil, "landscape"
      avatar.opacity, avatar.opacty, avatar.zzzzzz = nil, 100, 1
    end)))
  end)

  it("lists errors before warnings, each once", function ()
    local project = hello(function (project, _, avatar)
      project.extra = 1
      avatar.layer = "1"
    end)
    local ok, err = aistudios.check(project)
    assert.is_nil(ok)
    assert.equal("invalid", err.kind)
    assert.equal(2, #err.problems)
    assert.equal("scenes[1].clips[1].layer", err.problems[1].path)
    assert.equal("error", err.problems[1].level)
    assert.equal("extra", err.problems[2].path)
    assert.equal("warning", err.problems[2].level)
    assert.equal(err.problems[2], err.warnings[1])
    assert.equal(1, #err.warnings)
  end)

  it("warns of clips wholly outside the canvas of the orientation", function ()
    local outside = square { left = 1920 }
    assert.same({ "scenes[1].clips[1]: is wholly outside the canvas;"
      .. " the canvas is 1920x1080 px" }, warnings_of(project_of(outside)))
    outside.left = 1919
    assert.same({}, warnings_of(project_of(outside)))
    local low = project_of(square { top = 1500 })
    assert.equal(1, #warnings_of(low))
    low.orientation = "portrait"
    assert.same({}, warnings_of(low))
    assert.equal(1, #warnings_of(project_of(square { left = -400 })))
    assert.same({}, warnings_of(project_of(square { left = -400, scaleX = 1.1 })))
    assert.same({}, warnings_of(project_of(square { left = -400, angle = 45 })))
    assert.same({ "scenes[1].clips[1]: has no extent" },
      warnings_of(project_of(square { width = 0 })))
  end)

  it("warns of clips that others hide completely, and only then", function ()
    local function pair(cover)
      local under = square { id = "under", layer = 1 }
      cover.id, cover.layer = "cover", cover.layer == 0 and 0 or 2
      return warnings_of(project_of(under, cover))
    end
    assert.same({ "scenes[1].clips[1].layer: is behind clips[2], layer 2,"
      .. " which hides this clip completely" }, pair(square {}))
    assert.equal(1, #pair(clip("videoImage", { video_url = "https://example.com/a.mp4" })))
    assert.equal(1, #pair(clip("image", { source_url = "https://example.com/a.jpg" })))
    assert.same({}, pair(clip("image", { source_url = "https://example.com/a.png" })))
    assert.same({}, pair(square { layer = 0, left = 101 }))
    assert.same({}, pair(square { width = 399 }))
    assert.same({}, pair(square { opacity = 99 }))
    assert.same({}, pair(square { angle = 10 }))
    assert.same({}, pair(square { fill = "rgba(1,2,3,0.5)" }))
    assert.same({}, pair(square { animation = { type = "fade-in", duration = 1, delay = 0 } }))
  end)

  it("warns of text that overflows its box", function ()
    local function caption(text, fields)
      local made = clip("textImage", { text = text, fill = "#000", fontSize = 30,
        width = 400, height = 60 })
      for name, value in pairs(fields or {}) do made[name] = value end
      return warnings_of(project_of(made))
    end
    assert.same({}, caption "Short")
    assert.equal("scenes[1].clips[1].text: overflows its box: 4 lines of 30 pt take"
      .. " about 202 px of height, it has 60 (estimated)",
      caption("Many words that need three rows of this small box, no less")[1])
    assert.truthy(caption(("x"):rep(60))[1]:find("a word of about", 1, true))
    assert.equal(1, #caption(("가"):rep(30)))
    assert.same({}, caption(("가"):rep(10)))
    assert.same({}, caption("Many words that need three rows of this small box, no less",
      { height = 180 }))
  end)

  it("warns of scripts that say nothing and of both forms at once", function ()
    local said = { org = "Hi", isTTS = false, tts = aistudios.null, modelId = "M000045058",
      clothId = "BG00002320" }
    assert.same({ "scenes[1].clips[1].script: is a second form of the script beside"
      .. " scenes[1].scripts; write one of them" },
      warnings_of(hello(function (_, scene) scene.scripts = { said } end)))
    assert.same({ "scenes[1].scripts[1].org: says nothing" },
      warnings_of(hello(function (_, scene, avatar)
        avatar.script, said.org = nil, "<p> &nbsp;</p>"
        scene.scripts = { said }
      end)))
  end)

  it("warns of scene numbers with gaps and repeats", function ()
    local project = hello(function (project, scene)
      project.scenes[2] = support.project().scenes[1]
      project.scenes[2].sceneIdx = 2
      scene.sceneIdx = 2
    end)
    assert.same({
      "scenes[1].sceneIdx: leaves a gap: 2 scenes count from 0 to 1",
      "scenes[2].sceneIdx: is also that of scenes[1]",
      "scenes[2].sceneIdx: leaves a gap: 2 scenes count from 0 to 1",
    }, warnings_of(project))
    project.scenes[1].sceneIdx, project.scenes[2].sceneIdx = 1, 0
    assert.same({}, warnings_of(project))
  end)

  it("compares avatars with a list of models of either shape", function ()
    local flat = { { id = "M000045059" }, { modelId = "M000000001" } }
    local ok, err = aistudios.check(support.project(), { models = flat })
    assert.is_nil(ok)
    assert.equal("scenes[1].clips[1].model.ai_name", err.problems[1].path)
    assert.equal([["M000045058" is not a model of the account; did you mean 'M000045059'?]],
      err.problems[1].message)
    local detailed = { models = { { id = "M000045058", clothes = { { id = "BG1" } } } } }
    ok, err = aistudios.check(support.project(), { models = detailed })
    assert.is_nil(ok)
    assert.equal("scenes[1].clips[1].model.emotion", err.problems[1].path)
    detailed.models[1].clothes[2] = { id = "BG00002320" }
    assert.same({}, warnings_of(support.project(), { models = detailed }))
    assert.same({}, warnings_of(support.project(), { models = { { id = "M000045058" } } }))
  end)

  it("never raises for what is no project", function ()
    local nan, inf = 0 / 0, math.huge
    for _, value in ipairs { {}, { scenes = 1 }, { 1, 2, scenes = { 1, {} } },
      { scenes = { { sceneIdx = inf, clips = { 1, { type = {} }, { type = "textImage",
        text = "\xff", fontSize = 1, width = 1, height = 1 }, { type = "shape",
        left = nan, top = inf, width = -inf, height = 0, layer = nan } },
        scripts = { 1, { org = {} }, {} }, background = 1 } } },
      { scenes = { { scripts = { { org = "" } } } } } } do
      assert.is_nil((aistudios.check(value, { models = { "M1" } })))
    end
    for _, org in ipairs { "&#x8000000000000000;", "&#99999999999999999999;", "<p>&#xD800;" } do
      aistudios.check { scenes = { { scripts = { { org = org } } } } }
    end
  end)

  it("finds what has no JSON form, wherever it is", function ()
    local function problem_of(change)
      local project = support.project()
      change(project, project.scenes[1].clips)
      local ok, err = aistudios.check(project)
      assert.is_nil(ok)
      return err.problems[1].path .. ": " .. err.problems[1].message
    end
    assert.equal("scenes[2]: the list has a hole here",
      problem_of(function (project) project.scenes[3] = project.scenes[1] end))
    assert.equal("scenes[1].clips[1].model.editor.x: NaN has no JSON form",
      problem_of(function (_, clips) clips[1].model.editor.x = 0 / 0 end))
    assert.equal("name: the string is not UTF-8",
      problem_of(function (project) project.name = "\xFF" end))
    assert.equal("scenes[1].clips[1].left: must be a number, not inf",
      problem_of(function (_, clips) clips[1].left = math.huge end))
    assert.equal("again: the table contains itself",
      problem_of(function (project) project.again = project end))
    assert.equal("scenes[1].clips[1].left: must be a number, not a table",
      problem_of(function (_, clips)
        clips[1].left = setmetatable({}, { __add = function (a) return a end })
      end))
  end)

  local function errors_in(problems)
    local found = {}
    for _, problem in ipairs(problems) do
      if problem.level == "error" then
        found[#found + 1] = problem.path .. ": " .. problem.message
      end
    end
    return found
  end

  it("finds what has no JSON form in what a table shows instead of its members", function ()
    local shown = setmetatable({}, { __pairs = function () return next, { b = 0 / 0 } end })
    local project = support.project()
    project.a = shown
    local _, err = aistudios.check(project)
    assert.equal("a.b", err.problems[1].path)
  end)

  it("finds everything that has no JSON form at once, the same each time", function ()
    local bad = { [true] = 1, [1.5] = 1, [{}] = 1 }
    local expected = {
      "a: the name of a member is not a string",
      "a: the name of a member is not a string",
      "a: the index of a list is not an integer",
      "again: the table contains itself",
      'bad["?"]: the name is not UTF-8',
      "list[2]: the list has a hole here",
      "list[4].f: a function has no JSON form",
      "mixed: the table mixes a list with names",
      "mixed.s: the string is not UTF-8",
      "mixed[1]: NaN has no JSON form",
      "more.own: the table contains itself",
    }
    for _ = 1, 20 do -- the order of names differs from table to table
      local project = support.project()
      project.a, project.again, project.bad = bad, project, { ["\xFF"] = 1, good = 1 }
      project.list = { 1, nil, 3, { f = print } }
      project.mixed = { 0 / 0, s = "\xFF", [2.5] = true }
      project.more = { x = project.mixed }
      project.more.own = project.more
      local _, err = aistudios.check(project)
      assert.same(expected, errors_in(err.problems))
    end
  end)

  it("says of what is too large or too deep that it is", function ()
    local deep, large = {}, { ("x"):rep(1024 * 1024) }
    for _ = 1, 200 do deep = { deep } end
    for _ = 1, 7 do large = { large, large } end
    local function problem_of(value)
      local project = support.project()
      project.extra = { value, { 1 } }
      local _, err = aistudios.check(project)
      return errors_in(err.problems)
    end
    assert.same({ "extra[1]" .. ("[1]"):rep(126) .. ": nested deeper than 128 levels" },
      problem_of(deep))
    assert.same({ ": more than 67108864 bytes as JSON" }, problem_of(large))
  end)

  it("looks no deeper than JSON may be nested", function ()
    local lengths = {}
    for i, depth in ipairs { 300, 3000 } do
      local project, deep, count = support.project(), { f = print }, 0
      for _ = 1, depth do deep = { deep } end
      project.extra = deep
      debug.sethook(function () count = count + 1 end, "", 100)
      local _, err = aistudios.check(project)
      debug.sethook()
      assert.same({ "extra" .. ("[1]"):rep(127) .. ": nested deeper than 128 levels" },
        errors_in(err.problems))
      lengths[i] = count
    end
    assert.is_true(lengths[2] < 1.5 * lengths[1], table.concat(lengths, " "))
  end)

  it("warns of a project without scenes and of names that were not filled in, where nothing"
    .. " is rendered", function ()
    assert.same({ "scenes: is empty: there is nothing to render" },
      warnings_of { scenes = {}, isExport = false })
    assert.same({ "name: holds {{first name}}, which was not filled in; see aistudios.template" },
      warnings_of(hello(function (project)
        project.isExport, project.name = false, "For {{first name}}"
      end)))
  end)

  it("warns of braces that begin no name, and of those in the name of a field", function ()
    local project = support.project()
    project.scenes[1].clips[1].script.org = "Hello {{name}"
    assert.same({ "scenes[1].clips[1].script.org: {{ begins no name that ends with }};"
      .. " {{{{ stands for {{ itself" }, warnings_of(project))
    project = support.project()
    project.scenes[1].clips[1].model.editor["{{name}}"] = 1
    local expected = 'scenes[1].clips[1].model.editor["{{name}}"]: {{ in the name of a field'
      .. " is not filled in"
    assert.same({ expected }, warnings_of(project))
    local template, err = aistudios.template(project)
    assert.is_nil(template)
    assert.equal(expected, err.problems[1].path .. ": " .. err.problems[1].message)
  end)

  it("raises for wrong options, at the caller", function ()
    for options, expected in pairs { [{ model = {} }] = "'model' is not an option",
      [{ models = 1 }] = "is a table, got number", [{ models = {} }] = "holds no model" } do
      local ok, message = pcall(function () aistudios.check({}, options) end)
      assert.is_false(ok)
      assert.truthy(message:find(expected, 1, true), message)
      assert.truthy(message:find("check_spec", 1, true), message)
    end
  end)

  it("says of a clip that it is hidden only where that is certain", function ()
    local below = { id = "b", type = "shape", shapeName = "Star", fill = "#fff", layer = 1,
      left = 100, top = 100, width = 100, height = 100 }
    local function hidden(fields, more)
      local cover = { id = "c", layer = 2, left = 0, top = 0, width = 1920, height = 1080 }
      local seen = {}
      for name, value in pairs(fields) do cover[name] = value end
      for name, value in pairs(below) do seen[name] = value end
      for name, value in pairs(more or {}) do seen[name] = value end
      return #warnings_of(project_of(seen, cover)) > 0
    end
    local function video(name)
      return { type = "videoImage", video_url = "https://a.example/" .. name }
    end
    local function filled(fill) return { type = "shape", shapeName = "Square", fill = fill } end
    assert.is_true(hidden(video "a.mp4"))
    assert.is_true(hidden(filled "rgb(1, 2, 3)"))
    for _, cover in ipairs { video "a.webm", video "a.mov", video "a?b.mp4",
      filled "rgb(0 0 0 / 20%)", filled "rgb(0,0,0,0.2)" } do
      assert.is_false(hidden(cover))
    end
    local left = { left = 1, width = 10 }
    assert.is_true(hidden({ type = "videoImage", video_url = "https://a.example/a.mp4",
      width = 12 }, left))
    assert.is_false(hidden({ type = "videoImage", video_url = "https://a.example/a.mp4",
      width = 12 }, { left = 1, width = 10, stroke = "#fff", strokeWidth = 9 }))
  end)
end)
