-- The widths and lines of texts; spec/web/texts.lua compares them with a browser's.
local caption = require "aistudios.project.storyboard.caption"
local text_fit = require "aistudios.project.text_fit"
local texts = require "spec.fixtures.texts"

local function wrap(text, limit) return (text_fit.lines(text, limit)) end

local function is_near(expected, text)
  local width = text_fit.width(text)
  assert.is_true(math.abs(width - expected) < 0.01, ("%s: %.2f"):format(text, width))
end

describe("the width of a text", function ()
  it("does not count marks, joiners and what selects a form", function ()
    for whole, plain in pairs { ["שָׁלוֹם"] = "שלום", ["ที่นี่"] = "ทน", ["e\u{301}"] = "e",
      ["عَرَبِيٌّ"] = "عربي", ["می\u{200C}شود"] = "میشود", ["\u{202B}a\u{202C}"] = "a" } do
      is_near(text_fit.width(plain), whole)
    end
  end)

  it("takes what is drawn as one picture for one", function ()
    for _, one in ipairs { "👨‍👩‍👧‍👦", "👩🏽‍🚀", "🏴‍☠️", "🇰🇷", "❤️", "☎️", "1️⃣", "👍🏿", "😀" } do
      is_near(1.25, one)
      is_near(2.5, one .. one)
    end
  end)

  it("knows characters of ASCII one by one, and accented letters by their base", function ()
    is_near(0.94 + 0.26 + 0.93, "miW")
    is_near(text_fit.width "AEiou", "ÀÉïőư")
  end)

  it("takes Arabic letters as they are joined, and Tamil ones by their own widths", function ()
    local one, two, three = text_fit.width "ب", text_fit.width "بب", text_fit.width "ببب"
    is_near(one + 2 * (two - one), "ببب")
    assert.is_true(three < 2 * one)
    is_near(2 * one + text_fit.width "ء", "بءب")
    is_near(text_fit.width "ا" + one, "اب")
    assert.is_true(text_fit.width "ன" > 1.5 * text_fit.width "ட")
  end)

  it("counts no ra that a virama joins to another letter, and is never below zero", function ()
    local pa = text_fit.width "प"
    for _, joined in ipairs { "प्र", "र्प", "र्प्र" } do is_near(pa, joined) end
    is_near(text_fit.width "पत", "प्रत")
    is_near(text_fit.width "प्त", "प्त्र")
    is_near(text_fit.width "पर प", "पर् प") -- joined to none
    assert.is_true(text_fit.width "प्त" < text_fit.width "पत")
    is_near(0, "प" .. ("\u{94D}"):rep(20))
  end)

  it("is that of any bytes: those that are no UTF-8 count as a character each", function ()
    is_near(2 * text_fit.width "\u{FFFD}", "\xE4\xB8")
    is_near(text_fit.width "a\u{FFFD}b", "a\xFFb")
    is_near(0, "\u{E0100}")
    is_near(0, "")
    math.randomseed(7)
    for _ = 1, 2000 do
      local bytes = {}
      for i = 1, math.random(30) do bytes[i] = string.char(math.random(0, 255)) end
      local text = table.concat(bytes)
      assert.is_true(text_fit.width(text) >= 0)
      local lines = text_fit.lines(text, 2)
      assert.equal((text:gsub("[ \t\r\n]", "")), (table.concat(lines):gsub("[ \t\r]", "")))
    end
  end)
end)

