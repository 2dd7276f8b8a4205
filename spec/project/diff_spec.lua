-- What changed between two projects.
local aistudios = require "aistudios"
local support = require "spec.support"

local function lines(a, b)
  local found = {}
  for i, change in ipairs(aistudios.diff(a, b)) do found[i] = tostring(change) end
  return found
end

local function changed(change)
  local project = support.project()
  change(project, project.scenes[1], project.scenes[1].clips[1])
  return lines(support.project(), project)
end

describe("diff", function ()
  it("finds nothing between a project and what is read back of it", function ()
    local project = support.project()
    assert.same({}, lines(project, project))
    assert.same({}, lines(project, aistudios.decode(aistudios.encode(project))))
    assert.same({}, lines({ a = 1 }, { a = 1.0 }))
  end)

  it("tells a slide that was taken out, or put in, as one change", function ()
    local function course(first, last)
      local project = aistudios.project { name = "Course" }
      for i = first, last do
        project:scene { background = "white" }:text { "Slide " .. i }:text { "Second" }
      end
      return project
    end
    assert.same({ "scenes[1]: removed {...}" }, lines(course(1, 6), course(2, 6)))
    assert.same({ "scenes[1]: added {...}" }, lines(course(2, 6), course(1, 6)))
    assert.same({ "scenes[6]: added {...}" }, lines(course(1, 5), course(1, 6)))
    local other = course(2, 6)
    other.scenes[3].clips[1].id = "textImage-9-1" -- of another place than its own
    assert.is_true(#lines(course(1, 6), other) > 1)
    other = course(2, 6)
    other.scenes[3].sceneIdx = 7
    assert.is_true(#lines(course(1, 6), other) > 1)
  end)

  describe("pairs scenes by what they contain", function ()
    local function course(change, count)
      local slides, project = {}, aistudios.project { name = "Course" }
      for i = 1, count or 8 do
        slides[i] = { "Slide " .. i, "About the " .. (i % 2 == 0 and "rope" or "ladder") }
      end
      if change then change(slides) end
      for _, slide in ipairs(slides) do
        project:scene { background = slide.ground or "white" }
          :avatar { model = "M1", clothes = "C1", say = slide[1] .. ". " .. slide[2] }
          :text { slide[1] }:text { slide[2] }
      end
      return project:build()
    end

    local function told(change, count)
      local found = lines(course(nil, count), course(change, count))
      for i, line in ipairs(found) do found[i] = line:match "^[^:]*:?[^:\"]*" end
      return found
    end

    it("where one was taken out or put in and another changed", function ()
      assert.same({ "scenes[3]: removed {...}", "scenes[5].clips[3].text: ",
        "scenes[5].scripts[1].org: " }, told(function (slides)
        table.remove(slides, 3)
        slides[5][2] = "Other words"
      end))
      assert.same({ "scenes[2].clips[2].text: ", "scenes[2].scripts[1].org: ",
        "scenes[7]: removed {...}" }, told(function (slides)
        table.remove(slides, 7)
        slides[2][1] = "Other words"
      end))
      assert.same({ "scenes[3]: added {...}", "scenes[7].clips[2].text: ",
        "scenes[7].scripts[1].org: " }, told(function (slides)
        slides[6][1] = "Slide six"
        table.insert(slides, 3, { "Another", "of its own" })
      end))
    end)

    it("where as many were put in as were taken out, or all changed", function ()
      assert.same({ "scenes[3]: removed {...}", "scenes[8]: added {...}" },
        told(function (slides)
          table.remove(slides, 3)
          slides[8] = { "Another", "of its own" }
        end))
      for _, count in ipairs { 8, 900 } do
        local found = told(function (slides)
          for _, slide in ipairs(slides) do slide.ground = "black" end
          table.remove(slides, 3)
        end, count)
        assert.equal(count, #found)
        assert.equal("scenes[3]: removed {...}", found[3])
      end
    end)

    it("where one was moved", function ()
      assert.same({ "scenes[7]: moved from place 2" }, told(function (slides)
        table.insert(slides, 7, table.remove(slides, 2))
      end))
      assert.equal(1, #told(function (slides) slides[3], slides[4] = slides[4], slides[3] end))
    end)

    it("and clips by their ids there, whether the builder gave new ones or not", function ()
      local before, after = course(), course()
      table.remove(after.scenes, 3)
      table.remove(after.scenes[5].clips, 2)
      after.scenes[5].clips[2].opacity = 50
      local kept = lines(before, after)
      assert.same({ "scenes[3]: removed {...}", "scenes[5].clips[2]: removed {...}",
        "scenes[5].clips[2].opacity: added 50" }, kept)
      after = course(function (slides) table.remove(slides, 3) end)
      table.remove(after.scenes[5].clips, 2)
      after.scenes[5].clips[2].opacity = 50
      assert.same(kept, lines(before, after))
    end)
  end)

  it("tells values by path, with what was and what is", function ()
    local changes = aistudios.diff({ a = { { b = 1 } } }, { a = { { b = 2 } } })
    assert.equal(1, #changes)
    assert.equal("a[1].b", changes[1].path)
    assert.equal("changed", changes[1].kind)
    assert.equal(1, changes[1].from)
    assert.equal(2, changes[1].to)
    assert.same({
      'name: "Test Project Using Api" -> "Other"',
      "resolution: added \"720\"",
      "scenes[1].clips[1].top: 144.5979042385424 -> 0",
      "scenes[1].thumbnailUrl: null -> \"x\"",
      "scenes[1].watermark: removed false",
    }, changed(function (project, scene, clip)
      project.name, project.resolution = "Other", "720"
      clip.top, scene.thumbnailUrl, scene.watermark = 0, "x", nil
    end))
  end)

  it("tells an empty list from an empty object", function ()
    assert.same({ "a: {} -> []" }, lines({ a = aistudios.object {} }, { a = aistudios.array {} }))
    assert.same({}, lines({ a = aistudios.array {} }, { a = aistudios.array {} }))
  end)

  it("shows each change in one line", function ()
    assert.same({ [[a: "1\n2" -> "3"]] }, lines({ a = "1\n2" }, { a = "3" }))
  end)

  it("matches clips by id, so that one in front changes no other", function ()
    assert.same({ "scenes[1].clips[1]: added {...}", "scenes[1].clips[2].layer: 1 -> 2" },
      changed(function (_, scene, clip)
        table.insert(scene.clips, 1, { id = "new", type = "shape" })
        clip.layer = 2
      end))
    assert.same({ "[1]: removed {...}" }, lines({ { id = "a" }, { id = "b" } }, { { id = "b" } }))
    assert.same({ "[2]: moved from place 1" },
      lines({ { id = "a" }, { id = "b" } }, { { id = "b" }, { id = "a" } }))
  end)

  it("matches items without ids by place", function ()
    assert.same({ "a[2]: 2 -> 4", "a[3]: removed 3" },
      lines({ a = { 1, 2, 3 } }, { a = { 1, 4 } }))
    assert.same({ "[2].id: \"a\" -> \"b\"" },
      lines({ { id = "a" }, { id = "a" } }, { { id = "a" }, { id = "b" } }))
  end)

  it("matches the same scenes at the end, so that one in front changes no other", function ()
    local function project(...)
      local scenes = {}
      for i, name in ipairs { ... } do
        scenes[i] = { background = { source_color = name }, clips = { { id = "star-1" } } }
      end
      return { scenes = scenes }
    end
    assert.same({ "scenes[1]: removed {...}" }, lines(project("a", "b", "c"), project("b", "c")))
    assert.same({ "scenes[2]: added {...}" }, lines(project("a", "c"), project("a", "b", "c")))
    assert.same({ "scenes[1]: removed {...}" }, lines(project("a", "a"), project("a")))
    assert.same({ 'scenes[1].background.source_color: "a" -> "x"', "scenes[2]: removed {...}" },
      lines(project("a", "b", "c"), project("x", "c")))
    assert.same({ "scenes[1]: added {...}", "scenes[2]: added {...}" },
      lines(project("c"), project("a", "b", "c")))
  end)

  it("keeps item 10 behind item 2", function ()
    local a, b = {}, {}
    for i = 1, 11 do a[i], b[i] = i, -i end
    local found = lines(a, b)
    assert.equal("[2]: 2 -> -2", found[2])
    assert.equal("[11]: 11 -> -11", found[11])
  end)

  it("comes to an end with clips that know their scene, and with shared tables", function ()
    local function linked()
      local project = support.project()
      local scene = project.scenes[1]
      scene.clips[2] = { id = "2", scene = scene }
      scene.clips[1].scene = scene
      return project
    end
    local other, many = linked(), 1
    other.scenes[1].clips[2].id = "3"
    assert.is_true(#aistudios.diff(linked(), other) > 0)
    for _ = 1, 40 do many = { a = many, b = many } end
    assert.same({}, aistudios.diff({ x = many }, { x = many }))
    local a, b = { "a" }, { "b" }
    for _ = 1, 40 do a, b = { a, a }, { b } end
    assert.equal(41, #aistudios.diff(a, b))
  end)

  it("tells integers apart beyond 2^53, and fields from a builder's methods", function ()
    local change = aistudios.diff({ d = 9007199254740993 }, { d = 9007199254740994 })[1]
    assert.equal("d: 9007199254740993 -> 9007199254740994", tostring(change))
    change = aistudios.diff({ text = "x", scenes = {} }, aistudios.project {})[1]
    assert.equal("removed", change.kind)
    assert.same({}, aistudios.diff({ d = 0 / 0 }, { d = 0 / 0 }))
    change = aistudios.diff({ t = ("x"):rep(100) }, { t = "a\nb\27[1m\xFF" })[1]
    assert.equal(('t: "%s..." -> "a\\nb [1m?"'):format(("x"):rep(60)), tostring(change))
  end)

  it("comes to an end with tables that hold themselves", function ()
    local a, b = { x = 1 }, { x = 2 }
    a.a, b.a = a, b
    assert.is_true(#aistudios.diff(a, b) >= 1)
  end)
end)
