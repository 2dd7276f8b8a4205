-- The errors that validate finds, and what it accepts.
local aistudios = require "aistudios"
local validate = require "aistudios.project.validate"
local schema = require "aistudios.project.schema"
local support = require "spec.support"

local function paths(problems)
  local found = {}
  for i, problem in ipairs(problems) do found[i] = problem.path end
  return found
end

-- The hello project, changed by `change(project, scene, clip)`.
local function problems_of(change)
  local project = support.project()
  change(project, project.scenes[1], project.scenes[1].clips[1])
  return validate(project)
end

local function only_problem(change)
  local problems = problems_of(change)
  assert.equal(1, #problems, table.concat(paths(problems), " "))
  return problems[1]
end

-- A value that fits the field.
local function sample(field)
  if field.enum then return field.enum[1] end
  if field.url then return "https://example.com/file" end
  if field.type == "string" then return "text" end
  if field.type == "boolean" then return true end
  if field.type == "object" or field.type == "list" then
    local inside = {}
    if field.fields then
      for name, member in pairs(field.fields) do
        if member.required then inside[name] = sample(member) end
      end
    end
    return inside
  end
  return field.min or 1
end

local function whole_clip(kind)
  local clip = {}
  for name, field in pairs(schema.clips[kind]) do
    if field.required then clip[name] = sample(field) end
  end
  clip.type = kind
  return clip
end

local function scene_with(clip)
  return { scenes = { { sceneIdx = 0, background = {}, scripts = {}, clips = { clip } } } }
end

describe("validate", function ()
  it("finds nothing in the seed project", function ()
    assert.same({}, validate(support.project()))
  end)

  it("lets unknown fields pass", function ()
    assert.same({}, problems_of(function (project, scene, clip)
      project.extra, scene.extra, clip.extra = 1, { 2 }, "three"
    end))
  end)

  it("names every missing required field of a scene and a clip", function ()
    for name, field in pairs(schema.scene) do
      if field.required and name ~= "clips" then
        local problem = only_problem(function (_, scene) scene[name] = nil end)
        assert.equal("scenes[1]." .. name, problem.path)
        assert.truthy(problem.message:find("required", 1, true))
      end
    end
    for kind, fields in pairs(schema.clips) do
      for name, field in pairs(fields) do
        if field.required and name ~= "type" then
          local clip = whole_clip(kind)
          clip[name] = nil
          local problems = validate(scene_with(clip))
          assert.same({ "scenes[1].clips[1]." .. name }, paths(problems))
        end
      end
    end
  end)

  it("accepts every clip type with its required fields", function ()
    for kind in pairs(schema.clips) do
      assert.same({}, paths(validate(scene_with(whole_clip(kind)))))
    end
  end)

  it("accepts each bound and refuses what is beyond it", function ()
    local seen = 0
    for kind, fields in pairs(schema.clips) do
      for name, field in pairs(fields) do
        local step = field.type == "integer" and 1 or 0.001
        for bound, direction in pairs { min = -1, max = 1 } do
          if field[bound] then
            seen = seen + 1
            local clip = whole_clip(kind)
            clip[name] = field[bound]
            assert.same({}, paths(validate(scene_with(clip))))
            clip[name] = field[bound] + direction * step
            assert.same({ "scenes[1].clips[1]." .. name },
              paths(validate(scene_with(clip))))
          end
        end
      end
    end
    assert.is_true(seen > 10)
  end)

  it("suggests the clip type that was meant", function ()
    local problem = only_problem(function (_, _, clip) clip.type = "aimodel" end)
    assert.equal("scenes[1].clips[1].type", problem.path)
    assert.equal([["aimodel" is not a clip type; did you mean 'aiModel'?]],
      problem.message)
  end)

  it("suggests the field that was misspelt", function ()
    local problem = only_problem(function (_, _, clip)
      clip.layr, clip.layer = clip.layer, nil
    end)
    assert.equal("scenes[1].clips[1].layer", problem.path)
    assert.truthy(problem.message:find("'layr'", 1, true))
  end)

  it("says how a number in quotes is written", function ()
    local problem = only_problem(function (_, _, clip) clip.top = "3" end)
    assert.equal([[must be a number, not "3"; write 3 without quotes]],
      problem.message)
    assert.equal("3", problem.value)
  end)

  it("refuses NaN and fractions where integers belong", function ()
    assert.equal("scenes[1].clips[1].layer",
      only_problem(function (_, _, clip) clip.layer = 1.5 end).path)
    assert.equal("scenes[1].clips[1].top",
      only_problem(function (_, _, clip) clip.top = 0 / 0 end).path)
    assert.same({}, problems_of(function (_, _, clip) clip.layer = 2.0 end))
  end)

  it("refuses a script that no avatar of the scene speaks", function ()
    local script = { org = "Hi", isTTS = false, tts = aistudios.null, clothId = "BG00002320" }
    local problem = only_problem(function (_, scene)
      script.modelId = "M0"
      scene.scripts = { script }
    end)
    assert.equal("scenes[1].scripts[1].modelId", problem.path)
    assert.truthy(problem.message:find("M000045058", 1, true))
    assert.same({}, problems_of(function (_, scene)
      script.modelId = "M000045058"
      scene.scripts = { script }
    end))
  end)

  it("refuses two clips of a scene with one id, and lets scenes repeat them", function ()
    local project = support.project()
    local scene = project.scenes[1]
    scene.clips[2] = support.project().scenes[1].clips[1]
    local problems = validate(project)
    assert.same({ "scenes[1].clips[2].id" }, paths(problems))
    assert.equal("is also the id of clips[1] of this scene", problems[1].message)
    scene.clips[2] = nil
    project.scenes[2] = support.project().scenes[1]
    assert.same({}, validate(project))
  end)

  it("refuses addresses that the service cannot fetch", function ()
    local rows = {
      ["https://example.com/a.png"] = false,
      ["http://example.com:8080/a?b#c"] = false,
      ["https://172.32.0.1/"] = false,
      ["http://[2001:db8::1]:8080/"] = false,
      ["file:///home/me/a.png"] = "file of this machine",
      ["a.png"] = "https://",
      ["/images/a.png"] = "https://",
      ["C:\\a.png"] = "https://",
      ["data:image/png;base64,AA=="] = "https://",
      ["https://"] = "no host",
      [""] = "empty",
      ["http://localhost:3000/a"] = "this machine",
      ["http://127.0.0.1/a"] = "127.0.0.1 is this machine",
      ["http://user@[::1]:80/a"] = "[::1] is this machine",
      ["http://10.1.2.3/a"] = "private", ["http://172.16.0.1/a"] = "private",
      ["http://192.168.1.1/a"] = "private", ["http://[fd00::1]/"] = "private",
      ["http://[::ffff:10.0.0.1]/"] = "private",
      ["https://example.com/a b.png"] = "%20", ["https://example.com/a\n"] = "control",
      ["https://exam ple.com/"] = "blank", ["https://example.com:65535/"] = false,
      ["https://example.com:65536/a"] = "port 65536; the last one is 65535",
      ["http://[2001:db8::1]:99999/"] = "port 99999", ["http://example.com:/"] = false,
      ["http://printer.local/a"] = "private", ["http://files/a"] = "public",
    }
    for url, expected in pairs(rows) do
      local clip = whole_clip "image"
      clip.source_url = url
      local problems = validate(scene_with(clip))
      assert.same(expected and { "scenes[1].clips[1].source_url" } or {},
        paths(problems), url)
      if expected then
        assert.truthy(problems[1].message:find(expected, 1, true), url)
      end
    end
  end)

  it("lets a background be on the service's own site", function ()
    assert.same({}, problems_of(function (_, scene)
      scene.background.source_url = "/images/a.png"
    end))
    assert.equal("scenes[1].background.source_url", only_problem(function (_, scene)
      scene.background.source_url = "images/a.png"
    end).path)
  end)

  it("says when resource_url is written for source_url", function ()
    local clip = whole_clip "image"
    clip.source_url, clip.resource_url = nil, "https://example.com/a.png"
    local problems = validate(scene_with(clip))
    assert.same({ "scenes[1].clips[1].source_url" }, paths(problems))
    assert.truthy(problems[1].message:find("'resource_url'", 1, true))
  end)

  it("takes null for a field that is not required, and where the API has it", function ()
    assert.same({}, problems_of(function (_, scene)
      scene.thumbnailUrl = aistudios.null
    end))
    assert.equal("scenes[1].clips[1].top", only_problem(function (_, _, clip)
      clip.top = aistudios.null
    end).path)
  end)

  it("finds every problem at once, in the order of the project", function ()
    local project = { orientation = "wide", scenes = {} }
    for i = 1, 11 do project.scenes[i] = i == 3 and "no scene" or {} end
    local found = paths(validate(project))
    assert.equal("orientation", found[1])
    assert.equal("scenes[1].background", found[2])
    assert.equal("scenes[3]", found[10])
    assert.equal("scenes[11].scripts", found[#found])
    assert.equal(1 + 10 * 4 + 1, #found)
  end)

  it("looks through proxies, and never raises", function ()
    local function proxy(t)
      if type(t) ~= "table" then return t end
      return setmetatable({}, {
        __index = function (_, k) return proxy(t[k]) end,
        __len = function () return #t end,
        __pairs = function ()
          return function (_, k)
            local key, value = next(t, k)
            return key, proxy(value)
          end
        end,
      })
    end
    assert.same({}, validate(proxy(support.project())))
    for _, value in ipairs { 1, "x", true, {}, { scenes = 1 },
      { scenes = { 1, {}, { clips = { 1, {} }, scripts = { 1 } } } } } do
      assert.is_true(#validate(value) > 0)
    end
    assert.is_true(#validate(nil) > 0)
  end)
end)