describe("the lines of a text", function ()
  it("end at spaces and after hyphens, and none begins with a closing mark", function ()
    assert.same({ "a well-", "known", "case" }, wrap("a well-known case", 4))
    assert.same({ "call 1-", "800-555" }, wrap("call 1-800-555", 4))
    assert.same({ "at", "-12" }, wrap("at -12", 1.8))
    assert.same({ "从今天", "起。明", "天" }, wrap("从今天起。明天", 3))
    assert.same({ "他", "（是）" }, wrap("他（是）", 3))
    assert.same({ "私は", "「は", "い」" }, wrap("私は「はい」", 3))
  end)

  it("are not divided within a cluster, however narrow they are", function ()
    for _, text in ipairs(texts) do
      for _, line in ipairs(wrap(text.text, 1)) do
        local first = utf8.codepoint(line)
        assert.is_false(first == 0x200D or first == 0xFE0F or first >= 0x5B0 and first <= 0x5C7
          or first >= 0xE47 and first <= 0xE4E or first >= 0x93E and first <= 0x94D, line)
      end
    end
    assert.same({ "👨‍👩‍👧‍👦", "🇰🇷", "🇺🇸" }, wrap("👨‍👩‍👧‍👦🇰🇷🇺🇸", 1.3))
  end)

  it("hold all of the text, and no line is wider than asked but for a single cluster", function ()
    for _, text in ipairs(texts) do
      for limit = 1, 20 do
        local lines = wrap(text.text, limit)
        assert.equal((text.text:gsub("%s", "")), (table.concat(lines):gsub("%s", "")))
        for _, line in ipairs(lines) do
          assert.is_true(text_fit.width(line) <= limit + 1e-9
            or #wrap(line, 0.01) == 1, line)
        end
      end
    end
  end)

  it("end after words where Thai has no spaces, which libthai knows", function ()
    local text = "นายกรัฐมนตรีแถลงข่าวเรื่องเศรษฐกิจไทย"
    assert.same({ "นายกรัฐมนตรี", "แถลงข่าว", "เรื่อง", "เศรษฐกิจไทย" }, wrap(text, 6))
    assert.same({ "“พยากรณ์", "อากาศ”วันนี้", "ใช้iPhoneรุ่น", "ใหม่100บาทๆ" },
      wrap("“พยากรณ์อากาศ”วันนี้ใช้iPhoneรุ่นใหม่100บาทๆ", 6))
    for _, line in ipairs(wrap(("พยากรณ์"):rep(200), 10)) do -- more than is looked up at once
      assert.equal(("พยากรณ์"):rep(2), line)
    end
    local lao = "ພາສາລາວເປັນພາສາທີ່ໃຊ້" -- syllables
    assert.same({ "ພາສາລາວ", "ເປັນພາສາທີ່", "ໃຊ້" }, wrap(lao, 6))
  end)

  it("hold all of a text of any Thai characters", function ()
    math.randomseed(3)
    for _ = 1, 300 do
      local characters = {}
      for i = 1, math.random(600) do
        characters[i] = utf8.char(math.random(8) == 1 and 0x61 or math.random(0xE00, 0xE7F))
      end
      local text = table.concat(characters)
      assert.equal(text, table.concat(wrap(text, math.random(20))))
    end
  end)

  it("stand as they are written where they end in the text", function ()
    assert.same({ "one", "", "two" }, wrap("one\r\n\ntwo", 10))
    assert.same({ "one" }, text_fit.lines("one\ntwo\nthree", 10, 1))
    assert.same({ "" }, wrap("", 10))
  end)

  -- A text a little wider than its box was drawn on two lines and counted as one.
  it("are those that the check counts, in boxes of all widths", function ()
    local function clip_of(text, width, height)
      return { type = "textImage", text = text, fontSize = 30, width = width, height = height }
    end
    for _, text in ipairs(texts) do
      for _, part in ipairs { 0.3, 0.5, 0.8, 0.9, 0.95, 0.99, 1 } do
        local clip = clip_of(text.text, text_fit.width(text.text) * text_fit.pixels(30) * part)
        local lines, size = caption.lines(clip, clip.width)
        clip.height = text_fit.height(#lines, size)
        assert.is_nil(text_fit.overflow(clip), text.name)
        clip.height = clip.height / 1.16
        assert.truthy((text_fit.overflow(clip) or "fits"):find(("%d line"):format(#lines), 1, true),
          ("%s, %g of its width"):format(text.name, part))
      end
    end
  end)
end)
