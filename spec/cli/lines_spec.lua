-- In which line of a file something stands.
local json_lines = require "aistudios.cli.json_lines"
local lua_lines = require "aistudios.cli.lua_lines"
local project_file = require "aistudios.cli.project_file"
local support = require "spec.support"

local function line_of(node, ...)
  for _, step in ipairs { ... } do node = node.members[step] end
  return node.line
end

describe("cli.json_lines", function ()
  it("knows the line of each value", function ()
    local node = json_lines.read(
      '{"a": [\n1,\n{"b\\"c":\n\ntrue}],\n"d": "x\\n,\\"}", "e" :\n null }')
    assert.equal(1, line_of(node))
    assert.equal(1, line_of(node, "a"))
    assert.equal(2, line_of(node, "a", 1))
    assert.equal(3, line_of(node, "a", 2))
    assert.equal(5, line_of(node, "a", 2, 'b"c'))
    assert.equal(6, line_of(node, "d"))
    assert.equal(7, line_of(node, "e"))
  end)

  it("ends on every beginning of a text", function ()
    local text = '{"a": [1, "b\\\\", {"c": null}, [], {}], "d": -1.5e3}'
    for i = 0, #text do assert.is_table(json_lines.read(text:sub(1, i))) end
  end)
end)

describe("cli.lua_lines", function ()
  it("follows constructors, variables and assignments", function ()
    local node = lua_lines.read [==[
#!/usr/bin/lua
local color <const> = "rgb(0,0,0)" -- { a = 1 }
local speaker = { id = "s",
  opacity = 5,
  ["top"] = 1; 7,
}
speaker.left = 630
--[[ speaker.left
= 1 ]]
local function double(x) return { x * 2 } end
local scene = { clips = {
  speaker, {
    text = [[two
lines]], color = color,
    size = (4 + { 1 }[1]) * 2,
    left = 12 } } }
scene.clips[2].other = true scene.clips[1]:hide() scene = double(scene)
return { name = "a", scenes = { scene,
  { clips = { double(2) } },
} }
]==]
    assert.equal(18, line_of(node, "name"))
    assert.equal(11, line_of(node, "scenes", 1))
    assert.equal(3, line_of(node, "scenes", 1, "clips", 1))
    assert.equal(4, line_of(node, "scenes", 1, "clips", 1, "opacity"))
    assert.equal(5, line_of(node, "scenes", 1, "clips", 1, "top"))
    assert.equal(7, line_of(node, "scenes", 1, "clips", 1, "left"))
    assert.equal(13, line_of(node, "scenes", 1, "clips", 2, "text"))
    assert.equal(14, line_of(node, "scenes", 1, "clips", 2, "color"))
    assert.equal(15, line_of(node, "scenes", 1, "clips", 2, "size"))
    assert.equal(16, line_of(node, "scenes", 1, "clips", 2, "left"))
    assert.equal(17, line_of(node, "scenes", 1, "clips", 2, "other"))
    assert.equal(19, line_of(node, "scenes", 2))
    assert.equal(19, line_of(node, "scenes", 2, "clips", 1))
  end)

  it("ends on every beginning of a program", function ()
    local text = support.read_file "spec/fixtures/projects/broken.lua"
    for i = 0, #text, 7 do assert.is_table(lua_lines.read(text:sub(1, i))) end
  end)
end)

describe("a project file", function ()
  local function write(name, text)
    local path = support.directory "lines" .. "/" .. name
    support.write_file(path, text)
    return path
  end

  it("says the line of a path, and of what is around one that it does not know", function ()
    local file = assert(project_file.read(write("p.json",
      '{\n"scenes": [\n{"clips": [\n{"odd name":\n1}]}]}')))
    assert.equal(5, file:line 'scenes[1].clips[1]["odd name"]')
    assert.equal(4, file:line "scenes[1].clips[1].missing")
    assert.equal(1, file:line "name")
    assert.equal(1, file:line "")
  end)

  it("in Lua has nothing in its environment, and must come to an end", function ()
    for text, wanted in pairs {
      ["return { name = os.getenv 'HOME' }"] = "empty environment",
      ["return require 'project'"] = "empty environment",
      ["return {"] = "unexpected symbol",
      ["while true do end"] = "too long",
      ["\27Lua"] = "attempt to load a binary chunk",
      ["return 5"] = "not number",
      [""] = "not nothing",
    } do
      local file, finding = project_file.read(write("p.lua", text))
      assert.is_nil(file)
      assert.truthy(finding.message:find(wanted, 1, true), finding.message)
    end
  end)

  it("says the line of what is no JSON and no Lua", function ()
    local _, finding = project_file.read(write("p.json", '{"a": 1,\n"b": nul}'))
    assert.equal(2, finding.line)
    _, finding = project_file.read(write("p.lua", "return {\n  a = 1,\n  b c = 2 }"))
    assert.equal(3, finding.line)
  end)

  it("is told by its first letter where its name says nothing", function ()
    assert.equal("j", project_file.read(write("p", '\xEF\xBB\xBF {"name": "j"}')).project.name)
    assert.equal("l", project_file.read(write("p", 'return {name = "l"}')).project.name)
  end)
end)
