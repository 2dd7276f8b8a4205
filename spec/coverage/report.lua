-- SPDX-License-Identifier: MIT
--
-- report: which lines of csrc and lua ran, per file, and those that did not. Those of
-- unseen.lua are not among them.
--
--   lua5.4 spec/coverage/report.lua LINES_FILE OBJECTS   of make coverage

local read = require "spec.coverage.read"

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

local function missed_lines(lines)
  local all, missed = 0, {}
  for n, has_run in pairs(lines) do
    all = all + 1
    if not has_run then missed[#missed + 1] = n end
  end
  table.sort(missed)
  return all, missed
end

local function print_files(title, files)
  local names, all, missed = {}, 0, 0
  for name in pairs(files) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local count, list = missed_lines(files[name])
    all, missed = all + count, missed + #list
    if list[1] then
      print(("%-52s %5.1f %%  %s"):format(name, 100 * (count - #list) / count, ranges(list)))
    end
  end
  print(("%s: %d of %d lines run, %.1f %%\n"):format(title, all - missed, all,
    100 * (all - missed) / all))
end

print_files("Lua", read.lua(arg[1]))
print_files("C", read.c(arg[2]))
