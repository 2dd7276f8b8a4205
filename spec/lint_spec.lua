-- The checks of make lint that are our own find what they are for.
local banned = require "spec.support.banned"

local function names(path, text)
  local found = {}
  for i, problem in ipairs(banned.find(path, text)) do
    found[i] = problem:match "^[^:]*:(%d+: [%w_.]+):"
  end
  return found
end

describe("banned names", function ()
  it("are found where they are called", function ()
    assert.same({ "2: strcpy", "3: system", "3: getenv" }, names("csrc/http/x.c",
      "int f(void) {\n  strcpy(a, b);\n  return system (getenv(\"A\"));\n}\n"))
    assert.same({ "1: io.popen", "2: load", "3: os.exit", "4: print" }, names("lua/aistudios/x.lua",
      "local p = io.popen 'ls'\nload(text)()\nos.exit(1)\nprint \"a\"\n"))
  end)

  it("are not found in comments, strings, other names and definitions", function ()
    assert.same({}, names("csrc/http/x.c", [[
      /* strcpy(a, b)
       * system("x") */
      snprintf(out, size, "strcpy(%s) \" system(1)", os_strtod(s)); // exit(1)
      char quote = '"'; my_strcpy(a); x.exit = 1;]]))
    assert.same({}, names("lua/aistudios/x.lua", [==[
      -- os.execute "x" and print(1)
      --[[ load(x)
        io.popen(y) ]]
      local s = "print(1) \" os.exit()" .. 'load' .. [=[ ]] print() ]=]
      function M.load(self) return self:load() end
      json.load(s) client.print(s)]==]))
  end)

  it("are found after a comment or a string has ended", function ()
    assert.same({ "1: exit" }, names("csrc/http/x.c", [[s = "a\\"; exit(1);]]))
    assert.same({ "2: print" }, names("lua/aistudios/x.lua", "-- a 'quote\nprint(1) -- it's\n"))
  end)

  it("are allowed in the files that may", function ()
    assert.same({}, names("csrc/http/proxy.c", "getenv(name);"))
    assert.same({ "1: getenv" }, names("csrc/http/token.c", "getenv(name);"))
    assert.same({}, names("lua/aistudios/cli/output.lua", "io.stdout:write(text)"))
    assert.same({ "1: io.stdout" }, names("lua/aistudios/client.lua", "io.stdout:write(text)"))
  end)
end)
