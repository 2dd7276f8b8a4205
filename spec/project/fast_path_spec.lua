-- The fast path accepts no scene that the full check refuses.
local aistudios = require "aistudios"
local caption = require "aistudios.project.storyboard.caption"
local check_project = require "aistudios.project.check"
local core = require "aistudios.core"
local support = require "spec.support"
local text_fit = require "aistudios.project.text_fit"
local colors = require "aistudios.project.colors"
local rules = require "aistudios.project.schema"
local speech = require "aistudios.project.speech"
local validate = require "aistudios.project.validate"

local look_at = core.scene_checker(colors.known, speech.alphabets,
  rules.clips.textImage.align.usual, colors.linear)

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
      "text", "fontSize", "script", "tag", "sours_url", "voiceOnly", "shapeName", "org", "fill",
      "source_color", "backgroundColor", "stroke", "align", "language", "isDelete" }, 0
    local others = { -3000, 3000, 1000.5, 90, 400, "Square", "{{name}}", "<p> </p>", " ",
      ("word "):rep(40), { org = "Hi" }, { org = " " }, "https://example.com/a.JPG", "white",
      "#000000", "#777777", "#ffffff80", "blueish", "ko", "Привет", "<p>안녕하세요</p>", "right" }
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

  it("gives the same warnings as the full check for what C leaves to it", function ()
    local function through(members) return next, members end
    for _, change in ipairs {
      function (scene) setmetatable(scene, { __index = { name = "x" } }) end,
      function (scene) setmetatable(scene.background, { __pairs = through }) end,
      function (_, text) text.stroke = "blueish" end,
      function (_, text) text.shadow = "none" end,
      function (_, text) text.shadow = { color = "blueish" } end,
    } do
      local project = whole()
      local text
      for _, one in ipairs(project.scenes[2].clips) do
        if one.type == "textImage" then text = one end
      end
      change(project.scenes[2], text)
      local errors, warnings = check_project(project)
      local full_errors, full_warnings = check_project(without_fast_path(project))
      assert.same(lines(full_errors), lines(errors))
      assert.same(lines(full_warnings), lines(warnings))
      assert.is_false((look_at(project.scenes[2], 1920, 1080)))
    end
  end)

  it("gives the same warnings as the full check for texts on all kinds of grounds", function ()
    math.randomseed(23)
    local fills = { "#000000", "#333333", "#808080", "#ffffff", "#ffffff80", "rgba(0,0,0,0.4)",
      "red", "transparent" }
    local function clip(layer)
      local kind = any { "shape", "shape", "textImage", "textImage", "image", "videoImage",
        "aiModel" }
      local one = { id = "c" .. layer, type = kind, layer = math.random(3),
        left = math.random(-100, 1200), top = math.random(-100, 700), width = math.random(20, 1000),
        height = math.random(20, 600), fill = any(fills), opacity = any { 100, 100, 70, 30, 3 } }
      if kind ~= "aiModel" and kind ~= "videoImage" then
        one.angle = any { 0, 0, 0, 20 }
        if math.random(4) == 1 then
          one.animation = { type = any { "fade-in", "fade-out" }, duration = 1, delay = 0 }
        end
      end
      if kind == "shape" then one.shapeName = any { "Square", "Line_v2", "Star", "Circle" } end
      if kind == "image" then one.source_url = "https://e.example/a." .. any { "png", "jpg" } end
      if kind == "videoImage" then one.video_url = "https://e.example/a.mp4" end
      if kind == "textImage" then
        one.text, one.fontSize, one.width = "Some words", any { 10, 24 }, math.random(200, 700)
        one.backgroundColor = any { "", "", "#000000", "#ffffff90" }
        one.align = any { "left", "center", "right", "justify-right" }
        one.scaleX = any { 1, 1, 1, 0.5, 2, -1 }
      elseif kind == "aiModel" then
        one.model, one.script = { ai_name = "M1", emotion = "C1", language = "en" }, { org = "Hi" }
      end
      return one
    end
    local warned = 0
    for _ = 1, support.is_slow and 200 or 3000 do
      local scene = { sceneIdx = 0, background = { source_color = any(fills) }, clips = {},
        scripts = {} }
      for layer = 1, math.random(5) do scene.clips[layer] = clip(layer) end
      local project = { name = "x", scenes = { scene } }
      local errors, warnings = check_project(project)
      assert.same({}, lines(errors))
      assert.same(lines(select(2, check_project(without_fast_path(project)))), lines(warnings))
      if warnings[1] then warned = warned + 1 end
    end
    assert.is_true(warned > 50 and (support.is_slow or warned < 2900), warned)
  end)

  it("needs no full check for texts whose letters are in their place", function ()
    local function look(left, width, change)
      local text = { id = "t", type = "textImage", layer = 1, left = left, top = 200, width = width,
        height = 120, text = "Some words", fontSize = 36, fill = "black", align = "center" }
      local avatar = { id = "a", type = "aiModel", layer = 2, left = 1200, top = 100, width = 500,
        height = 900, model = { ai_name = "M1", emotion = "C1", language = "en" },
        script = { org = "Hi" } }
      change(text)
      local scene = { sceneIdx = 0, background = { source_color = "white" },
        clips = { text, avatar }, scripts = {} }
      local is_seen, is_spoken, is_known = look_at(scene, 1920, 1080)
      assert.same({ true, true }, { is_spoken, is_known })
      local _, warnings = check_project { name = "x", scenes = { scene } }
      assert.same({}, is_seen and warnings or {})
      return is_seen
    end
    local function nothing() end
    assert.is_true(look(0, 1920, nothing)) -- a box as wide as the canvas
    assert.is_true(look(200, 1500, nothing)) -- its box behind the avatar
    assert.is_true(look(900, 900, function (text) text.align = "left" end))
    assert.is_false(look(1100, 600, function (text) text.align = "right" end))
    assert.is_false(look(0, 1920, function (text) text.align = "left" end))
    assert.is_false(look(0, 1920, function (text) text.angle = 1 end))
    assert.is_false(look(0, 1920, function (text) text.top = 20 end))
    assert.is_true(look(1900, 1920, function (text) text.scaleX = -1 end))
  end)

  it("accepts no text that overflows when it is measured", function ()
    math.randomseed(19)
    local words = { "a", "Many", "WIDE", "iii", "가나다", "🎬", "é", "x\u{301}", "long-winded",
      "\n", "  ", "\t", "今天开放。", "（はい）", "ショップ・ゝ", "Привет", "שָׁלוֹם", "ที่นี่เปิด", "№1",
      "1️⃣", "「春」", "々", "㉈㉉", "\u{3000}x" }
    local seen = { [true] = 0, [false] = 0 }
    local scene = { sceneIdx = 0, background = { source_color = "white" }, clips = {},
      scripts = {} }
    for i = 1, 20000 do
      local parts = {}
      for j = 1, math.random(12) do parts[j] = words[math.random(#words)] end
      local clip = { id = "t", type = "textImage", layer = 1, left = 100, top = 100,
        text = table.concat(parts, i % 2 == 0 and " " or ""), fill = "black",
        fontSize = math.random(60), width = math.random(800), height = math.random(400) }
      scene.clips[1] = clip
      local pixels = text_fit.pixels(clip.fontSize)
      local _, widest = text_fit.extent(clip.text, clip.width / pixels)
      local drawn = caption.lines(clip, clip.width)
      local fits = not clip.text:find "%S" or widest * pixels <= clip.width * 1.15
        and text_fit.height(#drawn, pixels) <= clip.height * 1.15
      assert.is_true(fits or not look_at(scene, 1920, 1080), clip.text)
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
  local text = { type = "string" }
  local own = { type = "object", fields = {
    name = { type = "string", required = true }, count = { type = "integer", min = 1 },
    part = { type = "number", min = -1, max = 1, or_empty = true },
    kind = { type = "string", enum = { "a", "" } }, is = { type = "boolean", nullable = true },
    any = { type = "object" }, clips = { type = "list" }, texts = { type = "list", items = text },
    url = { type = "string", url = "public" },
  } }
  own.fields.own, own.fields.scenes = own, { type = "list", items = own }
  own.fields.scripts = { type = "list",
    items = { type = "object", variants = { one = own } } }
  local asked = {}
  local schema = core.schema(own, { public = function (url)
    asked[#asked + 1] = url
    return url == "good"
  end })
  local null = aistudios.null

  local function with(members)
    members.name = members.name or "n"
    return members
  end

  it("tells what is as a schema has it", function ()
    for _, good in ipairs { {}, { count = 1 }, { count = 2.0 }, { part = -1 }, { part = "" },
      { part = 0.5 }, { kind = "a" }, { kind = "" }, { is = true }, { is = null },
      { any = { y = { x = 1 } } }, { clips = { 1, { x = 1 } } }, { clips = aistudios.array {} },
      { any = aistudios.object {} }, { own = { name = "" } }, { scenes = {} },
      { texts = { "a", "b" } }, { texts = aistudios.array {} },
      { scenes = { { name = "a" }, { name = "b", count = 7 } } }, { count = 1 << 62 },
      { scripts = {} }, { scripts = { { type = "one", name = "n" } } }, { url = "good" },
      { any = { deep = { "{ {", print and 1 } } } } do
      local is_clean, is_documented = core.check(with(good), schema)
      assert.is_true(is_clean)
      assert.equal(not (good.scripts and good.scripts[1]), is_documented)
    end
    assert.same({ "good" }, asked)
  end)

  it("does not tell what is not, or may not be", function ()
    for _, bad in ipairs { { name = 1 }, { clips = { x = 1 } }, { any = { 1 } },
      { any = aistudios.array {} }, { clips = aistudios.object {} }, { texts = {} },
      { any = setmetatable({}, { __name = "other" }) }, { count = 0 }, { count = 1.5 },
      { count = "1" }, { count = 0x1p63 },
      { count = true }, { count = {} }, { part = 1.5 }, { kind = "b" }, { part = "1" },
      { kind = 1 }, { is = 1 }, { is = "true" }, { name = null }, { any = 1 }, { clips = "x" },
      { own = {} }, { own = { 1 } }, { scenes = { {} } }, { scenes = { 1 } }, { texts = { 1 } },
      { scenes = { a = { name = "a" } } }, { texts = { null } }, { texts = { {} } },
      { scripts = { { name = "n" } } }, { scripts = { { name = "n", type = 1 } } },
      { scripts = { { name = "n", type = "two" } } }, { scripts = { { type = "one" } } },
      { scripts = { 1 } }, { url = "bad" }, { url = 1 }, { url = "a b" }, { url = "a\127" },
      { other = setmetatable({}, { __pairs = function (t) return next, t end }) },
      { other = setmetatable({}, { __index = {} }) } } do
      assert.is_false((core.check(with(bad), schema)))
    end
    assert.is_false((core.check({}, schema)))
    assert.is_false((core.check({ count = 1 }, schema)))
    for _, other in ipairs { 1, "x", true, null, { 1 } } do
      assert.is_false((core.check(other, schema)))
    end
  end)

  it("tells undocumented names, and nulls that mean nothing", function ()
    for _, unknown in ipairs { { other = 1 }, { count = null }, { own = { name = "", other = {} } },
      { [("long"):rep(20)] = 1 } } do
      local is_clean, is_documented = core.check(with(unknown), schema)
      assert.is_true(is_clean)
      assert.is_false(is_documented)
    end
  end)

  it("finds braces in a string or a name, however deep", function ()
    for before = 0, 20 do
      for after = 0, 9 do
        local braces = ("a"):rep(before) .. "{{" .. ("b"):rep(after)
        assert.is_false((core.check(with { any = { x = { "{", braces } } }, schema)))
        local apart = braces:gsub("{{", "{ {")
        assert.is_true((core.check(with { any = { x = { "{", apart } } }, schema)))
      end
    end
    assert.is_false((core.check({ name = "가{{나" }, schema)))
    assert.is_false((core.check(with { any = { ["{{key}}"] = 1 } }, schema)))
    assert.is_true((core.check({ name = "{" }, schema)))
  end)

  it("is nil for what JSON has not", function ()
    local deep, hole = { 1 }, { 1, nil, 3 }
    deep.own = deep
    for _, value in ipairs { 0 / 0, math.huge, print, io.stdout, "\xFF", { ["\xFF"] = 1 },
      { 1, x = 2 }, { [0] = 1 }, { [1.5] = 1 }, { [true] = 1 }, hole, deep } do
      local is_clean, message = core.check(with { other = value }, schema)
      assert.is_nil(is_clean)
      assert.is_string(message)
    end
  end)

  it("is about the JSON that marshal makes", function ()
    for _, value in ipairs { with {}, with { count = 0 }, with { other = { 1.5, null } }, 1 } do
      local body, is_clean, is_documented = core.marshal(value, schema)
      assert.equal(#aistudios.encode(value), #body)
      assert.same({ core.check(value, schema) }, { is_clean, is_documented })
    end
  end)

  it("takes no rule that it does not know", function ()
    assert.has_error(function () core.check({}, io.stdout) end)
    assert.has_error(function () core.marshal({}, io.stdout) end)
    for _, fields in ipairs { { a = 1 }, { a = { type = "x" } }, { [1] = text },
      { a = { type = "object", fields = 1 } }, { a = { type = "string", url = "other" } },
      { a = { type = "string", enum = { 1 } } }, { [("a"):rep(40)] = text }, { ['"'] = text },
      { a = { type = "list", items = 1 } }, { a = { type = "number", min = "one" } } } do
      assert.has_error(function () core.schema({ type = "object", fields = fields }, {}) end)
    end
    assert.has_error(function () core.schema(1, {}) end)
    assert.has_error(function () core.schema(text) end)
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

describe("a name that is no string", function ()
  it("is refused where the schema knows the object, and never written as none", function ()
    local marshal = require "aistudios.project.fast_path".marshal
    for _, key in ipairs { 1, true, 0.5, aistudios.null } do
      local clip = aistudios.object { [key] = {} }
      for _, project in ipairs { aistudios.object { [key] = 5 }, { scenes = { clip } },
        { scenes = { { clips = { clip } } } } } do
        assert.is_nil((marshal(project)))
      end
    end
    local ok, err = aistudios.check { scenes = { { sceneIdx = 0, background = {}, scripts = {},
      clips = { { id = "a", type = 5, layer = 1 } } } } }
    assert.is_nil(ok)
    assert.equal("scenes[1].clips[1].type", err.problems[1].path)
  end)
end)
