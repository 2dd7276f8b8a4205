-- SPDX-License-Identifier: MIT
--
-- bundle: writes the Lua files of the module as C arrays, for
-- libaistudios.a. Usage: lua5.4 bundle.lua ROOT FILE... >files.c, where each
-- FILE lies below ROOT and is named as `require` finds it.

local root = table.remove(arg, 1):gsub("/+$", "") .. "/"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

--- "aistudios/host/luv.lua" -> "aistudios.host.luv"
local function module_name(path)
  return (path:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

local function bytes(text)
  local lines, line = {}, {}
  for i = 1, #text do
    line[#line + 1] = text:byte(i)
    if #line == 20 or i == #text then
      lines[#lines + 1] = table.concat(line, ",") .. ","
      line = {}
    end
  end
  return table.concat(lines, "\n")
end

table.sort(arg)
local rows = {}
io.write '#include "embed/files.h"\n\n'
for i, path in ipairs(arg) do
  assert(path:sub(1, #root) == root, path .. ": not below " .. root)
  local name, text = path:sub(#root + 1), read(path)
  io.write(("static const unsigned char file%d[] = {\n%s\n};\n\n")
    :format(i, bytes(text)))
  rows[i] = ('  {"%s", "@%s", file%d, %d},')
    :format(module_name(name), name, i, #text)
end
io.write("const embedded_file embedded_files[] = {\n",
  table.concat(rows, "\n"), "\n};\n\nconst size_t embedded_file_count = ",
  #arg, ";\n")
