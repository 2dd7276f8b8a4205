-- SPDX-License-Identifier: MIT
--
-- fast: tells a scene of which nothing can be said from one that must be looked
-- at more closely, for a fraction of what the closer look costs. The schema's
-- fields are written out as Lua code that reads each by its name; it never says
-- what is wrong, and when in doubt it says no.

local census = require "aistudios.core".census
local judge = require "aistudios.project.public".judge
local null = require "aistudios.json".null
local schema = require "aistudios.project.schema"

local next, pcall, type, find, match = next, pcall, type, string.find, string.match

local M = {}

-- Fields that come from elsewhere than the table itself are not for it.
local function is_bare(meta)
  return type(meta) == "table" and not (meta.__index or meta.__pairs)
end

-- Beginnings of addresses, up to the first `/` of the path, that were found
-- public, and the last of them: addresses of a project seldom have many. Begun
-- anew before it grows large.
local public, public_count, last = {}, 0, nil

local function is_public(url)
  if last and find(url, last, 1, true) == 1 then return true end
  local host = match(url, "^https?://[%w.-]+/")
  if not (host and public[host]) then
    if type(url) ~= "string" or judge(url) then return false end
    if not host then return true end
    if public_count >= 256 then public, public_count = {}, 0 end
    public[host], public_count = true, public_count + 1
  end
  last = host
  return true
end

local function is_on_site(url)
  if url == "" or type(url) == "string" and find(url, "^/[^/]") then return true end
  return is_public(url)
end

-- What is refused of a value `v` (not nil), by the field's type. Where the code
-- computes with a value of another type that raises, which is a no as well. A
-- value of the right type is told by what costs least: only a string has the
-- methods of strings, only a number stays itself when 0 is added.
local HEAD = [[
local type, next, getmetatable, len = type, next, getmetatable, string.len
local enums, null, is_bare, is_public, is_on_site, census = ...
local object, clips = {}, {}
]]

local function limits(field)
  return (field.min and (" or v < %.17g"):format(field.min) or "")
    .. (field.max and (" or v > %.17g"):format(field.max) or "")
end

local refusals = {}

function refusals.string(writer, field)
  if field.enum then
    local values = {}
    for _, value in next, field.enum do values[value] = true end
    writer.enums[#writer.enums + 1] = values
    return ("not enums[%d][v]"):format(#writer.enums)
  elseif field.url then
    return field.url == "site" and "not is_on_site(v)" or "not is_public(v)"
  end
  return "v.len ~= len"
end

function refusals.boolean() return "v ~= true and v ~= false" end

function refusals.integer(_, field)
  return "v // 1 ~= v" .. (field.max and "" or " or v - v ~= 0") .. limits(field)
end

function refusals.number(_, field) return "v + 0 ~= v" .. limits(field) end

local write_object

-- What looks into a value `v`: false, or how many members it found.
local function write_look(writer, field)
  if not field.items then return writer.opaque end
  if field.type == "object" then
    return ("object[%d](v)"):format(write_object(writer, field.items))
  end
  return ("object.list(v, %d)"):format(
    field.items == "clip" and 0 or write_object(writer, field.items))
end

-- The lines that look at a field's value.
local function write_field(writer, name, field)
  local refuse
  if refusals[field.type] then
    refuse = ("if %s then return false end"):format(refusals[field.type](writer, field))
  else
    refuse = ("local m = %s if not m then return false end n = n + m")
      :format(write_look(writer, field))
  end
  if field.or_empty then refuse = ('if v ~= "" then %s end'):format(refuse) end
  if field.nullable then refuse = ("if v ~= null then %s end"):format(refuse) end
  return field.required
    and ("  v = t.%s if v == nil then return false end do %s end"):format(name, refuse)
    or ("  v = t.%s if v ~= nil then n = n + 1 %s end"):format(name, refuse)
end

-- The number of the function that looks at these fields. It returns how many
-- members it found in the table and below.
function write_object(writer, fields)
  if writer.known[fields] then return writer.known[fields] end
  local lines, required = {}, 0
  for name, field in next, fields do
    lines[#lines + 1] = write_field(writer, name, field)
    if field.required then required = required + 1 end
  end
  local number = #writer.known + 1
  writer.known[number], writer.known[fields] = fields, number
  writer[#writer + 1] = ([[
object[%d] = function (t)
  local v, n = nil, %d
  %s
%s
  return n
end]]):format(number, required, writer.guard or required == 0 and "next(t)" or "",
    table.concat(lines, "\n"))
  return number
end

-- Clips are looked at by their type.
local LISTS = [[
object[0] = function (t)
  local look = clips[t.type]
  return look and look(t)
end
function object.list(t, inside)
  local look, n = object[inside], 0
  %s
  for key, item in next, t do
    local m = key // 1 == key and look(item)
    if not m then return false end
    n = n + 1 + m
  end
  return n
end
]]

-- What looks at a scene.
local function compile(opaque, guard)
  local writer = { HEAD, guard = guard, opaque = opaque, enums = {}, known = {} }
  for kind, fields in next, schema.clips do
    local number = write_object(writer, fields)
    writer[#writer + 1] = ("clips.%s = object[%d]"):format(kind, number)
  end
  writer[#writer + 1] = LISTS:format(guard or "")
  local number = write_object(writer, schema.scene)
  writer[#writer + 1] = ("return object[%d]"):format(number)
  return assert(load(table.concat(writer, "\n"), "=aistudios.project.fast", "t"))(
    writer.enums, null, is_bare, is_public, is_on_site, census)
end

-- Looks at what must be right.
local look = compile('type(v) == "table" and 0', [[
  do
    local meta = getmetatable(t)
    if meta ~= nil and not is_bare(meta) then return false end
  end]])

-- Finds the members that it knows. A census tells whether there are others, and
-- whether they come from elsewhere. What is no table lacks the fields that must
-- be there; where none must, `next` raises.
local count = compile 'census(v, "{{")'

local function is_spoken(clips, id)
  for _, clip in next, clips do
    if clip.type == "aiModel" and clip.model.ai_name == id then return true end
  end
  return false
end

-- Do the ids of its clips differ, and is there somebody to speak each script?
local function fits_together(scene, seen)
  if seen.count > 512 then seen.ids, seen.count = {}, 0 end
  local clips, scripts, ids, met = scene.clips, scene.scripts, seen.ids, seen.count
  for _, clip in next, clips do
    local id = clip.id
    if ids[id] == scene then return false end
    ids[id], met = scene, met + 1
  end
  seen.count = met
  if scripts then
    for _, script in next, scripts do
      if not is_spoken(clips, script.modelId) then return false end
    end
  end
  return true
end

---@class aistudios.project.Seen  the same for all scenes of a check
---@field ids table<string, table>  the scene in which an id was last met
---@field count integer             the ids are begun anew before they grow large

--- Is nothing wrong with this scene?
---@param scene table
---@param seen aistudios.project.Seen
---@return boolean is_clean  false: look closer
function M.is_clean(scene, seen)
  local ran, is_good = pcall(look, scene)
  return ran and is_good and fits_together(scene, seen)
end

--- Likewise; and does it hold no field that is not documented, and no {{name}}?
---@param scene table
---@param seen aistudios.project.Seen
---@return boolean is_spotless  false: look closer
function M.is_spotless(scene, seen)
  local ran, members = pcall(count, scene)
  return ran and members and members == census(scene, "{{") and fits_together(scene, seen)
end

return M
