-- The storyboard's layout in a browser, on screens and on paper: `make test-web`.
local aistudios = require "aistudios"
local browsers = require "spec.support.browser"
local projects = require "spec.fixtures.projects.storyboards"
local support = require "spec.support"

local directory = support.directory "layout"
local browser

setup(function () browser = browsers.start() end)
teardown(function () browser:close() end)

local function open(project, width)
  support.write_file(directory .. "/page.html", aistudios.storyboard(project))
  browser:open("file://" .. directory .. "/page.html", width, 900)
  browser:wait_for "document.readyState === 'complete'"
end

-- The text of each page of a PDF, and whether all its words are within the page.
local function read_pdf(path)
  local pages, is_within = {}, true
  local words = support.run(("env -u LD_PRELOAD pdftotext -bbox '%s' -"):format(path))
  for width, height, page in words:gmatch '<page width="(.-)" height="(.-)">(.-)</page>' do
    for left, top, right, bottom in
        page:gmatch '<word xMin="(.-)" yMin="(.-)" xMax="(.-)" yMax="(.-)"' do
      is_within = is_within and tonumber(left) >= 0 and tonumber(top) >= 0
        and tonumber(right) <= tonumber(width) and tonumber(bottom) <= tonumber(height)
    end
  end
  for page in support.run(("env -u LD_PRELOAD pdftotext -raw '%s' -"):format(path))
      :gmatch "([^\f]*)\f" do
    pages[#pages + 1] = page:gsub("%s+", " ")
  end
  return pages, is_within
end

local function print_project(project)
  open(project, 1320)
  browser:print(directory .. "/page.pdf")
  return read_pdf(directory .. "/page.pdf")
end

local function page_of(pages, words)
  local found
  for number, page in ipairs(pages) do
    if page:find(words, 1, true) then
      assert.is_nil(found, words)
      found = number
    end
  end
  return assert(found, words)
end

-- How many labels have no room for all of their text.
local CUT = [[(() => {
  for (const e of document.querySelectorAll(".scene")) e.style.contentVisibility = "visible";
  return [...document.querySelectorAll(".timeline span, .timeline b, .sheet a, .facts dd")]
    .filter(e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1).length;
})()]]

describe("on a screen", function ()
  for _, width in ipairs { 1320, 700, 420 } do
    it(("%d px wide, no label is cut and nothing is wider"):format(width), function ()
      for name, make in pairs(projects) do
        open(make(), width)
        assert.equal(0, browser:value(CUT), name)
        assert.is_true(browser:value "document.documentElement.scrollWidth <= innerWidth", name)
      end
    end)
  end

  it("every scene is on the contact sheet, with its seconds and problems", function ()
    local project = projects.course()
    project.scenes[7].clips[2].fontSize = "big"
    open(project, 1320)
    local list = browser:value "[...document.querySelectorAll('.sheet a')].map(a => a.textContent)"
    local estimate = aistudios.estimate(project)
    assert.equal(60, #list)
    for i, label in ipairs(list) do
      assert.equal(("%d %.1f s%s"):format(i, estimate.by_scene[i].seconds,
        i == 7 and " 1 problem" or ""), label)
    end
    browser:value "document.querySelectorAll('.sheet a')[40].click()"
    browser:wait_for [[Math.abs(document.getElementById("scene-41").getBoundingClientRect().top)
      < 100]]
  end)

  it("no time that changes with every frame is read out by itself", function ()
    open(projects.news(), 1320)
    browser:call "Accessibility.enable"
    local live = {}
    for _, node in ipairs(browser:call("Accessibility.getFullAXTree").nodes) do
      for _, property in ipairs(node.properties or {}) do
        if property.name == "live" then live[#live + 1] = property.value.value end -- but "off"
      end
    end
    assert.same({}, live)
  end)

  it("a small drawing shows what the large one shows", function ()
    open(projects.news(), 1320)
    assert.is_true(browser:value [[[...document.querySelectorAll(".sheet use")].every(use => {
      const box = use.getBoundingClientRect();
      return document.querySelector(use.getAttribute("href")) && box.width > 100;
    })]])
  end)

  it("upright scenes stand side by side", function ()
    open(projects.portrait(), 1320)
    assert.equal(3, browser:value [[
      (all => all.filter(e => e.getBoundingClientRect().top
        === all[0].getBoundingClientRect().top).length)([...document.querySelectorAll(".scene")])]])
  end)

  it("a long script is folded behind its start", function ()
    local project = projects.portrait()
    assert.is_true(#project.scenes[3].scripts[1].org > 5000)
    open(project, 1320)
    assert.same({ 1, false }, browser:value [[(all => [all.length, all[0].open])
      (document.querySelectorAll(".words details"))]])
    assert.is_true(browser:value [[document.querySelector("#scene-3 blockquote").clientHeight
      < 600]])
    assert.equal(project.scenes[3].scripts[1].org, browser:value [[
      [...document.querySelectorAll("#scene-3 [data-t]")].map(e => e.textContent).join("")]])
  end)
end)

-- How many pins lie on another one, or leave their drawing; and the height of the smallest.
local PINS = [[(pins => [pins.filter((a, i) => a.left < a.around.left || a.right > a.around.right
    || a.top < a.around.top || a.bottom > a.around.bottom
    || pins.slice(0, i).some(b => a.left < b.right - 0.1 && b.left < a.right - 0.1
      && a.top < b.bottom - 0.1 && b.top < a.bottom - 0.1)).length,
    Math.min(...pins.map(a => a.bottom - a.top))])
  ([...document.querySelectorAll(".pin rect")].map(e => {
    const { left, right, top, bottom } = e.getBoundingClientRect();
    return { left, right, top, bottom, around: e.closest("svg").getBoundingClientRect() };
  }))]]

describe("pins of clips at one place", function ()
  for orientation, counts in pairs { landscape = { 2, 30, 150 }, portrait = { 2, 20, 120 } } do
    it("do not lie on each other, however wide the page: " .. orientation, function ()
      for _, count in ipairs(counts) do
        local clips = {}
        for i = 1, count do
          clips[i] = { id = "c" .. i, type = "shape", shapeName = "Star", layer = i, left = 500,
            top = 500, width = 100, height = 100, fill = "blueish", tag = i % 3 == 0 and 1 or nil }
        end
        open({ name = "Pins", orientation = orientation, scenes = { { sceneIdx = 0,
          background = { source_color = "#fff" }, clips = clips, scripts = {} } } }, 1320)
        for _, width in ipairs { 1320, 700, 420, 320 } do
          browser:call("Emulation.setDeviceMetricsOverride",
            { width = width, height = 900, deviceScaleFactor = 1, mobile = false })
          local found = browser:value(PINS)
          assert.equal(0, found[1], ("%d pins at %d px"):format(count, width))
          assert.is_true(count > 100 or found[2] > 15, found[2])
        end
      end
    end)
  end
end)

-- A scene whose labels have little room, at the edges of the canvas.
local function labelled(orientation)
  local width = orientation == "portrait" and 1080 or 1920
  local clips = { { id = "a", type = "aiModel", layer = 1, left = width - 340, top = 400,
    width = 300, height = 600, model = { ai_name = "M000045058" } } }
  for i, one in ipairs { { "IMG_20240312.jpg", 0, 320 }, { "a-2024.jpg", width - 260, 260 },
    { "春の花束と夏の写真2024.jpg", 0, 500 }, { "WWWWMMMM.jpg", width - 150, 150 },
    { "A_NAME_OF_MORE_THAN_FORTY_CHARACTERS_IN_CAPITALS.jpg", 0, width } } do
    clips[i + 1] = { id = "i" .. i, type = "image", layer = i, left = one[2], top = 180 * i,
      width = one[3], height = 170, source_url = "https://a.example/" .. one[1] }
  end
  return { name = "Labels", orientation = orientation, scenes = { { sceneIdx = 0, scripts = {},
    background = { source_color = "#334155" }, clips = clips } } }
end

-- What each label shows, and whether that is within its clip and the canvas.
local LABELS = [[[...document.querySelectorAll("figure .label")].filter(
  e => getComputedStyle(e).display !== "none").map(e => {
    const box = e.getBoundingClientRect();
    return [[...e.childNodes].filter(node => node.nodeType === 3
      || getComputedStyle(node).display !== "none").map(node => node.textContent).join(""),
      [e.previousElementSibling, e.closest("svg").querySelector(".canvas")].every(around => {
        const room = around.getBoundingClientRect();
        return box.left >= room.left - 1 && box.right <= room.right + 1 && box.top >= room.top - 1;
      })];
  })]]

local function assert_labels(project, where)
  local names = {}
  for _, clip in ipairs(project.scenes[1].clips) do
    names[#names + 1] = clip.source_url and clip.source_url:match "[^/]+$" or clip.model.ai_name
  end
  local found = browser:value(LABELS)
  assert.is_true(#found >= 5, where)
  for _, one in ipairs(found) do
    local head = one[1]:match "^(.*)…$"
    local is_true = false
    for _, name in ipairs(names) do
      is_true = is_true or name == one[1] or head and name:sub(1, #head) == head
    end
    assert.is_true(is_true and one[2], where .. one[1])
  end
  return found[1][1]
end

describe("a label", function ()
  for _, orientation in ipairs { "landscape", "portrait" } do
    it("is whole or ends with an ellipsis, within its clip: " .. orientation, function ()
      local project = labelled(orientation)
      for _, width in ipairs { 1320, 1000, 900, 420, 320 } do
        open(project, width)
        local first = assert_labels(project, width .. " px: ")
        if width == 1320 then assert.equal("M000045058", first) end
      end
      open(project, 688) -- A4 without its margins
      browser:call("Emulation.setEmulatedMedia", { media = "print" })
      assert_labels(project, "paper: ")
    end)
  end
end)

describe("on paper", function ()
  it("a scene's heading, its drawing and its script begin on one page", function ()
    for name, make in pairs { portrait = projects.portrait, course = projects.course } do
      local project = make()
      local pages, is_within = print_project(project)
      assert.is_true(is_within)
      for i = 1, #project.scenes do
        local heading = page_of(pages, ("Scene %d %d clips"):format(i, #project.scenes[i].clips))
        local drawn = name == "course" and i .. " / 60" or i .. ". " -- with the name of a plant
          .. project.scenes[i].clips[3].text:match "^%S+ (%S+)"
        local said = name == "course" and "Slide " .. i .. ". Before"
          or project.scenes[i].scripts[1].org:match "^.-%."
        assert.truthy(pages[heading]:find(drawn, 1, true), name .. " " .. i)
        assert.truthy(pages[heading]:find(said, 1, true), name .. " " .. i)
      end
    end
  end)

  it("there are two or three upright scenes on a page", function ()
    local project = projects.portrait()
    project.scenes[3].scripts[1].org = "Short."
    for i = 6, 11 do project.scenes[i] = projects.portrait().scenes[1] end
    local pages = print_project(project)
    for number, page in ipairs(pages) do
      local count = select(2, page:gsub("Scene %d+ 4 clips", ""))
      assert.is_true(count <= 3 and (count >= 2 or number == 1 or number == #pages), page)
    end
  end)

  it("the bars of the timeline are there", function ()
    print_project { name = "x",
      scenes = { { scripts = { { org = "Good evening." } }, clips = {} } } }
    local image = support.run(("env -u LD_PRELOAD pdftoppm -r 36 '%s/page.pdf'"):format(directory))
    local pixels, count = image:match "^P6%s+%d+%s+%d+%s+%d+%s(.*)$", 0
    for at = 1, #pixels - 2, 3 do
      local red, green, blue = pixels:byte(at, at + 2)
      -- 38 % of #4a6d8c on #eeeeee
      if math.abs(red - 176) < 4 and math.abs(green - 189) < 4 and math.abs(blue - 201) < 4 then
        count = count + 1
      end
    end
    assert.is_true(count > 200, count)
  end)

  for _, orientation in ipairs { "landscape", "portrait" } do
    it("many words are as wide as the page, below the drawing: " .. orientation, function ()
      local made = aistudios.project { name = "Long", orientation = orientation }
      for i = 1, 3 do
        made:scene { background = "#fff" }:avatar { model = "M1", clothes = "C1",
          say = i == 2 and ("Water it when the soil is dry. "):rep(250) or "Short." }
        made:text { "Drawing-" .. i, at = { 120, 200 }, width = 800, height = 110, fontSize = 60 }
      end
      for i = 3, 80 do -- problems instead of a script
        made.scenes[3].clips[i] = { id = "c" .. i, type = "shape", shapeName = "Star", layer = 1,
          left = 50, top = 50, width = 90, height = 90, fill = "blueish" }
      end
      local pages = print_project(made:build())
      for i = 1, 3 do
        local words = ("Scene %d %d clips"):format(i, #made.scenes[i].clips)
        assert.truthy(pages[page_of(pages, words)]:find("Drawing-" .. i, 1, true))
      end
      local boxes = support.run(("env -u LD_PRELOAD pdftotext -bbox '%s/page.pdf' -"):format(
        directory))
      for page in boxes:gmatch "<page.->(.-)</page>" do
        local first = math.huge
        for left in page:gmatch '<word xMin="(.-)"' do first = math.min(first, tonumber(left)) end
        assert.is_true(first < 80, first) -- pt, of which the margin is 40
      end
    end)
  end

  it("a folded script is printed whole", function ()
    local pages = print_project(projects.portrait())
    local words = table.concat(pages, " ")
    assert.equal(60, select(2, words:gsub("an hour after watering", "")))
  end)
end)
