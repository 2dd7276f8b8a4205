-- SPDX-License-Identifier: MIT
--
-- project: the annotations of projects, scenes, scripts and clips, from the
-- schema.

local writer = require "spec.support.annotations.writer"
local schema = require "aistudios.project.schema"

local names = {
  [schema.script] = "aistudios.Script", [schema.background] = "aistudios.Background",
  [schema.model] = "aistudios.ClipModel", [schema.shadow] = "aistudios.Shadow",
  [schema.animation] = "aistudios.Animation", [schema.scene] = "aistudios.Scene",
}

local plain = { string = "string", boolean = "boolean", integer = "integer", number = "number",
  object = "table", list = "any[]" }

local function class_of(kind)
  return "aistudios." .. kind:sub(1, 1):upper() .. kind:sub(2) .. "Clip"
end

--- The type of a field; classes that have no name yet go into `todo`.
local type_of

function type_of(field, place, todo)
  local text = plain[field.type]
  if field.enum then
    text = writer.union(field.enum)
  elseif field.items then
    text = type_of(field.items, place, todo) .. "[]"
  elseif field.variants then
    text = "aistudios.Clip"
  elseif field.fields then
    text = names[field.fields]
    if not text then
      text = place
      todo[#todo + 1] = { name = place, fields = field.fields }
    end
  end
  if field.or_empty and text ~= "string" then text = text .. '|""' end
  return field.nullable and text .. "|lightuserdata" or text
end

local function note_of(field)
  local notes = {}
  local function add(...) notes[#notes + 1] = string.format(...) end
  if field.unit then add("%s", field.unit) end
  local range = writer.range(field)
  if range then add("%s", range) end
  if field.url == "public" then add "an address that the service can fetch" end
  if field.url == "site" then add "an address, or a path of the service" end
  if field.nullable then add "aistudios.null: none" end
  if field.assumed ~= nil then
    add(type(field.assumed) == "string" and "%q when absent" or "%s when absent",
      type(field.assumed) == "string" and field.assumed or tostring(field.assumed))
  end
  if field.only_seen then add "in samples only" end
  return table.concat(notes, "; ")
end

local function put_class(out, class, kind)
  local todo = {}
  out:put("---@class %s%s", class.name, class.about and "  " .. class.about or "")
  for _, name in ipairs(writer.sorted(class.fields)) do
    local field = class.fields[name]
    local text = kind and name == "type" and ("%q"):format(kind)
      or type_of(field, class.name .. "." .. name, todo)
    local line = ("---@field %s%s %s  %s"):format(name, field.required and "" or "?", text,
      note_of(field))
    out:put("%s", (line:gsub(" +$", "")))
  end
  out:put ""
  for _, more in ipairs(todo) do put_class(out, more) end
end

--- The text of the file.
---@return string
return function ()
  local out = writer.new(
    "Projects, scenes, scripts and clips, for editors; never loaded. Written by",
    "`make annotations` from project/schema.lua: change that.")
  put_class(out, { name = "aistudios.Project", fields = schema.project,
    about = "what create_project, render and check take" })
  local clips = {}
  for fields, name in pairs(names) do clips[#clips + 1] = { name = name, fields = fields } end
  table.sort(clips, function (a, b) return a.name < b.name end)
  for _, class in ipairs(clips) do put_class(out, class) end
  local kinds = writer.sorted(schema.clips)
  for _, kind in ipairs(kinds) do
    put_class(out, { name = class_of(kind), fields = schema.clips[kind] }, kind)
  end
  out:put "---@alias aistudios.Clip"
  for _, kind in ipairs(kinds) do out:put("---| %s", class_of(kind)) end
  out:put ""
  return out:text()
end
