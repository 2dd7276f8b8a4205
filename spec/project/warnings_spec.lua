-- What is allowed in a project and certainly not meant, and what looks like it and is.
local aistudios = require "aistudios"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local null = aistudios.null

local function text_clip(fields)
  local clip = { id = "t", type = "textImage", layer = 1, left = 100, top = 100, width = 900,
    height = 200, text = "Hello", fill = "#ffffff", fontSize = 60 }
  for name, value in pairs(fields or {}) do clip[name] = value end
  return clip
end

local function project_of(...)
  return { name = "x", scenes = { { sceneIdx = 0, background = { source_color = "#204060" },
    scripts = aistudios.array {}, clips = { ... } } } }
end

-- An avatar of a language that says a text.
local function spoken(text, language)
  return aistudios.project { name = "x" }:scene { background = "#204060" }
    :avatar { model = { id = "M000045058", language = language }, clothes = "BG00002320",
      say = text }
end

-- "path: message" of each problem, and whether there is no error.
local function said(project, options)
  local ok, found = aistudios.check(project, options)
  local lines = {}
  for i, problem in ipairs(ok and found or found.problems) do
    lines[i] = problem.path .. ": " .. problem.message
  end
  return lines, ok == true
end

local function warns(expected, project, options)
  local lines, is_good = said(project, options)
  assert.same(expected, lines)
  assert.is_true(is_good)
end

local FORMS = '; write a name as "white", "#rrggbb", "#rrggbbaa", "rgb(r, g, b)" or '
  .. '"hsl(h, s%, l%)"'

local ORG = "scenes[1].scripts[1].org: "

