-- SPDX-License-Identifier: MIT
--
-- luals: reads the annotations of Lua files as the Lua language server does
-- (one annotation is one line), with every type taken apart. What it cannot
-- read is a problem, with the file and the line.

local M = {}

--- Reads one type of `text` at `at`. Types that it names go into `names`;
--- an error is raised as a text.
local function type_reader(text, at, names)
  local union

  local function skip()
    at = text:find("[^ ]", at) or #text + 1
  end

  local function take(pattern)
    local from, to = text:find("^" .. pattern, at)
    if not from then return nil end
    at = to + 1
    return text:sub(from, to)
  end

  local function expect(pattern)
    skip()
    local got = take(pattern)
    if not got then error(("'%s' expected at '%s'"):format(pattern, text:sub(at)), 0) end
    return got
  end

  --- `read` for each, with commas between, until `closing`.
  local function list(closing, read)
    skip()
    if take(closing) then return end
    repeat
      read()
      skip()
    until not take ","
    expect(closing)
  end

  local function parameter()
    skip()
    if not take "%.%.%." then expect "[%a_][%w_]*" end
    take "%?"
    skip()
    if take ":" then union() end
  end

  local function returned()
    if not text:find("^%.%.%.", at) then return union() end
    take "%.%.%."
    union()
  end

  local function signature()
    list("%)", parameter)
    local before = at
    skip()
    if not take ":" then
      at = before
      return
    end
    repeat
      skip()
      local name = text:match("^[%a_][%w_]*: ", at) -- a name of what is returned
      if name then at = at + #name end
      returned()
      local after = at
      skip()
      local more = take ","
      if not more then at = after end
    until not more
  end

  local function member()
    skip()
    if take "%[" then
      union()
      expect "%]"
    else
      expect "[%a_][%w_]*"
      take "%?"
    end
    expect ":"
    union()
  end

  local function single()
    skip()
    if take '"[^"]*"' or take "'[^']*'" or take "%-?%d+%.?%d*" then return end
    if take "%(" then
      union()
      expect "%)"
    elseif take "fun%(" then
      signature()
    elseif take "{" then
      list("}", member)
    else
      local name = expect "[%a_][%w_.]*"
      names[#names + 1] = name
      if take "<" then list(">", union) end
    end
  end

  function union()
    repeat
      single()
      while take "%[%]" or take "%?" do end -- suffixes
      local before = at
      skip()
      local more = take "|"
      if not more then at = before end
    until not more
  end

  union()
  return at
end

--- Reads the type at the start of `text`.
---@return string? rest  what follows it
---@return string? message
local function read_type(text, names)
  local ok, at = pcall(type_reader, text, 1, names)
  if not ok then return nil, at end
  local rest = text:sub(at)
  if rest ~= "" and not rest:find "^[ ,]" then return nil, "unexpected '" .. rest .. "'" end
  return rest
end

--- Takes the type off the start of what an annotation says.
---@param text string
---@return string type
---@return string rest     what follows it
---@return string[] names  of the types in it
function M.split(text)
  local names = {}
  local rest = assert(read_type(text, names))
  return text:sub(1, #text - #rest), rest:gsub("^[ ,]+", ""), names
end

local readers = {}

--- NAME[<T>][: PARENT, ...]
function readers.class(text, seen)
  local name, rest = text:match "^([%a_][%w_.]*)(.*)$"
  if not name then return "a name is missing" end
  seen.defined = name
  seen.class = name
  if not rest:find "^:" then return end
  local parents = rest:sub(2)
  repeat
    local after, message = read_type(parents:match "^ *(.*)$", seen.names)
    if not after then return message end
    parents = after:match "^,(.*)$"
  until not parents
end

--- NAME TYPE, or NAME alone and lines of `---| TYPE` after it.
function readers.alias(text, seen)
  local name, rest = text:match "^([%a_][%w_.]*) *(.*)$"
  if not name then return "a name is missing" end
  seen.defined = name
  if rest == "" then return end
  return select(2, read_type(rest, seen.names))
end

--- [package|private|protected|public] NAME[?] TYPE, or [TYPE] TYPE
function readers.field(text, seen)
  for _, scope in ipairs { "package", "private", "protected", "public" } do
    text = text:gsub("^" .. scope .. " +", "")
  end
  local name, rest = text:match "^([%a_][%w_]*)%?? +(.*)$"
  if not name then
    local key
    key, rest = text:match "^(%b[])%?? +(.*)$"
    if not key then return "a name and a type are expected" end
    local after, message = read_type(key:sub(2, -2), seen.names)
    if not after then return message end
  end
  seen.field = name
  return select(2, read_type(rest, seen.names))
end

function readers.param(text, seen)
  local name, rest = text:match "^([%a_.][%w_.]*)%?? +(.*)$"
  if not name then return "a name and a type are expected" end
  seen.param = name
  return select(2, read_type(rest, seen.names))
end

--- TYPE [NAME] [TEXT], ...
function readers.returns(text, seen)
  return select(2, read_type(text:gsub("^%.%.%.", ""), seen.names))
end

function readers.type(text, seen)
  return select(2, read_type(text, seen.names))
end

readers.overload = readers.type

--- NAME [: TYPE], ...
function readers.generic(text, seen)
  for part in text:gmatch "[^,]+" do
    local name, parent = part:match "^ *([%a_][%w_]*) *:? *(.-) *$"
    if not name then return "a name is expected" end
    seen.generics[#seen.generics + 1] = name
    if parent ~= "" then
      local after, message = read_type(parent, seen.names)
      if not after then return message end
    end
  end
end

local plain = { meta = true, package = true, deprecated = true, private = true,
  protected = true, nodiscard = true }

---@class spec.luals.Line
---@field file string
---@field line integer
---@field names string[]      types that it names
---@field generics string[]
---@field defined? string     a class or alias
---@field class? string
---@field field? string
---@field param? string
---@field problem? string

local function read_line(file, number, text)
  local seen = { file = file, line = number, names = {}, generics = {} }
  if text:find "^%-%-%-|" then
    seen.problem = select(2, read_type(text:match "^%-%-%-| *(.*)$", seen.names))
    return seen
  end
  local tag, rest = text:match "^%-%-%-@(%a+) *(.*)$"
  if not tag then return nil end
  local reader = readers[tag == "return" and "returns" or tag]
  if reader then
    seen.problem = reader(rest, seen)
  elseif not plain[tag] then
    seen.problem = "unknown annotation @" .. tag
  end
  seen.tag = tag
  return seen
end

--- The parameters of a function's first line.
local function parameters_of(text)
  local list = text:match "function[^(]*(%b())"
  if not list then return nil end
  local found = {}
  for name in list:gmatch "[%w_.]+" do found[name] = true end
  return found
end

--- Reads the annotations of a file.
---@param file string
---@param text string
---@return spec.luals.Line[]
function M.read(file, text)
  local found, block, number = {}, {}, 0
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    number = number + 1
    line = line:match "^%s*(.*)$"
    local seen = read_line(file, number, line)
    if seen then
      found[#found + 1], block[#block + 1] = seen, seen
    elseif not line:find "^%-%-" then
      local parameters = parameters_of(line)
      for _, annotation in ipairs(block) do
        if annotation.param and parameters and not parameters[annotation.param] then
          annotation.problem = "the function has no parameter " .. annotation.param
        end
      end
      block = {}
    end
  end
  return found
end

local builtin = {}
for name in ("any nil boolean true false string number integer function table thread "
  .. "userdata lightuserdata self unknown"):gmatch "%S+" do
  builtin[name] = true
end

--- Calls `f` with each annotation that names a type, and the name, if nothing of
--- that name is known: no class, no alias, no generic of the file.
local function each_unknown(all, f)
  local known = setmetatable({}, { __index = builtin })
  for _, seen in ipairs(all) do
    if seen.defined then known[seen.defined] = true end
    for _, name in ipairs(seen.generics) do known[seen.file .. ":" .. name] = true end
  end
  for _, seen in ipairs(all) do
    for _, name in ipairs(seen.names) do
      if not known[name] and not known[seen.file .. ":" .. name] then f(seen, name) end
    end
  end
end

--- Calls `f` with each field that its class has already.
local function each_double(all, f)
  local fields, class = {}, nil
  for _, seen in ipairs(all) do
    if seen.defined or seen.tag ~= "field" then class = seen.class end
    local name = class and seen.field and class .. "." .. seen.field
    if name and fields[name] then f(seen, name) end
    if name then fields[name] = true end
  end
end

--- What is wrong with the annotations of all files together.
---@param all spec.luals.Line[]
---@return string[]  "file:line: what"
function M.problems(all)
  local found = {}
  local function add(seen, what)
    found[#found + 1] = ("%s:%d: %s"):format(seen.file, seen.line, what)
  end
  for _, seen in ipairs(all) do
    if seen.problem then add(seen, seen.problem) end
  end
  each_unknown(all, function (seen, name) add(seen, "no type has the name " .. name) end)
  each_double(all, function (seen, name) add(seen, name .. " is there twice") end)
  table.sort(found)
  return found
end

return M
