-- The storyboard of a template with its rows, and of two versions of a project.
local aistudios = require "aistudios"
local storyboard = aistudios.storyboard

local function template()
  return {
    name = "Offer of {{shop}}", scenes = {
      { sceneIdx = 0, background = { source_color = "#ffffff" }, scripts = {}, clips = {
        { id = "a", type = "textImage", layer = 1, left = 0, top = 0, width = 600, height = 80,
          text = "{{product}}", fontSize = 40, fill = "#000000" } } },
      { sceneIdx = 1, background = { source_color = "#ffffff" }, scripts = {}, clips = {
        { id = "b", type = "textImage", layer = 1, left = 0, top = 0, width = 900, height = 80,
          text = "Open every day", fontSize = 40, fill = "#000000" } } },
    },
  }
end

local function filled(change)
  local project = assert(aistudios.template(template()):fill { shop = "A", product = "B" })
  if change then change(project) end
  return project
end

local function texts(html, pattern)
  local found = {}
  for text in html:gmatch(pattern) do found[#found + 1] = text end
  return found
end

local function raises(text, ...)
  local ok, message = pcall(...)
  assert.is_false(ok)
  assert.truthy(message:find("storyboard_pages_spec", 1, true), message)
  assert.truthy(message:find(text, 1, true), message)
end

describe("the storyboard of a template with rows", function ()
  local rows = { { shop = "A", product = "Short" },
    { shop = "B", product = ("long words "):rep(12) },
    { shop = "<b>&", product = "Middle sized" }, { shop = "C" } }

  it("has every row, the one with the longest text first", function ()
    local html = storyboard(template(), { rows = rows })
    assert.same({ "2", "3", "1", "4" }, texts(html, '<section class="row" id="row%-(%d+)">'))
    assert.same({ "2", "3", "1", "4" }, texts(html, "<b>Row (%d+)</b>"))
    assert.same({ "1" }, texts(html, 'id="pick%-(%d+)" checked'))
    assert.is_nil(html:find("<b>&", 1, true))
    assert.truthy(html:find("&lt;b&gt;&amp;", 1, true))
  end)

  it("marks rows whose texts overflow, and tells what others lack", function ()
    local html = storyboard(template(), { rows = rows })
    assert.same({ "2" }, texts(html, "<b>Row (%d+)</b> <em>1 text overflows</em>"))
    assert.same({ "4" }, texts(html, '<b>Row (%d+)</b> <em class="error">cannot be filled in'))
    assert.truthy(html:find("is required: a text, for scenes[1].clips[1].text", 1, true))
    assert.same({ "1", "1" }, texts(html,
      "<dt>Rows [^<]*</dt><dd>(%d+)</dd>"))
  end)

  it("marks a row whose text is a few per cent wider than its line", function ()
    local text_fit = require "aistudios.project.text_fit"
    for _, share in ipairs { 0.99, 1.02, 1.05, 1.12, 1.17 } do
      local project, words = template(), "The harbour bridge reopens today after two years of work"
      local clip = project.scenes[1].clips[1]
      clip.fontSize, clip.height = 30, 60
      clip.width = text_fit.width(words) * 40 / share
      local html = storyboard(project, { rows = { { shop = "A", product = words } } })
      assert.equal(share > 1 and 1 or 0, #texts(html, "1 text overflows"), share)
      assert.equal(share > 1 and 1 or 0, #texts(html, "overflows its box: 2 lines"), share)
    end
  end)

  it("draws a scene that no value changes once", function ()
    local html = storyboard(template(), { rows = rows })
    assert.same({ "row-2-scene-1", "row-2-scene-2", "row-3-scene-1", "row-1-scene-1" },
      texts(html, '<article class="scene" id="([^"]+)"'))
    local seen = {}
    for id in html:gmatch ' id="([^"]+)"' do
      assert.is_nil(seen[id], id)
      seen[id] = true
    end
  end)

  it("takes a template with its options, and is drawn without rows as the project", function ()
    local with_numbers = template()
    with_numbers.scenes[1].clips[1].fontSize = "{{size}}"
    local made = assert(aistudios.template(with_numbers, { coerce = true, extra = true }))
    local row = { shop = "A", product = "B", size = "12", x = "y" }
    local html = storyboard(made, { rows = { row } })
    assert.is_nil(html:find("cannot be filled in</em>", 1, true))
    assert.truthy(storyboard(assert(aistudios.template(template())))
      :find("Offer of {{shop}}", 1, true))
  end)

  it("draws the 200 longest of many rows, and says so", function ()
    local many = {}
    for i = 1, 250 do many[i] = { shop = ("x"):rep(i), product = "B" } end
    local html = storyboard(template(), { rows = many })
    assert.equal(200, #texts(html, '<section class="row"'))
    assert.truthy(html:find("200 of 250 rows are drawn", 1, true))
    assert.truthy(html:find("nothing is wrong with them: rows 1–50. ", 1, true))
    assert.truthy(html:find('id="row-250"', 1, true))
    assert.is_nil(html:find('id="row-50"', 1, true))
  end)

  -- Rows with short values were left out whatever was wrong with them.
  it("draws those of many rows that have something wrong", function ()
    local project, many = template(), {}
    project.scenes[2].background.source_url = "{{photo}}"
    for i = 1, 400 do
      many[i] = { shop = ("long "):rep(20 + i % 7), product = "Shirt",
        photo = "https://c.example.com/a.jpg" }
    end
    for _, i in ipairs { 30, 60, 90 } do many[i].shop = "A" end
    many[30].product, many[60].product = ("wide "):rep(12), nil
    many[90].photo = "http://localhost/a.jpg"
    local html = storyboard(project, { rows = many })
    assert.equal(200, #texts(html, '<section class="row"'))
    assert.same({ "30" }, texts(html, "<b>Row (%d+)</b> <em>1 text overflows</em>"))
    assert.same({ "60" }, texts(html, '<b>Row (%d+)</b> <em class="error">cannot be filled in'))
    assert.same({ "90" }, texts(html, '<b>Row (%d+)</b> <em class="error">1 error</em>'))
    for _, i in ipairs { 30, 60, 90 } do
      assert.truthy(html:find(('id="row-%d"'):format(i), 1, true))
    end
    assert.equal("6", html:match 'id="row%-(%d+)"') -- the longest
  end)

  it("names those with something wrong that are not drawn", function ()
    local many = {}
    for i = 1, 600 do many[i] = { shop = i == 600 and ("long "):rep(99) or "A" } end
    many[600].product = "Shirt"
    for i = 1, 500, 2 do many[i].product = "Shirt" end
    local html = storyboard(template(), { rows = many })
    assert.equal(200, #texts(html, '<section class="row"'))
    assert.equal("600", html:match 'id="row%-(%d+)"')
    assert.truthy(html:find("something is wrong with them: rows 400, 402, ", 1, true))
    assert.truthy(html:find(", 476, 478 and 110 more. ", 1, true))
    assert.truthy(html:find("nothing is wrong with them: rows 1, 3, 5, ", 1, true))
  end)

  it("names what is wrong with a call", function ()
    raises("has none; give at least one", function () storyboard(template(), { rows = {} }) end)
    raises("row 2 is a string", function () storyboard(template(), { rows = { {}, "x" } }) end)
    raises("option 'rows' is a table, got string", function ()
      storyboard(template(), { rows = "rows.csv" })
    end)
    raises("the project is none", function ()
      storyboard({ name = "{{broken" }, { rows = { {} } })
    end)
  end)
end)

describe("the storyboard of two versions", function ()
  it("shows the scenes that changed alone, with what diff says", function ()
    local before = filled()
    local after = filled(function (project) project.scenes[2].clips[1].text = "<Closed>" end)
    local html = storyboard { before, after }
    assert.same({ "scene-2" }, texts(html, '<article class="scene" id="([^"]+)"'))
    local changes = aistudios.diff(before, after)
    assert.equal(1, #changes)
    assert.truthy(html:find('scenes[2].clips[1].text: &quot;Open every day&quot; -&gt; '
      .. "&quot;&lt;Closed&gt;&quot;", 1, true))
    assert.same({ "Before: scene 2", "After: scene 2" }, texts(html, "<figcaption>([^<]+)<"))
  end)

  it("shows what was added, removed and moved, and changes of no scene", function ()
    local function scene(id, text)
      return { id = id, sceneIdx = 0, clips = { { id = "t", type = "textImage", text = text } } }
    end
    local html = storyboard { { name = "A", scenes = { scene("x", "1"), scene("y", "2"),
      scene("z", "3") } }, { name = "B", scenes = { scene("z", "3"), scene("x", "one"),
      scene("w", "4") } } }
    assert.same({ "scene-removed-2", "scene-2", "scene-3" },
      texts(html, '<article class="scene" id="([^"]+)"'))
    assert.same({ "removed", "moved", "added" }, texts(html, "<h2>Scene %d</h2><p>(%w+)</p>"))
    assert.same({ "Before: scene 2", "After", "Before: scene 1", "After: scene 2", "Before",
      "After: scene 3" }, texts(html, "<figcaption>([^<]+)<"))
    assert.truthy(html:find("name: &quot;A&quot; -&gt; &quot;B&quot;", 1, true))
  end)

  -- Scenes were taken by their ids also where diff goes by their places.
  it("pairs scenes as diff does, also where ids are missing or repeated", function ()
    local BOTH = "Before: scene (%d+)</figcaption>.-<figcaption>After: scene (%d+)"
    local function version(...)
      local made = {}
      for i, id in ipairs { ... } do
        made[i] = { id = id ~= "" and id or nil, scripts = { { org = "Scene of " .. i } } }
      end
      return { name = "A", scenes = made }
    end
    for _, ids in ipairs { { "z", "", "x" }, { "z", "x", "x" }, { "z", "y", "x", "y" } } do
      local html = storyboard { version("x", "y", "z"), version(table.unpack(ids)) }
      local both = 0
      for before, now in html:gmatch(BOTH) do
        assert.equal(now, before)
        both = both + 1
      end
      assert.is_true(both >= 2)
      assert.is_nil(html:find("<p>moved<", 1, true))
    end
    local html = storyboard { version("x", "y", "z"), version("z", "y", "x") }
    assert.same({ "3", "2", "1" }, texts(html, "<figcaption>Before: scene (%d+)<"))
  end)

  it("shows a changed scene beside itself where another was taken out", function ()
    local function version(...)
      local project = aistudios.project { name = "A" }
      for _, words in ipairs { ... } do project:scene {}:text { words } end
      return project
    end
    local html = storyboard { version("red one", "green two", "blue three", "grey four"),
      version("red one", "blue new three", "grey four") }
    assert.same({ "Before: scene 2", "After", "Before: scene 3", "After: scene 2" },
      texts(html, "<figcaption>([^<]+)<"))
  end)

  it("shows so many changes of a scene, and counts the others", function ()
    local after = filled(function (project)
      for i = 1, 300 do project.scenes[2]["x" .. i] = i end
    end)
    local html = storyboard { filled(), after }
    local shown = #texts(html, "<li><bdi>([^<]+)<")
    assert.is_true(shown < 300)
    assert.truthy(html:find(("<li>%d more changes</li>"):format(300 - shown), 1, true))
  end)

  it("says when nothing changed", function ()
    local html = storyboard { filled(), filled() }
    assert.truthy(html:find("The two versions are the same.", 1, true))
    assert.is_nil(html:find("<article", 1, true))
  end)

  it("draws versions that are no projects as far as it goes", function ()
    local others = { {}, { scenes = 1 }, { scenes = { 1, [5] = {} } }, { scenes = { {} } } }
    for _, bad in ipairs(others) do
      assert.truthy(storyboard { filled(), bad }:find("</html>", 1, true))
      assert.truthy(storyboard { bad, filled() }:find("</html>", 1, true))
    end
  end)

  it("names what is wrong with a call", function ()
    raises("two versions are { before, after }", function () storyboard { filled() } end)
    raises("a list of 3", function () storyboard { filled(), filled(), filled() } end)
    raises("with a string in the second place", function () storyboard { filled(), "x" } end)
    raises("not with two versions", function ()
      storyboard({ filled(), filled() }, { rows = { {} } })
    end)
  end)
end)
