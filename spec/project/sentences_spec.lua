-- A script in the pieces in which it is spoken, and when each of them is.
local aistudios = require "aistudios"
local clock = require "aistudios.project.storyboard.clock"
local projects = require "spec.fixtures.projects.storyboards"
local core = require "aistudios.core"
local speech = require "aistudios.project.speech"

local function cut(text, most)
  local pieces = core.text_sentences(text, most or 200)
  return table.concat(pieces, "|")
end

describe("sentences", function ()
  it("end where their script ends them", function ()
    for _, one in ipairs {
      "One. |Two? |Three! |Four… |Five.", "He said \"No.\" |Then he left.", "A\n|B\n\n|C",
      "お元気ですか。|はい、元気です。|「はい。」|と言った。", "早上好！|你好吗？|我们开始吧", "सुप्रभात। |आज आप कैसे हैं?",
      "صباح الخير. |كيف حالك؟ |جيد", "안녕하세요. |오늘은요?", "What?! |Yes...", "(Really.) |Yes.",
      "First.\n|Second. |", "", "no end",
    } do
      assert.equal((one:gsub("|$", "")), cut((one:gsub("|", ""))))
    end
  end)

  it("do not end at abbreviations, numbers, initials and markup", function ()
    for _, one in ipairs { "Dr. Marsh came at 3.5 marks an hour.", "J. S. Bach, e.g. the fugues.",
      "Version 2.0 is there.", "See fig. 3.", 'Wait <break time="1. 5s"/> here.', "a.m. today" } do
      assert.equal(one, cut(one))
    end
  end)

  -- "Am 3. | März beginnt"
  it("do not end at ordinals, nor at the number of an item", function ()
    for _, one in ipairs { "Am 3. März beginnt der Kurs. |Danach folgt mehr.", "Der 2. Weltkrieg",
      "Den 24. December er vi i København. |Hej.", "Ludwig XIV. König von Frankreich",
      "Im 21. Jahrhundert", "1. Open it. |2. Close it.", "Bis 1945. |Danach kam Frieden.",
      "Um 9:30. |Dann essen wir.", "Preis: 3.50. |Danke.", "Es gibt 5! |Dann geht es los." } do
      assert.equal(one, cut((one:gsub("|", ""))))
    end
  end)

  it("end behind a number in languages whose ordinals have no full stop", function ()
    local text = "1. It was 5. Then he left in World War II. Nobody came."
    assert.same({ "1. It was 5. ", "Then he left in World War II. ", "Nobody came." },
      (core.text_sentences(text, 200, false)))
    local function sentences(language)
      local avatar = { type = "aiModel", model = { ai_name = "M", emotion = "C",
        language = language }, script = { org = "Am 5. Mai" } }
      return clock.of { clips = { avatar } }.lines[1].sentences
    end
    assert.same({ "Am 5. Mai" }, sentences "de-AT")
    assert.same({ "Am 5. ", "Mai" }, sentences "en-US")
    assert.same({ "Am 5. Mai" }, sentences(nil))
  end)

  -- A straight quotation mark stayed with the sentence before.
  it("begin with a straight quotation mark behind a blank", function ()
    for _, one in ipairs { 'Yes! |"Quoted end." |Then.', "No. |'Really?' |Yes.",
      '"Yes." |"No."', 'Dr. "Bob" Smith. |"Hi"', 'He said "No!" |"Why?"\n|"So."' } do
      assert.equal(one, cut((one:gsub("|", ""))))
    end
  end)

  it("are cut at a pause when they are long, or anywhere, but not before a mark", function ()
    assert.equal("one two |three |four", cut("one two three four", 9))
    assert.equal("aaaa|aaaa|aa", cut("aaaaaaaaaa", 4))
    assert.equal("สวัสดี|ตอน", cut("สวัสดีตอน", 5))
    assert.equal("किता|बकिता|ब", cut("किताबकिताब", 4)) -- vowel signs belong to their letters
  end)

  it("are the text, one after the other, whatever it is", function ()
    local letters = { "a", "B", ".", "!", " ", "\n", "。", "สี", "<b>", "<", "」", "\u{301}", "," }
    math.randomseed(14)
    for _ = 1, 2000 do
      local parts = {}
      for i = 1, math.random(0, 30) do parts[i] = letters[math.random(#letters)] end
      local text = table.concat(parts)
      local pieces = core.text_sentences(text, math.random(1, 12))
      assert.equal(text, table.concat(pieces))
      for _, piece in ipairs(pieces) do assert.is_true(#piece > 0) end
    end
  end)

  -- Read again from its start for each sentence it would take minutes.
  it("of a long text are soon found", function ()
    local text, began = ("A sentence, and one more. "):rep(80000), os.clock()
    assert.equal(80000, #core.text_sentences(text, 180))
    assert.is_true(os.clock() - began < 5)
  end)
end)

describe("the clock of a scene", function ()
  it("has each sentence where the estimate's rate puts it", function ()
    local one = clock.of { scripts = { { org = "<p>Fifteen letters</p><p>And more.</p>" } } }
    local line, found = one.lines[1], {}
    for i, sentence in ipairs(line.sentences) do
      found[i] = ("%s %.3f %.3f"):format(sentence, line.ends[i - 1] or line.from, line.ends[i])
    end
    -- 15 characters a second; the blank between two sentences belongs to the first
    assert.same({ ("Fifteen letters\n 0.000 %.3f"):format(16 / 15),
      ("And more. %.3f %.3f"):format(16 / 15, 25 / 15) }, found)
  end)

  it("has sentences as they are read, whatever tags and entities they are written with", function ()
    local one = clock.of { scripts = { { org = '<p class="a">R&amp;D said:&nbsp;<SPAN>5 &lt; 6'
      .. "</SPAN>.</p><P>Yes.<br />No &bogus; <b>x</b></P>" } } }
    assert.equal("R&D said: 5 < 6.\nYes.\nNo &bogus; <b>x</b>",
      table.concat(one.lines[1].sentences))
  end)

  it("ends with the estimate, scene by scene, without gaps", function ()
    for name, make in pairs(projects) do
      local project = make()
      local estimate = aistudios.estimate(project)
      for i, scene in ipairs(project.scenes) do
        local one, at = clock.of(scene), 0
        for _, line in ipairs(one.lines) do
          assert.is_true(math.abs(line.from - at) < 1e-9)
          assert.equal(#line.sentences, #line.ends)
          for _, to in ipairs(line.ends) do
            assert.is_true(to >= at, name)
            at = to
          end
        end
        assert.is_true(math.abs(one.spoken - estimate.by_scene[i].seconds) < 1e-9)
        assert.is_true(math.abs(at - one.spoken) < 1e-9, name)
      end
    end
  end)

  it("lasts as long as speech and animations; without both nobody knows", function ()
    local moving = { animation = { type = "fade-in", delay = 4, duration = 3 } }
    local scripts = { { org = ("x"):rep(75) } }
    local one = clock.of { scripts = scripts, clips = { moving } }
    assert.same({ 7, 5, true }, { one.length, one.spoken, one.is_known })
    assert.equal(5, clock.of { scripts = scripts, clips = {} }.length)
    assert.is_false(clock.of { clips = { { type = "videoImage" } } }.is_known)
  end)

  it("is cut in pieces that voices of browsers speak to their end", function ()
    for _, language in ipairs { "en", "zh" } do
      local org = language == "zh" and ("你好"):rep(2000) or ("word "):rep(1000)
      local line = clock.of { scripts = { { org = org } } }.lines[1]
      for i, sentence in ipairs(line.sentences) do
        assert.is_true(line.ends[i] - (line.ends[i - 1] or line.from) <= 12.5)
        assert.is_true(speech.length(sentence) > 0)
      end
    end
  end)
end)
