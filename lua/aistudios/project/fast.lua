-- SPDX-License-Identifier: MIT
--
-- fast: tells a scene without problems from one that must be looked at more
-- closely, for a fraction of what the closer look costs. The schema's fields
-- are written out as Lua code that reads each by its name; it never says
-- what is wrong, and when in doubt it says no.

local schema = require "aistudios.project.schema"
local judge = require "aistudios.project.public".judge

local next, type, find, match = next, type, string.find, string.match

-- Fields that come from elsewhere than the table itself are not for it.
local function is_bare(meta)
  return type(meta) == "table" and not (meta.__index or meta.__pairs)
end

local function is_null(value)
  return type(value) == "userdata" and value == require "aistudios.json".null
end

local function is_integral(value)
  return type(value) == "number" and value % 1 == 0
end

-- Hosts that were found public; begun anew before it grows large.
local hosts, host_count = {}, 0

local function is_public(url)
  if type(url) ~= "string" then return false end
  local host = match(url, "^https?://([%w.-]+)/")
  if host and hosts[host] then return true end
  if judge(url) then return false end
  if host then
    if host_count >= 256 then hosts, host_count = {}, 0 end
    hosts[host], host_count = true, host_count + 1
  end
  return true
end

local function is_on_site(url)
  if url == "" or type(url) == "string" and find(url, "^/[^/]") then return true end
  return is_public(url)
end

local HEAD = [[
local type, math_type, next, getmetatable = type, math.type, next, getmetatable
local E, is_bare, is_null, is_integral, is_public, is_on_site = ...
local object, clips = {}, {}
]]

local code, enums, known = { HEAD }, {}, {}

local function emit(text, ...) code[#code + 1] = text:format(...) end

local function limits(field)
  return (field.min and (" or v < %.17g"):format(field.min) or "")
    .. (field.max and (" or v > %.17g"):format(field.max) or "")
end

local write_object

-- The condition under which a value `v` (not nil) is refused.
local conditions = {
  string = function (field)
    if field.enum then
      enums[#enums + 1] = {}
      for _, value in next, field.enum do enums[#enums][value] = true end
      return ("not E[%d][v]"):format(#enums)
    elseif field.url then
      return field.url == "site" and "not is_on_site(v)" or "not is_public(v)"
    end
    return 'type(v) ~= "string"'
  end,
  boolean = function () return "v ~= true and v ~= false" end,
  integer = function (field)
    return '(math_type(v) ~= "integer" and not is_integral(v))' .. limits(field)
  end,
  number = function (field) return 'type(v) ~= "number" or v ~= v' .. limits(field) end,
  object = function (field)
    local inside = field.items and write_object(field.items)
    return 'type(v) ~= "table"'
      .. (inside and (" or not object[%d](v)"):format(inside) or "")
  end,
  list = function (field)
    local inside = field.items == "clip" and 0 or field.items and write_object(field.items)
    return 'type(v) ~= "table"'
      .. (inside and (" or not object.list(v, %d)"):format(inside) or "")
  end,
}

local function condition(field)
  local text = conditions[field.type](field)
  if field.or_empty then text = ('v ~= "" and (%s)'):format(text) end
  if field.nullable then text = ("(%s) and not is_null(v)"):format(text) end
  return text
end

-- The number of the function that looks at these fields.
function write_object(fields)
  if known[fields] then return known[fields] end
  local lines = {}
  for name, field in next, fields do
    lines[#lines + 1] = field.required
      and ("  v = t.%s if v == nil or %s then return false end"):format(name, condition(field))
      or ("  v = t.%s if v ~= nil and (%s) then return false end"):format(name,
        condition(field))
  end
  known.count = (known.count or 0) + 1
  known[fields] = known.count
  emit("object[%d] = function (t)", known.count)
  emit "  local v = getmetatable(t)"
  emit "  if v ~= nil and not is_bare(v) then return false end"
  code[#code + 1] = table.concat(lines, "\n")
  emit "  return true\nend"
  return known.count
end

for kind, fields in next, schema.clips do
  emit("clips.%s = object[%d]", kind, write_object(fields))
end

-- Clips are looked at by their type.
code[#code + 1] = [[
object[0] = function (t)
  local look = clips[t.type]
  return look ~= nil and look(t)
end
function object.list(t, inside)
  local look, meta = object[inside], getmetatable(t)
  if meta ~= nil and not is_bare(meta) then return false end
  for key, item in next, t do
    if math_type(key) ~= "integer" or type(item) ~= "table" or not look(item) then
      return false
    end
  end
  return true
end
]]
emit("return object[%d]", write_object(schema.scene))

local look_at_scene = assert(load(table.concat(code, "\n"), "=aistudios.project.fast", "t"))(
  enums, is_bare, is_null, is_integral, is_public, is_on_site)

local function is_spoken(clips, id)
  for _, clip in next, clips do
    if clip.type == "aiModel" and clip.model.ai_name == id then return true end
  end
  return false
end

--- Is nothing wrong with this scene?
---@param scene table
---@param seen { ids: table, count: integer }  the same for all scenes of a check:
--- the scene in which an id was last met; begun anew before it grows large
---@return boolean is_clean  false: look closer
return function (scene, seen)
  if not look_at_scene(scene) then return false end
  if seen.count > 512 then seen.ids, seen.count = {}, 0 end
  local clips, ids = scene.clips, seen.ids
  for _, clip in next, clips do
    local id = clip.id
    if ids[id] == scene then return false end
    ids[id] = scene
    seen.count = seen.count + 1
  end
  for _, script in next, scene.scripts or clips do
    if scene.scripts and not is_spoken(clips, script.modelId) then return false end
  end
  return true
end
