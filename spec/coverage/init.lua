-- SPDX-License-Identifier: MIT
--
-- init: has every lua5.4 count the lines that it runs (LUA_INIT), coroutines
-- and jobs included: the core takes the host's hook from these and puts the
-- collector's in its place. Where a program hooks more than the count of
-- instructions, lines are not counted.

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

-- What programs see of hooks is as if there was no collector, which has its place
-- back where they take theirs away.
local get, set = debug.gethook, debug.sethook

function debug.gethook(...) -- luacheck: ignore 122
  local hook, mask, every = get(...)
  if hook ~= "external hook" then return hook, mask, every end
end

function debug.sethook(...) -- luacheck: ignore 122
  set(...)
  local is_other = type((...)) == "thread"
  local co = is_other and (...) or coroutine.running()
  local f, mask, every = select(is_other and 2 or 1, ...)
  if not get(co) then count(co) elseif mask == "" then count(co, f, every) end
end
