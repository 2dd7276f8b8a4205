-- Widths and lines of texts in a browser, with the Noto fonts: `make test-web`.
local browsers = require "spec.support.browser"
local cjson = require "cjson"
local support = require "spec.support"
local text_fit = require "aistudios.project.text_fit"
local texts = require "spec.fixtures.texts"

local SIZE = 40
local FONTS = "'Noto Sans', 'Noto Sans Arabic', 'Noto Sans Tamil', sans-serif"

-- The scripts whose letters differ most in width; one average for all was off by up to 32 %.
local headlines = {
  Hindi = { "आज का मौसम", "प्रधानमंत्री नरेंद्र मोदी", "राष्ट्रीय राजमार्ग", "उत्तर प्रदेश",
    "विद्यार्थी", "शिक्षा नीति", "विज्ञान और प्रौद्योगिकी", "ज्ञान श्री त्रिपाठी", "बड़ी छूट" },
  Cyrillic = { "ШАШЛЫК", "Шашлык", "Щука жмых", "Женский журнал", "Густой лес", "СРОЧНО" },
  Greek = { "Προσφορά", "ΕΚΤΑΚΤΗ ΕΙΔΗΣΗ", "Ελλάδα", "ΚΑΙΡΟΣ", "Καλώς ήρθατε" },
  Thai = { "ณฐพงษ์ ฌาณ", "ข่าวด่วน", "เศรษฐกิจไทย", "ส่วนลดพิเศษ" },
  Tamil = { "தமிழ்நாடு அரசு புதிய திட்டம்", "தமிழ்நாடு", "வணக்கம் உலகம்", "முக்கிய செய்திகள்",
    "தள்ளுபடி", "பொங்கல் நல்வாழ்த்துக்கள்", "விண்வெளி ஆராய்ச்சி", "நன்றி" },
  Arabic = { "أهم الأخبار اليوم", "عرض خاص", "نشرة الأخبار المسائية", "مرحبا بكم", "كرة القدم",
    "خصومات الصيف", "دروس في الرياضيات", "تهران امروز" },
}

-- Sentences of the news, of lessons and of offers.
local thai = {
  "สินค้าใหม่มาถึงแล้ววันนี้ สั่งซื้อตอนนี้และรับบริการจัดส่งฟรีทั่วประเทศ",
  "โปรดติดต่อร้านค้าใกล้บ้านท่าน",
  "นายกรัฐมนตรีแถลงข่าวเรื่องเศรษฐกิจไทยในไตรมาสที่สามของปีนี้",
  "พยากรณ์อากาศวันนี้ภาคเหนือมีฝนฟ้าคะนองและลมกระโชกแรง",
  "บทเรียนนี้จะอธิบายวิธีการใช้งานโปรแกรมคอมพิวเตอร์เบื้องต้นสำหรับผู้เริ่มต้น",
  "ขอบคุณที่ติดตามรับชมรายการของเรา แล้วพบกันใหม่ในสัปดาห์หน้า",
  "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย",
  "การประชุมคณะกรรมการบริหารบริษัทจะจัดขึ้นในวันศุกร์",
  "ลดราคาพิเศษสำหรับสมาชิกเท่านั้น",
  "ปัญญาประดิษฐ์สามารถสร้างวิดีโอจากข้อความได้ภายในไม่กี่นาที",
}

local PAGE = [[<!doctype html><meta charset="utf-8"><style>
body { margin: 0; font: %dpx FONTS; text-spacing-trim: space-all }
div { white-space: pre-wrap }
</style><body>text<script>
const pen = document.createElement("canvas").getContext("2d");
function width(text, weight) {
  pen.font = weight + " %dpx FONTS";
  return pen.measureText(text).width / %d;
}
function lines(text, ems, wrap = "break-word") {
  const box = document.createElement("div"), range = document.createRange(), found = [];
  box.style.width = ems + "em";
  box.style.overflowWrap = wrap;
  box.textContent = text;
  document.body.append(box);
  let from = 0, row = null;
  for (let i = 0; i < text.length; i++) {
    range.setStart(box.firstChild, i);
    range.setEnd(box.firstChild, i + 1);
    const all = [...range.getClientRects()].filter(r => r.width > 0);
    if (!all.length) continue;
    const now = Math.round((all[0].top + all[0].bottom) / 2 / %d);
    if (row !== null && now > row) { found.push(text.slice(from, i)); from = i }
    row = now;
  }
  box.remove();
  return [...found, text.slice(from)].map(line => line.trim());
}
function ends(text) { // where lines may end, counted in characters
  let at = 0;
  return lines(text, 0.01, "normal").map(word => at = text.indexOf(word, at) + word.length);
}
</script>]]

