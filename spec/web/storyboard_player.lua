-- The storyboard plays: the page's script in a browser: `make test-web`.
local aistudios = require "aistudios"
local browsers = require "spec.support.browser"
local cjson = require "cjson"
local clips = require "aistudios.project.storyboard.clips"
local motion = require "aistudios.project.storyboard.motion"
local projects = require "spec.fixtures.projects.storyboards"
local schema = require "aistudios.project.schema"
local support = require "spec.support"

local directory = support.directory "player"
local browser

setup(function () browser = browsers.start() end)
teardown(function () browser:close() end)

-- Opens a project's page; `prepare` is a script that runs before it.
local function open(project, prepare, width)
  support.write_file(directory .. "/page.html", aistudios.storyboard(project))
  browser:open("about:blank", width or 1320, 900)
  if prepare then browser:call("Page.addScriptToEvaluateOnNewDocument", { source = prepare }) end
  browser:call("Page.navigate", { url = "file://" .. directory .. "/page.html" })
  browser:wait_for "document.readyState === 'complete' && location.protocol === 'file:'"
end

local function sentence(seconds, words)
  return { scripts = { { org = words or ("x"):rep(15 * seconds // 1) } }, clips = {} }
end

-- One clip for each type of animation, from 1 s to 3 s.
local function moving()
  local list = {}
  for i, kind in ipairs(schema.animation.type.enum) do
    list[i] = { id = kind, type = "shape", shapeName = "Square", layer = i, left = 130 * i,
      top = 50 * i, width = 100, height = 80, scaleX = 1.5, angle = 20 * i, fill = "#336699",
      opacity = 50, animation = { type = kind, delay = 1, duration = 2 } }
  end
  return { name = "moving", scenes = { { sceneIdx = 0, background = {}, scripts = {},
    clips = list } } }
end

local function seek(seconds, bar)
  browser:value(([[{ const range = document.querySelector("%s input[type=range]");
    range.value = %s; range.dispatchEvent(new Event("input")) }]]):format(
    bar or "#scene-1 .controls", seconds))
end

-- Of each moved clip: opacity, x, y and scale as the browser draws them.
local MOMENT = [[[...document.querySelectorAll("#scene-1 [data-m]")].map(e => {
  const style = getComputedStyle(e), m = new DOMMatrix(style.transform);
  return [Number(style.opacity), m.e, m.f, m.a];
})]]

local function assert_moment(project, found, seconds)
  for i, clip in ipairs(project.scenes[1].clips) do
    local frame = motion.at(motion.of(clip, clips.place(clip), 1920, 1080), seconds)
    for j, value in ipairs { frame.opacity, frame.x, frame.y, frame.scale } do
      assert.is_true(math.abs(found[i][j] - value) < (j == 2 and 0.05 or 0.01 * math.max(1,
        math.abs(value) / 100)), ("%s at %s s: %s is not %s"):format(clip.id, seconds,
        found[i][j], value))
    end
  end
end

local function time_of(bar)
  return tonumber(browser:value(([[document.querySelector("%s output").textContent]]):format(bar))
    :match "^(.-) /")
end

local function lit()
  return browser:value "document.querySelector('.lit')?.textContent ?? null"
end

describe("the player", function ()
  it("is the one script that the page's policy lets run", function ()
    open(projects.news())
    assert.equal(5, browser:value "document.querySelectorAll('.controls').length")
    assert.equal(cjson.null, browser:value [[
      const script = document.createElement("script");
      script.text = "window.hasRun = true";
      document.body.append(script);
      window.hasRun ?? null]])
  end)

  it("shows every clip where it rests until it is asked", function ()
    open(moving())
    for _, one in ipairs(browser:value(MOMENT)) do assert.same({ 1, 0, 0, 1 }, one) end
  end)

  it("shows the same moments as Lua", function ()
    local project = moving()
    open(project)
    for _, seconds in ipairs { 0, 0.5, 1, 1.25, 2, 2.9, 3 } do
      seek(seconds)
      assert_moment(project, browser:value(MOMENT), seconds)
    end
    assert.same({}, browser:said())
  end)

  it("plays to the middle of a fade-in, and the opacity is there", function ()
    local project = moving()
    open(project)
    browser:value "document.querySelector('#scene-1 .controls button').click()"
    browser:wait_for "document.querySelector('#scene-1 input').valueAsNumber > 1.8"
    local found = browser:value(([[[document.querySelector("#scene-1 input").valueAsNumber, %s]
      ]]):format(MOMENT))
    assert.is_true(found[1] > 1.8 and found[1] < 3, found[1])
    assert.is_true(found[2][1][1] > 0.3 and found[2][1][1] < 1)
    assert_moment(project, found[2], found[1])
    -- At its end the scene is whole again.
    browser:wait_for "!document.querySelector('.now')"
    for _, one in ipairs(browser:value(MOMENT)) do assert.same({ 1, 0, 0, 1 }, one) end
    assert.same({}, browser:said())
  end)

  it("lights the sentence that the estimate puts at 2.0 s", function ()
    local project = projects.subtitles()
    open(project)
    seek(2)
    -- "I grew up by the sea." and a blank are 22 characters, at 15 a second 1.47 s.
    assert.equal(15, aistudios.estimate(project).languages.en.rate)
    assert.equal("My father repaired boats, and I held the lamp. ", lit())
    seek(1.4)
    assert.equal("I grew up by the sea. ", lit())
    seek(1.5)
    assert.equal("My father repaired boats, and I held the lamp. ", lit())
    assert.equal(1, browser:value "document.querySelectorAll('.lit').length")
  end)

  it("opens a folded script where it is read", function ()
    open(projects.portrait())
    seek(200, "#scene-3 .controls")
    assert.is_true(browser:value "document.querySelector('#scene-3 details').open")
    assert.is_true(browser:value "document.querySelector('.lit').checkVisibility()")
  end)

  it("plays the whole page, scene after scene", function ()
    open { name = "x", scenes = { sentence(0.4), sentence(0.4), sentence(20) } }
    browser:value "document.querySelector('.page button').click()"
    browser:wait_for "document.querySelector('#scene-3.now')"
    assert.is_true(browser:value "document.querySelectorAll('.sheet a')[2].matches('.now')")
    assert.equal(1, browser:value "document.querySelectorAll('.now.scene').length")
    assert.is_true(time_of ".page" >= 0.7)
    browser:value "document.querySelector('.page button').click()"
    local stopped = time_of ".page"
    seek(0.5, ".page")
    assert.is_true(browser:value "document.querySelector('#scene-2').matches('.now')")
    assert.is_true(stopped < 20)
    assert.same({}, browser:said())
  end)

  it("obeys space, arrows and Escape", function ()
    open { name = "x", scenes = { sentence(4), sentence(4) } }
    browser:press " "
    browser:press " "
    assert.is_true(browser:value "document.querySelector('figure').getBoundingClientRect().top > 0")
    browser:press "Escape"
    browser:press "ArrowRight"
    browser:press "ArrowRight"
    assert.equal(2, time_of ".page")
    browser:press "ArrowLeft"
    assert.equal(1, time_of ".page")
    for _ = 1, 5 do browser:press "ArrowRight" end
    assert.equal(6, time_of ".page")
    assert.is_true(browser:value "document.querySelector('#scene-2').matches('.now')")
    browser:press " "
    browser:wait_for "document.querySelector('.page input').valueAsNumber > 6.2"
    browser:press " "
    local at = time_of ".page"
    support.sleep(0.3)
    assert.equal(at, time_of ".page")
    browser:press "Escape"
    assert.is_true(browser:value "!document.querySelector('.now')")
    -- On a scene's own scrubber they are about that scene.
    browser:value "document.querySelector('#scene-1 input').focus()"
    browser:press "ArrowRight"
    assert.equal(1, time_of "#scene-1")
    for _ = 1, 9 do browser:press "ArrowRight" end
    assert.equal(4, time_of "#scene-1")
  end)

  it("leaves keys to links, buttons and folds", function ()
    open(projects.portrait())
    browser:value "document.querySelector('#scene-1 .clips summary').focus()"
    browser:press " "
    assert.is_true(browser:value "document.querySelector('#scene-1 .clips').open")
    assert.is_true(browser:value "!document.querySelector('.now')")
  end)

  it("moves and zooms nothing for whom less motion is wished", function ()
    local project = moving()
    open(project)
    browser:call("Emulation.setEmulatedMedia", { features = { { name = "prefers-reduced-motion",
      value = "reduce" } } })
    seek(2)
    local found = browser:value(MOMENT)
    for i, clip in ipairs(project.scenes[1].clips) do
      local is_fade = clip.animation.type:find "^fade" ~= nil
      assert.same({ is_fade and 0.5 or 1, 0, 0, 1 }, found[i], clip.id)
    end
    seek(0.5)
    assert_moment(project, browser:value(MOMENT), 0.5)
    seek(3)
    assert_moment(project, browser:value(MOMENT), 3)
  end)

  it("has room for its controls on a narrow screen", function ()
    open(projects.languages(), nil, 420)
    assert.is_true(browser:value [[document.documentElement.scrollWidth <= innerWidth
      && [...document.querySelectorAll(".controls > :not([hidden])")].every(e => {
        const box = e.getBoundingClientRect();
        return box.left >= 0 && box.right <= innerWidth && box.width > 30;
      })]])
  end)

  it("is not on paper, and a moment is whole again there", function ()
    open(moving())
    seek(0)
    browser:print(directory .. "/page.pdf")
    assert.is_true(browser:value "!document.querySelector('.now')")
    local words = support.run(("env -u LD_PRELOAD pdftotext '%s/page.pdf' -"):format(directory))
    assert.is_nil(words:find("Show all", 1, true))
    assert.truthy(words:find("Scene 1", 1, true))
  end)
end)

describe("without scripts", function ()
  it("the page is whole, and has nothing that does nothing", function ()
    support.write_file(directory .. "/page.html", aistudios.storyboard(projects.news()))
    browser:open("about:blank", 1320, 900)
    browser:call("Emulation.setScriptExecutionDisabled", { value = true })
    browser:call("Page.navigate", { url = "file://" .. directory .. "/page.html" })
    browser:wait_for "document.querySelectorAll('.scene figure svg').length === 4"
    assert.equal(0, browser:value
      "document.querySelectorAll('button, input:not(#safe-areas), .controls').length")
    assert.equal(4, browser:value "document.querySelectorAll('.sheet a').length")
    assert.equal(4, browser:value [[[...document.querySelectorAll("blockquote")].filter(
      e => e.checkVisibility() && e.textContent.length > 50).length]])
  end)
end)

-- A browser's voice that takes `ms` for each sentence; nil: it never ends.
local function voice(ms)
  return ([[
    window.heard = [];
    let current = null;
    const voices = { getVoices: () => [{}], cancel() { clearTimeout(current?.timer) },
      speak(words) {
        const one = { timer: null };
        heard.push([words.text, words.lang, performance.now()]);
        if (%s) one.timer = setTimeout(() => { heard.push("end"); words.onend() }, %s);
        current = one;
      } };
    Object.defineProperty(window, "speechSynthesis", { value: voices });]]):format(
    ms and "true" or "false", ms or 0)
end

describe("a voice", function ()
  local function read_aloud(scenes, ms)
    open({ name = "x", scenes = scenes }, voice(ms))
    browser:value "document.querySelector('.page input[type=checkbox]').click()"
    browser:value "document.querySelector('#scene-1 .controls button').click()"
  end

  it("reads sentence by sentence, and the clock waits for it", function ()
    read_aloud({ sentence(0, "One, one. Two, two. Three.") }, 1200)
    browser:wait_for "heard.length === 6 && !document.querySelector('.now')"
    local heard = browser:value "heard.map(e => e[0] === 'e' ? e : e[0])"
    assert.same({ "One, one. ", "end", "Two, two. ", "end", "Three.", "end" }, heard)
  end)

  it("that is quicker than the estimate does not hurry the clock", function ()
    read_aloud({ sentence(0, "A sentence of a second.. And one.") }, 1)
    browser:wait_for "heard.length === 4"
    assert.is_true(browser:value "heard[2][2] - heard[0][2]" > 1000)
  end)

  it("that never ends holds a sentence for no longer than three seconds more", function ()
    read_aloud({ sentence(0, "One. Two.") })
    browser:wait_for "heard.length === 2"
    local between = browser:value "heard[1][2] - heard[0][2]"
    assert.is_true(between > 2500 and between < 15000, between)
  end)

  it("is not offered where there is no sentence to read", function ()
    open({ name = "x", scenes = { { scripts = {}, clips = {} } } }, voice(1))
    assert.equal(0, browser:value "document.querySelectorAll('.page label').length")
  end)

  it("is silent when the player stops, and when it is not asked for", function ()
    read_aloud({ sentence(0, "One. Two.") }, 60000)
    browser:wait_for "heard.length === 1"
    browser:press "Escape"
    browser:value "document.querySelector('.page input[type=checkbox]').click()"
    browser:value "document.querySelector('#scene-1 .controls button').click()"
    browser:wait_for "!document.querySelector('.now')"
    assert.equal(1, browser:value "heard.length")
    assert.same({}, browser:said())
  end)
end)
