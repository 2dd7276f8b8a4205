-- SPDX-License-Identifier: MIT
--
-- read: which lines of csrc and lua have instructions, and which of them ran, from
-- what the builds of `make coverage` leave.

local support = require "spec.support"
local unseen = require "spec.coverage.unseen"

local M = {}

local NAME_BYTES, LINES = 127, 512 -- as lines.c has them
local ENTRY = 1 + NAME_BYTES + LINES

---@alias coverage.Lines table<string, table<integer, boolean>>  file, line: did it run?

local function ran_lines(path)
  local ran, text = {}, support.read_file(path) or ""
  for at = 1, #text - ENTRY + 1, ENTRY do
    if text:byte(at) == 2 then
      local name = text:sub(at + 1, at + NAME_BYTES):match "^[^\0]*"
      ran[name] = text:sub(at + 1 + NAME_BYTES, at + ENTRY - 1)
    end
  end
  return ran
end

-- Lines that have instructions and say nothing: brackets, ends, the first one. No hook is
-- called for the first instruction of a function with "...".
local function is_mark(line)
  return line:find "^%-%-" ~= nil or line:gsub("end", ""):find "^[%s%]%)%},;]*$" ~= nil
end

local function trimmed(line)
  return line:match "^%s*(.-)$"
end

local function lines_of(path)
  local text = {}
  for line in io.lines(path) do text[#text + 1] = line end
  return text
end

-- The lines of a file that the collector does not see.
local function unseen_lines(path)
  local found = {}
  for _, entry in ipairs(unseen) do
    for _, line in ipairs(entry.file == path and entry.lines or {}) do found[line] = true end
  end
  return found
end

--- What spec/coverage/unseen.lua names and its file does not have any more.
---@return string[]  "file: line"
function M.stale()
  local stale = {}
  for _, entry in ipairs(unseen) do
    local known = {}
    for _, line in ipairs(lines_of(entry.file)) do known[trimmed(line)] = true end
    for _, line in ipairs(entry.lines) do
      if not known[line] then stale[#stale + 1] = entry.file .. ": " .. line end
    end
  end
  return stale
end

local function lua_lines(path, ran)
  local text, lines = lines_of(path), {}
  local is_unseen = unseen_lines(path)
  local listing = support.run(("luac5.4 -l -p '%s'"):format(path))
  for word, instruction in listing:gmatch "\t%[(%d+)%]\t(%w+)" do
    local n = tonumber(word)
    local is_told = instruction ~= "VARARGPREP" and not is_mark(text[n])
    local has_run = ran ~= nil and ran:byte(n + 1) == 1
    if is_told and (has_run or not is_unseen[trimmed(text[n])]) then
      lines[n] = has_run
    end
  end
  return lines
end

--- Of the Lua files below the folder `lua`.
---@param path string  the file of lines that spec/coverage/lines.c wrote
---@return coverage.Lines
function M.lua(path)
  local ran, found = ran_lines(path), {}
  for file in support.run "find lua -name '*.lua' -not -name '*.meta.lua'":gmatch "[^\n]+" do
    found[file] = lua_lines(file, ran[file])
  end
  return found
end

--- Of the C files: gcov's text has "count: line:source" for each line, and line 0
--- names the file.
---@param objects string  the folder with the objects
---@return coverage.Lines
function M.c(objects)
  local found, lines, is_unseen = {}, nil, nil
  local text = support.run(("gcov -t $(find '%s' -name '*.gcno' -path '*obj/*') 2>/dev/null")
    :format(objects))
  for count, number, rest in text:gmatch "([^ :\n]+): *(%d+):([^\n]*)" do
    if number == "0" then
      local name = rest:match "^Source:(.*)$"
      if name then
        lines = name:find "^csrc/.*%.c$" and {} or nil
        is_unseen = unseen_lines(name)
        if lines then found[name] = lines end
      end
    elseif lines and count ~= "-" then
      local has_run = not count:find "^[#=]"
      if has_run or not is_unseen[trimmed(rest)] then lines[tonumber(number)] = has_run end
    end
  end
  return found
end

return M