local browser

setup(function ()
  local path = support.directory "texts" .. "/page.html"
  support.write_file(path, PAGE:gsub("FONTS", FONTS):format(SIZE, SIZE, SIZE, SIZE))
  browser = browsers.start()
  browser:open("file://" .. path, 1400, 900)
  browser:wait_for "typeof lines === 'function'"
end)

teardown(function () browser:close() end)

local function width(text, weight)
  return browser:value(("width(%s, %d)"):format(cjson.encode(text), weight))
end

local function lines(text, limit)
  return browser:value(("lines(%s, %g)"):format(cjson.encode(text), limit))
end

-- Each text with its lines here and in the browser, for boxes of some widths.
local function compare(name, f)
  for _, text in ipairs(texts) do
    if text.name == name then
      for limit = 6, 20, 2 do f(text_fit.lines(text.text, limit), lines(text.text, limit)) end
    end
  end
end

describe("the width of a text", function ()
  local function is_near(text)
    for _, weight in ipairs { 400, 700 } do
      local ratio = text_fit.width(text) / width(text, weight)
      assert.is_true(math.abs(ratio - 1) <= 0.15,
        ("estimated / real: %.2f, %s"):format(ratio, text))
    end
  end

  for _, text in ipairs(texts) do
    it("is within 15 % of the browser's, bold too: " .. text.name, function ()
      is_near(text.text)
    end)
  end

  for name, all in pairs(headlines) do
    it("is so for headlines of a few words: " .. name, function ()
      for _, text in ipairs(all) do is_near(text) end
    end)
  end
end)

describe("the lines of a text", function ()
  for _, name in ipairs { "Chinese", "Japanese" } do
    it("are the browser's: " .. name, function ()
      compare(name, function (mine, real) assert.same(real, mine) end)
    end)
  end

  it("are the browser's where hyphens, brackets and quotation marks stand", function ()
    for _, text in ipairs { "well-known e-mails/faxes, state-of-the-art: call 1-800-555 or -12",
      "他说：“你好”。她问（真的吗？）……《红楼梦》、“是”", "彼は「はい」と言った。ちょっと、（笑）・！？" } do
      for _, limit in ipairs { 7, 9, 13 } do
        assert.same(lines(text, limit), (text_fit.lines(text, limit)))
      end
    end
  end)

  for _, name in ipairs { "Latin", "Cyrillic", "Greek", "Hindi", "Tamil", "Korean", "Thai" } do
    it("are as many as the browser's, give or take one in five: " .. name, function ()
      compare(name, function (mine, real)
        local most = math.max(1, #real // 5)
        assert.is_true(math.abs(#mine - #real) <= most, table.concat(mine, "|") .. "\n"
          .. table.concat(real, "|"))
      end)
    end)
  end

  it("end where a browser's may: Hindi at spaces", function ()
    compare("Hindi", function (mine, real)
      assert.equal(table.concat(real, " "), table.concat(mine, " "))
    end)
  end)

  -- Two dictionaries: they differ in whether a name of several words is one.
  it("end where a browser's may: Thai at the ends of words", function ()
    local count, others = 0, {}
    for _, text in ipairs(thai) do
      local may = {}
      for _, at in ipairs(browser:value(("ends(%s)"):format(cjson.encode(text)))) do
        may[at] = true
      end
      for limit = 7, 20 do
        local at, mine = 1, text_fit.lines(text, limit)
        for i = 1, #mine - 1 do
          at = select(2, assert(text:find(mine[i], at, true))) + 1
          count = count + 1
          if not may[utf8.len(text, 1, at - 1)] then others[#others + 1] = mine[i] end
        end
      end
    end
    assert.is_true(count > 200 and #others <= count // 20, table.concat(others, "\n"))
  end)
end)
