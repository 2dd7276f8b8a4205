-- Animations: the keyframes of each, scenes drawn at a moment, and the script that plays them.
local aistudios = require "aistudios"
local motion = require "aistudios.project.storyboard.motion"
local support = require "spec.support"

local directory = support.directory "motion"

-- A red square of 200 px at 300, 400, with an animation from 1 s to 3 s.
local function square(kind, fields)
  local clip = { id = "s", type = "shape", shapeName = "Square", layer = 1, left = 300, top = 400,
    width = 200, height = 200, fill = "#ff0000",
    animation = { type = kind, delay = 1, duration = 2 } }
  for name, value in pairs(fields or {}) do clip[name] = value end
  return clip
end

local function at(clip, seconds)
  local place = require "aistudios.project.storyboard.clips".place(clip)
  return motion.at(motion.of(clip, place, 1920, 1080), seconds)
end

local function render(clip, seconds)
  local project = { scenes = { { background = { source_color = "#ffffff" }, clips = { clip } } } }
  local path = directory .. "/frame.svg"
  support.write_file(path, aistudios.storyboard.svg(project, 1, { at = seconds }))
  support.run(("env -u LD_PRELOAD rsvg-convert '%s' -o '%s.png' 2>&1 && env -u LD_PRELOAD "
    .. "pngtopnm '%s.png' >'%s.pnm' 2>/dev/null"):format(path, path, path, path))
  local bytes = support.read_file(path .. ".pnm")
  local start = bytes:match "^P6%s+1920%s+1080%s+255%s()"
  return function (x, y)
    local place = start + 3 * (y * 1920 + x)
    return { bytes:byte(place, place + 2) }
  end
end

local RED, WHITE = { 255, 0, 0 }, { 255, 255, 255 }

describe("an animation", function ()
  it("of every type that the schema knows is known", function ()
    for _, kind in ipairs(require "aistudios.project.schema".animation.type.enum) do
      assert.is_table(at(square(kind), 0), kind)
    end
  end)

  it("begins after its delay, ends after its duration, and passes evenly", function ()
    local function opacities(kind)
      local found = {}
      for i, seconds in ipairs { 0, 0.99, 1, 2, 2.5, 3, 100 } do
        found[i] = at(square(kind), seconds).opacity
      end
      return found
    end
    assert.same({ 0, 0, 0, 0.5, 0.75, 1, 1 }, opacities "fade-in")
    assert.same({ 1, 1, 1, 0.5, 0.25, 0, 0 }, opacities "fade-out")
  end)

  it("comes in from beyond the edge that it names, and leaves over it", function ()
    for side, far in pairs { right = { 1620, 0 }, left = { -500, 0 }, down = { 0, 680 },
      up = { 0, -600 } } do
      local entry, exit = square("in-" .. side), square("out-" .. side)
      for i, part in ipairs { 1, 0.5, 0 } do
        local frame, later = at(entry, i), at(exit, 4 - i)
        assert.same({ far[1] * part, far[2] * part, 1, 1 },
          { frame.x, frame.y, frame.scale, frame.opacity }, side)
        assert.same(frame, later, side)
      end
    end
  end)

  it("zooms about the middle, turned and scaled clips too", function ()
    local clip = square("zoom-in", { angle = 90, scaleX = 2, scaleY = 0.5 })
    for _, seconds in ipairs { 1, 1.5, 2, 3 } do
      local frame = at(clip, seconds)
      assert.equal((seconds - 1) / 2, frame.scale)
      -- 400 by 100 px, turned by 90 degrees about 300, 400: the middle is at 250, 600
      assert.is_true(math.abs(250 * frame.scale + frame.x - 250) < 1e-9)
      assert.is_true(math.abs(600 * frame.scale + frame.y - 600) < 1e-9)
    end
  end)
end)

describe("a scene at a moment", function ()
  it("has the opacity of a fade", function ()
    assert.same(WHITE, render(square "fade-in", 1)(400, 500))
    assert.same({ 255, 127, 127 }, render(square "fade-in", 2)(400, 500))
    assert.same(RED, render(square "fade-in", 3)(400, 500))
    assert.same(WHITE, render(square "fade-out", 9)(400, 500))
  end)

  it("has a fade's opacity times the clip's own", function ()
    assert.same({ 255, 191, 191 }, render(square("fade-in", { opacity = 50 }), 2)(400, 500))
  end)

  it("has a clip where it has moved to", function ()
    local frame = render(square "in-right", 2) -- moved by 810 px
    assert.same(WHITE, frame(400, 500))
    assert.same(WHITE, frame(1109, 500))
    assert.same(RED, frame(1110, 500))
    assert.same(RED, frame(1309, 500))
    assert.same(WHITE, frame(1310, 500))
  end)

  it("has a clip as large as it has become", function ()
    local frame = render(square "zoom-in", 2) -- 100 px about 400, 500
    assert.same(RED, frame(351, 451))
    assert.same(RED, frame(448, 548))
    assert.same(WHITE, frame(348, 500))
    assert.same(WHITE, frame(452, 500))
  end)

  it("has every clip at rest when no moment is given", function ()
    assert.same(RED, render(square "fade-in")(400, 500))
    assert.same(RED, render(square "out-left")(400, 500))
  end)

  it("is drawn as it is when the animation is none that is known", function ()
    for _, animation in ipairs { { type = "spin", delay = 1, duration = 1 }, {}, "fade-in",
      { type = 0 / 0, delay = "x", duration = {} } } do
      assert.same(RED, render(square("", { animation = animation }), 0)(400, 500))
    end
  end)

  it("is drawn at any moment, whatever the numbers of the animation are", function ()
    for _, number in ipairs { -1, 0, 1 / 0, -1 / 0, 0 / 0, 1e308 } do
      local clip = square("in-up", { animation = { type = "zoom-in", delay = number,
        duration = number } })
      for _, seconds in ipairs { 0, 1, 1e9 } do render(clip, seconds) end
    end
  end)

  it("is a time from 0: all else raises", function ()
    local project = { scenes = { { clips = {} } } }
    for _, wrong in ipairs { -1, 1 / 0, 0 / 0, "1" } do
      local ok, message = pcall(function ()
        aistudios.storyboard.svg(project, 1, { at = wrong })
      end)
      assert.is_false(ok)
      assert.truthy(message:find("motion_spec.lua:%d+: aistudios%.storyboard%.svg: option 'at'"),
        message)
    end
    assert.has_error(function () aistudios.storyboard(project, { at = 1 }) end)
  end)
end)

describe("the page's script", function ()
  it("is the one whose hash the page's policy names", function ()
    local player = require "aistudios.project.storyboard.player"
    local digest = require "openssl.digest".new "sha256":final(player.script)
    assert.equal("sha256-" .. require "mime".b64(digest), player.hash)
    local page = aistudios.storyboard { scenes = {} }
    assert.truthy(page:find("script-src '" .. player.hash .. "'", 1, true))
    assert.truthy(page:find("<script>" .. player.script .. "</script>", 1, true))
  end)
end)
