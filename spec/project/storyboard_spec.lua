-- What a storyboard draws: scenes as SVG, looked at as pixels, and the page
-- around them.
local aistudios = require "aistudios"
local support = require "spec.support"

local storyboard = aistudios.storyboard
local directory = support.directory "storyboard"

-- A drawing as librsvg sees it: a function from a place to {red, green, blue}.
local function render(svg)
  local path = directory .. "/drawn.svg"
  support.write_file(path, svg)
  support.run(("env -u LD_PRELOAD rsvg-convert --unlimited '%s' -o '%s.png' 2>&1")
    :format(path, path))
  support.run(("env -u LD_PRELOAD pngtopnm '%s.png' >'%s.pnm' 2>/dev/null")
    :format(path, path))
  local bytes = support.read_file(path .. ".pnm")
  local width, height, start = bytes:match "^P6%s+(%d+)%s+(%d+)%s+255%s()"
  return function (x, y)
    assert(x >= 0 and x < tonumber(width) and y >= 0 and y < tonumber(height))
    local place = start + 3 * (y * tonumber(width) + x)
    return { bytes:byte(place, place + 2) }
  end, tonumber(width), tonumber(height)
end

-- A picture of 40 by 20 px, blue on the left and red on the right, as a tool
-- of netpbm writes it.
local function picture_by(tool)
  local path = directory .. "/" .. tool:match "%a+"
  support.write_file(path .. ".ppm", "P6 40 20 255\n"
    .. (("\0\0\xFF"):rep(20) .. ("\xFF\0\0"):rep(20)):rep(20))
  support.run(("env -u LD_PRELOAD %s '%s.ppm' >'%s' 2>/dev/null"):format(tool, path, path))
  return support.read_file(path)
end

local RED, BLUE, WHITE = { 255, 0, 0 }, { 0, 0, 255 }, { 255, 255, 255 }

local function shape(fields)
  local clip = { id = "s", type = "shape", shapeName = "Square", layer = 1,
    left = 0, top = 0, width = 100, height = 100, fill = "#ff0000" }
  for name, value in pairs(fields) do clip[name] = value end
  return clip
end

local function caption(fields)
  local clip = { id = "t", type = "textImage", layer = 1, left = 10, top = 10,
    width = 600, height = 100, fill = "#000000", fontSize = 30, text = "Hello" }
  for name, value in pairs(fields) do clip[name] = value end
  return clip
end

local function project_of(...)
  return { name = "Drawn", scenes = { { sceneIdx = 0, clips = { ... },
    background = { source_color = "#ffffff" } } } }
end

local function draw(...) return storyboard.svg(project_of(...), 1) end

