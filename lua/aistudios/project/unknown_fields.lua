-- SPDX-License-Identifier: MIT
--
-- unknown_fields: fields that the schema does not know. The service ignores them
-- or supports more than it documents, so each is a warning, with the name that
-- was probably meant.

local join = require "aistudios.project.paths".join
local schema = require "aistudios.project.schema"
local suggest = require "aistudios.util.suggest"

---@alias aistudios.project.Warn fun(path: string, message: string, value: any)

local check_object

local function check_inside(warn, path, field, value, clean)
  if not field.items then return end
  if field.type == "object" then
    return check_object(warn, path, field.items, value, clean)
  end
  for i, item in ipairs(value) do
    local fields = field.items
    if fields == "clip" and type(item) == "table" then fields = schema.clips[item.type] end
    if type(item) == "table" and type(fields) == "table" and not clean[item] then
      check_object(warn, join(path, i), fields, item, clean)
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

function check_object(warn, path, fields, object, clean)
  for name, value in pairs(object) do
    local field = fields[name]
    if field then
      if type(value) == "table" then
        check_inside(warn, join(path, name), field, value, clean)
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
---@param clean table<table, any>  scenes that are known to have none
return function (warn, project, clean)
  check_object(warn, "", schema.project, project, clean)
end
