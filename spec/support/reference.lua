-- SPDX-License-Identifier: MIT
--
-- reference: writes what LDoc reads from the annotations of the Lua files: a
-- file of comments for each module, and one for each class that has methods.
--
--   lua5.4 spec/support/reference.lua FOLDER FILE.lua...

local luals = require "spec.support.luals"

--- A function, a class or an alias with what is said of it.
---@class spec.reference.Item
---@field kind "function"|"class"|"alias"
---@field name string
---@field owner? string       of a function: the variable that it is a member of
---@field separator? string   "." or ":"
---@field arguments? string
---@field text string[]       plain lines
---@field tags table[]        { tag, name?, type?, text, is_optional? }
---@field calls string[]      of a class: how an object of it is called
---@field names string[]      types that it names

--- A Lua file.
---@class spec.reference.File
---@field module string
---@field about string[]
---@field items spec.reference.Item[]
---@field classes table<string, string>  by the variable that stands for it

local readers = {}

local function read_named(tag, rest)
  local name, optional, after = rest:match "^([%w_.]+)(%??) +(.*)$"
  if not name then name, optional, after = rest:match "^(%b[])(%??) +(.*)$" end
  local kind, text = luals.split(after)
  return { tag = tag, name = name, type = kind, text = text, is_optional = optional == "?" }
end

function readers.param(rest) return read_named("param", rest) end
function readers.field(rest) return read_named("field", rest) end

readers["return"] = function (rest)
  local kind, text = luals.split(rest)
  return { tag = "return", type = kind, text = text }
end

local heads = {}

function heads.class(rest)
  local name, more = rest:match "^([%w_.]+)(.*)$"
  local parent, text = more:match "^: *([%w_.<>, ]-)  +(.*)$"
  parent = parent or more:match "^: *(.-)$"
  return { kind = "class", name = name, parent = parent, about = text or more:match "^  (.*)$" }
end

function heads.alias(rest)
  local name, after = rest:match "^([%w_.]+) *(.*)$"
  local kind, text
  if after ~= "" then kind, text = luals.split(after) end
  return { kind = "alias", name = name, type = kind, about = text }
end