describe("a drawn scene", function ()
  it("has the size of the canvas", function ()
    local project = project_of()
    local _, width, height = render(storyboard.svg(project, 1))
    assert.same({ 1920, 1080 }, { width, height })
    project.orientation = "portrait"
    _, width, height = render(storyboard.svg(project, 1))
    assert.same({ 1080, 1920 }, { width, height })
  end)

  it("has a red square at its place and of its size", function ()
    local at = render(draw(shape { left = 300, top = 200, width = 150, height = 80,
      scaleX = 2, scaleY = 0.5 }))
    for _, inside in ipairs { { 300, 200 }, { 599, 200 }, { 300, 239 }, { 599, 239 } } do
      assert.same(RED, at(inside[1], inside[2]))
    end
    for _, outside in ipairs { { 299, 200 }, { 300, 199 }, { 600, 239 }, { 599, 240 } } do
      assert.same(WHITE, at(outside[1], outside[2]))
    end
  end)

  it("has the higher layer in front, whatever the order of the list", function ()
    local back, front = shape { layer = 1 }, shape { layer = 2, fill = "rgb(0,0,255)" }
    assert.same(BLUE, render(draw(back, front))(50, 50))
    assert.same(BLUE, render(draw(front, back))(50, 50))
    front.layer = 1
    assert.same(RED, render(draw(front, back))(50, 50))
  end)

  it("turns a clip clockwise about its own upper left corner", function ()
    local left, top, width, height, angle = 800, 400, 300, 120, 35
    local at = render(draw(shape { left = left, top = top, width = width,
      height = height, angle = angle }))
    local cos, sin = math.cos(math.rad(angle)), math.sin(math.rad(angle))
    -- Three px inside and outside of each corner, along both edges.
    for _, corner in ipairs { { 0, 0, 1, 1 }, { width, 0, -1, 1 },
      { width, height, -1, -1 }, { 0, height, 1, -1 } } do
      for step = -3, 3, 6 do
        local x, y = corner[1] + corner[3] * step, corner[2] + corner[4] * step
        assert.same(step > 0 and RED or WHITE,
          at(math.floor(left + x * cos - y * sin), math.floor(top + x * sin + y * cos)))
      end
    end
  end)

  it("lets through what is behind as the opacity says", function ()
    local at = render(draw(shape { opacity = 50 }))
    assert.same({ 255, 127, 127 }, at(50, 50))
  end)

  it("is cut off at the canvas", function ()
    local at = render(draw(shape { left = -50, top = 1030 }))
    assert.same(RED, at(0, 1079))
    assert.same(WHITE, at(50, 1079))
  end)

  it("has shapes by name", function ()
    local function corner_and_middle(name)
      local at = render(draw(shape { shapeName = name, width = 200, height = 200 }))
      return { at(2, 2)[2] == 0, at(100, 100)[2] == 0 }
    end
    assert.same({ true, true }, corner_and_middle "Square")
    for _, name in ipairs { "Circle", "Triangle", "Diamond", "Star", "Hexagon_1",
      "Parallelogram", "Pentagon", "Polygon", "Drop_1", "Arrow_1_v2", "Arrow_2_v2" } do
      assert.same({ false, true }, corner_and_middle(name), name)
    end
  end)

  it("has an outline for every shape that the schema knows", function ()
    local outlines = require "aistudios.project.storyboard.shapes".outlines
    local schema = require "aistudios.project.schema"
    for _, name in ipairs(schema.clips.shape.shapeName.enum) do
      assert.truthy(outlines[name], name)
    end
  end)

  it("has a shadow where its offset says", function ()
    local at = render(draw(shape { left = 100, top = 100,
      shadow = { color = "#0000ff", offsetX = 10, offsetY = 10 } }))
    assert.same(RED, at(199, 199))
    assert.same(BLUE, at(205, 205))
    assert.same(WHITE, at(211, 211))
  end)

  it("has the text within its box, in its colour, on its ground", function ()
    local at = render(draw(caption { text = ("M"):rep(10), fill = "#0000ff",
      backgroundColor = "#ff0000" }))
    local blue = 0
    for y = 10, 109 do
      for x = 10, 609 do
        if at(x, y)[3] == 255 then blue = blue + 1 end
      end
    end
    assert.is_true(blue > 500)
    assert.same(RED, at(605, 105))
  end)

  it("has long text on several lines, and as many more as are narrow", function ()
    local function count(width)
      return select(2, draw(caption { width = width, text = ("word "):rep(40) })
        :gsub("<text", ""))
    end
    assert.is_true(count(1200) > 1)
    assert.is_true(count(300) > 3 * count(1200))
  end)

  for _, tool in ipairs { "pnmtopng", "ppmtogif", "pnmtojpeg -quality=100 -sample=1x1" } do
    it("shows the part of a picture that a crop leaves: " .. tool, function ()
      local bytes = picture_by(tool)
      local image = shape { type = "image", source_url = "https://example.com/a", cropX = 15,
        cropY = 5, width = 20, height = 10, scaleX = 10, scaleY = 10, left = 100, top = 50 }
      local at = render(storyboard.svg(project_of(image), 1,
        { images = { ["https://example.com/a"] = bytes } }))
      local function is_near(colour, x, y)
        for i, value in ipairs(at(x, y)) do
          assert.is_true(math.abs(value - colour[i]) < 8, tool .. x .. " " .. y)
        end
      end
      is_near(BLUE, 110, 60) -- the 5 px of the left half that are left
      is_near(BLUE, 140, 140)
      is_near(RED, 160, 60)
      is_near(RED, 290, 140)
      for _, place in ipairs { { 95, 60 }, { 305, 60 }, { 200, 45 }, { 200, 155 } } do
        assert.same(WHITE, at(place[1], place[2]))
      end
    end)
  end

  it("reads the size of a picture where its format has it", function ()
    local size = require "aistudios.project.storyboard.picture".size
    local webp = "RIFF\40\0\0\0WEBP"
    local function at(bytes) return { size(bytes) } end
    assert.same({ 300, 200 }, at(webp .. "VP8 \20\0\0\0\0\0\0\x9D\1\x2A\x2C\1\xC8\0----"))
    assert.same({ 300, 200 }, at(webp .. "VP8L\20\0\0\0\x2F"
      .. ("<I4"):pack(299 | 199 << 14) .. "--------"))
    assert.same({ 300, 200 }, at(webp .. "VP8X\10\0\0\0\0\0\0\0\x2B\1\0\xC7\0\0----"))
    for _, bytes in ipairs { "", "GIF89a", "\x89PNG\r\n\x1A\n", webp, webp .. ("x"):rep(40),
      "\xFF\xD8\xFF", "\xFF\xD8" .. ("\xFF"):rep(99), "\xFF\xD8\xFF\xE0\0\0" .. ("x"):rep(9),
      "\xFF\xD8\xFF\xC0\0\11\8\0\0\0\0" } do
      assert.same({}, at(bytes))
    end
  end)

  it("has the picture of a clip when its bytes are there", function ()
    local url = "https://cdn.example.com/red.gif"
    local gif = "GIF89a\1\0\1\0\x80\0\0\xFF\0\0\xFF\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
    local image = shape { type = "image", source_url = url, left = 20, top = 30 }
    local project = project_of(image)
    assert.same(RED, render(storyboard.svg(project, 1,
      { images = { [url] = gif } }))(70, 80))
    assert.not_same(RED, render(storyboard.svg(project, 1))(70, 80))
    assert.not_same(RED, render(storyboard.svg(project, 1,
      { images = { [url] = "<svg/>" } }))(70, 80))
    assert.is_nil(storyboard.svg(project, 1):find(url, 1, true))
  end)

  it("has a labelled figure for an avatar", function ()
    assert.truthy(storyboard.svg(support.project(), 1):find(">M000045058", 1, true))
  end)
end)

