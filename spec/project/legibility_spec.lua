-- Texts that can hardly be read. The ratios are those of WCAG 2's formula, computed by
-- hand: L = 0.2126 R + 0.7152 G + 0.0722 B of linear channels, (L1 + 0.05) / (L2 + 0.05).
local aistudios = require "aistudios"
local check = require "aistudios.project.check"

local function text(fields)
  local clip = { id = "t", type = "textImage", layer = 10, left = 400, top = 300, width = 800,
    height = 100, text = "Some words to read", fill = "#000000", fontSize = 12 }
  for name, value in pairs(fields or {}) do clip[name] = value end
  return clip
end

local function box(fields)
  local clip = { id = "b", type = "shape", shapeName = "Square", layer = 1, left = 300, top = 200,
    width = 1000, height = 500, fill = "#ffffff" }
  for name, value in pairs(fields or {}) do clip[name] = value end
  return clip
end

local function avatar(fields)
  local clip = { id = "a", type = "aiModel", layer = 20, left = 400, top = 100, width = 700,
    height = 2200, model = { ai_name = "M1", emotion = "C1" }, script = { org = "Hi" } }
  for name, value in pairs(fields or {}) do clip[name] = value end
  return clip
end

local function project_of(background, ...)
  if type(background) == "string" then background = { source_color = background } end
  local clips = { ... }
  for i, clip in ipairs(clips) do clip.id = clip.id .. i end
  local scene = { sceneIdx = 0, background = background, clips = clips }
  if not (clips[2] and clips[2].script) then scene.scripts = aistudios.array {} end
  return { name = "x", scenes = { scene } }
end

