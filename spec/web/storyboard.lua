-- The storyboard in a browser: `make test-web`.
local aistudios = require "aistudios"
local support = require "spec.support"

local directory = support.directory "web"

local function quiet(arguments, page)
  local path = directory .. "/page.html"
  support.write_file(path, page)
  return support.run(("env -u LD_PRELOAD timeout 120 chromium --headless --no-sandbox "
    .. "--disable-gpu --hide-scrollbars --user-data-dir='%s/profile' "
    .. "--enable-logging=stderr --window-size=1320,3000 %s 'file://%s' 2>'%s/log'")
    :format(directory, arguments, path, directory))
end

-- What a page became in the browser, and what that had to say about it.
local function open(page, arguments)
  local dom = quiet("--dump-dom " .. (arguments or ""), page)
  local said = {}
  for line in support.read_file(directory .. "/log"):gmatch "[^\n]+" do
    if line:find "CONSOLE" then said[#said + 1] = line end
  end
  return dom, said
end

local function corner(arguments, page)
  quiet(("--screenshot='%s/page.png' %s"):format(directory, arguments), page)
  support.run(("env -u LD_PRELOAD pngtopnm '%s/page.png' >'%s/page.pnm' 2>/dev/null")
    :format(directory, directory))
  local bytes = support.read_file(directory .. "/page.pnm")
  local start = bytes:match "^P6%s+%d+%s+%d+%s+255%s()"
  return { bytes:byte(start, start + 2) }
end

local function hostile()
  local text = "</script><script>console.log('ran')</script>&amp;<img src=x onerror=alert(1)>"
    .. "\u{202E}\0\xFF"
  return { id = text, type = "textImage", layer = 2, left = 100, top = 100, width = 800,
    height = 300, text = text, fill = "#000000", fontSize = 30, fontFamily = text }
end

local function broken(index)
  return { sceneIdx = index, background = { source_color = "#ffffff" }, clips = {
    { id = "a", type = "shape", shapeName = "Sqare", layer = 1, left = 0, top = 0,
      width = 1 / 0, height = -5, fill = "red", angle = 0 / 0, opacity = 500,
      shadow = { blur = 3 }, strokeWidth = -1, stroke = "blue" },
    { id = "b", type = "image", layer = 2, left = 9000, top = 0, width = 10, height = 10,
      source_url = "https://cdn.example.com/a.png", angle = 45 },
    { id = "c", type = "audio", label = "x", source_url = "https://cdn.example.com/a.mp3" },
    { id = "d", type = "nothing" }, hostile(),
  }, scripts = { { org = hostile().text, modelId = "M0" } } }
end

local function project()
  local whole = support.project()
  for i = 2, 5 do whole.scenes[i] = broken(i + 5) end
  whole.colour = "x"
  return whole
end

local MEASURE = [[
<script>
const shown = e => { const r = e.getBoundingClientRect();
  return r.width > 20 && r.height > 15 && r.left >= 0 && r.right <= innerWidth
    && e.checkVisibility() && e.textContent.trim() !== "" };
const count = s => [...document.querySelectorAll(s)].filter(shown).length;
document.title = [count("article.scene figure svg"), count("article.scene"),
  count(".problems li"), count(".words"),
  document.documentElement.scrollWidth <= innerWidth].join(" ");
</script></body>]]

describe("the page in a browser", function ()
  it("opens without a message in the console", function ()
    for _, one in ipairs { support.project(), project(), { scenes = 1 } } do
      local dom, said = open(aistudios.storyboard(one))
      assert.same({}, said)
      assert.truthy(dom:find("</html>", 1, true))
    end
  end)

  it("would be heard if it had something to say", function ()
    local _, said = open "<svg><rect width='-1'/></svg><script>console.log(1)</script>"
    assert.equal(2, #said)
  end)

  it("shows every scene, script and problem", function ()
    local errors, warnings = require "aistudios.project.check"(project())
    assert.is_true(#errors > 10 and #warnings > 3)
    local page = aistudios.storyboard(project())
      :gsub('<meta http%-equiv="Content%-Security%-Policy".->', "")
      :gsub("</body>", function () return MEASURE end)
    local dom = open(page)
    assert.equal(("5 5 %d 5 true"):format(#errors + #warnings),
      dom:match "<title>(.-)</title>")
  end)

  it("is light, and dark for whom it shall be dark", function ()
    local page = aistudios.storyboard(support.project())
    local light = corner("", page)
    local dark = corner("--blink-settings=preferredColorScheme=0", page)
    assert.is_true(light[1] > 230 and light[2] > 230 and light[3] > 230)
    assert.is_true(dark[1] < 40 and dark[2] < 40 and dark[3] < 40)
  end)

  it("has labels of one size on the screen, whatever a clip's scale and the window's", function ()
    local whole = aistudios.project { name = "Labels" }
    for _, scale in ipairs { 0.25, 1, 4 } do
      whole:scene { background = "#ffffff" }:image { "https://cdn.example.com/picture.png",
        size = { 400 / scale, 300 / scale }, scale = scale }
    end
    local page = aistudios.storyboard(whole):gsub("</body>", function () return [[<script>
      document.title = [...document.querySelectorAll("figure .label")].map(
        e => (parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a).toFixed(1)).join(" ");
      </script></body>]] end):gsub('<meta http%-equiv="Content%-Security%-Policy".->', "")
    for _, width in ipairs { 1320, 520 } do
      assert.equal("12.0 12.0 12.0",
        open(page, "--window-size=" .. width .. ",900"):match "<title>(.-)</title>")
    end
  end)

  it("has pins that can be read in every window", function ()
    local text = { id = "t", type = "textImage", layer = 1, left = 10, top = 10, width = 600,
      height = 90, text = "Some words", fontSize = 36, fill = "blueish" }
    for orientation, widths in pairs { landscape = { 1320, 520 }, portrait = { 1320, 520 } } do
      local page = aistudios.storyboard({ name = "Pins", orientation = orientation, scenes = { {
        sceneIdx = 0, background = { source_color = "#fff" }, clips = { text }, scripts = {} } } })
        :gsub("</body>", function () return [[<script>
        document.title = [...document.querySelectorAll(".pin")].map(pin => {
          const box = pin.getBoundingClientRect();
          const around = pin.closest("figure").getBoundingClientRect();
          return box.height > 19 && box.left >= around.left && box.top >= around.top;
        }).join(" ");
        </script></body>]] end):gsub('<meta http%-equiv="Content%-Security%-Policy".->', "")
      for _, width in ipairs(widths) do
        assert.equal("true", open(page, "--window-size=" .. width .. ",900"):match
          "<title>(.-)</title>", orientation .. width)
      end
    end
  end)

  it("shows the safe areas to whom switches them on, without a script", function ()
    local page = aistudios.storyboard(support.project())
    local function shown(html)
      html = html:gsub('<meta http%-equiv="Content%-Security%-Policy".->', "")
        :gsub("</body>", function () return [[<script>document.title =
          getComputedStyle(document.querySelector(".safe")).display;</script></body>]] end)
      return (open(html):match "<title>(.-)</title>")
    end
    assert.equal("none", shown(page))
    assert.equal("inline", shown((page:gsub('id="safe%-areas"', "%0 checked"))))
  end)
end)
