-- SPDX-License-Identifier: MIT
--
-- field_warnings: fields that the service takes and that are seldom meant: unknown
-- names, null for nothing, colours that are none, words that look misspelt, and
-- addresses that cannot be right.

local colors = require "aistudios.project.colors"
local join = require "aistudios.project.paths".join
local null = require "aistudios.json".null
local public_url = require "aistudios.project.public_url"
local schema = require "aistudios.project.schema"
local suggest = require "aistudios.util.suggest"

---@alias aistudios.project.Warn fun(path: string, message: string, value: any)

local M = {}

local known = colors.known

local MAX_HINTS = 100  -- in the warnings of one project

---@class aistudios.project.FieldWalk
---@field warn aistudios.project.Warn
---@field known true|table<table, boolean>  see M.warn
---@field hints integer  that are still looked for: each costs

-- What was probably meant, in words, by `find`; "" when nothing is near.
local function hint(walk, find, ...)
  walk.hints = walk.hints - 1
  return walk.hints >= 0 and find(...) or ""
end

-- Why a text is seldom meant in its field; nil when it may be.
local function text_warning(walk, field, value)
  if field.is_color and not (known[value] or field.or_empty and value == ""
      or value:find("{{", 1, true)) then
    walk.hints = walk.hints - 1
    return "is not a colour" .. (walk.hints >= 0 and colors.hint(value) or colors.remedy)
  elseif field.usual and not field.usual[value] then
    return "is not a word that is known here" .. hint(walk, suggest.hint, value, field.usual)
  elseif field.is_callback then
    local why = public_url(value)
    return why and "the service cannot call it: " .. why
  elseif field.url and value:find("&amp;", 1, true) then
    return "holds &amp;, as HTML writes &; in an address it is & alone"
  end
end

local check_object

local function check_inside(walk, path, field, value)
  if field.fields then return check_object(walk, path, field.fields, value) end
  local known_items = walk.known
  if not field.items or known_items == true then return end
  for i, item in ipairs(value) do
    local fields = type(item) == "table" and not known_items[item]
      and schema.fields_of(field.items, item)
    if fields then
      check_object(walk, join(path, i), fields, item)
    end
  end
end

-- A field that is documented, and its name.
local function check_known(walk, path, name, field, value)
  local why
  if type(value) == "table" then
    check_inside(walk, join(path, name), field, value)
  elseif type(value) == "string" then
    why = text_warning(walk, field, value)
  elseif value == null and not field.nullable and not field.required then
    why = "is null, which is the same as leaving it out"
  end
  if why then walk.warn(join(path, name), why, value) end
end

-- The field that was probably meant, in words.
local function field_hint(name, fields, object)
  local near = suggest.nearest(name, fields)
  if not near then return "" end
  return ("; did you mean '%s'%s?"):format(near,
    object[near] ~= nil and ", which is there too" or "")
end

function check_object(walk, path, fields, object)
  for name, value in pairs(object) do
    local field = fields[name]
    if field then
      check_known(walk, path, name, field, value)
    elseif type(name) == "string" and not (path == "" and schema.answered[name]) then
      walk.warn(join(path, name), "is not a field that is documented here"
        .. hint(walk, field_hint, name, fields, object), value)
    end
  end
end

--- Warns of the fields of a project.
---@param warn aistudios.project.Warn
---@param project table
---@param scenes true|table<table, boolean>  those without warnings about their fields; true:
---  all of them
function M.warn(warn, project, scenes)
  check_object({ warn = warn, known = scenes, hints = MAX_HINTS }, "", schema.project, project)
end

return M