describe("a warning", function ()
  it("says that null is the same as nothing, where it is no value of the field", function ()
    warns({
      "scenes[1].clips[1].animation: is null, which is the same as leaving it out",
      "scenes[1].clips[1].shadow: is null, which is the same as leaving it out",
      "scenes[1].clips[1].tag: is null, which is the same as leaving it out",
    }, project_of(text_clip { tag = null, animation = null, shadow = null }))
    local project = project_of(text_clip())
    project.scenes[1].thumbnailUrl = null
    warns({}, project)
  end)

  it("is not given for the tutorial's font size, and for fill of pictures", function ()
    warns({}, project_of(text_clip { fontSize = 7.5 },
      { id = "i", type = "image", layer = 2, left = 0, top = 300, width = 9, height = 9,
        fill = "rgb(0,0,0)", source_url = "https://example.com/a.png" },
      { id = "v", type = "videoImage", layer = 3, left = 0, top = 400, width = 9, height = 9,
        fill = "rgb(0,0,0)", video_url = "https://example.com/a.mp4" }))
  end)

  it("is not given for a project that was fetched", function ()
    local server <close> = sandbox.start { render_seconds = 0 }
    local client <close> = support.client(server)
    local fetched
    for _, project in ipairs { support.project(), spoken("Hi", "en"),
      aistudios.decode(support.read_file "spec/fixtures/samples/create_project.json") } do
      local id = assert(client:create_project(project)).project_id
      fetched = assert(client:get_project(id)).project
      assert.is_string(fetched.backendTaskId)
      warns({}, fetched)
      assert(client:create_project(fetched))
    end
    fetched.createdat = "now"
    assert.truthy(said(fetched)[1]:find("createdat: is not a field", 1, true))
  end)

  it("tells colours that are none, with the one that is meant", function ()
    for colour, meant in pairs { FFFFFF = "#FFFFFF", fff = "#fff", ["white;"] = "white",
      ["0xff0000"] = "#ff0000", [" red "] = "red", lightgren = "lightgreen", blueish = false,
      ["#ggg"] = false, ["rgb(1,2"] = false, ["#12345"] = false, [""] = false, none = false,
      ["rgb (1,2,3)"] = "rgb(1,2,3)", ["linear-gradient(red, blue)"] = false,
      ["rgb(1,2,3)x"] = false, ["rgb(,,)"] = false, ["hsl(1,2,3"] = false,
      ["rgb(100%,0,0)"] = false, ["rgba(50%,128,0,0.5)"] = false, ["rgb(1,2,3%)"] = false,
      ["hsl(120,100,50)"] = false, ["hsla(120deg,50%,50,1)"] = false } do
      warns({ "scenes[1].clips[1].fill: is not a colour" .. (meant
        and ("; did you mean '%s'?"):format(meant) or FORMS) },
        project_of(text_clip { fill = colour }))
    end
    for _, colour in ipairs { "#fff", "#FFFF", "#123456", "#12345678", "white", "RebeccaPurple",
      "rgb(1, 2, 3)", "rgba(1,2,3,0.5)", "hsl(120, 50%, 50%)", "transparent",
      "hsla(0.5turn, 50%, 50%, 10%)", "rgb(1 2 3 / 50%)",
      "rgb(10%, 0%, 5%)", "rgb(10% 2 3)", "hsl(120 50 50)" } do
      local project = project_of(text_clip { fill = colour, stroke = "", backgroundColor = "" })
      project.scenes[1].background.source_url = "/a.png"
      warns({}, project)
    end
    local project = project_of(text_clip { stroke = "blak", shadow = { color = "ff" } })
    project.scenes[1].background.source_color = "2040600"
    warns({ "scenes[1].background.source_color: is not a colour" .. FORMS,
      "scenes[1].clips[1].shadow.color: is not a colour" .. FORMS,
      "scenes[1].clips[1].stroke: is not a colour; did you mean 'black'?" }, project)
  end)

  it("tells misspelt alignments", function ()
    warns({ "scenes[1].clips[1].align: is not a word that is known here; did you mean 'center'?" },
      project_of(text_clip { align = "centre" }))
    for _, word in ipairs { "left", "center", "right", "justify" } do
      warns({}, project_of(text_clip { align = word }))
    end
  end)

  it("tells addresses for webhooks that the service cannot call", function ()
    for url, why in pairs {
      ["http://localhost:3000/hook"] = "localhost is this machine's own name",
      ["http://127.0.0.1/hook"] = "127.0.0.1 is this machine's own address",
      ["http://192.168.1.5/hook"] = "192.168.1.5 is a private address",
      ["example.com/hook"] = "is not an address that starts with https:// or http://",
      [""] = "is empty", [" "] = "is not an address",
      ["https://example.com/a b"] = "has a blank",
    } do
      local project = project_of(text_clip())
      project.webhookUrl = url
      local lines, is_good = said(project)
      assert.is_true(is_good)
      assert.equal(1, #lines)
      assert.truthy(lines[1]:find("webhookUrl: the service cannot call it: ", 1, true), lines[1])
      assert.truthy(lines[1]:find(why, 1, true), lines[1])
    end
    local project = project_of(text_clip())
    project.webhookUrl = "https://example.com/hook?secret=1"
    warns({}, project)
  end)

  it("tells entities of HTML in addresses", function ()
    local project = project_of({ id = "i", type = "image", layer = 2, left = 0, top = 0,
      width = 90, height = 90, source_url = "https://example.com/a.png?b=1&amp;c=2" })
    warns({ "scenes[1].clips[1].source_url: holds &amp;, as HTML writes &; in an address it is &"
      .. " alone" }, project)
    project.scenes[1].clips[1].source_url = "https://example.com/a.png?b=1&c=2"
    warns({}, project)
  end)

  it("tells markup that scripts do not have", function ()
    for text, tag in pairs { ['Hello <break time="3s"/> world'] = "<break>",
      ["<speak>Hi</speak>"] = "<speak>", ["<p>a</p><br>"] = "<br>", ["<P>a</P> <b>b</b>"] = "<b>",
      ["<amazon:effect>a</amazon:effect>"] = "<amazon:effect>" } do
      warns({ ORG .. "holds " .. tag .. ": the only tags that are documented are <p> and <span>" },
        spoken(text, "en"))
    end
    for _, text in ipairs { "Hi [pause] there", "[break 2s] Hi", "[Laughs] Hi" } do
      assert.truthy(said(spoken(text, "en"))[1]:find("no such instructions", 1, true), text)
    end
    for _, text in ipairs { "<p>Hi</p>", "<p>Hi <span style='x'>there</span></p>", "2 < 3 > 1",
      "R&amp;D", "See [1] and [the manual]", "<P>Hi</P>" } do
      warns({}, spoken(text, "en"))
    end
  end)

  it("tells letters that the avatar's language does not have", function ()
    for text, case in pairs { ["안녕하세요 여러분"] = { "en", "Hangul" },
      ["こんにちは"] = { "en-US", "Japanese" }, ["你好"] = { "de", "Chinese" },
      ["สวัสดี"] = { "ko", "Thai" }, ["مرحبا"] = { "fr", "Arabic" },
      ["Привет"] = { "en", "Cyrillic" }, ["नमस्ते"] = { "zh", "Devanagari" } } do
      warns({ ('%sholds %s letters, and the language of the avatar is "%s"'):format(ORG, case[2],
        case[1]) }, spoken(text, case[1]))
    end
    for text, language in pairs { ["안녕하세요 여러분"] = "ko", ["こんにちは世界"] = "ja",
      ["你好"] = "zh-CN",
      ["Привет"] = "uk", ["مرحبا"] = "fa", ["Größe, naïve café"] = "en", ["大韓民國"] = "ko" } do
      warns({}, spoken(text, language))
    end
    warns({}, spoken("안녕하세요", nil)) -- nobody knows
    warns({}, spoken("안녕하세요", "xx"))
  end)

  it("knows the avatar's language from a list of models too", function ()
    local models = { { id = "M000045058", language = "en" } }
    warns({ ORG .. 'holds Hangul letters, and the language of the avatar is "en"' },
      spoken("안녕하세요", nil), { models = models })
    models[1].language = "ko"
    warns({}, spoken("안녕하세요", nil), { models = models })
  end)

  it("tells avatars that say nothing, but not those that are not shown", function ()
    local project = spoken("Hi", "en")
    project.scenes[1].scripts = aistudios.array {}
    warns({ "scenes[1].clips[1]: this avatar says nothing: no script of the scene has its"
      .. " modelId" }, project)
    local deleted = "scenes[1].clips[1].isDelete: the avatar is deleted: it is not shown; leave"
      .. " its clip out, or isDelete"
    project.scenes[1].clips[1].isDelete = true
    warns({ deleted }, project)
    local older = support.project()
    older.scenes[1].clips[1].script.org = "<p>\u{A0}\u{FEFF}</p>"
    warns({ "scenes[1].clips[1].script.org: says nothing" }, older)
    older.scenes[1].clips[1].isDelete = true
    warns({ deleted }, older)
  end)

  it("tells scripts that show nothing, whatever they are written with", function ()
    for _, blank in ipairs { "", " ", "\u{FEFF}", "\u{A0}", "\u{3000}", "\u{200B}", "&nbsp;",
      "<p></p>" } do
      warns({ ORG .. "says nothing" }, spoken(blank, "en"))
    end
  end)

  it("tells scenes without clips and scripts", function ()
    warns({ "scenes[1]: this scene shows nothing and says nothing: it has no clips and no"
      .. " scripts" }, project_of())
  end)
end)

describe("an error", function ()
  local function problem(change)
    local project = project_of(text_clip(),
      { id = "a", type = "audio", layer = 2, left = 0, top = 0, width = 0, height = 0, label = "a",
        source_url = "https://example.com/a.mp3", volume = 50 },
      { id = "v", type = "videoImage", layer = 3, left = 0, top = 400, width = 9, height = 9,
        video_url = "https://example.com/a.mp4", volume = 50 })
    change(project, project.scenes[1].clips)
    local lines, is_good = said(project)
    assert.is_false(is_good)
    assert.equal(1, #lines)
    return lines[1]
  end

  it("says how to mute", function ()
    assert.equal("scenes[1].clips[2].volume: must be an integer from 1 to 100 %, not 0; leave the"
      .. " clip out to mute it", problem(function (_, clips) clips[2].volume = 0 end))
    assert.equal("scenes[1].clips[3].volume: must be an integer from 1 to 100 %, not 0; to mute it,"
      .. " use a file without sound", problem(function (_, clips) clips[3].volume = 0 end))
  end)

  it("names the orientation and the resolution that are meant", function ()
    for word, meant in pairs { ["9:16"] = "portrait", vertical = "portrait", ["16:9"] = "landscape",
      Horizontal = "landscape", ["1920x1080"] = "landscape" } do
      assert.equal(('orientation: "%s" is not one of "landscape", "portrait"; did you mean \'%s\'?')
        :format(word, meant), problem(function (project) project.orientation = word end))
    end
    for word, meant in pairs { ["1080p"] = "1080", ["720P"] = "720", ["2160p"] = "4k", UHD = "4k",
      ["4K"] = "4k" } do
      assert.truthy(problem(function (project) project.resolution = word end)
        :find(("did you mean '%s'?"):format(meant), 1, true), word)
    end
  end)

  it("says in one sentence that a body is of another version or another service", function ()
    for expected, body in pairs {
      ["version 2 of the API (scenes[1].AIModel)"] = { scenes = { { AIModel = { script = "Hi",
        model = "M000004017", clothes = "BG00006160", locationX = 0, locationY = 0 },
        clips = { { type = "background", detail = { url = "https://example.com/a.png" } } } } } },
      ["HeyGen's API (video_inputs)"] = { video_inputs = { {} }, dimension = {} },
      ["Synthesia's API (input)"] = { title = "x", input = { { scriptText = "Hi" } } },
      ["D-ID's API (script)"] = { source_url = "https://example.com", script = { input = "Hi" } },
      ["Shotstack's API (timeline)"] = { timeline = { tracks = {} } },
      ["Creatomate's API (elements)"] = { elements = {} },
      ["JSON2Video's API (scenes[1].elements)"] = { scenes = { { elements = {} } } },
    } do
      local lines, is_good = said(body)
      assert.is_false(is_good)
      assert.equal(1, #lines)
      assert.truthy(lines[1]:find(expected, 1, true), lines[1])
    end
    assert.same({ "scenes: is required: a list" }, said {})
  end)
end)

describe("a call that costs", function ()
  local server, client

  before_each(function ()
    server = sandbox.start { render_seconds = 0 }
    client = support.client(server)
  end)

  after_each(function ()
    client:close()
    server:close()
  end)

  local function refused(expected, result, err)
    assert.is_nil(result)
    assert.equal("invalid", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.truthy(tostring(err):find(expected, 1, true), tostring(err))
    assert.equal(0, #server:ledger())
  end

  it("does not go out with a name that was not filled in", function ()
    refused("scenes[1].scripts[1].org: holds {{name}}", client:create_project(spoken "Hi {{name}}"))
    refused("scenes[1].scripts[1].org: holds {{name}}", client:render(spoken "Hi {{name}}"))
    refused("topic: holds {{thing}}", client:generate_image("a {{thing}}"))
    refused("topic: holds {{thing}}", client:topic_to_video("a {{thing}}"))
    refused("text: holds {{first name}}", client:create_simple_video { language = "en",
      text = "Hi {{first name}}", model = "M000045058", clothes = "BG00002320" })
    local id = assert(client:create_project { name = "For {{city}}", isExport = false,
      scenes = spoken "Hi {{name}}".scenes }).project_id
    refused("updates.value[1].values.text: holds {{name}}", client:edit_project(id, { updates = {
      { sceneIdx = 0, type = "textImage", values = { text = "{{name}}" } } } }))
  end)

  it("does not go out without scenes", function ()
    refused("scenes: is empty", client:create_project { name = "x", scenes = {} })
    refused("scenes: is empty", client:render { name = "x", scenes = aistudios.array {} })
  end)

  it("goes out with either when checks are off", function ()
    client:close()
    client = support.client(server, { check = false })
    assert(client:create_project(spoken "Hi {{name}}"))
    client:create_project { name = "x", scenes = {} }
    assert.equal(2, #support.requests(server, "create_project"))
  end)
end)

describe("options that are a text", function ()
  it("are told to be the second result of require", function ()
    for name, call in pairs { check = aistudios.check, template = aistudios.template } do
      local ok, message = pcall(function () call(support.project(), "./project.lua") end)
      assert.is_false(ok)
      assert.truthy(message:find("warnings_spec.lua:%d+: aistudios%." .. name
        .. ": options must be a table, got string"), message)
      assert.truthy(message:find(name .. '((require "project"))', 1, true), message)
    end
    local ok, message = pcall(aistudios.check, {}, 5)
    assert.is_false(ok)
    assert.is_nil(message:find("require", 1, true))
  end)
end)

-- The steps of Lua's machine that a call takes, in thousands.
local function steps(f, ...)
  local count = 0
  local function tick() count = count + 1 end
  debug.sethook(tick, "", 1000)
  f(...)
  debug.sethook()
  return count
end

describe("a scene with many faults", function ()
  local function avatar(i)
    return { id = "a" .. i, type = "aiModel", layer = i, left = 0, top = 0, width = 10, height = 10,
      model = { ai_name = "M" .. i, emotion = "B" .. i } }
  end

  local function script(id, clothes)
    return { org = "Hi", isTTS = false, tts = null, modelId = id, clothId = clothes }
  end

  local kinds = {
    ["scripts that nobody speaks"] = function (scene, i)
      scene.scripts[i] = script("X" .. i, "B1")
    end,
    ["avatars, and scripts of others"] = function (scene, i)
      scene.clips[i], scene.scripts[i] = avatar(i), script("X" .. i, "B1")
    end,
    ["clothes that nobody wears"] = function (scene, i)
      scene.clips[i], scene.scripts[i] = avatar(i), script("M1", "Z" .. i)
      scene.clips[i].model.ai_name = "M1"
    end,
    ["the same id"] = function (scene, i)
      scene.clips[i] = avatar(i)
      scene.clips[i].id = "x"
    end,
    ["unknown fields"] = function (scene, i)
      scene.clips[i] = avatar(i)
      scene.clips[i]["opacty" .. i] = 1
    end,
    ["wrong colours"] = function (scene, i)
      scene.clips[i] = text_clip { id = "t" .. i, fill = "blueish" .. i }
    end,
    ["clips that hide each other"] = function (scene, i)
      scene.clips[i] = { id = "s" .. i, type = "shape", shapeName = "Square", fill = "#fff",
        layer = i, left = 0, top = 0, width = 100, height = 100 }
    end,
    ["names that were not filled in"] = function (scene, i)
      scene.scripts[i] = script("M1", "B1")
      scene.scripts[i].org = "{{n" .. i .. "}}"
    end,
    ["numbers that JSON has not"] = function (scene, i)
      scene.clips[i] = avatar(i)
      scene.clips[i].extra = { 0 / 0 }
    end,
    ["no faults"] = function (scene, i)
      scene.clips[i], scene.scripts[i] = avatar(i), script("M" .. i, "B" .. i)
    end,
  }

  local function project(count, add)
    local scene = { sceneIdx = 0, background = {}, clips = { avatar(1) }, scripts = {} }
    for i = 1, count do add(scene, i) end
    return { name = "x", scenes = { scene } }
  end

  for name, add in pairs(kinds) do
    it("is checked and drawn in time that grows as the scene does: " .. name, function ()
      for _, f in ipairs { aistudios.check, aistudios.storyboard } do
        local few, many = steps(f, project(200, add)), steps(f, project(1600, add))
        assert.is_true(many < 14 * few, ("8 times as many, %.1f times the steps")
          :format(many / few))
      end
    end)
  end
end)

describe("a clip behind many that cover", function ()
  it("is compared with the largest of them", function ()
    local clips = { text_clip { id = "hidden", layer = 1, left = 1000, top = 500,
      fontSize = 20 } }
    for i = 2, 60 do -- more than are compared with all others
      clips[i] = { id = "s" .. i, type = "shape", shapeName = "Square", layer = i, left = 30 * i,
        top = 900, width = 20 + i, height = 20, fill = "#ff0000" }
    end
    clips[61] = { id = "wall", type = "shape", shapeName = "Square", layer = 61, left = 900,
      top = 400, width = 1020, height = 400, fill = "#00ff00" }
    local lines = said(project_of(table.unpack(clips)))
    local found = {}
    for _, line in ipairs(lines) do
      found[#found + 1] = line:match "^(.-): is behind clips%[61%], layer 61, which hides"
    end
    assert.same({ "scenes[1].clips[1].layer" }, found)
  end)
end)
