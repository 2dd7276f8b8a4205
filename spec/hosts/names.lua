-- SPDX-License-Identifier: MIT
--
-- names: writes a C file that defines every global name of the given objects
-- once more, as a function of its own, and looks at the start of the program
-- whether each is still that.
--
--   lua5.4 names.lua OBJECT... >names.c

local pipe = assert(io.popen("nm -g --defined-only --format=just-symbols "
  .. table.concat(arg, " ")))
local seen, names = { luaopen_aistudios = true }, {}
for name in pipe:lines() do
  if name:find "^[%a_][%w_]*$" and not name:find "^__" and not seen[name] then
    seen[name] = true
    names[#names + 1] = name
  end
end
assert(pipe:close())
assert(#names > 50)

print '#include <stdio.h>\n#include <stdlib.h>\n'
for i, name in ipairs(names) do
  print(("int %s(void);\nint %s(void) { return %d; }"):format(name, name, i))
end
print '\n__attribute__((constructor)) static void look(void) {'
for i, name in ipairs(names) do print(("  if (%s() != %d) exit(9);"):format(name, i)) end
print(('  puts("%d names");\n}'):format(#names))
