-- The rooms of csrc: which may include which, no circle between files, and
-- each function is defined in the file whose header declares it.
local support = require "spec.support"

-- The rooms whose headers a room may include, besides its own.
local below = {
  util = {},
  json = { util = true },
  http = { json = true, util = true },
  lua = { http = true, json = true, util = true },
  embed = {},
  sandbox = { util = true },
  sqlite = {},
  postgres = {},
}

-- The rooms that may include these headers of others.
local of_lua = { lua = true, embed = true, sandbox = true, sqlite = true, postgres = true }
local foreign = {
  ["lua.h"] = of_lua, ["lauxlib.h"] = of_lua, ["lualib.h"] = of_lua,
  ["curl/curl.h"] = { http = true, lua = true },
  ["microhttpd.h"] = { sandbox = true },
  ["sqlite3.h"] = { sqlite = true },
  ["libpq-fe.h"] = { postgres = true },
}

-- Without comments, strings and lines of the preprocessor.
local function code_of(text)
  text = text:gsub("/%*.-%*/", " "):gsub("\\\n", " ")
  text = text:gsub("'\\?[^\n]'", "0"):gsub('"[^"\n]*"', '""')
  return ("\n" .. text):gsub("\n[ \t]*#[^\n]*", "\n")
end

-- Names before an argument list and `ending`, outside of all braces.
local function names_of(text, ending)
  local found = {}
  text = code_of(text):gsub("%b{}", "{}"):gsub("__attribute__%s*%b()", "")
    :gsub("typedef[^;]*;", "")
  for name in text:gmatch("([%a_][%w_]*)%s*%b()%s*" .. ending) do
    found[name] = true
  end
  return found
end

local files = {} -- by path below csrc: its text and what it includes
for path in support.run "find csrc -name '*.[ch]' | sort":gmatch "%S+" do
  local text = support.read_file(path)
  local file = { text = text, own = {}, others = {} }
  for name in text:gmatch '\n#include "([^"]+)"' do file.own[#file.own + 1] = name end
  for name in text:gmatch "\n#include <([^>]+)>" do
    file.others[#file.others + 1] = name
  end
  files[path:match "^csrc/(.*)"] = file
end

local function each_file()
  local paths = {}
  for path in pairs(files) do paths[#paths + 1] = path end
  table.sort(paths)
  local i = 0
  return function()
    i = i + 1
    return paths[i], files[paths[i]]
  end
end

local function room_of(path) return path:match "^[^/]+" end
local function unit_of(path) return (path:gsub("%.[ch]$", "")) end

-- What each file, header and source together, includes.
local function units()
  local graph = {}
  for path, file in each_file() do
    local unit = unit_of(path)
    graph[unit] = graph[unit] or {}
    for _, name in ipairs(file.own) do
      if unit_of(name) ~= unit then table.insert(graph[unit], unit_of(name)) end
    end
  end
  return graph
end

-- A circle as a list of names, or nil.
local function find_circle(graph)
  local state, way = {}, {}
  local function visit(unit)
    if state[unit] == "done" then return nil end
    way[#way + 1] = unit
    if state[unit] then return table.concat(way, " -> ") end
    state[unit] = "open"
    for _, other in ipairs(graph[unit] or {}) do
      local circle = visit(other)
      if circle then return circle end
    end
    state[unit], way[#way] = "done", nil
    return nil
  end
  for unit in pairs(graph) do
    local circle = visit(unit)
    if circle then return circle end
  end
  return nil
end

describe("csrc", function()
  it("is made of the rooms that this spec knows, and of nothing else", function()
    local found = {}
    for path in each_file() do found[room_of(path)] = true end
    for room in pairs(found) do assert.truthy(below[room], room) end
    for room in pairs(below) do assert.truthy(found[room], room) end
  end)

  it("includes its own files by their place, and only ones that are there", function()
    for path, file in each_file() do
      for _, name in ipairs(file.own) do
        assert.truthy(files[name], ("%s includes %s"):format(path, name))
      end
    end
  end)

  it("has no arrow up between its rooms", function()
    for path, file in each_file() do
      local room = room_of(path)
      for _, name in ipairs(file.own) do
        assert.is_true(room_of(name) == room or below[room][room_of(name)] == true,
          ("%s includes %s"):format(path, name))
      end
    end
  end)

  it("knows Lua and the libraries in their rooms only", function()
    for path, file in each_file() do
      for _, name in ipairs(file.others) do
        assert.is_true(not foreign[name] or foreign[name][room_of(path)] == true,
          ("%s includes <%s>"):format(path, name))
      end
    end
  end)

  it("has no circle between its files", function()
    assert.is_nil(find_circle(units()))
  end)

  it("defines each function in the file whose header declares it", function()
    local count = 0
    for path, file in each_file() do
      if path:find "%.h$" then
        local source = files[unit_of(path) .. ".c"]
        local defined = source and names_of(source.text, "{}") or {}
        for name in pairs(names_of(file.text, ";")) do
          count = count + 1
          assert.truthy(defined[name], ("%s declares %s"):format(path, name))
        end
      end
    end
    assert.is_true(count > 100, "functions found: " .. count)
  end)
end)

describe("the walk through includes", function()
  it("finds a circle", function()
    local circle = find_circle { a = { "b" }, b = { "c" }, c = { "a" } }
    assert.truthy(circle:find "%w %-> %w %-> %w %-> %w", circle)
    assert.is_nil(find_circle { a = { "b", "c" }, b = { "c" }, c = {} })
  end)

  it("tells a declaration from a definition, a call and a type", function()
    local text = [[
      /* not_this(void); */
      #define NOR_THIS(x) that(x);
      int one(const char *text, size_t len);
      static inline int two(int c) { return c == '{' ? one("}", 1) : 0; }
      typedef struct { int (*three)(void); } record;
      void four(void)
      {
        one("x", 1);
      }
    ]]
    assert.same({ one = true }, names_of(text, ";"))
    assert.same({ two = true, four = true }, names_of(text, "{}"))
  end)
end)
