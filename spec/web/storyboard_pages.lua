-- The rows of a template and two versions in a browser, and what of a page is in sight while it
-- plays: `make test-web`.
local aistudios = require "aistudios"
local browsers = require "spec.support.browser"
local projects = require "spec.fixtures.projects.storyboards"
local support = require "spec.support"

local directory = support.directory "pages"
local browser

setup(function () browser = browsers.start() end)
teardown(function () browser:close() end)

local function open(html, width)
  local path = directory .. "/page.html"
  support.write_file(path, html)
  browser:open("file://" .. path, width or 1320, 900)
  browser:wait_for "document.body?.classList.contains('whole')" -- from then on nothing moves
end

local function project(product, orientation)
  local made = aistudios.project { name = "Offer", orientation = orientation }
  made:scene { background = "#f4efe6" }
    :text { product, at = { 120, 200 }, width = 900, height = 110, fontSize = 60,
      animation = { type = "fade-in", delay = 0, duration = 2 } }
  made:scene { background = "#223344" }:text { "Open every day", fill = "#ffffff" }
  return made:build()
end

local function rows()
  open(aistudios.storyboard(project "{{product}}", { rows = { { product = "Shirt" },
    { product = ("春の花束"):rep(12) }, { product = "A longer shirt" } } }))
end

local SHOWN = [[[...document.querySelectorAll("section.row")]
  .filter(e => e.checkVisibility()).map(e => e.id).join(" ")]]

local OPACITY = [[Number(getComputedStyle(document.querySelector("%s [data-m]")).opacity)]]

