-- Every field of the schema, at its bounds and beyond, wherever it stands.
local aistudios = require "aistudios"
local validate = require "aistudios.project.validate"
local schema = require "aistudios.project.schema"

local null = aistudios.null

local function paths(problems)
  local found = {}
  for i, problem in ipairs(problems) do found[i] = problem.path end
  return found
end

local function sample(field)
  if field.enum then return field.enum[1] end
  if field.url then return "https://example.com/file" end
  if field.type == "string" then return "text" end
  if field.type == "boolean" then return true end
  if field.type == "list" then return {} end
  if field.type ~= "object" then return field.min or 1 end
  local inside = {}
  for name, member in pairs(field.fields or {}) do
    if member.required then inside[name] = sample(member) end
  end
  return inside
end

local function clip_of(kind)
  local clip = sample { type = "object", fields = schema.clips[kind] }
  clip.type = kind
  return clip
end

local function project_of(clip)
  return { scenes = { { sceneIdx = 0, background = {}, clips = { clip },
    scripts = { { org = "Hi", isTTS = false, tts = null, modelId = "text",
      clothId = "text" } } } } }
end

-- Each object of the schema in its place in a project that is right:
-- name, fields, make() -> project, the object.
local objects = {
  { "project", schema.project, function ()
    local project = project_of(clip_of "aiModel")
    return project, project
  end, "" },
  { "scene", schema.scene, function ()
    local project = project_of(clip_of "aiModel")
    return project, project.scenes[1]
  end, "scenes[1]." },
  { "script", schema.script, function ()
    local project = project_of(clip_of "aiModel")
    return project, project.scenes[1].scripts[1]
  end, "scenes[1].scripts[1]." },
  { "background", schema.background, function ()
    local project = project_of(clip_of "aiModel")
    return project, project.scenes[1].background
  end, "scenes[1].background." },
  { "model", schema.model, function ()
    local clip = clip_of "aiModel"
    return project_of(clip), clip.model
  end, "scenes[1].clips[1].model." },
}
for kind, fields in pairs(schema.clips) do
  local function make()
    local clip = clip_of(kind)
    local project = project_of(clip)
    project.scenes[1].scripts = {}
    return project, clip
  end
  objects[#objects + 1] = { kind, fields, make, "scenes[1].clips[1]." }
  for _, name in ipairs { "shadow", "animation" } do
    if fields[name] then
      objects[#objects + 1] = { kind .. " " .. name, schema[name], function ()
        local project, clip = make()
        clip[name] = sample(fields[name])
        return project, clip[name]
      end, "scenes[1].clips[1]." .. name .. "." }
    end
  end
end

local function each_field(visit)
  for _, row in ipairs(objects) do
    for name, field in pairs(row[2]) do visit(row[1], name, field, row[3], row[4] .. name) end
  end
end

-- Fields that depend on others, beyond their own schema.
local tied = { type = true, modelId = true, ai_name = true, clothId = true, emotion = true,
  clips = true, scenes = true }

local others = { string = { 1, true, {} }, boolean = { 0, "true", {} },
  integer = { "1", 1.5, 0 / 0, {} }, number = { "1", 0 / 0, {} },
  object = { 1, "x", false }, list = { 1, "x", false } }

describe("the schema's fields", function ()
  it("are all accepted with a value that fits", function ()
    local count = 0
    each_field(function (where, name, field, make)
      local project, object = make()
      if not tied[name] then object[name] = sample(field) end
      assert.same({}, validate(project), where .. "." .. name)
      count = count + 1
    end)
    assert.is_true(count > 150)
  end)

  it("are all refused with a value of another type", function ()
    each_field(function (where, name, field, make, path)
      if tied[name] then return end
      for _, value in ipairs(others[field.type]) do
        local project, object = make()
        object[name] = value
        assert.same({ path }, paths(validate(project)), where .. "." .. name)
      end
    end)
  end)

  it("take null where they are not required, or the schema has it", function ()
    each_field(function (where, name, field, make, path)
      if tied[name] or name == "scripts" then return end -- one form of them must be there
      local project, object = make()
      object[name] = null
      assert.same((field.nullable or not field.required) and {} or { path },
        paths(validate(project)),
        where .. "." .. name)
    end)
  end)

  it("are accepted at each bound and refused beyond", function ()
    local count = 0
    each_field(function (where, name, field, make, path)
      local step = field.type == "integer" and 1 or 0.001
      for bound, direction in pairs { min = -1, max = 1 } do
        if field[bound] then
          local project, object = make()
          object[name] = field[bound]
          assert.same({}, validate(project), where .. "." .. name)
          object[name] = field[bound] + 0.0
          assert.same({}, validate(project), where .. "." .. name)
          object[name] = field[bound] + direction * step
          assert.same({ path }, paths(validate(project)), where .. "." .. name)
          count = count + 1
        end
      end
    end)
    assert.is_true(count > 30)
  end)

  it("take every word of an enumeration, and no other", function ()
    each_field(function (where, name, field, make, path)
      if not field.enum then return end
      local project, object = make()
      for _, word in ipairs(field.enum) do
        object[name] = word
        assert.same({}, validate(project), where .. "." .. name)
      end
      object[name] = field.enum[1] .. "_"
      assert.same({ path }, paths(validate(project)), where .. "." .. name)
    end)
  end)

  it("are missed where they are required, also when a metatable has them", function ()
    each_field(function (where, name, field, make, path)
      if not field.required or tied[name] then return end
      local project, object = make()
      local value = object[name]
      object[name] = nil
      assert.same({ path }, paths(validate(project)), where .. "." .. name)
      setmetatable(object, { __index = { [name] = value } })
      assert.same({ path }, paths(validate(project)), where .. "." .. name)
    end)
  end)

  it("are looked for in clips of a known type alone", function ()
    for _, kind in ipairs { 1, 5, true, "list", "", 0 / 0 } do
      local clip = clip_of "image"
      clip.type = kind
      local project = project_of(clip)
      project.scenes[1].scripts = {}
      assert.same({ "scenes[1].clips[1].type" }, paths(validate(project)))
    end
  end)
end)
