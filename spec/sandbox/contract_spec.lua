-- The sandbox refuses the projects that aistudios.check refuses, and no others.
local aistudios = require "aistudios"
local http = require "socket.http"
local ltn12 = require "ltn12"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local null = aistudios.null

-- Values that are put in the place of others. `nothing` takes a field away.
local nothing = {}
local values = {
  nothing, null, 0, 1, -1, 1.5, 7.5, 50, 100, 101, 1e15, "", " ", "x", "2", "50", "BG1", "M1",
  true, false, "italic", "portrait", "vertical", "1080p", "audio", "aiModel", "Star", "#fff",
  "https://example.com/a.png", "https://example.com/?a=1&amp;b=2", "http://10.0.0.1/a",
  "http://localhost/a", "file:///tmp/a", "/images/a.png",
  function () return {} end, function () return aistudios.array {} end,
  function () return aistudios.object {} end, function () return { 1 } end,
  function () return { { x = 1 } } end, function () return { x = 1 } end,
}

local function copy(value)
  if type(value) ~= "table" then return value end
  local made = {}
  for key, member in pairs(value) do made[key] = copy(member) end
  return setmetatable(made, getmetatable(value))
end

-- Valid projects: the samples, the corpus, and one of each builder's method.
local function projects()
  local all = { support.project(),
    aistudios.decode(support.read_file "spec/fixtures/samples/create_project.json") }
  for _, project in pairs(dofile "spec/fixtures/projects/good.lua") do all[#all + 1] = project end
  local built = aistudios.project { name = "Built", resolution = "720", isExport = false }
    :scene { background = "#ffffff" }
    :avatar { model = "M000045058", clothes = "BG00002320", say = "Hi" }
    :text { "Text", animation = "fade-in", color = "white", shadow = { blur = 1 }, align = "left",
      stroke = "#000", strokeWidth = 1, underline = true, tag = "title" }
    :image { "https://example.com/a.png" }:video { "https://example.com/a.mp4", volume = 50 }
    :audio { "https://example.com/a.mp3" }:shape { "Star", strokeRadius = 1 }
  all[#all + 1] = built:build()
  all[#all + 1] = { name = "x", webhookUrl = "https://example.com/hook", orientation = "portrait",
    scenes = built.scenes }
  return all
end

-- Every table of a project with every key of it, and a field that it does not have.
local function spots(value, path, found)
  for key, member in pairs(value) do
    found[#found + 1] = { path = path, key = key }
    if type(member) == "table" then
      local inner = table.move(path, 1, #path, 1, {})
      inner[#inner + 1] = key
      spots(member, inner, found)
    end
  end
  return found
end

local function changed(project, spot, value)
  local made = copy(project)
  local owner = made
  for _, key in ipairs(spot.path) do owner = owner[key] end
  if value == nothing then
    if math.type(spot.key) then table.remove(owner, spot.key) else owner[spot.key] = nil end
  else
    owner[spot.key] = type(value) == "function" and value() or value
  end
  return made
end

local function optional_spots()
  local found = {}
  for _, name in ipairs { "opacity", "volume", "stroke", "underline", "tag", "angle", "animation",
    "shadow", "scaleX", "fontWeight", "fontStyle", "align", "backgroundColor", "strokeWidth",
    "effects", "script", "headOnly", "fill", "name", "unknown" } do
    for clip = 1, 6 do found[#found + 1] = { path = { "scenes", 1, "clips", clip }, key = name } end
  end
  for _, name in ipairs { "watermark", "thumbnailUrl", "scripts", "unknown" } do
    found[#found + 1] = { path = { "scenes", 1 }, key = name }
  end
  for _, name in ipairs { "isExport", "resolution", "webhookUrl", "dictionary", "orientation",
    "name", "unknown" } do
    found[#found + 1] = { path = {}, key = name }
  end
  return found
end

describe("check and sandbox", function ()
  local server, client, token

  before_each(function ()
    server = sandbox.start { render_seconds = 0 }
    client = support.client(server)
    token = assert(client:get_token()).token
  end)

  after_each(function ()
    client:close()
    server:close()
  end)

  local function send(body)
    local reply = {}
    local _, status = http.request { url = server.url .. "/api/odin/v3/editor/project",
      method = "POST", source = ltn12.source.string(body), sink = ltn12.sink.table(reply),
      headers = { Authorization = token, ["Content-Type"] = "application/json",
        ["Content-Length"] = #body, Connection = "close" } }
    return status, table.concat(reply)
  end

  -- Says whether both agree about a project; nothing is said of what has no JSON form.
  local function agrees(project, where)
    local body = aistudios.encode(project)
    if not body then return nil end
    local ok, err = aistudios.check(project)
    local status, answer = send(body)
    assert.truthy(status == 200 or status == 400, answer)
    assert.equal(ok == true, status == 200, ("%s: check: %s; sandbox: %s"):format(where,
      ok and "ok" or tostring(err), answer))
    return ok == true
  end

  it("agree about thousands of projects with one change", function ()
    math.randomseed(23)
    local all, seen = projects(), { [true] = 0, [false] = 0 }
    local last = all[#all - 1]
    local function try(project, spot, value)
      local is_good = agrees(changed(project, spot, value),
        table.concat(spot.path, ".") .. "." .. tostring(spot.key) .. " = " .. tostring(value))
      if is_good ~= nil then seen[is_good] = seen[is_good] + 1 end
    end
    for _, project in ipairs(all) do assert.is_true(agrees(project, "unchanged")) end
    for _, spot in ipairs(optional_spots()) do
      for _ = 1, support.is_slow and 1 or 6 do try(last, spot, values[math.random(#values)]) end
    end
    for _ = 1, support.is_slow and 200 or 2500 do
      local project = all[math.random(#all)]
      local found = spots(project, {}, {})
      try(project, found[math.random(#found)], values[math.random(#values)])
    end
    local least = support.is_slow and 50 or 200
    assert.is_true(seen[true] > least and seen[false] > least / 2,
      seen[true] .. " " .. seen[false])
  end)

  it("agree about what one of them once let pass", function ()
    local function case(name, change)
      local project = projects()
      project = copy(project[#project - 1])
      local scene = project.scenes[1]
      change(scene, scene.clips, project)
      assert.is_false(agrees(project, name))
    end
    case("clothes that the avatar does not wear", function (scene)
      scene.scripts[1].clothId = "BG1"
    end)
    case("a script without tts", function (scene) scene.scripts[1].tts = nil end)
    case("audio without a place", function (_, clips) clips[5].left = nil end)
    case("a list for the background", function (scene) scene.background = aistudios.array {} end)
    case("an object for the clips", function (scene)
      scene.clips, scene.scripts = aistudios.object {}, {}
    end)
    case("no scripts", function (scene) scene.scripts = nil end)
    case("opacity", function (_, clips) clips[3].opacity = 1.5 end)
    case("volume", function (_, clips) clips[4].volume = 1.5 end)
    case("a stroke", function (_, clips) clips[6].stroke = 5 end)
    case("underline", function (_, clips) clips[2].underline = "yes" end)
    case("a tag", function (_, clips) clips[2].tag = { "title" } end)
    case("a watermark", function (scene) scene.watermark = "no" end)
    case("an address of this machine", function (_, clips)
      clips[3].source_url = "http://localhost/a.png"
    end)
    case("the same id twice", function (_, clips) clips[2].id = clips[1].id end)
    case("no scenes", function (_, _, project) project.scenes, project.isExport = {}, true end)
    case("a body of another version", function (scene)
      scene.AIModel, scene.clips, scene.scripts = { script = "Hi", model = "M1" }, nil, nil
    end)
  end)

  it("agree about everything but the ids that only the account knows", function ()
    local project = support.project()
    project.workspaceId = "65a0c1d2e3f4a5b6c7d8e9ff"
    assert.is_true((aistudios.check(project)))
    local _, err = client:create_project(project)
    assert.equal("no such workspace", err.message)
    project.workspaceId = client:list_workspaces()[1].workspaceId
    assert(client:create_project(project))
    _, err = client:create_from_template("655c744d2b4d3b40514ffff0")
    assert.equal("no such template", err.message)
    assert(client:create_from_template(client:list_business_templates()[1].id))
    _, err = client:topic_to_video { topic = "Tea", options = { templateId = "nope" } }
    assert.equal("no such template", err.message)
  end)

  it("disagree about unfilled names alone: to the service they are text", function ()
    local project = support.project()
    project.name = "For {{city}}"
    assert.is_nil((aistudios.check(project)))
    assert.equal(200, (send(aistudios.encode(project))))
  end)
end)