-- Warnings of a project, whether its scene is looked at as one without errors or not.
local function warnings(project)
  local _, found = check(project)
  project.scenes[1].clips[1].tag = 7 -- an error: the scene is looked at closely
  local _, again = check(project)
  assert.same(#found, #again)
  local lines = {}
  for i, one in ipairs(found) do
    lines[i] = one.path .. ": " .. one.message
    assert.equal(one.message, again[i].message)
  end
  return lines
end

local function ratio_of(...)
  local found
  for _, line in ipairs(warnings(project_of(...))) do
    found = found or line:match "%.fill: has a contrast of ([%d.]+):1"
  end
  return found
end

describe("contrast", function ()
  it("is 4.5 for a text, and 3 for a large one", function ()
    assert.is_nil(ratio_of("#ffffff", text { fill = "#767676" }))          -- 4.542
    assert.equal("4.47", ratio_of("#ffffff", text { fill = "#777777" }))   -- 4.478
    assert.is_nil(ratio_of("#ffffff", text { fill = "#949494", fontSize = 18 })) -- 3.033
    assert.equal("2.99", ratio_of("#ffffff", text { fill = "#959595", fontSize = 18 })) -- 2.995
    assert.equal("3.03", ratio_of("#ffffff", text { fill = "#949494", fontSize = 17.9 }))
    assert.is_nil(ratio_of("#ffffff", text { fill = "#949494", fontSize = 14, fontWeight = 700 }))
    assert.equal("3.03", ratio_of("#ffffff", text { fill = "#949494", fontSize = 13.9,
      fontWeight = 700 }))
    assert.equal("1.00", ratio_of("#ffffff", text { fill = "white" }))
    assert.same({ "scenes[1].clips[1].fill: has a contrast of 4.47:1 to what is behind it; a text"
      .. " of this size needs 4.5:1 (WCAG 2)" },
      warnings(project_of("#ffffff", text { fill = "#777777" })))
  end)

  it("is asked of a text's size as it is shown, scaled", function ()
    local grey = { fill = "#949494", fontSize = 10, scaleX = 3, scaleY = 3, width = 266 }
    assert.is_nil(ratio_of("#ffffff", text(grey))) -- 30 pt, 3.033
    grey.fontSize, grey.scaleX, grey.scaleY, grey.width = 40, 0.2, -0.2, 4000
    assert.equal("3.03", ratio_of("#ffffff", text(grey))) -- 8 pt
  end)

  it("is that of letters at all heights of their line", function ()
    local large = { fontSize = 60, width = 1000, text = "Black words to be read" } -- 80 px
    local function under(top, height)
      return ratio_of("#ffffff", text(large), box { fill = "#000000", left = 0, width = 1920,
        top = top, height = height })
    end
    assert.equal("1.00", under(356, 200)) -- the lower part of all letters
    assert.equal("1.00", under(200, 130)) -- the upper part
    assert.is_nil(under(345, 2))          -- a thin line through all of them
    assert.is_nil(under(385, 200))        -- below the line
  end)

  it("is not that of emoji, which have their own colours", function ()
    for _, words in ipairs { "🎉 ❤️ 👩‍💻 🇩🇪", "⭐⭐⭐ ✅ ☕ ⚡", "1️⃣ #⃣ *️⃣", "👍🏿 🅰 🃏" } do
      assert.is_nil(ratio_of("#000000", text { text = words }), words)
    end
    assert.equal("1.00", ratio_of("#000000", text { text = "🎉 Party" }))
    for _, words in ipairs { "★", "1 ⭐", "…", "①", "𝐁" } do
      assert.equal("1.00", ratio_of("#000000", text { text = words }), words)
    end
  end)

  it("is not looked for behind more than 64 clips", function ()
    local many = {}
    for i = 1, 65 do many[i] = box { shapeName = "Circle", fill = "#00000001" } end
    assert.is_nil(ratio_of("#ffffff", text { fill = "#fff" }, table.unpack(many)))
    many[65] = nil
    assert.truthy(ratio_of("#ffffff", text { fill = "#fff" }, table.unpack(many)))
  end)

  it("counts what is not opaque as it is mixed", function ()
    -- Half black on white is 127.5 of 255: L = 0.2140, 1.05 / 0.2640.
    assert.equal("3.97", ratio_of("#ffffff", text { opacity = 50 }))
    assert.equal("3.97", ratio_of("#ffffff", text { fill = "rgba(0, 0, 0, 0.5)" }))
    assert.equal("3.97", ratio_of("#ffffff", text { fill = "#fff" },
      box { fill = "#000000", opacity = 50 }))
    -- Half red on blue is 127.5, 0, 127.5: L = 0.0610, black on it 0.1110 / 0.05.
    assert.equal("2.21", ratio_of("#0000ff", text {}, box { fill = "#ff0000", opacity = 50 }))
    assert.is_nil(ratio_of("#0000ff", text { fill = "#fff" }, box { fill = "rgba(255,0,0,.5)" }))
    assert.is_nil(ratio_of("#ffffff", text { fill = "#fff", backgroundColor = "#000000" }))
    -- An alpha of 128 / 255 leaves 127 of white: L = 0.2122, 1.05 / 0.2622.
    assert.equal("4.00", ratio_of("#ffffff", text { fill = "#fff", backgroundColor = "#00000080" }))
  end)

  it("is to the clips behind, in their order, and not to those in front", function ()
    assert.equal("1.00", ratio_of("#000000", text { fill = "#fff" }, box {}))
    assert.is_nil(ratio_of("#ffffff", text { fill = "#fff" }, box { fill = "#000" }))
    assert.is_nil(ratio_of("#ffffff", text { fill = "#fff" }, box { fill = "#000", layer = 2 },
      box {}))
    assert.equal("1.00", ratio_of("#000000", text { fill = "#fff" }, box { fill = "#000" },
      box { layer = 2 }))
    assert.is_nil(ratio_of("#000000", text { fill = "#fff" }, box { layer = 11, left = 390,
      width = 30 }))
    assert.is_nil(ratio_of("#000000", text { fill = "#fff" }, box { left = 1200 }))
    -- Less than an eighth of the text is on it; and as much as a half.
    assert.is_nil(ratio_of("#000000", text { fill = "#fff" }, box { width = 110 }))
    assert.equal("1.00", ratio_of("#000000", text { fill = "#fff" }, box { width = 170 }))
  end)

  it("is to a shape's outline, turned and scaled, not to its box", function ()
    local small = { left = 400, top = 300, text = "Hi" }
    for name, is_there in pairs { Square = true, Circle = false, Star = false, Diamond = false,
      Triangle = false, Drop_1 = false } do
      local shape = box { shapeName = name, left = 390, top = 290, width = 600, height = 600 }
      small.fill = "#fff"
      assert.equal(is_there and "1.00" or nil, ratio_of("#000000", text(small), shape), name)
      assert.equal("1.00", ratio_of("#000000", text { fill = "#fff", text = "Hi", left = 680,
        top = 580 }, shape), name)
    end
    local square = box { left = 430, top = 250, width = 100, height = 100, angle = 45 }
    assert.equal("1.00", ratio_of("#000000", text(small), square))
    assert.is_nil(ratio_of("#000000", text { fill = "#fff", text = "Hi", left = 480, top = 250,
      }, square))
    assert.equal("1.00", ratio_of("#000000", text(small), box { left = 390, top = 290,
      width = 20, height = 10, scaleX = 20, scaleY = 20 }))
  end)

  it("is unknown where a picture is behind, or nothing says what", function ()
    local picture = { id = "i", type = "image", layer = 1, left = 300, top = 200, width = 1000,
      height = 500, source_url = "https://example.com/a.png" }
    local film = { id = "v", type = "videoImage", layer = 1, left = 300, top = 200, width = 1000,
      height = 500, video_url = "https://example.com/a.mov" }
    local white = { fill = "#fff" }
    assert.is_nil(ratio_of("#ffffff", text(white), picture))
    assert.is_nil(ratio_of("#ffffff", text(white), film))
    assert.is_nil(ratio_of({ source_color = "#ffffff", source_url = "/a.png" }, text(white)))
    assert.is_nil(ratio_of({}, text(white)))
    assert.equal("1.00", ratio_of("#000000", text(white), picture, box { layer = 2 }))
    assert.equal("1.00", ratio_of("#000000", text { fill = "#fff", backgroundColor = "#fff" },
      picture))
    assert.is_nil(ratio_of("#000000", text(white), picture, box { layer = 2, opacity = 90 }))
    assert.is_nil(ratio_of("#000000", text(white), box { animation = { type = "fade-out",
      delay = 0, duration = 1 } }))
  end)

  it("is as without it where that is nearly transparent", function ()
    local picture = { id = "i", type = "image", layer = 1, left = 300, top = 200, width = 1000,
      height = 500, source_url = "https://example.com/a.png" }
    for opacity, expected in pairs { [0] = "1.00", [1] = "1.00", [4.9] = "1.00", [5] = false } do
      picture.opacity = opacity
      assert.equal(expected, ratio_of("#ffffff", text { fill = "#fff" }, picture) or false)
      assert.equal(expected, ratio_of("#ffffff", text { fill = "#fff" },
        avatar { layer = 1, opacity = opacity }) or false)
      assert.equal(expected, ratio_of("#ffffff", text { fill = "#fff" }, box { opacity = opacity,
        fill = "#000", animation = { type = "fade-out", delay = 0, duration = 1 } }) or false)
    end
  end)

  it("is that of the outline, where a text has one that is seen better", function ()
    assert.is_nil(ratio_of("#ffffff", text { fill = "#fff", stroke = "#000", strokeWidth = 2 }))
    assert.equal("1.00", ratio_of("#ffffff", text { fill = "#fff", stroke = "#000" }))
  end)

  it("is also a mark in the storyboard", function ()
    local html = aistudios.storyboard(project_of("#ffffff", text { fill = "#777777" }))
    assert.truthy(html:find("has a contrast of 4.47:1", 1, true))
    assert.truthy(html:find('<g class="pin warning">', 1, true))
  end)
end)

describe("a text under the avatar", function ()
  it("is told with what part of it is hidden", function ()
    local lines = warnings(project_of("#ffffff", text { left = 600, width = 400, top = 800 },
      avatar()))
    assert.same({ "scenes[1].clips[1].layer: is behind the avatar of clips[2], layer 20, which"
      .. " hides about 100 % of the text (estimated)" }, lines)
  end)

  it("is hidden by all of them together", function ()
    local words = text { left = 400, width = 900, top = 800, fontSize = 30,
      text = "The evening news with two of us" }
    local function presenter(left)
      return avatar { left = left, width = 300, model = { ai_name = "M" .. left, emotion = "C" } }
    end
    assert.same({}, warnings(project_of("#ffffff", words, presenter(200))))
    assert.same({ "scenes[1].clips[1].layer: is behind the avatars of clips[2], layer 20, and of "
      .. "clips[3], layer 20, which hide about 17 % of the text (estimated)" },
      warnings(project_of("#ffffff", words, presenter(200), presenter(920))))
  end)

  it("is read through an avatar of less than half its opacity", function ()
    for opacity, count in pairs { [0] = 0, [1] = 0, [49] = 0, [50] = 1, [99] = 1 } do
      assert.equal(count, #warnings(project_of("#ffffff",
        text { left = 600, width = 400, top = 800 }, avatar { opacity = opacity })), opacity)
    end
  end)

  it("is one that the figure covers, not its box, and only from in front", function ()
    for _, project in ipairs {
      project_of("#ffffff", text { left = 600, top = 800 }, avatar { layer = 1 }),
      project_of("#ffffff", text { left = 420, top = 110, width = 150, text = "Hi" }, avatar()),
      project_of("#ffffff", text { left = 1200, top = 800 }, avatar()),
      project_of("#ffffff", text { left = 600, top = 800 }, avatar { headOnly = true }),
      project_of("#ffffff", text { left = 600, top = 800 }, avatar { voiceOnly = true }),
    } do
      assert.same({}, warnings(project))
    end
  end)
