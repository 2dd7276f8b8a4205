-- The rooms of the Lua files: no file requires one of a room above its own, and
-- no files require each other in a circle.
local support = require "spec.support"

-- From the top down. A room is a folder of lua/aistudios, or one file there;
-- `project.lists` is data that json needs too.
local ROOMS = {
  "cli", "batch", "sandbox", "init", "preload", "webhook", "client", "host", "workflows",
  "jobs",
  "endpoints", "transport", "config", "project", "json", "project.lists", "error", "util",
  "core",
}

local rank = {}
for place, name in ipairs(ROOMS) do rank[name] = place end

--- "aistudios.workflows.render" for the file of that module.
local function module_of(path)
  return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

local function room_of(module)
  local name = module:match "^aistudios%.(.*)$" or "init"
  return rank[name] and name or name:match "^[^.]+"
end

local required = {} -- by module: the modules of ours that it requires
for path in support.run "find lua -name '*.lua' -not -name '*.meta.lua'":gmatch "%S+" do
  local list = {}
  local code = support.read_file(path):gsub("%-%-[^\n]*", "")
  for name in code:gmatch 'require%s*%(?%s*"(aistudios[%w._]*)"' do
    list[#list + 1] = name:gsub("%.$", "")
  end
  required[module_of(path)] = list
end

describe("the rooms of lua/aistudios", function ()
  it("are all known", function ()
    for module in pairs(required) do
      assert.truthy(rank[room_of(module)], module .. " is in no known room")
    end
  end)

  it("require only what is below them", function ()
    for module, list in pairs(required) do
      for _, name in ipairs(list) do
        assert.is_true(rank[room_of(module)] <= rank[room_of(name)],
          ("%s requires %s, which is above it"):format(module, name))
      end
    end
  end)

  it("have no circle", function ()
    local state = {}
    local function visit(module, way)
      way = way .. " -> " .. module
      assert.are_not.equal("open", state[module], way)
      if state[module] or not required[module] then return end
      state[module] = "open"
      for _, name in ipairs(required[module]) do visit(name, way) end
      state[module] = "done"
    end
    for module in pairs(required) do visit(module, "") end
  end)

  it("are crossed no more often than a reader can follow", function ()
    local told
    local function changes(name) return tonumber(told:match(name .. " +(%d+) changes")) end
    for _ = 1, 5 do -- on a busy machine a render looks once more
      told = support.run(support.lua .. " spec/bench/changes.lua")
      if changes "render" <= 65 then break end
    end
    assert.is_true(changes "create_project" <= 20, told)
    assert.is_true(changes "render" <= 65, told)
  end)
end)