--- What a block of lines that begin with "---" says.
local function read_block(lines)
  local text, tags, calls, head, last = {}, {}, {}, nil, nil
  for _, line in ipairs(lines) do
    local tag, rest = line:match "^%-%-%-@(%a+) *(.*)$"
    local choice = line:match "^%-%-%-| *(.*)$"
    if choice then
      local kind, what = luals.split(choice)
      tags[#tags + 1] = { tag = "field", name = kind, text = what }
    elseif tag == "overload" then
      local kind, what = luals.split(rest)
      calls[#calls + 1] = ("\n-- Called as `%s` %s"):format(kind, what)
    elseif heads[tag] then
      head = heads[tag](rest)
      head.text = text
      text = { head.about }
      last = nil
    elseif tag == "package" or tag == "private" then
      tags.is_internal = true
    elseif tag then
      last = readers[tag] and readers[tag](rest)
      tags[#tags + 1] = last
    elseif last then
      last.text = last.text .. " " .. line:match "^%-%-%- *(.*)$"
    else
      text[#text + 1] = line:match "^%-%-%- ?(.*)$"
    end
  end
  return text, tags, calls, head
end

--- The types that a block names.
local function names_in(lines)
  local names = {}
  for _, seen in ipairs(luals.read("", table.concat(lines, "\n"))) do
    table.move(seen.names, 1, #seen.names, #names + 1, names)
  end
  return names
end

local function item_of(lines, code)
  local text, tags, calls, head = read_block(lines)
  local item = head
  if head then
    for _, line in ipairs(text) do table.insert(head.text, line) end
  else
    local owner, separator, name, arguments = code:match
      "^function ([%w_]+)([.:])([%w_]+) *%(([^)]*)%)"
    if not owner or tags.is_internal then return nil end
    item = { kind = "function", owner = owner, separator = separator, name = name,
      arguments = arguments, text = text }
  end
  item.tags, item.calls, item.names = tags, calls, names_in(lines)
  return item
end

local function module_of(path)
  return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
    :gsub("%.meta$", ".types"))
end

--- Reads a file into items.
---@return spec.reference.File
local function read(path, text)
  local file = { module = module_of(path), about = {}, items = {}, classes = {} }
  local block, class, is_header = {}, nil, true
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    if line:find "^%-%-%-" then
      local scope = line:match "^%-%-%-@field (%l+) "
      if scope ~= "package" and scope ~= "private" then block[#block + 1] = line end
    else
      if is_header then
        local about = line:match "^%-%- ?(.*)$"
        is_header = about ~= nil or line == ""
        if about and not about:find "SPDX" and not about:find "luacheck" then
          file.about[#file.about + 1] = about
        end
      end
      local item = block[1] and item_of(block, line)
      if item then file.items[#file.items + 1] = item end
      if item and item.kind == "class" then class = item.name end
      local variable = line:match "^local ([%w_]+) = "
      if variable and class then file.classes[variable] = class end
      if not (item and item.kind == "class") or variable then class = nil end
      block = {}
    end
  end
  return file
end

local function comment(lines)
  local out = {}
  for i, line in ipairs(lines) do out[i] = (i == 1 and "--- " or "-- ") .. line end
  return table.concat(out, "\n") .. "\n"
end

local function tag_line(tag)
  local words = { "-- @" .. tag.tag .. (tag.is_optional and "[opt]" or "") }
  if tag.name then words[#words + 1] = tag.name end
  if tag.type then words[#words + 1] = "`" .. tag.type .. "`" end
  words[#words + 1] = tag.text
  return table.concat(words, " ")
end

local function describe(item)
  local lines = { table.unpack(item.text) }
  if not lines[1] or lines[1] == "" then lines[1] = item.name .. "." end
  if item.parent and item.parent ~= "" then lines[#lines + 1] = "Is a `" .. item.parent .. "`." end
  if item.type then lines[#lines + 1] = "\n-- One of `" .. item.type .. "`." end
  local out = { comment(lines) }
  if item.kind == "function" then
    out[#out + 1] = ("-- @function %s\n"):format(item.name)
  else
    out[#out + 1] = ("-- @table %s\n"):format(item.name)
  end
  for _, tag in ipairs(item.tags) do out[#out + 1] = tag_line(tag) .. "\n" end
  return table.concat(out) .. "\n"
end

-- What programs require. All types that these name, and those that they name in
-- turn, are in the reference too; the rest is internal.
local roots = {}
for name in ("aistudios aistudios.webhook aistudios.batch aistudios.sandbox "
  .. "aistudios.host.copas aistudios.host.cqueues aistudios.host.luasocket "
  .. "aistudios.host.luv aistudios.host.scheduler"):gmatch "%S+" do
  roots[name] = true
end

--- Where a class without methods, or an alias, is shown.
local function page_of_type(name)
  for _, theme in ipairs { "aistudios.fields", "aistudios.result", "aistudios.sandbox",
    "aistudios.batch" } do
    if name:find(theme .. ".", 1, true) == 1 then return theme end
  end
  return "aistudios.types"
end

local abouts = { ["aistudios.types"] = "Tables that functions take and return.",
  ["aistudios.fields"] = "The fields of each call of the API.",
  ["aistudios.result"] = "What each call of the API returns." }

--- The class that a function is a member of.
local function class_of(file, item)
  return item.kind == "function" and file.classes[item.owner] or item.kind == "class" and item.name
end

--- Files by class: those with functions of it.
local function methods_of(files)
  local found = {}
  for _, file in ipairs(files) do
    for _, item in ipairs(file.items) do
      local class = item.kind == "function" and class_of(file, item)
      if class then found[class] = true end
    end
  end
  return found
end

--- The names of all types that a user meets.
local function reach(files)
  local by_type, met, left = {}, {}, {}
  local function meet(name)
    if by_type[name] and not met[name] then
      met[name] = true
      left[#left + 1] = name
    end
  end
  local function follow(item)
    for _, name in ipairs(item.names) do meet(name) end
  end
  for _, file in ipairs(files) do
    for _, item in ipairs(file.items) do
      local name = item.kind == "function" and class_of(file, item) or item.name
      if item.kind ~= "function" or class_of(file, item) then
        by_type[name] = by_type[name] or {}
        table.insert(by_type[name], item)
      end
    end
  end
  for _, file in ipairs(files) do
    for _, item in ipairs(roots[file.module] and file.items or {}) do follow(item) end
    if roots[file.module] then meet(file.module) end
  end
  while left[1] do
    for _, item in ipairs(by_type[table.remove(left)]) do follow(item) end
  end
  return met
end

--- Collects the pages: modules, and classes that have methods.
local function pages_of(files)
  local pages, met, has_methods = {}, reach(files), methods_of(files)

  local function page(name, kind, about)
    pages[name] = pages[name] or { name = name, kind = kind, parts = {}, about = about }
    return pages[name]
  end
  for _, file in ipairs(files) do
    if roots[file.module] then page(file.module, "module", file.about) end
  end

  local function add_class(file, item)
    local about = { table.unpack(item.text[1] and item.text or file.about) }
    table.move(item.calls, 1, #item.calls, #about + 1, about)
    local target = page(item.name, "classmod", about)
    if not item.tags[1] then return end
    item.name, item.text = "Fields", { "Fields." }
    table.insert(target.parts, 1, describe(item))
  end

  for _, file in ipairs(files) do
    for _, item in ipairs(file.items) do
      local class = class_of(file, item)
      if item.kind == "function" and class and met[class] then
        table.insert(page(class, "classmod", file.about).parts, describe(item))
      elseif item.kind == "function" and not class and roots[file.module] then
        table.insert(pages[file.module].parts, describe(item))
      elseif item.kind ~= "function" and met[item.name] and has_methods[item.name] then
        add_class(file, item)
      elseif item.kind ~= "function" and met[item.name] then
        local name = page_of_type(item.name)
        table.insert(page(name, "module", { abouts[name] }).parts, describe(item))
      end
    end
  end
  return pages
end

local function write(path, text)
  local file <close> = assert(io.open(path, "w"))
  assert(file:write(text))
end

local folder, files = arg[1], {}
for i = 2, #arg do
  local file <close> = assert(io.open(arg[i]))
  files[#files + 1] = read(arg[i], file:read "a")
end
for name, page in pairs(pages_of(files)) do
  write(("%s/%s.lua"):format(folder, name), comment(page.about)
    .. ("-- @%s %s\n\n"):format(page.kind, name) .. table.concat(page.parts))
end