describe("what stands for a picture", function ()
  it("is no colour of the background, and lets white and black text be read", function ()
    local project = project_of()
    project.scenes[1].background = { source_url = "/images/background/bg_blue_gradient.png",
      source_color = "rgb(54,188,37)" }
    local colors = require "aistudios.project.colors"
    local at = render(storyboard.svg(project, 1))
    for _, place in ipairs { { 100, 100 }, { 960, 540 }, { 1344, 240 }, { 600, 900 } } do
      local luminance = colors.luminance(table.unpack(at(place[1], place[2])))
      assert.is_true(colors.contrast(luminance, 0) > 3.8 and colors.contrast(luminance, 1) > 3.8)
    end
  end)

  it("has its file's name, decoded where that is UTF-8", function ()
    for url, name in pairs { ["https://a.example/Br%C3%BCcke%20am%20Fluss.png?x=%41"] =
      "Brücke am Fluss.png", ["https://a.example/%FF%20.png"] = "%FF%20.png",
      ["https://a.example/100%25.png"] = "100%.png", ["https://a.example/%3Cb%3E.png"] =
      "&lt;b&gt;.png", ["https://a.example/%zz%4.png"] = "%zz%4.png" } do
      local image = shape { type = "image", source_url = url, width = 900 }
      assert.truthy(draw(image):find(">" .. name .. "</text>", 1, true), url)
    end
  end)

  it("is decoded on the timeline too", function ()
    local html = storyboard(project_of({ id = "s", type = "audio", left = 0, top = 0, width = 1,
      height = 1, source_url = "https://a.example/a%20song.mp3", label = "a%20song.mp3" }))
    assert.truthy(html:find("a song.mp3 · volume", 1, true))
    assert.is_nil(html:find(">a%20song", 1, true))
  end)

  it("has labels of one size, whatever the scale of its clip", function ()
    local sizes = {}
    for _, change in ipairs { { scaleX = 8, scaleY = 8 }, { scaleX = 0.2, scaleY = 0.2,
      width = 3000, height = 3000 }, { angle = 40, width = 600 }, { width = 600 } } do
      local clip = shape { type = "image", source_url = "https://a.example/a-name.png" }
      for name, value in pairs(change) do clip[name] = value end
      local svg = draw(clip)
      sizes[#sizes + 1] = svg:match '</g><text class="label"[^>]*font%-size="(%d+)"'
    end
    assert.same({ "28", "28", "28", "28" }, sizes)
    assert.is_nil(draw(shape { type = "image", source_url = "https://a.example/a-name.png",
      width = 60 }):find("class=\"label\"", 1, true))
  end)

  it("of a deleted avatar is faint, and says so; its row too", function ()
    local project = support.project()
    project.scenes[1].clips[1].isDelete = true
    assert.truthy(storyboard.svg(project, 1):find("M000045058 · deleted</text>", 1, true))
    assert.truthy(storyboard.svg(project, 1):find('opacity="0.35"', 1, true))
    assert.truthy(storyboard(project):find("deleted, not shown", 1, true))
    assert.truthy(storyboard(project):find("clips[1].isDelete</bdi>", 1, true))
  end)

  it("has no seconds where nothing tells them", function ()
    local html = storyboard(project_of({ id = "v", type = "videoImage", layer = 1, left = 0,
      top = 0, width = 640, height = 360, video_url = "https://a.example/a.mp4" }))
    assert.truthy(html:find("length unknown", 1, true))
    assert.is_nil(html:match('<div class="timeline".-</div></div></div>'):find "%d s<")
  end)
end)

describe("a colour that is none", function ()
  -- The two colours of the hatching, of what a row of pixels has.
  local function stripes(at, y, from, to)
    local light, dark = 0, 0
    for x = from, to do
      local pixel = at(x, y)
      if pixel[1] == 0xFB and pixel[2] == 0xEE then light = light + 1 end
      if pixel[1] == 0xE8 and pixel[2] == 0xA4 then dark = dark + 1 end
    end
    return light > 20 and dark > 20
  end

  it("is hatched, wherever a colour may be", function ()
    local colours, clips = { "FFFFFF", "fff", "blueish", "#ggg", "white;", "0xff0000", "none",
      "linear-gradient(red, blue)", "rgb(1,2", 7, false, "url(#x)", "" }, {}
    for i, colour in ipairs(colours) do
      local top = 80 * i - 60
      clips[#clips + 1] = shape { fill = colour, top = top, width = 300, height = 60 }
      clips[#clips + 1] = caption { fill = colour, left = 400, top = top, width = 300,
        height = 60, text = "x" }
      if colour ~= "" then
        clips[#clips + 1] = caption { backgroundColor = colour, left = 800, top = top,
          width = 300, height = 60, text = "x" }
        clips[#clips + 1] = shape { stroke = colour, strokeWidth = 40, left = 1250,
          top = top + 20, width = 300, height = 20 }
      end
    end
    local at = render(draw(table.unpack(clips)))
    for i, colour in ipairs(colours) do
      for x = 0, colour == "" and 400 or 1200, 400 do
        assert.is_true(stripes(at, 80 * i - 58, x + 80, x + 290), x .. tostring(colour))
      end
    end
    for _, colour in ipairs { "FFFFFF", "", false } do
      local project = project_of()
      project.scenes[1].background.source_color = colour
      assert.is_true(stripes(render(storyboard.svg(project, 1)), 500, 0, 900))
    end
  end)

  it("is hatched alike on shapes of all kinds and sizes", function ()
    local clips = {}
    for i, name in ipairs { "Circle", "Star", "Diamond", "Triangle", "Drop_1", "Square" } do
      clips[i] = shape { shapeName = name, fill = "blueish", left = 300 * i - 200, top = 100,
        width = 250, height = 250 }
    end
    local at = render(draw(table.unpack(clips)))
    for i = 1, #clips do assert.is_true(stripes(at, 240, 300 * i - 150, 300 * i), i) end
  end)

  it("is a problem that the check tells", function ()
    for _, name in ipairs { "fill", "stroke", "backgroundColor" } do
      local _, warnings = require "aistudios.project.check"(project_of(caption {
        left = 200, top = 200, [name] = "FFFFFF" }))
      assert.equal(("scenes[1].clips[1].%s"):format(name), warnings[1].path)
      assert.equal("is not a colour; did you mean '#FFFFFF'?", warnings[1].message)
    end
  end)

  it("is not one of CSS's, which are drawn alike", function ()
    local known = require "aistudios.project.colors".known
    for text, seen in pairs { ["#abc"] = "#aabbcc", ["#ABCD"] = "#aabbccdd", RED = "#ff0000",
      ["rgb(10%,20%,30%)"] = "#1a334d", ["rgba(1, 2, 3, .5)"] = "#01020380",
      ["rgb(1 2 3 / 50%)"] = "#01020380", ["hsl(120, 50%, 50%)"] = "#40bf40",
      ["hsl(120deg 100% 25%)"] = "#008000", ["hsla(0.5turn, 100%, 50%, 1)"] = "#00ffff",
      ["rgb(300, -5, 0)"] = "#ff0000", transparent = "#00000000",
      rebeccapurple = "#663399" } do
      assert.equal(seen, known[text].text, text)
    end
    for _, text in ipairs { "rgb(100%,0,0)", "rgb(50%,128,0)", "hsl(120,100,50)",
      "hsl(120deg,50%,50)" } do
      assert.is_false(known[text], text)
    end
  end)
end)

describe("hostile text", function ()
  local texts = {
    "</script><script>alert(1)</script>", "&lt;b&gt; &amp; &#x41; &bogus;",
    "]]> <!-- --> <?xml?> \"'", "\u{202E}right to left\u{2067} \u{5D0}\u{5D1}",
    "\u{1F600}\u{1F469}\u{200D}\u{1F680}", "\0\1\8\27\127 bell\7",
    "\xFF\xFE\x80 \xC3 \xED\xA0\x80 \u{FFFE}\u{FFFF}\u{85}",
  }

  it("stays text in a scene that is well formed", function ()
    for _, text in ipairs(texts) do
      local svg = draw(caption { text = text, id = text, fontFamily = text },
        caption { type = text }, shape { type = "image", source_url = text })
      assert.truthy(utf8.len(svg))
      render(svg)
      assert.is_nil(svg:find("<script", 1, true))
      assert.is_nil(svg:find("[%z\1-\8\11-\31\127]"))
    end
  end)

  it("stays text in the page", function ()
    for _, text in ipairs(texts) do
      local project = project_of(caption { text = text, id = text, fill = text },
        { type = "audio", label = text, source_url = text },
        { type = "aiModel", model = { ai_name = text }, script = { org = text } })
      project.name, project.resolution, project[text] = text, text, text
      project.scenes[1].background.source_url = text
      local html = storyboard(project)
      assert.truthy(utf8.len(html))
      assert.equal(1, select(2, html:gsub("<script", ""))) -- the page's own
      assert.is_nil(html:find("[%z\1-\8\11-\31\127]"))
      assert.is_nil(html:find("<!--", 1, true))
    end
  end)

  it("of a million bytes is drawn as far as it can be seen", function ()
    for _, text in ipairs { ("x"):rep(1 << 20), ("word "):rep(200000),
      ("\n"):rep(1 << 20), ("\xFF"):rep(1 << 20), ("<b>"):rep(300000) } do
      local project = project_of(caption { text = text })
      local began = os.clock()
      render(storyboard.svg(project, 1))
      assert.is_true(#storyboard(project) < 200000)
      assert.is_true(os.clock() - began < (support.is_slow and 60 or 5))
    end
  end)

  it("is no colour", function ()
    for _, colour in ipairs { "url(#x)", "red\" onload=\"x", "#12", "expression(1)" } do
      local svg = draw(shape { fill = colour, stroke = colour, strokeWidth = 2 })
      assert.is_nil(svg:find(colour, 1, true))
      render(svg)
    end
  end)

  it("would be noticed: what is not well formed is not rendered", function ()
    assert.has_error(function () render "<svg xmlns='http://www.w3.org/2000/svg'>&x;</svg>" end)
    assert.has_error(function () render "<svg xmlns='http://www.w3.org/2000/svg'>" end)
  end)
end)

describe("a page", function ()
  local function count(html, pattern) return select(2, html:gsub(pattern, "")) end

  it("shows each scene, its script and how long it takes", function ()
    local project = support.project()
    project.scenes[2] = { sceneIdx = 1, background = {}, clips = {} }
    local html = storyboard(project)
    assert.equal(2, count(html, '<article class="scene"'))
    assert.truthy(html:find("Hello, this is test video using Api.", 1, true))
    assert.truthy(html:find("about 2.", 1, true))
    assert.truthy(html:find("Nobody speaks.", 1, true))
  end)

  it("keeps pins apart, however many clips are at one place", function ()
    local project = aistudios.project {}:scene {}
    for i = 1, 300 do
      project:shape { "Star", at = i % 3 == 0 and "bottom-right" or { 5000 * (i % 2), 300 } }
      local clip = project.scenes[1].clips[i]
      clip.opacity = 0
      if i % 5 == 0 then clip.angle, clip.layer = "x", 1.5 end
    end
    local found = {}
    for x, y, w, h in storyboard(project):gmatch
        '<g class="pin %w+"><rect x="(.-)" y="(.-)" width="(.-)" height="(.-)"' do
      x, y, w, h = tonumber(x), tonumber(y), tonumber(w), tonumber(h)
      assert.is_true(x >= -64 and y >= -64 and x + w <= 1920 + 64 and y + h <= 1080 + 64)
      for _, one in ipairs(found) do
        assert.is_true(x >= one.x + one.w or one.x >= x + w or y >= one.y + one.h
          or one.y >= y + h, #found)
      end
      found[#found + 1] = { x = x, y = y, w = w, h = h }
    end
    assert.equal(300, #found)
  end)

  it("pins every problem that the check finds to its clip", function ()
    local project = project_of(shape { opacity = 150, fill = false },
      shape { id = "far", left = 5000 }, shape { id = "good", left = 300 })
    project.scenes[1].sceneIdx, project.resolution = "0", "8k"
    local errors, warnings = require "aistudios.project.check"(project)
    local html = storyboard(project)
    assert.is_true(#errors >= 4 and #warnings >= 1)
    assert.equal(#errors + #warnings, count(html, '<li id="problem%-'))
    assert.equal(2, count(html, '<g class="pin'))
    for number = 1, #errors + #warnings do
      assert.equal(1, count(html, ('id="problem%%-%d"'):format(number)))
    end
    for target in html:gmatch '<a href="#([%w-]+)"' do
      assert.equal(1, count(html, ('id="%s"'):format((target:gsub("%-", "%%-")))))
    end
  end)

  it("has sound and animations in its timeline", function ()
    local html = storyboard(project_of(
      shape { animation = { type = "zoom-in", delay = 1, duration = 3 } },
      { id = "a", type = "audio", label = "Guitar", volume = 40, layer = 1,
        source_url = "https://cdn.example.com/a.mp3" }))
    assert.truthy(html:find('left:25%%;width:75%%"></i><b[^>]*>zoom%-in'))
    assert.truthy(html:find("Guitar · volume 40 %%"))
  end)

  it("has one bar in its timeline for clips that do the same at the same time", function ()
    local clips = {}
    for i = 1, 6 do
      clips[i] = shape { id = "star-" .. i, animation = { type = "zoom-in", delay = i > 5 and 1
        or nil, duration = 3 } }
    end
    local html = storyboard(project_of(table.unpack(clips)))
    assert.truthy(html:find("<bdi>star-1, star-2, star-3, star-4 + 1</bdi>", 1, true))
    assert.truthy(html:find("<bdi>star-6</bdi>", 1, true))
    assert.equal(2, count(html, '<i class="animation"'))
  end)

  it("writes a drawing once, however many clips look like it", function ()
    local one = shape { id = "a", shapeName = "Hexagon_1", angle = 30 }
    local whole = project_of(one,
      shape { id = "b", shapeName = "Hexagon_1", angle = 30, left = 500 },
      shape { id = "c", shapeName = "Hexagon_1", fill = "#00ff00" })
    whole.scenes[2] = whole.scenes[1]
    local html = storyboard(whole)
    assert.equal(2, count(html, '<path d="M0.25 0'))
    local id = html:match '<title>a</title><g id="(%w+)" transform="rotate%(30%)"><path'
    for _, name in ipairs { "a", "b" } do
      assert.truthy(html:find(("<use href=#%s x=[%%d.]+ y=[%%d.]+><title>%s</title></use>")
        :format(id, name)))
    end
    assert.equal(3, count(storyboard.svg(whole, 1), '<path d="M0.25 0'))
  end)

  it("takes less than 400 kB for sixty scenes", function ()
    local course = require "spec.fixtures.projects.storyboards".course()
    assert.equal(60, #course.scenes)
    assert.is_true(#storyboard(course) < 300e3)
    assert.is_true(#storyboard(require "spec.bench.common".editor_project(60)) < 400e3)
  end)

  it("says of a scene whose length nothing tells that it is unknown", function ()
    local video = shape { type = "videoImage", video_url = "https://cdn.example.com/a.mp4" }
    local timeline = storyboard(project_of(video)):match '<div class="timeline".-</article>'
    assert.truthy(timeline:find("length unknown", 1, true))
    assert.is_nil(timeline:find "%d s<")
    timeline = storyboard(project_of(video, shape { animation = { type = "fade-in", delay = 1,
      duration = 1 } })):match '<div class="timeline".-</article>'
    assert.truthy(timeline:find("2.0 s<", 1, true))
  end)

  it("has the safe areas as a layer of each drawing, which no scene's own SVG has", function ()
    local project = project_of()
    project.scenes[2] = project.scenes[1]
    local html = storyboard(project)
    assert.equal(2, count(html, '<use class="safe"'))
    assert.equal(1, count(html, 'id="safe%-areas"'))
    -- 93 % and 90 % of 1920 x 1080 px.
    assert.equal(2, count(html, 'x="67.2" y="37.8" width="1785.6" height="1004.4"'))
    assert.equal(2, count(html, 'x="96" y="54" width="1728" height="972"'))
    assert.is_nil(html:find("M0 0H1080V220", 1, true))
    project.orientation = "portrait"
    assert.truthy(storyboard(project):find("M0 0H1080V220", 1, true))
    assert.is_nil(storyboard.svg(project, 1):find("safe", 1, true))
  end)

  it("loads nothing, and runs nothing but its own script", function ()
    local html = storyboard(support.project())
    assert.truthy(html:find("default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
      .. "script-src 'sha256-", 1, true))
    html = html:gsub("<script>", "", 1)
    for _, forbidden in ipairs { "<script", "<link", "<iframe", "src=", "@import",
      "url%(http" } do
      assert.is_nil(html:find(forbidden), forbidden)
    end
  end)

  it("holds a picture once, however many clips show it", function ()
    local url = "https://cdn.example.com/red.gif"
    local image = shape { type = "image", source_url = url }
    local project = project_of(image, image)
    project.scenes[2] = project.scenes[1]
    local html = storyboard(project, { images = { [url] = "GIF89a----------" } })
    assert.equal(1, count(html, "data:image/gif"))
    assert.equal(6, count(html, "<use href")) -- four clips, two of the contact sheet
  end)

  it("is the same for the same project", function ()
    assert.equal(storyboard(support.project()), storyboard(support.project()))
  end)
end)

describe("a broken project", function ()
  local values = { "text", 12, -1, 0 / 0, math.huge, -math.huge, 1e308, math.mininteger,
    true, false, {}, { {} }, { 1, "two" }, { [3] = {} }, { [-1] = {} }, { x = 1 },
    function () end, aistudios.null, "\xFF" }

  -- Each member of a tree, and then what is in it.
  local function each_member(tree, visit)
    local keys = {}
    for key in pairs(tree) do keys[#keys + 1] = key end
    for _, key in ipairs(keys) do
      visit(tree, key)
      if type(tree[key]) == "table" then each_member(tree[key], visit) end
    end
  end

  local function whole()
    local project = support.project()
    local clips = project.scenes[1].clips
    local model = clips[1].model
    model.deployImage, model.deploySize, model.editorValue = nil, nil, nil
    clips[2] = shape { shadow = { color = "#000000", blur = 2 }, stroke = "#000000",
      strokeWidth = 2, animation = { type = "fade-in", delay = 0, duration = 1 } }
    clips[3] = caption { fontFamily = "Serif", align = "center", fontWeight = 700 }
    clips[4] = shape { type = "image", source_url = "https://cdn.example.com/a.png" }
    clips[5] = shape { type = "videoImage", video_url = "https://cdn.example.com/a.mp4" }
    clips[6] = { id = "a", type = "audio", label = "x", layer = 1, volume = 3 }
    project.scenes[1].scripts = { { org = "One", isTTS = true, modelId = "M000045058",
      clothId = "BG" } }
    return project
  end

  it("is drawn whatever one of its values is", function ()
    local project, drawn = whole(), 0
    each_member(project, function (owner, key)
      local good = owner[key]
      for _, bad in ipairs(values) do
        owner[key] = bad
        local html = storyboard(project)
        for _, word in ipairs { "nan", "inf" } do
          if html:find(word, 1, true) then
            local drawing = html:match "<figure>.*</figure>" or ""
            assert.is_nil(drawing:find('[ (,"LMCHV]%-?' .. word .. '[ ),"]'))
            assert.is_nil(html:find("left:%-?" .. word))
          end
        end
        drawn = drawn + 1
      end
      owner[key] = nil
      storyboard(project)
      owner[key] = good
    end)
    assert.is_true(drawn > 1000)
  end)

  it("has scenes that are well formed whatever a clip's values are", function ()
    for _, bad in ipairs(values) do
      local clips = {}
      for _, clip in ipairs(whole().scenes[1].clips) do
        for key in pairs(clip) do
          if key ~= "type" then clip[key] = bad end
        end
        clips[#clips + 1] = clip
      end
      render(storyboard.svg({ scenes = { { clips = clips, background = bad } } }, 1))
    end
  end)

  it("is a page also without scenes", function ()
    for _, scenes in ipairs { 1, "x", {}, { 1, "x" }, false } do
      assert.truthy(storyboard { scenes = scenes }:find("</html>", 1, true))
    end
    assert.truthy(storyboard {}:find("problem-1", 1, true))
  end)
end)

describe("wrong use", function ()
  it("raises, in the caller's line", function ()
    for _, call in ipairs {
      function () storyboard() end,
      function () storyboard("x") end,
      function () storyboard({}, 1) end,
      function () storyboard({}, { image = {} }) end,
      function () storyboard({}, { images = 1 }) end,
      function () storyboard({}, { images = { 1 } }) end,
      function () storyboard.svg(nil, 1) end,
      function () storyboard.svg(project_of(), "1") end,
      function () storyboard.svg(project_of(), 1.5) end,
      function () storyboard.svg(project_of(), 0) end,
      function () storyboard.svg(project_of(), 2) end,
      function () storyboard.svg({}, 1) end,
    } do
      local ok, message = pcall(call)
      assert.is_false(ok)
      assert.truthy(message:find "^[^:]*storyboard_spec.lua:%d+: aistudios%.storyboard",
        message)
    end
  end)

  it("suggests the option that is meant", function ()
    local _, message = pcall(storyboard, {}, { imges = {} })
    assert.truthy(message:find("did you mean 'images'", 1, true))
  end)
end)
