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
local type, next, len = type, next, string.len
local enums, null, is_public, is_on_site = ...
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
  if not field.items then return 'type(v) == "table" and 0' end
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
-- members it found in the table and below. What is no table lacks the fields that
-- must be there; where none must, `next` raises.
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
end]]):format(number, required, required == 0 and "next(t)" or "",
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
  for _, item in next, t do
    local m = look(item)
    if not m then return false end
    n = n + 1 + m
  end
  return n
end
]]

local function compile()
  local writer = { HEAD, enums = {}, known = {} }
  for kind, fields in next, schema.clips do
    local number = write_object(writer, fields)
    writer[#writer + 1] = ("clips.%s = object[%d]"):format(kind, number)
  end
  writer[#writer + 1] = LISTS
  local number = write_object(writer, schema.scene)
  writer[#writer + 1] = ("return object[%d]"):format(number)
  return assert(load(table.concat(writer, "\n"), "=aistudios.project.fast", "t"))(
    writer.enums, null, is_public, is_on_site)
end

local count = compile()

-- The fields of which it is not known what their tables hold.
local sealed, seen_fields = {}, {}

local function seal(fields)
  if seen_fields[fields] then return end
  seen_fields[fields] = true
  for name, field in next, fields do
    if type(field.items) == "table" then
      seal(field.items)
    elseif not field.items and (field.type == "object" or field.type == "list") then
      sealed[name] = true
    end
  end
end

seal(schema.scene)
for _, fields in next, schema.clips do seal(fields) end

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

--- Is nothing wrong with this scene? A census has told before that what it holds
--- are plain tables, lists without holes, and values that JSON has.
---@param scene table
---@param seen aistudios.project.Seen
---@return boolean is_clean  false: look closer
---@return boolean? is_spotless  nor is there a field that is not documented
return function (scene, seen)
  local all = census(scene, "{{", sealed)
  if not all then return false end
  local ran, members = pcall(count, scene)
  if not (ran and members and fits_together(scene, seen)) then return false end
  return true, members == all
end