-- The first two words of a PDF that are printed on top of each other.
local function overlapping(path)
  local text = support.run(("env -u LD_PRELOAD pdftotext -bbox '%s' -"):format(path))
  for page in text:gmatch "<page.->(.-)</page>" do
    local words = {}
    for left, top, right, bottom, word in page:gmatch
        '<word xMin="(.-)" yMin="(.-)" xMax="(.-)" yMax="(.-)">(.-)</word>' do
      left, top, right, bottom = tonumber(left), tonumber(top), tonumber(right), tonumber(bottom)
      for _, other in ipairs(words) do
        local across = math.min(right, other.right) - math.max(left, other.left)
        local down = math.min(bottom, other.bottom) - math.max(top, other.top)
        if across > 1 and down > (bottom - top) / 2 then return other.word .. " and " .. word end
      end
      words[#words + 1] = { left = left, top = top, right = right, bottom = bottom, word = word }
    end
  end
end

describe("the rows of a template", function ()
  it("are shown one at a time, the longest first, and all can be reached", function ()
    rows()
    assert.equal("row-2", browser:value(SHOWN))
    browser:value "document.querySelector('section.row label[for=pick-2]').click()"
    assert.equal("row-3", browser:value(SHOWN))
    browser:value "document.querySelector('#row-3 label[for=pick-3]').click()"
    assert.equal("row-1", browser:value(SHOWN))
    browser:value "document.querySelector('#pick-1').click()"
    assert.equal("row-2", browser:value(SHOWN))
    assert.same({}, browser:said())
  end)

  it("are all there on paper", function ()
    rows()
    browser:call("Emulation.setEmulatedMedia", { media = "print" })
    assert.equal("row-2 row-3 row-1", browser:value(SHOWN))
  end)

  it("begin on the first sheet of paper, each further one on its own", function ()
    rows()
    browser:print(directory .. "/page.pdf")
    local words = support.run(("env -u LD_PRELOAD pdftotext -layout '%s/page.pdf' -"):format(
      directory))
    local headings = {} -- what a sheet begins with
    for sheet in words:gmatch "([^\f]*)\f" do headings[#headings + 1] = sheet:match "^Row %d" end
    assert.same({ "Row 3", "Row 1" }, headings)
    assert.truthy(words:match "^[^\f]*":find("Scene 1 ", 1, true), words)
  end)

  it("are listed on paper each in one piece, without a bar to scroll", function ()
    local many = {}
    for i = 1, 60 do many[i] = { product = ("Shirt "):rep(8) .. "No" .. i } end
    open(aistudios.storyboard(project "{{product}}", { rows = many }))
    local path = directory .. "/page.pdf"
    browser:print(path)
    local words = support.run(("env -u LD_PRELOAD pdftotext -raw '%s' -"):format(path))
    for sheet in words:match "^.-Scene 1":gmatch "[^\f]+" do
      local _, rows_here = sheet:gsub("Row %d", "")
      local _, values_here = sheet:gsub("No%d", "")
      assert.is_true(rows_here > 5)
      assert.equal(rows_here, values_here, sheet)
    end
    browser:call("Emulation.setEmulatedMedia", { media = "print" })
    assert.same({ "visible", "avoid" }, browser:value [=[[
      getComputedStyle(document.querySelector(".rows")).overflow,
      getComputedStyle(document.querySelector(".rows label")).breakInside]]=])
  end)

  it("play, those of the row that is shown", function ()
    rows()
    local shown = "[...document.querySelectorAll('.controls.page')]"
      .. ".filter(e => e.checkVisibility())"
    assert.equal(1, browser:value(shown .. ".length"))
    browser:press "ArrowRight"
    assert.equal(0.5, browser:value(OPACITY:format "#row-2"))
    browser:value(shown .. "[0].querySelector('button').click()")
    browser:value "document.querySelector('#pick-2').focus()"
    browser:press "ArrowDown" -- goes through the rows as ever
    assert.equal("row-1", browser:value(SHOWN))
    browser:wait_for "!document.querySelector('.now')"
    browser:value "document.activeElement.blur()"
    browser:press "ArrowRight"
    assert.equal(0.5, browser:value(OPACITY:format "#row-1"))
    assert.equal(1, browser:value(OPACITY:format "#row-2"))
    assert.same({}, browser:said())
  end)

  it("play, both versions of a scene at the same time", function ()
    open(aistudios.storyboard { project "A linen shirt", project "A silk shirt" })
    assert.equal(2, browser:value "document.querySelectorAll('.controls').length")
    browser:value "document.querySelector('.controls.page button').focus()"
    browser:press "ArrowRight"
    assert.same({ 0.5, 0.5 }, browser:value [[[...document.querySelectorAll("[data-m]")]
      .map(e => Number(getComputedStyle(e).opacity))]])
    assert.equal("1.0 / 2.0 s", browser:value "document.querySelector('output').textContent")
    assert.same({}, browser:said())
  end)

  it("and two versions are side by side on paper, whatever their orientation", function ()
    for _, orientation in ipairs { "landscape", "portrait" } do
      open(aistudios.storyboard { project("A linen shirt", orientation),
        project("A silk shirt", orientation) })
      browser:print(directory .. "/page.pdf")
      assert.is_nil(overlapping(directory .. "/page.pdf"), orientation)
      local words = support.run(("env -u LD_PRELOAD pdftotext -layout '%s/page.pdf' -"):format(
        directory))
      assert.truthy(words:find "\n *Before: scene 1 +After: scene 1\n", orientation)
    end
  end)

  it("and what is upright is drawn as such beside what is not", function ()
    local function labelled(orientation, product)
      local made = project(product, "landscape")
      made.orientation = orientation
      made.scenes[1].clips[2] = { id = "i", type = "image", layer = 2, left = 100, top = 500,
        width = 500, height = 400, source_url = "https://a.example/a.png" }
      return made
    end
    -- Of each drawing that is shown: its width, and the size of its label.
    local drawings = [[[...document.querySelectorAll("#%s figure")].map(figure => {
      const label = figure.querySelector(".label");
      return [Math.round(figure.getBoundingClientRect().width),
        Math.round(parseFloat(getComputedStyle(label).fontSize) * label.getScreenCTM().a)];
    })]]
    open(aistudios.storyboard { labelled("landscape", "A"), labelled("portrait", "B") })
    assert.same({ { 822, 12 }, { 330, 11 } }, browser:value(drawings:format "scene-1"))
    open(aistudios.storyboard { labelled("portrait", "A"), labelled("landscape", "B") })
    assert.same({ { 330, 11 }, { 822, 12 } }, browser:value(drawings:format "scene-1"))
    open(aistudios.storyboard(labelled("{{o}}", "{{product}}"), { rows = {
      { o = "portrait", product = "A longer shirt" }, { o = "landscape", product = "Shirt" } } }))
    assert.same({ { 330, 11 } }, browser:value(drawings:format "row-1-scene-1"))
    assert.is_true(browser:value
      "getComputedStyle(document.querySelector('.switch'), '::after').content.includes('apps')")
    browser:value "document.querySelector('#pick-2').click()"
    assert.same({ { 804, 12 } }, browser:value(drawings:format "row-2-scene-1"))
  end)

  it("and two versions fit into a narrow window", function ()
    local html = aistudios.storyboard { project "A linen shirt", project "A silk shirt" }
    for _, width in ipairs { 420, 1320 } do
      open(html, width)
      assert.is_true(browser:value "document.documentElement.scrollWidth <= innerWidth")
      assert.equal(2, browser:value
        "[...document.querySelectorAll('.sides svg')].filter(e => e.checkVisibility()).length")
    end
    rows()
    browser:call("Emulation.setDeviceMetricsOverride",
      { width = 420, height = 900, deviceScaleFactor = 1, mobile = false })
    assert.is_true(browser:value "document.documentElement.scrollWidth <= innerWidth")
    assert.same({}, browser:said())
  end)
end)

-- What is above the drawing that plays, where it is, and what is below.
local SEEN = [[new Promise(done => setTimeout(() => {
  const box = document.querySelector(".now figure").getBoundingClientRect();
  const bar = document.querySelector(".page").getBoundingClientRect();
  done([bar.bottom, box.top, box.bottom, innerHeight]);
}, 300))]]

local function assert_seen(where)
  local found = browser:value(SEEN)
  assert.is_true(found[1] <= found[2] and found[3] <= found[4] + 2,
    ("%s: %s"):format(where, table.concat(found, " ")))
end

local function click_track(share)
  local box = browser:value [[(() => {
    const range = document.querySelector(".page input");
    range.scrollIntoView({ block: "nearest" });
    const box = range.getBoundingClientRect();
    return [box.left, box.top, box.width, box.height];
  })()]]
  browser:click(box[1] + box[3] * share, box[2] + box[4] / 2)
end

describe("the scene that the page's scrubber plays", function ()
  for _, name in ipairs { "course", "portrait" } do
    it("is in sight, near and far: " .. name, function ()
      local made = projects[name]()
      for i = #made.scenes + 1, 20 do made.scenes[i] = projects[name]().scenes[1] end
      for _, width in ipairs { 1320, 420 } do
        open(aistudios.storyboard(made), width)
        for _, share in ipairs { 0.95, 0.3, 0.32, 0.7, 0.05 } do
          click_track(share)
          assert_seen(("%d px, at %s"):format(width, share))
        end
      end
    end)
  end
end)

describe("what plays next", function ()
  local function open_short()
    local scenes = {}
    for i = 1, 9 do scenes[i] = { scripts = { { org = ("x"):rep(30) } }, clips = {} } end -- 2 s
    open(aistudios.storyboard { name = "x", scenes = scenes })
  end

  local function wait_for_scene(number)
    browser:wait_for(("document.querySelector('#scene-%d.now')"):format(number))
    assert_seen("scene " .. number)
  end

  it("is the scene that a link leads to", function ()
    open_short()
    for _, number in ipairs { 8, 3, 8 } do
      browser:value(("document.querySelectorAll('.sheet a')[%d].click()"):format(number - 1))
      browser:wait_for "!document.querySelector('.now')"
      browser:press " "
      wait_for_scene(number)
      browser:press " "
    end
    browser:press "ArrowLeft" -- to the scene before, upwards
    browser:press "ArrowLeft"
    wait_for_scene(7)
    browser:value "document.querySelectorAll('.sheet a')[7].click()" -- the address is the same
    browser:press " "
    wait_for_scene(8)
  end)

  it("is the scene that the page was opened at", function ()
    open_short()
    browser:open("about:blank", 1320, 900)
    browser:open("file://" .. directory .. "/page.html#scene-5", 1320, 900)
    browser:wait_for "document.body?.classList.contains('whole')"
    browser:press "ArrowRight"
    assert.equal("scene-5", browser:value "document.querySelector('.scene.now').id")
    assert.same({}, browser:said())
  end)

  it("is in sight", function ()
    open_short()
    browser:press "ArrowRight"
    browser:value "scrollTo(0, 9999)"
    browser:press " "
    wait_for_scene(1)
  end)

  it("begins anew from its end", function ()
    open_short()
    click_track(0.999)
    wait_for_scene(9)
    browser:press " "
    wait_for_scene(1)
    browser:press " "
    browser:value "document.querySelector('#scene-3 input').focus()"
    for _ = 1, 3 do browser:press "ArrowRight" end
    assert.equal(2, browser:value "document.querySelector('#scene-3 input').valueAsNumber")
    browser:press " "
    browser:wait_for "document.querySelector('#scene-3.now input')?.valueAsNumber < 1"
  end)
end)
