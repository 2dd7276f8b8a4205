-- SPDX-License-Identifier: MIT
--
-- unknown: fields that the schema does not know. The service ignores them or
-- knows more than its documentation, so each is a warning with the name that
-- was probably meant.

local join = require "aistudios.project.paths"
local schema = require "aistudios.project.schema"
local suggest = require "aistudios.util.suggest"

---@alias aistudios.project.Warn fun(path: string, message: string, value: any)

local look_at_object

local function look_inside(warn, path, field, value, spotless)
  if not field.items then return end
  if field.type == "object" then
    return look_at_object(warn, path, field.items, value, spotless)
  end
  for i, item in ipairs(value) do
    local fields = field.items
    if fields == "clip" and type(item) == "table" then fields = schema.clips[item.type] end
    if type(item) == "table" and type(fields) == "table" and not spotless[item] then
      look_at_object(warn, join(path, i), fields, item, spotless)
    end
  end
end

-- The field that was probably meant, in words.
local function hint(name, fields, object)
  local near = suggest.nearest(name, fields)
  if not near then return "" end
  return ("; did you mean '%s'%s?"):format(near,
    object[near] ~= nil and ", which is there too" or "")
end

function look_at_object(warn, path, fields, object, spotless)
  for name, value in pairs(object) do
    local field = fields[name]
    if field then
      if type(value) == "table" then
        look_inside(warn, join(path, name), field, value, spotless)
      end
    elseif type(name) == "string" then
      warn(join(path, name), "is not a field that is documented here"
        .. hint(name, fields, object), value)
    end
  end
end

--- Warns of every field of a project that is not known.
---@param warn aistudios.project.Warn
---@param project table
---@param spotless table<table, true>  scenes that are known to have none
return function (warn, project, spotless)
  look_at_object(warn, "", schema.project, project, spotless)
end