end)

describe("a text outside the safe area", function ()
  it("is told with the sides that it leaves", function ()
    -- 90 % of 1920 x 1080 px: from 96, 54 to 1824, 1026.
    assert.same({ "scenes[1].clips[1]: leaves the title-safe area, the inner 90 % of the canvas:"
      .. " about 56 px at the left, 34 px at the top" },
      warnings(project_of("#ffffff", text { left = 40, top = 20 })))
    assert.truthy(warnings(project_of("#ffffff", text { top = 1020 }))[1]
      :find "about %d+ px at the bottom$")
    assert.truthy(warnings(project_of("#ffffff", text { left = 1100, align = "right" }))[1]
      :find "about 76 px at the right$")
    assert.same({}, warnings(project_of("#ffffff", text { left = 1100 })))
    assert.same({}, warnings(project_of("#ffffff", text { left = 96, top = 54 })))
  end)

  it("is not told of one that is wholly outside the canvas, which is told", function ()
    for _, place in ipairs { { left = 2000 }, { top = 1200 }, { left = -1300 }, { top = -400 } } do
      assert.same({ "scenes[1].clips[1]: is wholly outside the canvas; the canvas is"
        .. " 1920x1080 px" }, warnings(project_of("#ffffff", text(place))))
    end
  end)

  it("is measured on the canvas of the orientation", function ()
    local project = project_of("#ffffff", text { left = 60, top = 60, width = 400 })
    project.orientation = "portrait" -- 54, 96 to 1026, 1824
    assert.same({ "scenes[1].clips[1]: leaves the title-safe area, the inner 90 % of the canvas:"
      .. " about 36 px at the top" }, warnings(project))
  end)
end)
