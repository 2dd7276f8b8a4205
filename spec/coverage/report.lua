-- SPDX-License-Identifier: MIT
--
-- report: which lines of csrc and lua ran, per file, and those that did not.
--
--   lua5.4 spec/coverage/report.lua LINES_FILE OBJECTS   of make coverage

local support = require "spec.support"

local NAME_BYTES, LINES = 127, 512
local ENTRY = 1 + NAME_BYTES + LINES

local function lua_lines(path)
  local ran, text = {}, support.read_file(path) or ""
  for at = 1, #text - ENTRY + 1, ENTRY do
    if text:byte(at) == 2 then
      local name = text:sub(at + 1, at + NAME_BYTES):match "^[^\0]*"
      ran[name] = text:sub(at + 1 + NAME_BYTES, at + ENTRY - 1)
    end
  end
  return ran
end

-- Lines that have instructions and say nothing: brackets, ends, the first one.
local function is_mark(line)
  return line:find "^%-%-" ~= nil or line:gsub("end", ""):find "^[%s%]%)%},;]*$" ~= nil
end

local function lines_of(path)
  local list = {}
  for line in io.lines(path) do list[#list + 1] = line end
  return list
end

--- The lines of a file with instructions, and how many of them ran.
local function read_lua(path, ran)
  local text, file = lines_of(path), { path = path, all = 0, missed = {} }
  local seen = {}
  for word in support.run(("luac5.4 -l -p '%s'"):format(path)):gmatch "\t%[(%d+)%]\t" do
    local n = tonumber(word)
    if not seen[n] and not is_mark(text[n]) then
      seen[n], file.all = true, file.all + 1
      if not ran or ran:byte(n + 1) ~= 1 then file.missed[#file.missed + 1] = n end
    end
  end
  table.sort(file.missed)
  return file
end

--- The same of gcov's text for one C file: "count: line:source" for each line.
local function read_c(path, text)
  local file = { path = path, all = 0, missed = {} }
  for count, line in text:gmatch "\n *([^ :]+): *(%d+):" do
    if count ~= "-" then
      file.all = file.all + 1
      if count:find "^[#=]" then file.missed[#file.missed + 1] = tonumber(line) end
    end
  end
  return file
end

local function c_files(objects)
  local files = {}
  for path in support.run(("find '%s' -name '*.gcno' -path '*obj/*' | sort"):format(objects))
    :gmatch "[^\n]+" do
    local text = support.run(("gcov -t '%s' 2>/dev/null"):format(path))
    local name = text:match "0:Source:(csrc/[^\n]*%.c)\n"
    if name then
      text = text:match("(0:Source:" .. name:gsub("%p", "%%%0") .. "\n.*)")
      text = text:match "^(.-)\n *%-: *0:Source:" or text -- headers come behind it
      files[#files + 1] = read_c(name, "\n" .. text)
    end
  end
  return files
end

local function ranges(list)
  local found, from = {}, nil
  for i, n in ipairs(list) do
    from = from or n
    if list[i + 1] ~= n + 1 then
      found[#found + 1] = from == n and tostring(n) or from .. "-" .. n
      from = nil
    end
  end
  return table.concat(found, " ")
end

local function print_files(title, files)
  local all, missed = 0, 0
  for _, file in ipairs(files) do
    all, missed = all + file.all, missed + #file.missed
    if file.missed[1] then
      print(("%-52s %5.1f %%  %s"):format(file.path,
        100 * (file.all - #file.missed) / file.all, ranges(file.missed)))
    end
  end
  print(("%s: %d of %d lines run, %.1f %%\n"):format(title, all - missed, all,
    100 * (all - missed) / all))
end

local ran, files = lua_lines(arg[1]), {}
for path in support.run "find lua -name '*.lua' -not -name '*.meta.lua' | sort":gmatch "[^\n]+" do
  files[#files + 1] = read_lua(path, ran[path])
end
print_files("Lua", files)
print_files("C", c_files(arg[2]))
