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
    local template, err = aistudios.template { name = "{{}}", scenes = { { sceneIdx = "{{1x}" } } }
    assert.is_nil(template)
    assert.equal("name", err.problems[1].path)
    assert.equal("scenes[1].sceneIdx", err.problems[2].path)
    template, err = aistudios.template { isExport = "{{x}}", scenes = { { sceneIdx = "{{x}}" } } }
    assert.is_nil(template)
    assert.equal("scenes[1].sceneIdx", err.problems[1].path)
  end)

  it("tells each table that holds itself once, however many ways lead to it", function ()
    local all = {}
    for i = 1, 6 do all[i] = {} end
    for i = 1, 6 do
      for j = 1, 6 do all[i]["to" .. j] = all[j] end
    end
    local template, err = aistudios.template(all[1])
    assert.is_nil(template)
    assert.is_true(#err.problems <= 36, #err.problems)
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
    local inner = {}
    inner[true] = { inner }
    assert.is_nil((aistudios.template { scenes = { inner } }))
    project.name = "no placeholder at all"
    template, err = aistudios.template(project)
    assert.is_nil(template)
    assert.equal("holds itself", err.problems[1].message)
  end)

  it("is filled with a table of values only", function ()
    local template = assert(aistudios.template(with_names()))
    assert.error_matches(function () template:fill(5) end,
      "template:fill: a table of values is expected, got number")
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

  it("is refused by check where it was not filled in", function ()
    local project = support.project()
    project.name = "For {{city}}"
    local _, err = aistudios.check(project)
    assert.equal("name", err.problems[1].path)
    assert.equal("holds {{city}}, which was not filled in; see aistudios.template",
      err.problems[1].message)
  end)

  local function filled(text, given, options)
    return assert(aistudios.template { name = text }):fill(given, options)
  end

  it("takes any name without }, and {{{{ for braces themselves", function ()
    for _, name in ipairs { "first name", "prix €", "a.b", "1", "x-y", "a{b", "名前" } do
      assert.equal("Hi Ann!", filled("Hi {{" .. name .. "}}!", { [name] = "Ann" }).name)
      assert.equal("Ann", filled("{{ " .. name .. "  }}", { [name] = "Ann" }).name)
    end
    assert.equal("{{name}} is Ann", filled("{{{{name}} is {{name}}", { name = "Ann" }).name)
    assert.equal("{{", filled("{{{{", {}).name)
    assert.equal("a}}b", filled("a}}{{x}}", { x = "b" }).name)
    for _, text in ipairs { "{{", "{{a", "{{a}", "{{}}", "{{ }}", "{{{a}}", "{{a {{b}}" } do
      assert.is_nil((aistudios.template { name = text }), text)
    end
  end)

  it("takes no text only when asked, and what shows nothing never", function ()
    assert.is_nil(filled("a{{x}}", { x = "" }))
    assert.equal("a", filled("a{{x}}", { x = "" }, { empty = true }).name)
    for _, blank in ipairs { " ", "\n\t", "\u{FEFF}", "\u{A0}", "\u{3000}", "\u{200B}",
      "\u{2003}", " \u{A0}\u{FEFF} " } do
      assert.is_nil(filled("{{x}}", { x = blank }, { empty = true }))
    end
    assert.equal("\u{A0}x", filled("{{x}}", { x = "\u{A0}x" }).name)
  end)

  it("reads numbers and booleans out of texts only when asked", function ()
    local template = assert(aistudios.template { isExport = "{{go}}", name = "{{n}}",
      scenes = { { sceneIdx = "{{n}}", clips = { { type = "shape", left = "{{left}}" } } } } })
    local texts = { go = "TRUE", n = "48", left = " 1.5" }
    assert.is_nil(template:fill(texts))
    local project = assert(template:fill(texts, { coerce = true }))
    assert.same({ true, "48", 48, 1.5 }, { project.isExport, project.name,
      project.scenes[1].sceneIdx, project.scenes[1].clips[1].left })
    for name, wrong in pairs { go = "yes", n = "4.5", left = "0x10" } do
      local row = { go = true, n = 1, left = 1, [name] = wrong }
      assert.is_nil((template:fill(row, { coerce = true })), name)
    end
    local began = os.clock()
    assert.is_nil((template:fill({ go = true, n = 1, left = ("1"):rep(60000) .. "x" },
      { coerce = true })))
    assert.is_true(os.clock() - began < 1)
  end)

  it("escapes values where the field holds markup, and only there", function ()
    local template = assert(aistudios.template { name = "{{x}}", scenes = { {
      scripts = { { org = "<p>{{x}}</p>" } },
      clips = { { type = "aiModel", script = { org = "{{x}}" } },
        { type = "textImage", text = "{{x}}" } } } } })
    local project = assert(template:fill { x = "R&D <3" })
    local scene = project.scenes[1]
    assert.same({ "R&D <3", "<p>R&amp;D &lt;3</p>", "R&amp;D &lt;3", "R&D <3" },
      { project.name, scene.scripts[1].org, scene.clips[1].script.org, scene.clips[2].text })
  end)

  it("ignores values that it has no name for when asked", function ()
    assert.is_nil(filled("{{x}}", { x = "a", y = "b" }))
    assert.equal("a", filled("{{x}}", { x = "a", y = "b" }, { extra = true }).name)
  end)

  it("takes options for every fill, and those of one fill before them", function ()
    local template = assert(aistudios.template({ name = "a{{x}}" }, { empty = true, extra = true }))
    assert.equal("a", template:fill { x = "", y = 1 }.name)
    assert.is_nil((template:fill({ x = "" }, { empty = false })))
    for options, expected in pairs { [{ empt = true }] = "unknown option 'empt'; did you mean",
      [{ empty = 1 }] = "option 'empty' must be a boolean", x = "must be a table, got string" } do
      for _, call in ipairs { function () template:fill({ x = "" }, options) end,
        function () aistudios.template({}, options) end } do
        local ok, message = pcall(call)
        assert.is_false(ok)
        assert.truthy(message:find(expected, 1, true), message)
        assert.truthy(message:find("template_spec", 1, true), message)
      end
    end
  end)

  -- A name that never ended was looked for from each {{ to the end of the text: 60 kB took
  -- half a minute.
  it("is soon done with a long text full of braces", function ()
    for _, piece in ipairs { "{{x", "{{ ", "{{{{", "{{x }", "{{" } do
      local began = os.clock()
      aistudios.template { name = piece:rep(40000) }
      aistudios.template { name = "{{x" .. (" "):rep(100000) .. "y" .. piece:rep(1000) }
      assert.is_true(os.clock() - began < 5, piece)
    end
  end)

  it("puts null where a text may be null", function ()
    local template = assert(aistudios.template { scenes = { { thumbnailUrl = "{{x}}" } } })
    assert.equal(aistudios.null, template:fill { x = aistudios.null }.scenes[1].thumbnailUrl)
  end)
end)
