-- SPDX-License-Identifier: MIT
--
-- init: has every lua5.4 count the lines that it runs (LUA_INIT), coroutines
-- and jobs included: the core takes the host's hook from these and puts the
-- collector's in its place. What a host hooks itself is not counted.

local library = os.getenv "COVERAGE_LIBRARY"
if not library or not package.loadlib(library, "*") then return end -- global, for other states
local count = package.loadlib(library, "luaopen_lines")()

local function load_core(name)
  local path = package.searchpath(name, package.cpath)
  if not path then return nil end
  return function ()
    local core = package.loadlib(path, "luaopen_aistudios_core")(name)
    local unhook = core.unhook
    function core.unhook(co)
      unhook(co)
      count(co)
    end
    return core
  end
end

table.insert(package.searchers, 2, function (name)
  return name == "aistudios.core" and load_core(name) or nil
end)

local set = debug.sethook
function debug.sethook(...) -- luacheck: ignore 122
  set(...)
  if select("#", ...) == 0 then count(coroutine.running()) end
end
