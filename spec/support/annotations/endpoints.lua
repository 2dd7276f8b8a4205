-- SPDX-License-Identifier: MIT
--
-- endpoints: the annotations of the methods of one theme, from its rows.

local writer = require "spec.support.annotations.writer"
local api = require "aistudios.endpoints"

local sorted = writer.sorted
local out -- of the theme that is being described

local function put(...) out:put(...) end

local plain = {
  string = "string", boolean = "boolean", integer = "integer", number = "number",
  id = "string", file = "string|aistudios.File",
}

-- What members of an answer are; the others are texts.
local member_types = {
  progress = "number", isAuthenticated = "boolean", deletedCount = "integer",
  uploadResults = "{ uri: string, fileName: string }[]",
}

local type_of

--- A class of the fields of an object; returns its name.
local function put_class(name, fields, skip)
  local lines, numbered = {}, {}
  for _, field in ipairs(sorted(fields)) do
    local rule = fields[field]
    local prefix = field:match("^(.-){")
    if prefix then
      numbered[prefix] = rule
    elseif field ~= skip then
      local notes = {}
      if rule.default ~= nil then notes[#notes + 1] = tostring(rule.default) .. " when absent" end
      notes[#notes + 1] = writer.range(rule)
      if rule.kinds then notes[#notes + 1] = table.concat(rule.kinds, ", ") end
      if rule.is_secret then notes[#notes + 1] = "secret" end
      lines[#lines + 1] = ("---@field %s%s %s%s"):format(field,
        rule.required and rule.default == nil and "" or "?",
        type_of(rule, name .. "." .. field),
        notes[1] and "  " .. table.concat(notes, "; ") or "")
    end
  end
  for _, prefix in ipairs(sorted(numbered)) do
    local kind = plain[numbered[prefix].type]
    for _, list in ipairs(numbered[prefix].lists) do
      lines[#lines + 1] = ("---@field %s? %s|(%s)[]  up to ten"):format(list, kind, kind)
    end
    for i = 0, 9 do
      lines[#lines + 1] = ("---@field %s%d? %s"):format(prefix, i, plain[numbered[prefix].type])
    end
  end
  put("---@class %s", name)
  for _, line in ipairs(lines) do put("%s", line) end
  put ""
  return name
end

function type_of(rule, name)
  local values = rule.enum or rule.examples
  if values then
    local words = {}
    for i, value in ipairs(values) do
      words[i] = type(value) == "string" and ("%q"):format(value) or tostring(value)
    end
    if rule.examples then words[#words + 1] = "string" end
    return table.concat(words, "|")
  elseif rule.values then
    return ("table<string, %s>"):format(rule.values.type)
  elseif rule.type == "object" then
    return rule.fields and put_class(name, rule.fields) or "table"
  elseif rule.type == "list" then
    return (rule.items and type_of(rule.items, name .. ".item") or "table") .. "[]"
  elseif rule.is_repeated then
    return ("%s|(%s)[]"):format(plain[rule.type], plain[rule.type])
  end
  return plain[rule.type]
end

--- What the method returns besides raw.
local function put_result(row)
  local answer, name = row.answer, "aistudios.result." .. row.name
  put("---@class %s: aistudios.Result", name)
  if answer.list then
    put("---@field %s table[]", answer.list)
    put("---@field [integer] table")
  end
  if answer.inner then put("---@field %s table", answer.inner) end
  for _, member in ipairs(answer.needs or answer.marks or {}) do
    put("---@field %s%s %s", member, #(answer.needs or {}) == 1 and "" or "?",
      member_types[member] or "string")
  end
  if answer.is_file then put("---@field path? string  with the option `to`") end
  put ""
  return name
end

--- The arguments of a method, and the lines that describe them.
local function describe_arguments(row, fields)
  local names, lines = {}, {}
  local function add(name, kind)
    names[#names + 1] = name:gsub("%?$", "")
    lines[#lines + 1] = ("---@param %s %s"):format(name, kind)
  end
  if row.identity then
    add(row.identity, row.fields[row.identity].type == "list" and "string[]|string" or "string")
  end
  if row.takes ~= "nothing" then
    local name = row.check == "project" and "project" or "fields"
    add(row.takes == "fields" and name or name .. "?", fields)
  end
  add("options?", row.answer.is_file and "aistudios.FileOptions"
    or row.auth == "session_bearer" and "aistudios.SessionOptions" or "aistudios.CallOptions")
  return table.concat(names, ", "), lines
end

local function put_method(row, fields, result)
  local names, lines = describe_arguments(row, fields)
  put("--- %s", row.about)
  put("--- (%s %s, %s)", row.method, row.path, row.page)
  if row.is_deprecated then put("---@deprecated") end
  for _, line in ipairs(lines) do put("%s", line) end
  put("---@return %s? result", result)
  put("---@return aistudios.Error? err")
  put("function Client:%s(%s) end", row.name, names)
  put ""
  put("--- %s", row.about)
  for _, line in ipairs(lines) do put("%s", line) end
  put("---@return aistudios.Job job")
  put("function Async:%s(%s) end", row.name, names)
  put ""
end

--- The fields that a call takes, as the name of their class.
local function put_fields(row)
  if row.takes == "nothing" then return nil end
  if row.check == "project" then return "aistudios.Project" end
  return put_class("aistudios.fields." .. row.name, row.fields, row.identity)
end

--- The text of a theme's file.
---@param theme string  the name of a file in endpoints/rows
---@return string
return function (theme)
  out = writer.new(("The methods of endpoints/rows/%s.lua, for editors; never loaded. Written by")
    :format(theme), "`make annotations` from the rows there: change those.")
  put "---@class aistudios.Client"
  put "local Client = {}"
  put "---@class aistudios.Async"
  put "local Async = {}"
  put ""
  for _, name in ipairs(sorted(require("aistudios.endpoints.rows." .. theme))) do
    local row = api[name]
    put_method(row, put_fields(row), put_result(row))
  end
  return out:text()
end
